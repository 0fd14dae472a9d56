"""Standing: all that is known of an organization's product on one day, and its status (D-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.access import OrganizationInArchive
from contracts.licensing import Status
from services.licensing.domain.calendar import Calendar, Grace, SubscriptionYear, grace_of
from services.licensing.domain.policy import EXPIRING_SOON_DAYS, GROWTH_FACTOR
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.wallet import Lot


@dataclass(frozen=True)
class Position:
    """All that is known of one product of an organization on one day.

    ``need`` names every type that need is counted in, and ``easing`` what it will be from later days
    on, when reservations end. ``seats`` are those of each year by its index; ``settled`` are the
    years whose need was covered on some day of them, with the first such day.
    """

    product: RegisteredProduct
    calendar: Calendar | None
    year: SubscriptionYear | None
    need: Mapping[str, int]
    seats: Mapping[int, Mapping[str, int]]
    settled: Mapping[int, date]
    lots: tuple[Lot, ...]
    pool: Mapping[str, int]
    is_archived: bool = False
    easing: Mapping[date, Mapping[str, int]] = field(default_factory=dict)
    has_systems: bool = False

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


def require_open(*, is_archived: bool) -> None:
    """:raises OrganizationInArchive: whatever the command is (D-23)."""
    if is_archived:
        raise OrganizationInArchive("The organization is archived: nothing changes its licenses.")


def running(position: Position) -> Running | None:
    started_on, year = position.product.started_on, position.year
    if year is None or started_on is None:
        return None
    return Running(year, grace_of(started_on, year), year.index in position.settled)


def status_on(position: Position, day: date) -> Status:
    """:param position: as it is on the day; see `outlook.later`."""
    if position.is_archived:
        return Status.ARCHIVED
    if not position.product.is_subscribed_to:
        return _of_hardware(position, day)
    now = running(position)
    if now is None:
        return _before_start(position.product, day)
    if not now.is_settled:
        return Status.GRACE if now.grace.holds(day) else Status.UNLICENSED
    if not shortages(position):
        return Status.LICENSED
    if is_within_growth(position.need, position.seats_in(now.year.index)):
        return Status.LICENSED_GROWTH
    return Status.GROWTH_EXCEEDED


def _before_start(product: RegisteredProduct, day: date) -> Status:
    """D-18, R43."""
    if product.trial_ends_on is None:
        return Status.NOT_STARTED
    return Status.TRIAL if day < product.trial_ends_on else Status.TRIAL_EXPIRED


def _of_hardware(position: Position, day: date) -> Status:
    """Where there is nothing to subscribe to, systems hold all that they need, or they do not."""
    if position.has_systems and not any(position.need.values()):
        return Status.LICENSED
    status = _before_start(position.product, day)
    return status if status is Status.TRIAL or not position.has_systems else Status.UNLICENSED


def is_expiring_soon(position: Position, today: date) -> bool:
    """Whether the next year is near and not covered by its seats (D-20)."""
    now = running(position)
    if now is None or position.is_archived:
        return False
    is_near = (now.year.renews_on - today).days <= EXPIRING_SOON_DAYS
    return is_near and not covers(position.need, position.seats_in(now.year.index + 1))


def shortages(position: Position) -> dict[str, int]:
    """Need above seats by license type, where there is any."""
    short = {kind: need - position.seats_of(kind) for kind, need in position.need.items()}
    return {kind: count for kind, count in sorted(short.items()) if count > 0}


def least_by_type(position: Position) -> dict[str, int]:
    """What an allocation to the current year must bring, where that is anything."""
    now = running(position)
    is_settled = now is not None and now.is_settled
    least = {
        kind: least_to_allocate(need, position.seats_of(kind), is_settled=is_settled)
        for kind, need in sorted(position.need.items())
    }
    return {kind: count for kind, count in least.items() if count}


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
