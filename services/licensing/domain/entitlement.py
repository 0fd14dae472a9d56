"""Entitlement: what a product is advised to let its users do, by how it stands (D-22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.licensing import Status
from services.licensing.domain.policy import ENTITLEMENT_HOURS, GROWTH_BLOCKS_AFTER_DAYS
from services.licensing.domain.product import RegisteredProduct

# Where licenses are there, or are given time to come.
USABLE = frozenset(
    {
        Status.TRIAL,
        Status.GRACE,
        Status.LICENSED,
        Status.LICENSED_GROWTH,
        Status.GROWTH_EXCEEDED,
    }
)


@dataclass(frozen=True)
class Entitlement:
    """``adding_ends_on`` is the first day without new devices, while growth is above its limit."""

    status: Status
    may_view: bool
    may_configure: bool
    may_add_devices: bool
    adding_ends_on: date | None = None
    # Nothing that happens to licenses is a reason to lose a recording.
    may_record: bool = True


def entitlement(status: Status, *, exceeded_since: date | None, today: date) -> Entitlement:
    """Growth above its limit is told of for thirty days before it blocks anything."""
    is_usable = status in USABLE
    ends_on = None
    if status is Status.GROWTH_EXCEEDED:
        ends_on = (exceeded_since or today) + timedelta(days=GROWTH_BLOCKS_AFTER_DAYS)
    return Entitlement(
        status=status,
        may_view=is_usable,
        may_configure=is_usable,
        may_add_devices=is_usable and (ends_on is None or today < ends_on),
        adding_ends_on=ends_on,
    )


def of_system(
    status: Status, product: RegisteredProduct, counted: Mapping[str, int], held: Mapping[str, int]
) -> Status:
    """A system that needs none but its own licenses is licensed, however the others stand (R2).

    :param counted: by needed type, as ``held`` by the system itself.
    """
    if status is Status.ARCHIVED:
        return status
    has_some = any(held.values()) or not product.is_subscribed_to
    is_met = all(held.get(code, 0) >= n for code, n in counted.items())
    return Status.LICENSED if has_some and is_met else status


def valid_until(now: datetime, time_zone: str, turns: Iterable[date | None]) -> datetime:
    """When to ask again: after a day, or with the first day on which the advice may change.

    :param turns: such days, in the organization's time zone.
    """
    zone = ZoneInfo(time_zone)
    starts = (datetime.combine(day, time(), zone).astimezone(UTC) for day in turns if day)
    return min([now + timedelta(hours=ENTITLEMENT_HOURS), *(at for at in starts if at > now)])
