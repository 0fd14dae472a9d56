"""Seats: those of one license type in one subscription year, by the day from which they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from services.licensing.domain.calendar import DAY, SubscriptionYear
from services.licensing.domain.compensation import ticks_for
from services.licensing.domain.policy import TICKS_PER_LICENSE


@dataclass(frozen=True)
class SeatsMoved:
    """Seats that came to the year with an entry of the history, or left it (below zero)."""

    number: int
    seats: int
    effective_from: date


@dataclass(frozen=True)
class SeatsSince:
    """Seats that count from the same day on."""

    effective_from: date
    seats: int

    def worth_in(self, year: SubscriptionYear) -> int:
        """Their ticks (I6).

        Where the days of grace are charged, the ticks of those days are not theirs alone: they
        stay with the year.
        """
        days_gone = (self.effective_from - year.starts_on) // DAY
        return self.seats * TICKS_PER_LICENSE - ticks_for(self.seats, days_gone, year)


def counting(moved: Sequence[SeatsMoved], ended: int) -> Sequence[SeatsMoved]:
    """Those since the organization was last archived, of all in the order of the history.

    :param ended: how many seats ended with that; whatever leaves later is of those that came later.
    """
    total = start = 0
    for position, one in enumerate(moved, start=1):
        total += one.seats
        if total == ended:
            start = position
    return moved[start:]


def by_day(counted: Collection[SeatsMoved]) -> Sequence[SeatsSince]:
    """What is there, that which counts longest first."""
    there: Counter[date] = Counter()
    for one in counted:
        there[one.effective_from] += one.seats
    return [SeatsSince(day, seats) for day, seats in sorted(there.items()) if seats]


def longest_counting(there: Sequence[SeatsSince], seats: int) -> Sequence[SeatsSince]:
    """As many of them, those that count longest; there are enough."""
    taken: list[SeatsSince] = []
    for part in there:
        needed = min(part.seats, seats)
        if needed:
            taken.append(SeatsSince(part.effective_from, needed))
            seats -= needed
    assert not seats, "the year holds fewer seats than its account says"
    return taken
