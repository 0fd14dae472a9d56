"""Queries on what an entry of the history posted, and on what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from chassis.idempotency import insert_or_nothing
from contracts.licensing import KeyStatus
from services.licensing.domain.books import Account, Books
from services.licensing.domain.ledger import AccountKind, AccountName, Posting, Reason
from services.licensing.domain.wallet import Lot
from services.licensing.models import (
    AccountRow,
    CommandRow,
    EntryRow,
    KeyOrderRow,
    LicenseKeyRow,
    LotRow,
    VoidedYearRow,
)


def entry(session: Session, organization_id: UUID, number: int) -> CommandRow | None:
    return session.scalars(
        select(CommandRow).where(
            CommandRow.organization_id == organization_id, CommandRow.number == number
        )
    ).one_or_none()


def postings(session: Session, command_id: UUID) -> Sequence[Posting]:
    """What the entry moved, its seats left out."""
    debit, credit = aliased(AccountRow), aliased(AccountRow)
    rows = session.execute(
        select(EntryRow, debit, credit)
        .join(debit, debit.id == EntryRow.debit_id)
        .join(credit, credit.id == EntryRow.credit_id)
        .where(EntryRow.command_id == command_id)
    )
    found = [
        Posting(_name(left), _name(came), made.ticks, Reason(made.reason), made.effective_on)
        for made, left, came in rows
    ]
    return sorted(found, key=lambda posting: (posting.debit, posting.credit))


def takers(
    session: Session, organization_id: UUID, accounts: Collection[AccountName], after: int
) -> Mapping[AccountName, Sequence[int]]:
    """By account: the numbers of the entries after one that took from it."""
    rows = session.execute(
        select(AccountRow, CommandRow.number)
        .join(EntryRow, EntryRow.debit_id == AccountRow.id)
        .join(CommandRow, CommandRow.id == EntryRow.command_id)
        .where(AccountRow.organization_id == organization_id, CommandRow.number > after)
        .order_by(CommandRow.number)
    )
    found: dict[AccountName, list[int]] = defaultdict(list)
    for account, number in rows:
        name = _name(account)
        if name in accounts and number not in found[name]:
            found[name].append(number)
    return found


def with_used_up(session: Session, books: Books, accounts: Collection[AccountName]) -> Books:
    """The books with those accounts too that they leave out, for licenses come back to them."""
    lots = [UUID(name.ref) for name in accounts if name.kind is AccountKind.WALLET]
    rows = session.execute(
        select(AccountRow, LotRow)
        .join(LotRow, LotRow.id == AccountRow.lot_id)
        .where(AccountRow.organization_id == books.organization_id, LotRow.id.in_(lots))
    )
    missing = {
        _name(account): Account(account.id, account.balance, account.seats, _lot(lot))
        for account, lot in rows
        if _name(account) not in books.accounts
    }
    return books.with_accounts(missing)


def unsettle(session: Session, books: Books, *, product: str, year: int) -> Books:
    """It was never settled, or will be anew."""
    values = {"organization_id": books.organization_id, "product": product, "year": year}
    session.connection().execute(insert_or_nothing(session, VoidedYearRow, values))
    session.execute(
        update(VoidedYearRow)
        .where(
            VoidedYearRow.organization_id == books.organization_id,
            VoidedYearRow.product == product,
            VoidedYearRow.year == year,
        )
        .values(settled_on=None)
    )
    return books.without_settled(product, year)


def end_key(session: Session, key_id: UUID) -> None:
    """Of a redemption that is undone: nobody redeems it again."""
    session.execute(
        update(LicenseKeyRow)
        .where(LicenseKeyRow.id == key_id)
        .values(
            status=KeyStatus.REVOKED.value,
            redeemed_organization_id=None,
            redeemed_by=None,
            redeemed_on=None,
        )
    )


def keys_ending_with(session: Session, last5: str) -> Sequence[tuple[LicenseKeyRow, KeyOrderRow]]:
    rows = session.execute(
        select(LicenseKeyRow, KeyOrderRow)
        .join(KeyOrderRow, KeyOrderRow.id == LicenseKeyRow.order_id)
        .where(LicenseKeyRow.last5 == last5)
        .order_by(KeyOrderRow.issued_at, LicenseKeyRow.position)
    )
    return [(key, order) for key, order in rows]


def key(session: Session, key_id: UUID) -> tuple[LicenseKeyRow, KeyOrderRow] | None:
    row = session.execute(
        select(LicenseKeyRow, KeyOrderRow)
        .join(KeyOrderRow, KeyOrderRow.id == LicenseKeyRow.order_id)
        .where(LicenseKeyRow.id == key_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _name(row: AccountRow) -> AccountName:
    return AccountName(row.product, row.type, AccountKind(row.kind), row.ref)


def _lot(row: LotRow) -> Lot:
    return Lot(row.id, row.type, 0, row.opened_on, row.expires_on, row.source)
