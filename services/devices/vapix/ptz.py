"""com/ptz.cgi: moving a camera; it says nothing (204) where it obeys, and text where it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.devices.vapix.envelope import shown
from services.devices.vapix.errors import AnswerUnreadable, RequestRefused
from services.devices.vapix.session import Query, Session

PATH = "/axis-cgi/com/ptz.cgi"
_FASTEST = 100
_PRESET = re.compile(r"presetposno([0-9]{1,4})=(.*)")


@dataclass(frozen=True)
class Position:
    """In degrees, and in steps of zoom; None where the camera cannot turn that way."""

    pan: float | None
    tilt: float | None
    zoom: float | None


def move(session: Session, *, pan: int, tilt: int, channel: int = 1) -> None:
    """Goes on until `stop`; each from -100 to 100, to the right and up."""
    turned = f"{_speed(pan)},{_speed(tilt)}"
    _order(session, {"camera": channel, "continuouspantiltmove": turned})


def zoom(session: Session, speed: int, *, channel: int = 1) -> None:
    """Goes on until `stop`; from -100 to 100, which is nearer."""
    _order(session, {"camera": channel, "continuouszoommove": _speed(speed)})


def stop(session: Session, *, channel: int = 1) -> None:
    """Turning and zooming; what a camera cannot do it refuses to stop doing.

    :raises RequestRefused: it can do neither.
    """
    refused = None
    try:
        move(session, pan=0, tilt=0, channel=channel)
    except RequestRefused as trouble:
        refused = trouble
    try:
        zoom(session, 0, channel=channel)
    except RequestRefused:
        if refused is not None:
            raise


def go_to(session: Session, position: Position, *, channel: int = 1) -> None:
    """Where a coordinate is None it stays as it is."""
    wanted = {"pan": position.pan, "tilt": position.tilt, "zoom": position.zoom}
    numbers = {name: f"{value:g}" for name, value in wanted.items() if value is not None}
    _order(session, {"camera": channel, **numbers})


def turn_by(session: Session, position: Position, *, channel: int = 1) -> None:
    """From where it looks now."""
    wanted = {"rpan": position.pan, "rtilt": position.tilt, "rzoom": position.zoom}
    numbers = {name: f"{value:g}" for name, value in wanted.items() if value is not None}
    _order(session, {"camera": channel, **numbers})


def go_home(session: Session, *, channel: int = 1) -> None:
    _order(session, {"camera": channel, "move": "home"})


def go_to_preset(session: Session, name: str, *, channel: int = 1) -> None:
    _order(session, {"camera": channel, "gotoserverpresetname": name})


def position(session: Session, *, channel: int = 1) -> Position:
    values = _asked(session, "position", channel)
    pairs = dict(line.split("=", 1) for line in values.split("\n") if "=" in line)
    return Position(*(_number(pairs, name) for name in ("pan", "tilt", "zoom")))


def presets(session: Session, *, channel: int = 1) -> Mapping[int, str]:
    """The names of the positions a camera has saved, by their numbers."""
    lines = _asked(session, "presetposcam", channel).split("\n")
    found = (_PRESET.fullmatch(line.strip()) for line in lines)
    return {int(each[1]): shown(each[2]) for each in found if each}


def _asked(session: Session, query: str, channel: int) -> str:
    text = session.get(PATH, {"query": query, "camera": channel}).plain()
    _refuse(text)
    return text


def _order(session: Session, query: Query) -> None:
    text = session.get(PATH, query).plain().strip()
    _refuse(text)
    if text:
        raise AnswerUnreadable("The camera's answer cannot be read.")


def _refuse(text: str) -> None:
    if text.lstrip().startswith("Error:"):
        message = shown(text.strip().partition(":")[2].strip(), 200)
        raise RequestRefused(f"The camera does not move: {message}")


def _speed(wanted: int) -> int:
    return max(-_FASTEST, min(_FASTEST, wanted))


def _number(values: Mapping[str, str], name: str) -> float | None:
    try:
        return float(values[name])
    except (KeyError, ValueError):
        return None
