"""Delays: how long what did not work waits until it is tried again."""

from __future__ import annotations

from datetime import timedelta

_FIRST = timedelta(seconds=5)
_LONGEST = timedelta(minutes=30)


def delay_after(tries: int) -> timedelta:
    """Doubling from five seconds to half an hour."""
    return min(_FIRST * int(2 ** min(tries - 1, 20)), _LONGEST)
