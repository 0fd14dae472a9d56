"""Cursor in, page out: the one way lists are read."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from marshmallow import Schema, fields, validate

from contracts.errors import Invalid

LIMIT_DEFAULT = 50
LIMIT_MOST = 200
_NUMBER_MOST = 2**63

Item = TypeVar("Item")


class CursorUnreadable(Invalid):
    """The cursor is not one that this API gave out."""

    code = "cursor-unreadable"


class PageQuery(Schema):
    """``limit`` and ``cursor``, the same on every list."""

    limit = fields.Integer(
        load_default=LIMIT_DEFAULT,
        validate=validate.Range(min=1, max=LIMIT_MOST),
        metadata={"description": "How many items a page holds at the most."},
    )
    cursor = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=512),
        metadata={"description": "next_cursor of the page before; absent for the first page."},
    )


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next_cursor: str | None


def page(
    rows: Sequence[Item], *, limit: int, key: Callable[[Item], Sequence[object]]
) -> Page[Item]:
    """A page of ``rows``, which were read with one row more than ``limit``."""
    items = rows[:limit]
    if len(rows) <= limit:
        return Page(items, None)
    return Page(items, encode_cursor(key(items[-1])))


def encode_cursor(key: Sequence[object]) -> str:
    """The position after a row, from its sort key; opaque to callers."""
    text = json.dumps([str(part) for part in key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *, length: int) -> list[str] | None:
    """The sort key behind a cursor, or None for the first page; refuses what it did not make."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _unreadable() from None
    if not (
        isinstance(parts, list)
        and len(parts) == length
        and all(isinstance(part, str) and _is_storable(part) for part in parts)
    ):
        raise _unreadable()
    return parts


def moment_in(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The position in a list sorted by moment and id."""
    parts = decode_cursor(cursor, length=2)
    if parts is None:
        return None
    try:
        moment, key = datetime.fromisoformat(parts[0]), UUID(parts[1])
        if moment.tzinfo is not None:
            return moment.astimezone(UTC), key
    except (ValueError, OverflowError):
        pass
    raise _unreadable()


def name_in(cursor: str | None) -> tuple[str, UUID] | None:
    """The position in a list sorted by name and id."""
    parts = decode_cursor(cursor, length=2)
    if parts is None:
        return None
    try:
        return parts[0], UUID(parts[1])
    except ValueError:
        raise _unreadable() from None


def number_in(cursor: str | None) -> int | None:
    """The position in a list sorted by number."""
    parts = decode_cursor(cursor, length=1)
    if parts is None:
        return None
    if not (parts[0].isascii() and parts[0].isdigit() and int(parts[0]) < _NUMBER_MOST):
        raise _unreadable()
    return int(parts[0])


def _is_storable(text: str) -> bool:
    """A NUL or half a surrogate pair was never in a row."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _unreadable() -> CursorUnreadable:
    return CursorUnreadable("Take the cursor from next_cursor of the page before.")
