"""Allocation: licenses move from the wallet to a subscription year, all lines or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.errors import Conflict, Invalid
from contracts.licensing import LicenseKind
from services.licensing.domain.calendar import SubscriptionNotStarted, SubscriptionYear
from services.licensing.domain.compensation import Overlap, overlap, returned, ticks_for
from services.licensing.domain.product import require_kind
from services.licensing.domain.standing import (
    Position,
    covers,
    is_within_growth,
    least_to_allocate,
    running,
)
from services.licensing.domain.wallet import Taken, spend


class NothingToAllocate(Invalid):
    """The allocation names no licenses."""

    code = "nothing-to-allocate"


class BelowCurrentNeed(Conflict):
    """The year's licenses would still not cover the current need."""

    code = "below-current-need"


class AboveCurrentNeed(Conflict):
    """More licenses than needed are allocated only when that is asked for."""

    code = "above-current-need"


class PreviousYearNotLicensed(Conflict):
    """The year before has too few seats for the current need."""

    code = "previous-year-not-licensed"


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
    """``overlap`` says from when the licenses count; ``settles``: they cover the current year."""

    year: SubscriptionYear
    overlap: Overlap
    lines: Sequence[Line]
    settles: bool

    @property
    def effective_from(self) -> date:
        return self.overlap.effective_from


@dataclass(frozen=True)
class Terms:
    """Which year is allocated to, and from when licenses count in it."""

    year: SubscriptionYear
    overlap: Overlap
    is_current: bool
    is_settled: bool


def terms(
    position: Position, year_index: int | None, today: date, *, charge_grace_when_late: bool
) -> Terms:
    """Whatever is allocated (D-9).

    :raises SubscriptionNotStarted:
    :raises YearIsPast:
    :raises BeyondPreRenewalHorizon:
    """
    now = running(position)
    if now is None or position.calendar is None:
        raise SubscriptionNotStarted("Start the product's subscription first.")
    year = position.calendar.open_year(year_index, today)
    settled_on = position.settled.get(year.index)
    found = overlap(
        year,
        now.grace if year == now.year else None,
        today,
        was_licensed=settled_on is not None and settled_on < today,
        charge_grace_when_late=charge_grace_when_late,
    )
    return Terms(year, found, is_current=year == now.year, is_settled=settled_on is not None)


def allocate(
    position: Position,
    wanted: Mapping[str, int],
    *,
    year_index: int | None,
    today: date,
    allow_surplus: bool,
    charge_grace_when_late: bool,
) -> Plan:
    """What an allocation would do; refuses what would leave the year uncovered (D-9 to D-14)."""
    on = terms(position, year_index, today, charge_grace_when_late=charge_grace_when_late)
    require_kind(position.product, wanted, LicenseKind.SUBSCRIPTION)
    if not wanted:
        raise NothingToAllocate("Name at least one license to allocate.")
    if not on.is_current:
        _require_previous(position, on.year)
    seats = position.seats_in(on.year.index)
    after = {kind: seats.get(kind, 0) + wanted.get(kind, 0) for kind in {*position.need, *wanted}}
    _require_need(position, seats, after, is_settled=on.is_settled)
    if not allow_surplus:
        _require_no_surplus(position, wanted, after)
    lines = [
        _line(position, kind, count, ticks_for(count, on.overlap.days, on.year), today)
        for kind, count in sorted(wanted.items())
    ]
    # A year that has not begun is settled on its first day, by the need of then.
    settles = on.is_current and not on.is_settled and covers(position.need, after)
    return Plan(on.year, on.overlap, lines, settles)


def _require_previous(position: Position, year: SubscriptionYear) -> None:
    """A year ahead is opened once the one before is settled, or has the seats for it (D-14)."""
    before = year.index - 1
    is_settled = before in position.settled
    if not is_settled and not covers(position.need, position.seats_in(before)):
        raise PreviousYearNotLicensed(
            f"Allocate the current need to year {before} first.", year=before
        )


def _require_need(
    position: Position, seats: Mapping[str, int], after: Mapping[str, int], *, is_settled: bool
) -> None:
    is_enough = is_within_growth if is_settled else covers
    if is_enough(position.need, after):
        return
    least = {
        kind: count
        for kind, need in position.need.items()
        if (count := least_to_allocate(need, seats.get(kind, 0), is_settled=is_settled))
    }
    raise BelowCurrentNeed(
        "Allocate at least " + ", ".join(f"{n} of type {kind}" for kind, n in least.items()) + ".",
        **{f"least_{kind}": count for kind, count in least.items()},
    )


def _require_no_surplus(
    position: Position, wanted: Mapping[str, int], after: Mapping[str, int]
) -> None:
    for kind in wanted:
        need = position.need.get(kind, 0)
        if after[kind] > need:
            raise AboveCurrentNeed(
                f"{after[kind]} licenses of type {kind} would be allocated and "
                f"{need} are needed. Say so if that is meant.",
                type=kind,
                need=need,
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
