"""Forecast: what each coming renewal will need, and what will be there for it (R29, R42)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.licensing.domain.allocation import allocate
from services.licensing.domain.calendar import SubscriptionYear
from services.licensing.domain.standing import Position, least_by_type, running
from services.licensing.domain.wallet import Lot, holding, spend, without


@dataclass(frozen=True)
class Due:
    """One license type at a renewal; ``wallet`` is what the years before will have left."""

    type: str
    needed: int
    seats: int
    wallet: int

    @property
    def owned(self) -> int:
        return self.seats + self.wallet

    @property
    def short(self) -> int:
        return max(0, self.needed - self.owned)

    @property
    def taken(self) -> int:
        return min(self.wallet, max(0, self.needed - self.seats))


@dataclass(frozen=True)
class Renewal:
    """``year`` begins with it."""

    year: SubscriptionYear
    dues: Sequence[Due]


def forecast(position: Position, today: date, *, charge_grace_when_late: bool) -> Sequence[Renewal]:
    """If today's need stays, each year takes what it lacks on its first day and nothing is bought.

    None before the subscription has started. The current year comes first: what it still lacks is
    allocated today, and what that gives back is there for the years that follow.
    """
    if position.calendar is None or running(position) is None or position.is_archived:
        return []
    lots = _after_current_year(position, today, charge_grace_when_late=charge_grace_when_late)
    renewals: list[Renewal] = []
    for year in position.calendar.years_ahead(today):
        held, seats = holding(lots, year.starts_on), position.seats_in(year.index)
        dues = [
            Due(kind, need, seats.get(kind, 0), held.get(kind, 0))
            for kind, need in sorted(position.need.items())
        ]
        for due in dues:
            lots = without(lots, spend(lots, due.type, due.taken, year.starts_on))
        renewals.append(Renewal(year, dues))
    return renewals


def _after_current_year(
    position: Position, today: date, *, charge_grace_when_late: bool
) -> Sequence[Lot]:
    least, held = least_by_type(position), holding(position.lots, today)
    if not least:
        return position.lots
    if any(count > held.get(kind, 0) for kind, count in least.items()):
        # It cannot be confirmed yet; what is there will be used for it all the same.
        lots = position.lots
        for kind, count in least.items():
            part = min(count, held.get(kind, 0))
            lots = tuple(without(lots, spend(lots, kind, part, today)))
        return lots
    plan = allocate(
        position,
        least,
        year_index=None,
        today=today,
        allow_surplus=True,
        charge_grace_when_late=charge_grace_when_late,
    )
    left = without(position.lots, [part for line in plan.lines for part in line.taken])
    back = [
        Lot(UUID(int=n), line.type, line.returned, today, line.returned_expires_on, "compensation")
        for n, line in enumerate(plan.lines)
        if line.returned
    ]
    return [*left, *back]
