"""Queries on the ledger: entries are added, balances moved with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Insert, bindparam, insert, select, update
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.domain.allocation import Plan
from services.licensing.domain.books import Books
from services.licensing.domain.ledger import Posting
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.wallet import Lot
from services.licensing.models import (
    AccountRow,
    AllocationRow,
    EntryRow,
    LotRow,
    OrganizationProductRow,
    SettledYearRow,
    VoidedYearRow,
)

_ADD_LOTS = insert(LotRow)
_ADD_ACCOUNTS = insert(AccountRow)
_ADD_ENTRIES = insert(EntryRow)
_ADD_ALLOCATIONS = insert(AllocationRow)
# By how much, not to what: the tables' checks judge what is really there.
_MOVE = (
    update(AccountRow)
    .where(AccountRow.id == bindparam("account_id"))
    .values(
        balance=AccountRow.balance + bindparam("ticks"),
        seats=AccountRow.seats + bindparam("brought"),
    )
)


def post(
    session: Session,
    books: Books,
    *,
    product: str,
    command_id: UUID,
    postings: Sequence[Posting],
    lots: Iterable[Lot] = (),
    now: datetime,
) -> Books:
    """Writes the entries and moves the balances; answers the books as they are then.

    :param lots: new ones of the product, which the postings fill.
    """
    changed = books.changed(postings, product, lots)
    after = books.with_accounts(changed)
    opened = [name for name in changed if name not in books.accounts]
    _add(
        session,
        _ADD_ACCOUNTS,
        [
            {
                "id": changed[name].id,
                "organization_id": books.organization_id,
                "product": name.product,
                "type": name.type,
                "kind": name.kind.value,
                "ref": name.ref,
                "balance": changed[name].balance,
                "seats": changed[name].seats,
                "lot_id": lot.id if (lot := changed[name].lot) else None,
            }
            for name in opened
        ],
    )
    moved = [
        {
            "account_id": account.id,
            "ticks": account.balance - before.balance,
            "brought": account.seats - before.seats,
        }
        for name, account in changed.items()
        if (before := books.accounts.get(name)) is not None
    ]
    if moved:
        session.connection().execute(_MOVE, moved)
    _add(
        session,
        _ADD_ENTRIES,
        [
            {
                "id": uuid4(),
                "command_id": command_id,
                "debit_id": after.accounts[posting.debit].id,
                "credit_id": after.accounts[posting.credit].id,
                "ticks": posting.ticks,
                "reason": posting.reason.value,
                "effective_on": posting.effective_on,
                "recorded_at": now,
            }
            for posting in postings
        ],
    )
    return after


def add_lots(
    session: Session,
    *,
    organization_id: UUID,
    product: str,
    command_id: UUID,
    lots: Iterable[Lot],
    source_id: UUID,
) -> None:
    """Before they are filled, for their accounts refer to them."""
    _add(
        session,
        _ADD_LOTS,
        [
            {
                "id": lot.id,
                "organization_id": organization_id,
                "product": product,
                "type": lot.type,
                "source": lot.source,
                "source_id": source_id,
                "opened_on": lot.opened_on,
                "expires_on": lot.expires_on,
                "command_id": command_id,
            }
            for lot in lots
        ],
    )


def add_allocations(
    session: Session,
    *,
    organization_id: UUID,
    product: str,
    command_id: UUID,
    plan: Plan,
    now: datetime,
) -> None:
    _add(
        session,
        _ADD_ALLOCATIONS,
        [
            {
                "id": uuid4(),
                "command_id": command_id,
                "organization_id": organization_id,
                "product": product,
                "type": line.type,
                "year": plan.year.index,
                "seats": line.seats,
                "effective_from": plan.effective_from,
                "recorded_at": now,
            }
            for line in plan.lines
        ],
    )


def settle(session: Session, books: Books, *, product: str, year: int, on: date) -> Books:
    values = {
        "organization_id": books.organization_id,
        "product": product,
        "year": year,
        "settled_on": on,
    }
    session.connection().execute(insert_or_nothing(session, SettledYearRow, values))
    session.execute(
        update(VoidedYearRow)
        .where(
            VoidedYearRow.organization_id == books.organization_id,
            VoidedYearRow.product == product,
            VoidedYearRow.year == year,
            VoidedYearRow.settled_on.is_(None),
        )
        .values(settled_on=on)
    )
    return books.with_settled(product, year, on)


def note_trial(session: Session, organization_id: UUID, product: RegisteredProduct) -> None:
    session.connection().execute(
        update(OrganizationProductRow)
        .where(
            OrganizationProductRow.organization_id == organization_id,
            OrganizationProductRow.product == product.code,
        )
        .values(trial_started_on=product.trial_started_on, trial_ends_on=product.trial_ends_on)
    )


def note_growth(session: Session, organization_id: UUID, product: RegisteredProduct) -> None:
    session.connection().execute(
        update(OrganizationProductRow)
        .where(
            OrganizationProductRow.organization_id == organization_id,
            OrganizationProductRow.product == product.code,
        )
        .values(exceeded_since=product.exceeded_since)
    )


def void(session: Session, organization_id: UUID) -> None:
    """Seats of subscription years count no more (ARC-1); balances stay, and nothing is refunded."""
    session.execute(
        update(AccountRow)
        .where(AccountRow.organization_id == organization_id, AccountRow.seats > 0)
        .values(void_seats=AccountRow.seats)
    )
    settled = session.scalars(
        select(SettledYearRow).where(SettledYearRow.organization_id == organization_id)
    ).all()
    for row in settled:
        values = {"organization_id": organization_id, "product": row.product, "year": row.year}
        session.connection().execute(insert_or_nothing(session, VoidedYearRow, values))
    session.execute(
        update(VoidedYearRow)
        .where(VoidedYearRow.organization_id == organization_id)
        .values(settled_on=None)
    )


def _add(session: Session, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, rows if len(rows) > 1 else rows[0])
