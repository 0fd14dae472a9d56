"""What a camera sees: a made-up scene with its name and the time written on it, as JPEG."""

import hashlib
import io
import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Size = tuple[int, int]
Color = tuple[int, int, int]

WHITE: Final[Color] = (255, 255, 255)
BLACK: Final[Color] = (0, 0, 0)
SMALLEST_TEXT: Final = 8
# Of the picture's height, each of the two bands with text.
BAND_SHARE: Final = 0.1
# The widest view, and how far the zoom narrows it at 9999.
FIELD_OF_VIEW: Final = 60.0
ZOOM_FACTOR: Final = 30.0
GRID_DEGREES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture to be taken."""

    name: str
    model: str
    serial: str
    moment: datetime
    size: Size
    quality: int = 80
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0

    @property
    def caption(self) -> str:
        """The upper band: of when the picture is, and whose; a name too long for it is cut."""
        return f"{self.moment:%Y-%m-%d %H:%M:%S}  {self.name}"

    @property
    def footnote(self) -> str:
        where = f"pan {self.pan:.1f}  tilt {self.tilt:.1f}  zoom {self.zoom:.0f}"
        return f"{self.model}  {self.serial}  {where}"


def taken(view: View) -> bytes:
    """The JPEG; name and time are also in its comment, for programs that cannot read pictures."""
    picture = Image.new("RGB", view.size, _color(view.serial))
    draw = ImageDraw.Draw(picture)
    _draw_grid(draw, view)
    _draw_hand(draw, view)
    width, height = view.size
    band = round(height * BAND_SHARE)
    _write(draw, view.caption, (0, 0, width, band))
    _write(draw, view.footnote, (0, height - band, width, height))
    out = io.BytesIO()
    comment = f"{view.name}\n{view.serial}\n{view.moment.isoformat()}"
    picture.save(out, "JPEG", quality=view.quality, comment=comment.encode())
    return out.getvalue()


def fitting_font(text: str, width: int, height: int) -> ImageFont.FreeTypeFont:
    """The largest font in which the text fits."""
    size = max(int(height * 0.7), SMALLEST_TEXT)
    length = _font(size).getlength(text)
    if length > width:
        size = max(int(size * width / length), SMALLEST_TEXT)
    return _font(size)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


@lru_cache(maxsize=4096)
def _color(serial: str) -> Color:
    """A dark one for each camera, so that neighbors on a wall of pictures differ."""
    red, green, blue = hashlib.sha256(serial.encode()).digest()[:3]
    return 20 + red // 3, 20 + green // 3, 20 + blue // 3


def _write(draw: ImageDraw.ImageDraw, text: str, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    draw.rectangle((left, top, right - 1, bottom - 1), fill=BLACK)
    margin = (bottom - top) // 6
    font = fitting_font(text, right - left - 2 * margin, bottom - top)
    draw.text((left + margin, (top + bottom) // 2), text, fill=WHITE, font=font, anchor="lm")


def _draw_grid(draw: ImageDraw.ImageDraw, view: View) -> None:
    """Lines of longitude and latitude, which move as the camera turns and widen as it zooms."""
    width, height = view.size
    field = FIELD_OF_VIEW / (1 + (view.zoom - 1) * (ZOOM_FACTOR - 1) / 9998)
    scale = width / field
    line: Color = (150, 150, 150)
    for degrees in _visible(view.pan, field):
        x = width / 2 + (degrees - view.pan) * scale
        draw.line((x, 0, x, height), fill=line)
        draw.text((x + 3, height / 2), str(_wrapped(degrees)), fill=line, font=_font(12))
    for degrees in _visible(view.tilt, field * height / width):
        y = height / 2 - (degrees - view.tilt) * scale
        draw.line((0, y, width, y), fill=line)


def _visible(center: float, field: float) -> range:
    first = math.ceil((center - field / 2) / GRID_DEGREES) * GRID_DEGREES
    return range(first, math.floor(center + field / 2) + 1, GRID_DEGREES)


def _wrapped(degrees: int) -> int:
    return (degrees + 180) % 360 - 180


def _draw_hand(draw: ImageDraw.ImageDraw, view: View) -> None:
    """The hand of a clock, once around in ten seconds: a picture that stands still is seen to."""
    width, height = view.size
    radius = height * 0.3
    turn = (view.moment.second + view.moment.microsecond / 1e6) % 10 / 10 * math.tau
    x, y = width / 2, height / 2
    tip = (x + radius * math.sin(turn), y - radius * math.cos(turn))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=WHITE, width=2)
    draw.line((x, y, *tip), fill=WHITE, width=max(height // 90, 2))
