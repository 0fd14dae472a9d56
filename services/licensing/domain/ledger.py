"""Ledger: what a command moves between accounts, always as much out of one as into another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.licensing.domain.allocation import Plan
from services.licensing.domain.calendar import Calendar
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.standing import Position
from services.licensing.domain.wallet import Lot


class AccountKind(StrEnum):
    """``external`` accounts alone may fall below zero: they say what came in from outside."""

    SUPPLIER = "external:supplier"
    WALLET = "wallet"
    YEAR = "year"
    COMPENSATION = "compensation"
    CONSUMED = "consumed"
    EXPIRED = "expired"


class Reason(StrEnum):
    REDEEMED = "redeemed"
    ALLOCATED = "allocated"
    COMPENSATED = "compensated"
    RETURNED = "returned"
    YEAR_ENDED = "year_ended"
    LOT_EXPIRED = "lot_expired"


@dataclass(frozen=True, order=True)
class AccountName:
    """An account of one organization; ``ref`` is the lot or year where there are several."""

    product: str
    type: str
    kind: AccountKind
    ref: str = ""


@dataclass(frozen=True)
class Posting:
    """``ticks`` leave ``debit`` and come to ``credit``."""

    debit: AccountName
    credit: AccountName
    ticks: int
    reason: Reason
    effective_on: date


def wallet_of(product: str, license_type: str, lot_id: UUID) -> AccountName:
    return AccountName(product, license_type, AccountKind.WALLET, str(lot_id))


def redemption(product: str, lot: Lot) -> Posting:
    return Posting(
        AccountName(product, lot.type, AccountKind.SUPPLIER),
        wallet_of(product, lot.type, lot.id),
        lot.licenses * TICKS_PER_LICENSE,
        Reason.REDEEMED,
        lot.opened_on,
    )


def allocation(product: str, plan: Plan, returned_lots: Iterable[Lot]) -> Sequence[Posting]:
    """The wallet pays whole licenses; what is compensated leaves the year through the pool."""
    postings: list[Posting] = []
    back = {lot.type: lot for lot in returned_lots}
    day = plan.effective_from
    for line in plan.lines:
        year = AccountName(product, line.type, AccountKind.YEAR, str(plan.year.index))
        pool = AccountName(product, line.type, AccountKind.COMPENSATION)
        for taken in line.taken:
            source = wallet_of(product, line.type, taken.lot.id)
            ticks = taken.licenses * TICKS_PER_LICENSE
            postings.append(Posting(source, year, ticks, Reason.ALLOCATED, day))
        if line.compensated:
            postings.append(Posting(year, pool, line.compensated, Reason.COMPENSATED, day))
        if line.returned:
            target = wallet_of(product, line.type, back[line.type].id)
            ticks = line.returned * TICKS_PER_LICENSE
            postings.append(Posting(pool, target, ticks, Reason.RETURNED, day))
    return postings


def due(
    positions: Iterable[Position],
    open_years: Iterable[tuple[AccountName, int]],
    calendar: Calendar | None,
    today: date,
) -> Sequence[Posting]:
    """What time alone has moved by today: lots past their last day, years past their end.

    Each command posts it first, so that its outcome never depends on when a job last ran.
    """
    postings = [
        Posting(
            wallet_of(position.product, lot.type, lot.id),
            AccountName(position.product, lot.type, AccountKind.EXPIRED),
            lot.licenses * TICKS_PER_LICENSE,
            Reason.LOT_EXPIRED,
            lot.expires_on,
        )
        for position in positions
        for lot in position.lots
        if lot.expires_on <= today
    ]
    if calendar is not None:
        for account, ticks in open_years:
            year = calendar.year(int(account.ref))
            if year.renews_on <= today:
                consumed = AccountName(account.product, account.type, AccountKind.CONSUMED)
                postings.append(
                    Posting(account, consumed, ticks, Reason.YEAR_ENDED, year.renews_on)
                )
    return postings
