"""Allocation: licenses move from the wallet to a subscription year, all lines or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.errors import Conflict, Invalid, NotFound
from services.licensing.domain.calendar import SubscriptionNotStarted, SubscriptionYear
from services.licensing.domain.compensation import overlap, returned, ticks_for
from services.licensing.domain.standing import (
    Position,
    covers,
    is_within_growth,
    least_to_allocate,
    running,
)
from services.licensing.domain.wallet import Taken, spend


class ProductUnknown(NotFound):
    """The catalogue holds no such product."""

    code = "product-unknown"


class ProductNotRegistered(NotFound):
    """The organization has not registered the product."""

    code = "product-not-registered"


class ProductAlreadyRegistered(Conflict):
    """The organization has registered the product before."""

    code = "product-already-registered"


class LicenseTypeUnknown(Invalid):
    """The product has no such license type."""

    code = "license-type-unknown"


class NothingToAllocate(Invalid):
    """The allocation names no licenses."""

    code = "nothing-to-allocate"


class BelowCurrentNeed(Conflict):
    """The year's licenses would still not cover the current need."""

    code = "below-current-need"


class AboveCurrentNeed(Conflict):
    """More licenses than needed are allocated only when that is asked for."""

    code = "above-current-need"


@dataclass(frozen=True)
class Line:
    """What becomes of one license type.

    ``compensated`` ticks flow into the pool, from which ``returned`` whole licenses go back to the
    wallet as a lot that lives as long as the longest-lived of those taken.
    """

    type: str
    seats: int
    taken: Sequence[Taken]
    compensated: int
    returned: int
    returned_expires_on: date


@dataclass(frozen=True)
class Plan:
    year: SubscriptionYear
    effective_from: date
    lines: Sequence[Line]
    settles: bool


def require_types(types: Sequence[str], known: Collection[str]) -> None:
    """:raises LicenseTypeUnknown: names the first that the product does not have."""
    for license_type in types:
        if license_type not in known:
            raise LicenseTypeUnknown(
                f"The product has no license type {license_type}.", type=license_type
            )


def allocate(
    position: Position,
    wanted: Mapping[str, int],
    *,
    year_index: int | None,
    today: date,
    allow_surplus: bool,
    charge_grace_when_late: bool,
) -> Plan:
    """What an allocation would do; refuses what would leave the year uncovered (D-9 to D-13)."""
    now = running(position, today)
    if now is None or position.calendar is None:
        raise SubscriptionNotStarted("Start the product's subscription first.")
    year = position.calendar.open_year(year_index, today)
    require_types(list(wanted), position.need)
    if not wanted:
        raise NothingToAllocate("Name at least one license to allocate.")
    after = {kind: position.seats_of(kind) + wanted.get(kind, 0) for kind in position.need}
    _require_need(position, after, is_settled=now.is_settled)
    if not allow_surplus:
        _require_no_surplus(position, wanted, after)
    reach = overlap(
        year,
        now.grace,
        today,
        is_settled=now.is_settled,
        charge_grace_when_late=charge_grace_when_late,
    )
    lines = [
        _line(position, kind, seats, ticks_for(seats, reach.days, year), today)
        for kind, seats in sorted(wanted.items())
    ]
    settles = not now.is_settled and covers(position.need, after)
    return Plan(year, reach.effective_from, lines, settles)


def _require_need(position: Position, after: Mapping[str, int], *, is_settled: bool) -> None:
    is_enough = is_within_growth if is_settled else covers
    if is_enough(position.need, after):
        return
    least = {
        kind: count
        for kind in position.need
        if (count := least_to_allocate(position, kind, is_settled=is_settled))
    }
    raise BelowCurrentNeed(
        "Allocate at least " + ", ".join(f"{n} of type {kind}" for kind, n in least.items()) + ".",
        **{f"least_{kind}": count for kind, count in least.items()},
    )


def _require_no_surplus(
    position: Position, wanted: Mapping[str, int], after: Mapping[str, int]
) -> None:
    for kind in wanted:
        if after[kind] > position.need[kind]:
            raise AboveCurrentNeed(
                f"{after[kind]} licenses of type {kind} would be allocated and "
                f"{position.need[kind]} are needed. Say so if that is meant.",
                type=kind,
                need=position.need[kind],
                seats=after[kind],
            )


def _line(position: Position, kind: str, seats: int, compensated: int, today: date) -> Line:
    taken = spend(position.lots, kind, seats, today)
    whole, _rest = returned(position.pool.get(kind, 0) + compensated)
    return Line(
        type=kind,
        seats=seats,
        taken=taken,
        compensated=compensated,
        returned=whole,
        returned_expires_on=max(part.lot.expires_on for part in taken),
    )
