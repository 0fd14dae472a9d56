"""Claims: what a signed text says, in the one way JSON may say it (RFC 8785)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from contracts.license_fields import MANY

T = TypeVar("T")

MOST_TYPES = 20
MOST_NUMBER = 2**53 - 1  # What every JSON reader holds exactly.
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_MOST_CODE = 60


def canonical(claims: Mapping[str, Any]) -> bytes:
    """Names sorted, nothing between, UTF-8."""
    text = json.dumps(claims, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def loaded(raw: bytes) -> dict[str, Any]:
    """:raises ValueError: it is not an object, or not written canonically.

    Written again it has to be the same, so there is no name twice and no number written oddly.
    """
    try:
        claims = json.loads(raw.decode(), parse_float=_refused, parse_constant=_refused)
        if isinstance(claims, dict) and canonical(claims) == raw:
            return claims
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    raise ValueError("It is not a canonical JSON object.")


def _refused(_number: str) -> NoReturn:
    raise ValueError("Numbers are whole.")


def base64_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def from_base64(text: str) -> bytes:
    """:raises ValueError: it is not base64, or the unused bits at its end are not zero."""
    raw = binascii.a2b_base64(text, strict_mode=True)
    if base64_of(raw) != text:
        raise ValueError("It is not canonical base64.")
    return raw


def written_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MOMENT)


class Claims:
    """Strict readers of single claims: whatever is unexpected is a ValueError."""

    def __init__(self, claims: Mapping[str, Any], names: Collection[str]) -> None:
        if claims.keys() != set(names):
            raise ValueError("A claim is missing or unknown.")
        self._claims = claims

    def text(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self._claims[name]
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        raise ValueError(f"{name} is not of its form.")

    def code(self, name: str) -> str:
        value = self.text(name, CODE)
        if len(value) > _MOST_CODE:
            raise ValueError(f"{name} is too long.")
        return value

    def id(self, name: str) -> UUID:
        return self._same(name, UUID, str)

    def moment(self, name: str) -> datetime:
        return self._same(name, _moment, written_moment)

    def day_or_none(self, name: str) -> date | None:
        if self._claims[name] is None:
            return None
        return self._same(name, date.fromisoformat, date.isoformat)

    def _same(self, name: str, of: Callable[[str], T], again: Callable[[T], str]) -> T:
        value = self._claims[name]
        with suppress(ValueError):
            if isinstance(value, str) and again(of(value)) == value:
                return of(value)
        raise ValueError(f"{name} is not of its form.")

    def number(self, name: str, least: int, most: int = MOST_NUMBER) -> int:
        return _whole(name, self._claims[name], least, most)

    def counts(self, name: str, least: int) -> dict[str, int]:
        """Numbers by license type, at least one."""
        value = self._claims[name]
        if not isinstance(value, dict) or not 1 <= len(value) <= MOST_TYPES:
            raise ValueError(f"{name} does not count license types.")
        for code in value:
            if len(code) > _MOST_CODE or not CODE.fullmatch(code):
                raise ValueError(f"{name} names no license type.")
        return {code: _whole(name, count, least, MANY) for code, count in value.items()}


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _whole(name: str, value: object, least: int, most: int) -> int:
    # True and False are integers to Python, not to JSON.
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise ValueError(f"{name} is not a whole number within bounds.")
