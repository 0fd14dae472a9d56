"""Compensation: the worth of days of a year that were over when a license came to it, in ticks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.licensing.domain.calendar import DAY, Grace, SubscriptionYear
from services.licensing.domain.policy import GRACE_DAYS, TICKS_PER_LICENSE


@dataclass(frozen=True)
class Overlap:
    """Where in its year an allocation begins to count, and how many days are given back."""

    effective_from: date
    days: int


def overlap(
    year: SubscriptionYear,
    grace: Grace | None,
    today: date,
    *,
    was_licensed: bool,
    charge_grace_when_late: bool,
) -> Overlap:
    """Within grace an allocation reaches back to its first day, later it counts from today (D-9).

    :param grace: the running year's; a year ahead has none yet and counts from its first day.
    :param was_licensed: on a day before, so that seats in several steps cost what they do at once.
    """
    is_in_grace = grace is not None and grace.holds(today)
    effective_from = grace.first_day if grace and is_in_grace else max(today, year.starts_on)
    days = (effective_from - year.starts_on) // DAY
    if charge_grace_when_late and not was_licensed and not is_in_grace:
        # Removes the cliff of D-11: whoever is late pays for the grace it has used.
        days = max(0, days - GRACE_DAYS)
    return Overlap(effective_from, days)


def ticks_for(seats: int, days: int, year: SubscriptionYear) -> int:
    """Exact: a day of a year of 365 or 366 days is a whole number of ticks (D-10)."""
    return seats * days * (TICKS_PER_LICENSE // year.days)


def returned(pool: int) -> tuple[int, int]:
    """Whole licenses that go back to the wallet, and the ticks that stay saved up (D-11)."""
    return divmod(pool, TICKS_PER_LICENSE)


def in_licenses(ticks: int) -> str:
    """For display, cut to four digits so that it never promises more than there is."""
    return f"{ticks // TICKS_PER_LICENSE}.{ticks % TICKS_PER_LICENSE * 10_000 // TICKS_PER_LICENSE:04d}"
