"""Queries on the ledger: entries are added, balances moved with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.domain.ledger import AccountKind, AccountName, Posting
from services.licensing.domain.wallet import Lot
from services.licensing.models import AccountRow, EntryRow, LotRow, SettledYearRow


def open_years(session: Session, organization_id: UUID) -> list[tuple[AccountName, int]]:
    """Accounts of subscription years that still hold ticks."""
    rows = session.scalars(
        select(AccountRow).where(
            AccountRow.organization_id == organization_id,
            AccountRow.kind == AccountKind.YEAR,
            AccountRow.balance > 0,
        )
    )
    return [
        (AccountName(row.product, row.type, AccountKind.YEAR, row.ref), row.balance) for row in rows
    ]


def post(
    session: Session,
    *,
    organization_id: UUID,
    command_id: UUID,
    postings: Sequence[Posting],
    now: datetime,
) -> None:
    """Writes the entries and moves the balances; the tables' checks are the second line."""
    accounts = _accounts(
        session, organization_id, {name for p in postings for name in (p.debit, p.credit)}
    )
    for posting in postings:
        debit, credit = accounts[posting.debit], accounts[posting.credit]
        debit.balance -= posting.ticks
        credit.balance += posting.ticks
        session.add(
            EntryRow(
                id=uuid4(),
                command_id=command_id,
                debit_id=debit.id,
                credit_id=credit.id,
                ticks=posting.ticks,
                reason=posting.reason.value,
                effective_on=posting.effective_on,
                recorded_at=now,
            )
        )
    session.flush()


def _accounts(
    session: Session, organization_id: UUID, names: Iterable[AccountName]
) -> Mapping[AccountName, AccountRow]:
    wanted = sorted(set(names))
    columns = (AccountRow.product, AccountRow.type, AccountRow.kind, AccountRow.ref)
    keys = [(name.product, name.type, name.kind.value, name.ref) for name in wanted]
    rows = session.scalars(
        select(AccountRow).where(
            AccountRow.organization_id == organization_id, tuple_(*columns).in_(keys)
        )
    )
    found = {
        AccountName(row.product, row.type, AccountKind(row.kind), row.ref): row for row in rows
    }
    for name in wanted:
        if name not in found:
            found[name] = AccountRow(
                id=uuid4(),
                organization_id=organization_id,
                product=name.product,
                type=name.type,
                kind=name.kind.value,
                ref=name.ref,
                balance=0,
            )
            session.add(found[name])
    # Entries refer to accounts that must be there first.
    session.flush()
    return found


def add_lots(
    session: Session,
    *,
    organization_id: UUID,
    product: str,
    command_id: UUID,
    lots: Iterable[Lot],
    source_id: UUID,
) -> None:
    session.add_all(
        LotRow(
            id=lot.id,
            organization_id=organization_id,
            product=product,
            type=lot.type,
            source=lot.source,
            source_id=source_id,
            opened_on=lot.opened_on,
            expires_on=lot.expires_on,
            command_id=command_id,
        )
        for lot in lots
    )


def settle(session: Session, *, organization_id: UUID, product: str, year: int, on: date) -> None:
    values = {
        "organization_id": organization_id,
        "product": product,
        "year": year,
        "settled_on": on,
    }
    session.connection().execute(insert_or_nothing(session, SettledYearRow, values))
