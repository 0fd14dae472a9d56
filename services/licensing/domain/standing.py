"""Standing: how an organization stands with a product, and until when (D-12, D-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.access import OrganizationInArchive
from contracts.licensing import Status
from services.licensing.domain.calendar import DAY, Calendar, Grace, SubscriptionYear, grace_of
from services.licensing.domain.policy import GROWTH_FACTOR
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.wallet import Lot

STATUS_TEXT: Mapping[Status, str] = {
    Status.NOT_STARTED: "Not started",
    Status.GRACE: "Subscription has started",
    Status.LICENSED: "Licensed",
    Status.LICENSED_GROWTH: "Licensed (growth)",
    Status.GROWTH_EXCEEDED: "Growth exceeded",
    Status.UNLICENSED: "Unlicensed",
    Status.ARCHIVED: "Archived",
}


@dataclass(frozen=True)
class Position:
    """All that is known of one product of an organization on one day.

    ``need`` names every type that need is counted in; ``seats`` are those of each year by its
    index, and ``settled`` the years whose need was covered on some day of them.
    """

    product: RegisteredProduct
    calendar: Calendar | None
    year: SubscriptionYear | None
    need: Mapping[str, int]
    seats: Mapping[int, Mapping[str, int]]
    settled: frozenset[int]
    lots: tuple[Lot, ...]
    pool: Mapping[str, int]
    is_archived: bool = False

    def seats_in(self, year: int | None) -> Mapping[str, int]:
        return {} if year is None else self.seats.get(year, {})

    def seats_of(self, license_type: str) -> int:
        """Those of the current year."""
        return self.seats_in(self.year.index if self.year else None).get(license_type, 0)


@dataclass(frozen=True)
class Running:
    """The subscription year a started product is in, and the year's grace."""

    year: SubscriptionYear
    grace: Grace
    is_settled: bool


@dataclass(frozen=True)
class Standing:
    """``changes_on`` is the day the status changes unless something is done before."""

    status: Status
    reason: str
    changes_on: date | None


def require_open(*, is_archived: bool) -> None:
    """:raises OrganizationInArchive: whatever the command is (D-23)."""
    if is_archived:
        raise OrganizationInArchive("The organization is archived: nothing changes its licenses.")


def running(position: Position) -> Running | None:
    started_on, year = position.product.started_on, position.year
    if year is None or started_on is None:
        return None
    return Running(year, grace_of(started_on, year), year.index in position.settled)


def standing(position: Position, today: date) -> Standing:
    """A function of what happened and of the day alone, so it never waits for a job."""
    if position.is_archived:
        return Standing(Status.ARCHIVED, "The organization is archived.", None)
    now = running(position)
    if now is None:
        return Standing(Status.NOT_STARTED, "The subscription has not been started.", None)
    if now.is_settled:
        return _settled(position, now.year)
    short = shortages(position)
    missing = (
        ", ".join(f"{count} of type {license_type}" for license_type, count in short.items())
        or "at least one"
    )
    if now.grace.holds(today):
        return Standing(
            Status.GRACE,
            f"Licenses to allocate to this subscription year: {missing}. "
            f"The grace period ends on {now.grace.last_day}.",
            now.grace.last_day + DAY,
        )
    return Standing(
        Status.UNLICENSED,
        f"The grace period ended on {now.grace.last_day}. "
        f"Licenses to allocate to this subscription year: {missing}.",
        now.year.renews_on,
    )


def _settled(position: Position, year: SubscriptionYear) -> Standing:
    short = shortages(position)
    if not short:
        return Standing(Status.LICENSED, "The current need is covered.", year.renews_on)
    if is_within_growth(position.need, position.seats_in(year.index)):
        grown = ", ".join(f"{count} of type {kind}" for kind, count in short.items())
        return Standing(
            Status.LICENSED_GROWTH,
            f"Growth within this subscription year; needed from the next on: {grown}.",
            year.renews_on,
        )
    least = ", ".join(
        f"{count} of type {kind}"
        for kind in short
        if (
            count := least_to_allocate(
                position.need[kind], position.seats_of(kind), is_settled=True
            )
        )
    )
    return Standing(
        Status.GROWTH_EXCEEDED,
        f"Growth is above what this year's licenses allow. Allocate at least {least}.",
        year.renews_on,
    )


def shortages(position: Position) -> dict[str, int]:
    """Need above seats by license type, where there is any."""
    short = {kind: need - position.seats_of(kind) for kind, need in position.need.items()}
    return {kind: count for kind, count in sorted(short.items()) if count > 0}


def covers(need: Mapping[str, int], seats: Mapping[str, int]) -> bool:
    """Whether seats settle a year: no type short, and at least one seat there.

    Without the latter a product without devices would be licensed from its first day, and exceed
    its growth with the first device.
    """
    return sum(seats.values()) > 0 and all(seats.get(kind, 0) >= n for kind, n in need.items())


def is_within_growth(need: Mapping[str, int], seats: Mapping[str, int]) -> bool:
    """As many licenses again as are allocated; exactly twice is allowed (R30, D-12)."""
    return all(GROWTH_FACTOR * seats.get(kind, 0) >= n for kind, n in need.items())


def growth_limit(seats: int) -> int:
    return GROWTH_FACTOR * seats


def least_to_allocate(need: int, seats: int, *, is_settled: bool) -> int:
    """The fewest seats that an allocation must bring to be accepted (D-12, D-13)."""
    return max(0, (-(-need // GROWTH_FACTOR) if is_settled else need) - seats)
