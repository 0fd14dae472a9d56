"""Queries for carrying a history out again: what is copied before, and what is compared after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from contracts.licensing import KeyStatus
from services.licensing.domain.system import SystemKind, SystemState
from services.licensing.models import (
    AccountRow,
    CatalogueVersionRow,
    CommandRow,
    HardwareChangeRow,
    HardwareLineRow,
    HardwareOrderRow,
    HardwareUnitRow,
    KeyOrderLineRow,
    KeyOrderRow,
    LicenseKeyRow,
    LicenseTypeRow,
    OrganizationProductRow,
    ProductRow,
    SettledYearRow,
    SupplierRow,
    SystemRow,
    SystemUsageRow,
    VoidedYearRow,
)

_COPIED = (
    ProductRow,
    LicenseTypeRow,
    SupplierRow,
    KeyOrderRow,
    KeyOrderLineRow,
    HardwareOrderRow,
    HardwareLineRow,
)


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


def balances(session: Session, organization_id: UUID) -> Mapping[tuple[str, ...], tuple[int, ...]]:
    """(balance, seats, void seats) of each account by (product, type, kind, ref)."""
    rows = session.scalars(select(AccountRow).where(AccountRow.organization_id == organization_id))
    return {
        (row.product, row.type, row.kind, row.ref): (row.balance, row.seats, row.void_seats)
        for row in rows
    }


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


def exceeding(session: Session, organization_id: UUID) -> Mapping[str, date | None]:
    rows = session.scalars(
        select(OrganizationProductRow).where(
            OrganizationProductRow.organization_id == organization_id
        )
    )
    return {row.product: row.exceeded_since for row in rows}


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
