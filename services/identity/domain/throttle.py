"""How often something may be tried: counted before it is tried, so parallel tries count too."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.errors import TooMany


class Throttled(TooMany):
    """Too many tries from this address, or at this account's second factor."""

    code = "throttled"


@dataclass(frozen=True)
class Limit:
    most: int
    within: timedelta


@dataclass(frozen=True)
class Tally:
    """Tries since ``started_at``; a window opens with the first try in it."""

    count: int
    started_at: datetime

    def is_full(self, limit: Limit, now: datetime) -> bool:
        return self.count >= limit.most and now < self.started_at + limit.within

    def one_more(self, limit: Limit, now: datetime) -> Tally:
        """:raises Throttled: the window is full; says when it ends."""
        ends_at = self.started_at + limit.within
        if self.is_full(limit, now):
            raise throttled(ends_at, now)
        return Tally(1, now) if now >= ends_at else Tally(self.count + 1, self.started_at)


@dataclass(frozen=True)
class Waits:
    """After ``free`` failures in a row each further try waits, twice as long each time."""

    free: int
    first: timedelta
    longest: timedelta
    most: int

    def after(self, failures: int) -> timedelta:
        if failures < self.free:
            return timedelta()
        doublings = min(failures - self.free, 40)
        return min(self.first * int(2**doublings), self.longest)


@dataclass(frozen=True)
class Run:
    """Failures in a row since the last success."""

    failures: int
    blocked_until: datetime | None

    def one_more(self, waits: Waits, now: datetime) -> Run:
        """As if the try fails; a success forgets the whole run.

        :raises Throttled: the wait is not over, or there were too many for any wait.
        """
        if self.failures >= waits.most:
            raise throttled(now + waits.longest, now)
        if self.blocked_until is not None and now < self.blocked_until:
            raise throttled(self.blocked_until, now)
        failures = self.failures + 1
        wait = waits.after(failures)
        return Run(failures, now + wait if wait else None)


def throttled(until: datetime, now: datetime) -> Throttled:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Throttled("Too many tries. Wait a while.", retry_after=seconds)


def limits(texts: Iterable[str]) -> tuple[Limit, ...]:
    """``5/300`` as five within five minutes."""
    found = []
    for text in texts:
        most, _, seconds = text.partition("/")
        found.append(Limit(int(most), timedelta(seconds=int(seconds))))
    return tuple(found)


def subject(text: str) -> str:
    """A key for what must not stand in the table itself, such as an address never registered."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
