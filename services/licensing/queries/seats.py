"""Queries on seats of subscription years: which came, which left, and which ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, insert, select, union_all
from sqlalchemy.orm import Session

from services.licensing.domain.ledger import AccountKind, AccountName
from services.licensing.domain.seats import SeatsMoved, SeatsSince
from services.licensing.models import AccountRow, AllocationRow, CommandRow, WithdrawalRow


def moved(session: Session, organization_id: UUID, year: AccountName) -> Sequence[SeatsMoved]:
    """In the order of the history."""

    def rows(table: type[AllocationRow | WithdrawalRow], sign: int) -> Select[int, int, date]:
        return (
            select(
                CommandRow.number.label("number"),
                (sign * table.seats).label("seats"),
                table.effective_from.label("effective_from"),
            )
            .join(CommandRow, CommandRow.id == table.command_id)
            .where(
                table.organization_id == organization_id,
                table.product == year.product,
                table.type == year.type,
                table.year == int(year.ref),
            )
        )

    both = union_all(rows(AllocationRow, 1), rows(WithdrawalRow, -1)).subquery()
    found = session.execute(select(both).order_by(both.c.number, both.c.effective_from))
    return [SeatsMoved(row.number, row.seats, row.effective_from) for row in found]


def ended(session: Session, organization_id: UUID, year: AccountName) -> int:
    """How many of them ended when the organization was archived last."""
    return (
        session.scalar(
            select(AccountRow.void_seats).where(
                AccountRow.organization_id == organization_id,
                AccountRow.product == year.product,
                AccountRow.type == year.type,
                AccountRow.kind == AccountKind.YEAR.value,
                AccountRow.ref == year.ref,
            )
        )
        or 0
    )


def bring(
    session: Session,
    organization_id: UUID,
    year: AccountName,
    parts: Iterable[SeatsSince],
    *,
    command_id: UUID,
    now: datetime,
) -> None:
    _add(session, AllocationRow, organization_id, year, parts, command_id, now)


def withdraw(
    session: Session,
    organization_id: UUID,
    year: AccountName,
    parts: Iterable[SeatsSince],
    *,
    command_id: UUID,
    now: datetime,
) -> None:
    _add(session, WithdrawalRow, organization_id, year, parts, command_id, now)


def _add(
    session: Session,
    table: type[AllocationRow | WithdrawalRow],
    organization_id: UUID,
    year: AccountName,
    parts: Iterable[SeatsSince],
    command_id: UUID,
    now: datetime,
) -> None:
    session.execute(
        insert(table),
        [
            {
                "id": uuid4(),
                "command_id": command_id,
                "organization_id": organization_id,
                "product": year.product,
                "type": year.type,
                "year": int(year.ref),
                "seats": part.seats,
                "effective_from": part.effective_from,
                "recorded_at": now,
            }
            for part in parts
        ],
    )
