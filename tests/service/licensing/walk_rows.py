"""The rows of one organization, read past the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from chassis.tables import OutboxRow
from services.licensing.models import (
    AccountRow,
    AllocationRow,
    Base,
    CalendarRow,
    EntryRow,
    LicenseKeyRow,
    LotRow,
    SettledYearRow,
    UsageReportRow,
    VoidedYearRow,
    WithdrawalRow,
)

# What is written of a refused command, too.
BESIDE = ("audit", "throttle")
# Product, type, kind and ref of an account.
Name = tuple[str, str, str, str]

_OF = bindparam("organization_id", type_=Uuid())


def _of(table: Table, *names: str) -> Select[Any]:
    columns = [table.c[name] for name in names] or [*table.c]
    return select(*columns).where(table.c.organization_id == _OF).order_by(*table.primary_key)


# Written once, for writing a statement takes longer than asking it.
_ALL = {
    table.name: _of(table)
    for table in Base.metadata.sorted_tables
    if "organization_id" in table.columns and table.name not in BESIDE
}
_COUNTED = [select(func.count()).select_from(row) for row in (OutboxRow, EntryRow, UsageReportRow)]
_KEYS = select(func.count()).where(LicenseKeyRow.redeemed_organization_id == _OF)
_T = Base.metadata.tables
_ACCOUNTS = _of(
    _T[AccountRow.__tablename__],
    *("id", "product", "type", "kind", "ref", "balance", "seats", "void_seats"),
)
_ENTRIES = (
    select(
        EntryRow.command_id, EntryRow.debit_id, EntryRow.credit_id, EntryRow.ticks, EntryRow.reason
    )
    .join(AccountRow, AccountRow.id == EntryRow.debit_id)
    .where(AccountRow.organization_id == _OF)
)
_LOTS = _of(_T[LotRow.__tablename__], "product", "type", "source", "expires_on")
_SEATS = [
    _of(_T[row.__tablename__], "command_id", "product", "type", "year", "seats", "effective_from")
    for row in (AllocationRow, WithdrawalRow)
]
_SETTLED = [
    _of(_T[row.__tablename__], "product", "year", "settled_on")
    for row in (SettledYearRow, VoidedYearRow)
]
_SWEPT = _of(_T[CalendarRow.__tablename__], "swept_on")


def state(session: Session, organization_id: UUID) -> dict[str, Any]:
    """All that a command can change."""
    asked = {"organization_id": organization_id}
    ask = session.connection().execute
    rows: dict[str, Any] = {name: ask(each, asked).all() for name, each in _ALL.items()}
    rows["counted"] = [ask(each).scalar() for each in _COUNTED]
    rows["license_key"] = ask(_KEYS, asked).scalar()
    return rows


class Rows:
    """``settled`` is the day by product and year; entries name their accounts."""

    def __init__(self, session: Session, organization_id: UUID) -> None:
        def ask(statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
            return (
                session.connection().execute(statement, {"organization_id": organization_id}).all()
            )

        names: dict[UUID, Name] = {}
        self.accounts: dict[Name, Any] = {}
        for row in ask(_ACCOUNTS):
            names[row.id] = (row.product, row.type, row.kind, row.ref)
            self.accounts[names[row.id]] = row
        self.entries = [
            (row.command_id, names[row.debit_id], names[row.credit_id], row.ticks, row.reason)
            for row in ask(_ENTRIES)
        ]
        self.lots = ask(_LOTS)
        self.allocations, self.withdrawals = map(ask, _SEATS)
        self.settled: dict[tuple[str, int], date | None] = {
            (row.product, row.year): row.settled_on for each in _SETTLED for row in ask(each)
        }
        self.swept_on: date | None = next((row.swept_on for row in ask(_SWEPT)), None)

    def of_kind(self, kind: str) -> dict[Name, int]:
        return {name: row.balance for name, row in self.accounts.items() if name[2] == kind}
