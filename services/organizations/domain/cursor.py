"""Cursors of this service's lists, read with the suspicion that a caller made them up."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from contracts.paging import CursorUnreadable, decode_cursor

_MOST = 2**63


def after_moment(cursor: str | None) -> tuple[datetime, UUID] | None:
    parts = decode_cursor(cursor, length=2)
    if parts is None:
        return None
    try:
        moment = datetime.fromisoformat(parts[0])
        position = UUID(parts[1])
        if moment.tzinfo is None:
            raise _unreadable()
        return moment.astimezone(UTC), position
    except (ValueError, OverflowError):
        raise _unreadable() from None


def after_name(cursor: str | None) -> tuple[str, UUID] | None:
    parts = decode_cursor(cursor, length=2)
    if parts is None:
        return None
    try:
        # What UTF-8 or a text column cannot hold was never a name.
        parts[0].encode()
        position = UUID(parts[1])
    except ValueError:
        raise _unreadable() from None
    if "\0" in parts[0]:
        raise _unreadable()
    return parts[0], position


def before_number(cursor: str | None) -> int | None:
    parts = decode_cursor(cursor, length=1)
    if parts is None:
        return None
    if not (parts[0].isascii() and parts[0].isdigit() and int(parts[0]) < _MOST):
        raise _unreadable()
    return int(parts[0])


def _unreadable() -> CursorUnreadable:
    return CursorUnreadable("Take the cursor from next_cursor of the page before.")
