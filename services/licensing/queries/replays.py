"""Queries for carrying a history out again: what is copied before, and what is compared after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from contracts.licensing import KeyStatus
from services.licensing.domain.history import GENESIS
from services.licensing.domain.system import SystemKind, SystemState
from services.licensing.models import (
    AccountRow,
    AllocationRow,
    CalendarRow,
    CatalogueVersionRow,
    CommandRow,
    EntryRow,
    HardwareChangeRow,
    HardwareLineRow,
    HardwareOrderRow,
    HardwareUnitRow,
    KeyOrderLineRow,
    KeyOrderRow,
    LicenseKeyRow,
    LicenseTypeRow,
    LotRow,
    OrganizationProductRow,
    ProductRow,
    SettledYearRow,
    SubscriptionRow,
    SupplierRow,
    SystemRow,
    SystemUsageRow,
    VoidedYearRow,
    WithdrawalRow,
)
from services.licensing.queries.standing import DEFAULT_TIME_ZONE, LockedCalendar

_COPIED = (
    ProductRow,
    LicenseTypeRow,
    SupplierRow,
    KeyOrderRow,
    KeyOrderLineRow,
    HardwareOrderRow,
    HardwareLineRow,
)
# All columns, but for ids that are given by chance.
_MADE: Mapping[Any, Sequence[Any]] = {
    table: [column for column in table.__table__.columns if column.name not in by_chance]
    for table, by_chance in (
        (LotRow, ()),
        (OrganizationProductRow, ()),
        (SubscriptionRow, ()),
        (AllocationRow, ("id",)),
        (WithdrawalRow, ("id",)),
    )
}


def is_empty(session: Session) -> bool:
    """Whether no organization has a history here."""
    return session.scalar(select(CommandRow.id).limit(1)) is None


def restore_products(session: Session, version: CatalogueVersionRow) -> None:
    """Names and trials as they were; license types are only ever added to a product in use."""
    for product in version.products:
        session.execute(
            update(ProductRow)
            .where(ProductRow.code == product["code"])
            .values(name=product["name"], trial_days=product["trial_days"])
        )


def copy_what_was_issued(
    source: Session, target: Session, organization_id: UUID, keys: Collection[str]
) -> None:
    """The catalogue, suppliers and their orders, and license keys as if nobody had redeemed them.

    :param keys: digests of those that the organization redeemed.
    Of hardware also what others left tied to it: until its own moment, a registration heeds it.
    """
    for table in reversed(_COPIED[:2]):
        target.execute(delete(table))
    for table in _COPIED:
        _copy(source, target, table, {})
    _copy(
        source,
        target,
        LicenseKeyRow,
        {
            "status": KeyStatus.ISSUED.value,
            "redeemed_organization_id": None,
            "redeemed_by": None,
            "redeemed_on": None,
        },
        LicenseKeyRow.digest.in_(keys),
    )
    _copy(source, target, HardwareUnitRow, {"system_id": None})
    _copy(
        source,
        target,
        HardwareChangeRow,
        {},
        HardwareChangeRow.organization_id != organization_id,
    )


def _copy(
    source: Session, target: Session, table: Any, changed: Mapping[str, Any], *only: Any
) -> None:
    columns = table.__table__.columns
    rows = [
        {**row, **changed} for row in source.execute(select(*columns).where(*only)).mappings().all()
    ]
    if rows:
        target.execute(insert(table), rows)


def calendar(session: Session, organization_id: UUID) -> LockedCalendar:
    """With the devices that the history told of.

    It cannot know those that were heard of since its last entry. Nor does it tell when somebody
    last looked whether time had brought about anything, or notices were due.
    """
    row = session.get(CalendarRow, organization_id)
    if row is None:
        return LockedCalendar(DEFAULT_TIME_ZONE, None, 0, GENESIS)
    return LockedCalendar(
        time_zone=row.time_zone,
        anchor=row.anchor,
        last_number=row.last_number,
        last_hash=row.last_hash,
        is_archived=row.is_archived,
        archive_epoch=row.archive_epoch,
        devices=row.devices_logged,
        devices_logged=row.devices_logged,
        has_systems=row.has_systems,
    )


def balances(session: Session, organization_id: UUID) -> Mapping[tuple[str, ...], tuple[Any, ...]]:
    """(balance, seats, void seats, lot) of each account by (product, type, kind, ref)."""
    rows = session.scalars(select(AccountRow).where(AccountRow.organization_id == organization_id))
    return {
        (row.product, row.type, row.kind, row.ref): (
            row.balance,
            row.seats,
            row.void_seats,
            row.lot_id,
        )
        for row in rows
    }


def postings(session: Session, organization_id: UUID) -> Counter[tuple[Any, ...]]:
    """The ledger's entries, whose accounts have names that last and ids that do not."""
    debit, credit = aliased(AccountRow), aliased(AccountRow)
    rows = session.execute(
        select(
            EntryRow.command_id,
            *(debit.product, debit.type, debit.kind, debit.ref),
            *(credit.product, credit.type, credit.kind, credit.ref),
            EntryRow.ticks,
            EntryRow.reason,
            EntryRow.effective_on,
            EntryRow.recorded_at,
        )
        .join(debit, debit.id == EntryRow.debit_id)
        .join(credit, credit.id == EntryRow.credit_id)
        .where(
            or_(debit.organization_id == organization_id, credit.organization_id == organization_id)
        )
    )
    return Counter(tuple(row) for row in rows)


def made(session: Session, organization_id: UUID) -> Mapping[str, Counter[tuple[Any, ...]]]:
    """The rows of each table to which commands add what they made."""
    found = {}
    for table, columns in _MADE.items():
        statement = select(*columns).where(table.organization_id == organization_id)
        found[table.__tablename__] = Counter(tuple(row) for row in session.execute(statement))
    return found


def settled(
    session: Session, organization_id: UUID
) -> Mapping[tuple[str, int], tuple[date, bool, date | None]]:
    """(settled on, whether its licenses ended, settled anew on) by (product, year)."""
    rows = session.execute(
        select(SettledYearRow, VoidedYearRow)
        .outerjoin(
            VoidedYearRow,
            and_(
                VoidedYearRow.organization_id == SettledYearRow.organization_id,
                VoidedYearRow.product == SettledYearRow.product,
                VoidedYearRow.year == SettledYearRow.year,
            ),
        )
        .where(SettledYearRow.organization_id == organization_id)
    )
    return {
        (row.product, row.year): (
            row.settled_on,
            void is not None,
            void.settled_on if void is not None else None,
        )
        for row, void in rows
    }


def systems(session: Session, organization_id: UUID) -> Mapping[UUID, tuple[object, ...]]:
    """What each is and who may report for it; when it did without a command nobody can tell.

    Systems without a connection that were removed are left out: others may have them by now.
    """
    rows = session.scalars(
        select(SystemRow).where(
            SystemRow.organization_id == organization_id,
            or_(
                SystemRow.kind != SystemKind.OFFLINE.value,
                SystemRow.state == SystemState.REGISTERED.value,
            ),
        )
    )
    return {
        row.id: (
            row.product,
            row.kind,
            row.name,
            row.serial,
            row.state,
            row.registered_on,
            row.ended_on,
            row.credential_digest,
        )
        for row in rows
    }


def usage(session: Session, organization_id: UUID) -> Mapping[tuple[UUID, str], tuple[int, int]]:
    """(counted, held) by (system, type)."""
    rows = session.scalars(
        select(SystemUsageRow).where(SystemUsageRow.organization_id == organization_id)
    )
    return {(row.system_id, row.type): (row.counted, row.held) for row in rows}
