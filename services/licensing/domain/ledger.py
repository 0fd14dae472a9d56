"""Ledger: what a command moves between accounts, always as much out of one as into another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.licensing.domain.allocation import Plan
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.wallet import Lot


class AccountKind(StrEnum):
    """``external`` accounts alone may fall below zero: they say what came in from outside."""

    SUPPLIER = "external:supplier"
    TIED = "external:tied"
    UPGRADE = "external:upgrade"
    WALLET = "wallet"
    YEAR = "year"
    COMPENSATION = "compensation"
    CONSUMED = "consumed"
    EXPIRED = "expired"
    SYSTEM = "system"
    UPGRADED_OUT = "upgraded_out"


class Reason(StrEnum):
    REDEEMED = "redeemed"
    ALLOCATED = "allocated"
    COMPENSATED = "compensated"
    RETURNED = "returned"
    YEAR_ENDED = "year_ended"
    LOT_EXPIRED = "lot_expired"
    TIED = "tied"
    RELEASED = "released"
    EXTENDED = "extended"
    REPLACED = "replaced"
    UPGRADED = "upgraded"
    REVERSED = "reversed"


@dataclass(frozen=True, order=True)
class AccountName:
    """An account of one organization; ``ref`` is the lot, year or system where there are several."""

    product: str
    type: str
    kind: AccountKind
    ref: str = ""


@dataclass(frozen=True)
class Posting:
    """``ticks`` leave ``debit`` and come to ``credit``.

    ``seats`` leave and come with them where the account is a year's.
    """

    debit: AccountName
    credit: AccountName
    ticks: int
    reason: Reason
    effective_on: date
    seats: int = 0


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
            # A license comes whole: what it is worth in the year is corrected afterwards.
            postings.append(Posting(source, year, ticks, Reason.ALLOCATED, day, taken.licenses))
        if line.compensated:
            postings.append(Posting(year, pool, line.compensated, Reason.COMPENSATED, day))
        if line.returned:
            target = wallet_of(product, line.type, back[line.type].id)
            ticks = line.returned * TICKS_PER_LICENSE
            postings.append(Posting(pool, target, ticks, Reason.RETURNED, day))
    return postings


def expired(wallet: AccountName, ticks: int, on: date) -> Posting:
    target = AccountName(wallet.product, wallet.type, AccountKind.EXPIRED)
    return Posting(wallet, target, ticks, Reason.LOT_EXPIRED, on)


def year_ended(year: AccountName, ticks: int, on: date) -> Posting:
    target = AccountName(year.product, year.type, AccountKind.CONSUMED)
    return Posting(year, target, ticks, Reason.YEAR_ENDED, on)
