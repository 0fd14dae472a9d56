"""The sheet as one HTML page, complete in itself: no script, no image, no font from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources

import segno
from jinja2 import Environment, StrictUndefined

from contracts.identity import Language
from services.identity.sheet.words import WORDS

_FILES = resources.files("services.identity.sheet")
_STYLE = (_FILES / "page.css").read_text(encoding="utf-8")
# The page allows itself this style and nothing else, wherever it is saved to.
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
).from_string((_FILES / "page.html").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Sheet:
    """What is handed over, and how long it waits for its confirmation."""

    service: str
    email: str
    issued_at: datetime
    confirm_within: timedelta
    otpauth_uri: str = field(repr=False)
    setup_key: str = field(repr=False)
    codes: Sequence[str] = field(repr=False)


def page(sheet: Sheet, language: Language) -> str:
    words = WORDS[language]
    minutes = max(1, sheet.confirm_within // timedelta(minutes=1))
    return _PAGE.render(
        sheet=sheet,
        language=language.value,
        words=words,
        issued_at=f"{sheet.issued_at:%Y-%m-%d %H:%M} UTC",
        confirm_within=words.confirm_within.format(minutes=minutes),
        qr_svg=_qr_svg(sheet.otpauth_uri),
        style=_STYLE,
        style_hash=_STYLE_HASH,
    )


def _qr_svg(uri: str) -> str:
    """Without a size of its own, so that the page gives it one."""
    image = segno.make(uri, error="m", micro=False)
    return str(image.svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None))
