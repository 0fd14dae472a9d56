"""Queries of the engine: what is due, and who holds it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from services.devices.domain.recommendation import Model, Release
from services.devices.domain.upgrade import Outcome, State
from services.devices.domain.version import Version
from services.devices.models import (
    ACTIVE_STATES,
    Device,
    FirmwareImage,
    FirmwareProduct,
    OrganizationRow,
    UpgradeLog,
    UpgradeRow,
)
from services.devices.queries.catalogue import release
from services.devices.queries.parts import among, batches, is_managed


def announce_due(session: Session, now: datetime, *, until: datetime, limit: int) -> list[UUID]:
    """Due upgrades that nobody holds and nobody was nudged about, marked as announced."""
    due = list(
        session.scalars(
            select(UpgradeRow.id)
            .where(
                UpgradeRow.due_at <= now,
                or_(UpgradeRow.lease_until.is_(None), UpgradeRow.lease_until <= now),
                or_(UpgradeRow.announced_until.is_(None), UpgradeRow.announced_until <= now),
            )
            .order_by(UpgradeRow.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for batch in batches(due):
        session.execute(
            update(UpgradeRow)
            .where(UpgradeRow.id.in_(batch))
            .values(announced_until=until)
            .execution_options(synchronize_session=False)
        )
    return due


@dataclass(frozen=True)
class Claimed:
    """An upgrade held by one step, with what the step needs."""

    row: UpgradeRow
    device: Device
    image: FirmwareImage
    release: Release
    is_orphaned: bool
    is_archived: bool


def claim(
    session: Session, upgrade_id: UUID, owner: UUID, *, now: datetime, lease: timedelta
) -> Claimed | None:
    """Takes the lease of a due upgrade; None where it is not due, or another step holds it."""
    row = session.scalars(
        select(UpgradeRow)
        .where(
            UpgradeRow.id == upgrade_id,
            UpgradeRow.due_at <= now,
            or_(UpgradeRow.lease_until.is_(None), UpgradeRow.lease_until <= now),
        )
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    is_orphaned = row.lease_owner is not None
    row.lease_owner = owner
    row.lease_until = now + lease
    found, is_archived = session.execute(
        select(Device, func.coalesce(OrganizationRow.is_archived, false()))
        .outerjoin(OrganizationRow, OrganizationRow.organization_id == Device.organization_id)
        .where(Device.id == row.device_id)
    ).one()
    image = session.get_one(FirmwareImage, row.image_id)
    products = session.scalars(
        select(FirmwareProduct).where(
            FirmwareProduct.image_id == image.id, FirmwareProduct.product == found.model
        )
    )
    known = [release(product, image) for product in products]
    # An image that lost its product would be refused by the camera all the same.
    fitting = next((one for one in known if one.fits(found.kind)), None)
    if fitting is None:
        fitting = (
            known[0] if known else Release(image.id, Model("", ""), Version.parse(image.version))
        )
    return Claimed(row, found, image, fitting, is_orphaned, is_archived)


def held(session: Session, upgrade_id: UUID, owner: UUID) -> UpgradeRow | None:
    """The upgrade, if this step still holds it."""
    return session.scalars(
        select(UpgradeRow)
        .where(UpgradeRow.id == upgrade_id, UpgradeRow.lease_owner == owner)
        .with_for_update()
    ).one_or_none()


def extend_lease(
    session: Session, upgrade_id: UUID, owner: UUID, *, until: datetime, bytes_sent: int
) -> bool:
    """False where the lease was lost."""
    result = session.connection().execute(
        update(UpgradeRow)
        .where(UpgradeRow.id == upgrade_id, UpgradeRow.lease_owner == owner)
        .values(lease_until=until, bytes_sent=bytes_sent)
    )
    return bool(result.rowcount)


@dataclass(frozen=True)
class Active:
    """An upgrade that has not ended, locked."""

    id: UUID
    device_id: UUID
    state: State
    is_held: bool


def active_in_folders(session: Session, folder_ids: Collection[UUID]) -> list[Active]:
    return _active(session, is_managed(Device), among(session, Device.folder_id, folder_ids))


def active_of_deletion(session: Session, deletion_id: UUID) -> list[Active]:
    return _active(session, Device.deletion_id == deletion_id)


def active_of_organization(session: Session, organization_id: UUID) -> list[Active]:
    return _active(session, UpgradeRow.organization_id == organization_id)


def _active(session: Session, *which: ColumnElement[bool]) -> list[Active]:
    """Before their devices are changed: a worker writes both in this order too."""
    rows = session.execute(
        select(UpgradeRow.id, UpgradeRow.device_id, UpgradeRow.state, UpgradeRow.lease_owner)
        .join(Device, Device.id == UpgradeRow.device_id)
        # In the very words of the index that serves it.
        .where(text(f"upgrade.state IN ({ACTIVE_STATES})"), *which)
        .order_by(UpgradeRow.id)
        .with_for_update(of=UpgradeRow)
    )
    return [
        Active(row.id, row.device_id, State(row.state), row.lease_owner is not None) for row in rows
    ]


def cancel(
    session: Session, upgrade_ids: Sequence[UUID], reason: Outcome, words: str, now: datetime
) -> None:
    """Ends them, whoever holds them: what a worker still brings about is not recorded."""
    for batch in batches(upgrade_ids):
        session.execute(
            update(UpgradeRow)
            .where(UpgradeRow.id.in_(batch))
            .values(
                state=State.CANCELLED.value,
                reason=reason.value,
                since=now,
                due_at=None,
                lease_owner=None,
                lease_until=None,
                announced_until=None,
                finished_at=now,
            )
            .execution_options(synchronize_session=False)
        )
        session.execute(
            insert(UpgradeLog),
            [
                {"upgrade_id": one, "at": now, "state": State.CANCELLED.value, "text": words}
                for one in batch
            ],
        )
