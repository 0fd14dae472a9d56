"""Live pictures of a camera, drawn as they are asked for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulator.camera import Camera
from simulator.parameters import parameters
from simulator.scene import Size, View, taken

MOST_FPS: Final = 30


class BadPicture(ValueError):
    """No picture like this can be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a client asked for."""

    size: Size
    quality: int
    fps: int
    frames: int | None
    seconds: float | None


def read_wish(camera: Camera, arguments: Mapping[str, str]) -> Wish:
    """What is not said is as in the parameters of the first view."""
    known = parameters(camera)
    resolution = arguments.get("resolution", known["Image.I0.Appearance.Resolution"])
    if resolution not in camera.profile.resolutions:
        raise BadPicture(f"resolution={resolution}")
    if arguments.get("camera", "1") != "1":
        raise BadPicture(f"camera={arguments['camera']}")
    width, _, height = resolution.partition("x")
    default_compression = known["Image.I0.Appearance.Compression"]
    compression = _number(arguments, "compression", default_compression, most=100)
    # 0 stands for as many as there are.
    fps = _number(arguments, "fps", known["Image.I0.Stream.FPS"], most=MOST_FPS) or MOST_FPS
    return Wish(
        size=(int(width), int(height)),
        quality=95 - compression * 85 // 100,
        fps=fps,
        frames=_number(arguments, "nbrofframes", "0", most=10**6) or None,
        seconds=_number(arguments, "duration", "0", most=10**6) or None,
    )


async def picture(camera: Camera, wish: Wish) -> bytes:
    """As the camera sees it now; drawn beside the loop, which many cameras share."""
    now = view(camera, wish)
    jpeg = await asyncio.get_running_loop().run_in_executor(None, taken, now)
    camera.counters.frames += 1
    return jpeg


def view(camera: Camera, wish: Wish) -> View:
    position = camera.head.at(camera.moment) if camera.head is not None else None
    looking = (
        {}
        if position is None
        else {
            "pan": position.pan,
            "tilt": position.tilt,
            "zoom": position.zoom,
        }
    )
    return View(
        name=camera.name,
        model=camera.profile.prod_short_name,
        serial=camera.shown_serial,
        moment=camera.clock,
        size=wish.size,
        quality=wish.quality,
        **looking,
    )


def _number(arguments: Mapping[str, str], name: str, default: str, *, most: int) -> int:
    text = arguments.get(name, default)
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise BadPicture(f"{name}={text}")
    return int(text)
