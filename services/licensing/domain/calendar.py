"""Calendar: the subscription years and grace periods of an organization, in civil days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from contracts.errors import Conflict, Invalid
from services.licensing.domain.policy import GRACE_DAYS, YEARS_AHEAD

DAY = timedelta(days=1)


class TimeZoneUnknown(Invalid):
    """There is no IANA time zone of this name."""

    code = "time-zone-unknown"


class TimeZoneFixed(Conflict):
    """The organization's first subscription fixed its time zone."""

    code = "time-zone-fixed"


class AlreadyStarted(Conflict):
    """The product's subscription runs already."""

    code = "already-started"


class SubscriptionNotStarted(Conflict):
    """Licenses can be allocated once the product's subscription has started."""

    code = "subscription-not-started"


class YearIsPast(Conflict):
    """The subscription year is over."""

    code = "year-is-past"


class BeyondPreRenewalHorizon(Conflict):
    """The subscription year lies further ahead than licenses may be allocated."""

    code = "beyond-pre-renewal-horizon"


@dataclass(frozen=True)
class SubscriptionYear:
    """From ``starts_on`` to the day before ``renews_on``."""

    index: int
    starts_on: date
    renews_on: date

    @property
    def days(self) -> int:
        return (self.renews_on - self.starts_on).days


@dataclass(frozen=True)
class Grace:
    """From ``first_day`` to ``last_day``, both included."""

    first_day: date
    last_day: date

    def holds(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Calendar:
    """The years an organization's subscriptions share, counted from the first one's start."""

    anchor: date

    def year(self, index: int) -> SubscriptionYear:
        return SubscriptionYear(
            index, add_years(self.anchor, index), add_years(self.anchor, index + 1)
        )

    def year_of(self, day: date) -> SubscriptionYear:
        """The year a day lies in; days before the anchor count to the first year.

        Such a day exists only where the time zone was moved west at the first start.
        """
        year = self.year(max(0, day.year - self.anchor.year))
        return self.year(year.index - 1) if day < year.starts_on and year.index else year

    def open_year(self, index: int | None, today: date) -> SubscriptionYear:
        """The year to allocate to, the current one by default (D-14).

        :raises YearIsPast: it is over.
        :raises BeyondPreRenewalHorizon: its first day lies too far ahead.
        """
        current = self.year_of(today)
        if index is None:
            return current
        if index < current.index:
            raise YearIsPast(f"Year {index} is over; the current one is {current.index}.")
        horizon = add_years(today, YEARS_AHEAD)
        # Far ahead there are no dates left to compare.
        is_near = index <= current.index + YEARS_AHEAD + 1
        if index != current.index and not (is_near and self.year(index).starts_on <= horizon):
            raise BeyondPreRenewalHorizon(
                f"Licenses can be allocated to years that begin by {horizon}.", horizon=horizon
            )
        return self.year(index)

    def years_ahead(self, today: date) -> Sequence[SubscriptionYear]:
        """The years after the current one that may be allocated to (R27)."""
        current, horizon = self.year_of(today).index, add_years(today, YEARS_AHEAD)
        years = (self.year(current + ahead) for ahead in range(1, YEARS_AHEAD + 1))
        return [year for year in years if year.starts_on <= horizon]


def add_years(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 28 February in a common year (D-2)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def grace_of(started_on: date, year: SubscriptionYear) -> Grace:
    """Thirty days from the year's start, or from the product's own if that is later (D-5).

    It ends with the year at the latest, for the next year brings its own.
    """
    first_day = max(started_on, year.starts_on)
    last_day = min(first_day + GRACE_DAYS * DAY, year.renews_on) - DAY
    return Grace(first_day, last_day)


def civil_day(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


def days_by_zone(moment: datetime) -> Mapping[date, frozenset[str]]:
    """The civil days there are around the world at a moment, three at most, and where it is which."""
    days: dict[date, set[str]] = {}
    for name, zone in _places():
        days.setdefault(moment.astimezone(zone).date(), set()).add(name)
    return {day: frozenset(names) for day, names in sorted(days.items())}


def known_time_zone(name: str) -> str:
    """:raises TimeZoneUnknown: the name is not in the IANA database."""
    if name not in _zones():
        raise TimeZoneUnknown("Give an IANA name such as Europe/Stockholm.", time_zone=name)
    return name


@lru_cache
def _zones() -> frozenset[str]:
    # The others stand for no place, or for wherever this machine happens to be.
    return frozenset(available_timezones() - {"Factory", "localtime"})


@lru_cache
def _places() -> tuple[tuple[str, ZoneInfo], ...]:
    # Held on to: the library itself remembers only the few it was asked for last.
    return tuple((name, ZoneInfo(name)) for name in sorted(_zones()))


def settled_time_zone(current: str, wanted: str | None, *, is_fixed: bool) -> str:
    """The zone after a subscription's start: only an organization's first may choose it (D-1).

    :raises TimeZoneFixed: another zone is wanted later.
    """
    if wanted is None or wanted == current:
        return current
    if is_fixed:
        raise TimeZoneFixed(
            f"The organization's time zone is {current} since its first subscription.",
            time_zone=current,
        )
    return known_time_zone(wanted)
