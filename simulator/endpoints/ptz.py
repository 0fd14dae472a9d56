"""com/ptz.cgi: turning the camera; 204 when done, and `Error:` with 200 when not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite
from types import MappingProxyType
from typing import Final

from aiohttp import web

from simulator.call import Call, SignInRequired, text_answer
from simulator.head import DIRECTIONS, HOME, STEP_DEGREES, Head, Position
from simulator.settings import Role

# Understood and without a meaning here.
IGNORED: Final = frozenset({"camera", "imagerotation", "html", "timestamp", "imagewidth"})
DRIVER: Final = "Simulated PTZ"


class Misunderstood(Exception):
    """Said with HTTP 200."""


async def answer_call(call: Call) -> web.Response:
    user = call.require(Role.VIEWER)
    if user.role < Role.OPERATOR and not user.has_ptz:
        raise SignInRequired
    camera, now = call.camera, call.camera.moment
    arguments = {
        name: value for name, value in (await call.arguments()).items() if name not in IGNORED
    }
    try:
        if camera.head is None:
            raise Misunderstood("PTZ is not supported by this camera")
        if "query" in arguments:
            return text_answer(_told(camera.head, arguments["query"], now))
        if "info" in arguments:
            return text_answer(_commands())
        if "whoami" in arguments:
            return text_answer(f"{DRIVER}\r\n")
        camera.head = _turned(camera.head, arguments, now)
    except Misunderstood as problem:
        return text_answer(f"Error: {problem}\r\n")
    camera.counters.turns += 1
    return web.Response(status=204)


def _turned(head: Head, arguments: Mapping[str, str], now: float) -> Head:
    if not arguments:
        raise Misunderstood("no arguments")
    # The speed is that of the move it comes with, wherever it stands.
    for name in sorted(arguments, key=lambda name: name != "speed"):
        command = COMMANDS.get(name)
        if command is None:
            raise Misunderstood(f"unknown argument {name}")
        head = command(head, arguments[name], now)
    return head


def _absolute(axis: str, low: float, high: float) -> "Command":
    def command(head: Head, value: str, now: float) -> Head:
        wanted = {axis: _number(value, low, high)}
        return head.turned_to(replace(head.at(now), **wanted), now)

    return command


def _relative(axis: str, most: float) -> "Command":
    def command(head: Head, value: str, now: float) -> Head:
        here = head.at(now)
        wanted = {axis: getattr(here, axis) + _number(value, -most, most)}
        return head.turned_to(replace(here, **wanted), now)

    return command


def _move(head: Head, value: str, now: float) -> Head:
    if value == "stop":
        return head.turned_to(head.at(now), now)
    if value == "home":
        return head.turned_to(head.presets.get(HOME, Position()), now)
    if value not in DIRECTIONS:
        raise Misunderstood(f"unknown move {value}")
    across, up = DIRECTIONS[value]
    here = head.at(now)
    wanted = replace(here, pan=here.pan + across * STEP_DEGREES, tilt=here.tilt + up * STEP_DEGREES)
    return head.turned_to(wanted, now)


def _turning(head: Head, value: str, now: float) -> Head:
    pan, comma, tilt = value.partition(",")
    if not comma:
        raise Misunderstood(f"{value} is not a pair")
    return head.turning(now, pan=_number(pan, -100, 100), tilt=_number(tilt, -100, 100))


def _zooming(head: Head, value: str, now: float) -> Head:
    return head.turning(now, zoom=_number(value, -100, 100))


def _speed(head: Head, value: str, _now: float) -> Head:
    return head.with_speed(int(_number(value, 1, 100)))


def _to_preset(head: Head, value: str, now: float) -> Head:
    if value not in head.presets:
        raise Misunderstood(f"unknown preset {value}")
    return head.turned_to(head.presets[value], now)


def _to_preset_number(head: Head, value: str, now: float) -> Head:
    name = head.preset_number(int(_number(value, 1, 9999)))
    if name is None:
        raise Misunderstood(f"unknown preset {value}")
    return head.turned_to(head.presets[name], now)


def _set_preset(head: Head, value: str, now: float) -> Head:
    return head.with_preset(value, now)


def _remove_preset(head: Head, value: str, _now: float) -> Head:
    if value == HOME or value not in head.presets:
        raise Misunderstood(f"unknown preset {value}")
    return head.without_preset(value)


def _unseen(head: Head, _value: str, _now: float) -> Head:
    """What makes no difference in a made-up picture."""
    return head


Command = Callable[[Head, str, float], Head]

COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "pan": _absolute("pan", -180, 180),
        "tilt": _absolute("tilt", -180, 180),
        "zoom": _absolute("zoom", 1, 9999),
        "rpan": _relative("pan", 360),
        "rtilt": _relative("tilt", 360),
        "rzoom": _relative("zoom", 9999),
        "move": _move,
        "continuouspantiltmove": _turning,
        "continuouszoommove": _zooming,
        "speed": _speed,
        "gotoserverpresetname": _to_preset,
        "gotoserverpresetno": _to_preset_number,
        "setserverpresetname": _set_preset,
        "removeserverpresetname": _remove_preset,
        "autofocus": _unseen,
        "autoiris": _unseen,
        "backlight": _unseen,
        "ircutfilter": _unseen,
    }
)


def _told(head: Head, query: str, now: float) -> str:
    lines: list[str] = []
    for part in query.split(","):
        if part == "position":
            position = head.at(now)
            lines += [
                f"pan={position.pan:.4f}",
                f"tilt={position.tilt:.4f}",
                f"zoom={position.zoom:.0f}",
                "autofocus=on",
                "autoiris=on",
            ]
        elif part == "limits":
            ends = (
                ("Pan", head.limits.pan),
                ("Tilt", head.limits.tilt),
                ("Zoom", head.limits.zoom),
            )
            for name, (low, high) in ends:
                lines += [f"Min{name}={low:.0f}", f"Max{name}={high:.0f}"]
        elif part in ("presetposall", "presetposcam"):
            lines.append("Preset Positions for camera 1")
            lines += [f"presetposno{number}={name}" for number, name in enumerate(head.presets, 1)]
        elif part == "speed":
            lines.append(f"speed={head.speed}")
        else:
            raise Misunderstood(f"unknown query {part}")
    return "".join(f"{line}\r\n" for line in lines)


def _commands() -> str:
    return "Available commands\r\n:\r\n" + "".join(f"{name}=\r\n" for name in sorted(COMMANDS))


def _number(text: str, low: float, high: float) -> float:
    """Beyond the limits is at the limits."""
    try:
        number = float(text)
    except ValueError:
        raise Misunderstood(f"{text} is not a number") from None
    if not isfinite(number):
        raise Misunderstood(f"{text} is not a number")
    return min(max(number, low), high)
