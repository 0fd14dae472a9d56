"""Every SQL statement of the devices service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, true, update
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from contracts.access import Scope
from services.devices.domain.recommendation import Model, Release
from services.devices.domain.upgrade import ACTIVE
from services.devices.domain.version import Version
from services.devices.models import (
    Campaign,
    Device,
    FirmwareImage,
    FirmwareProduct,
    FirmwareUpload,
    UpgradeLog,
    UpgradeRow,
)

_ACTIVE = tuple(state.value for state in ACTIVE)
_MANAGED = "managed"
# Statements with one parameter per row stay far below both databases' limits.
_BATCH = 500

# Where a page ended: the moment and the id of its last row.
Position = tuple[datetime, UUID]


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.all_folders:
        return true()
    return Device.folder_id.in_(scope.folder_ids)


def _managed(scope: Scope) -> Select[Device]:
    return select(Device).where(
        Device.organization_id == scope.organization_id, Device.state == _MANAGED, _within(scope)
    )


# Inventory


def add_device(session: Session, values: dict[str, Any]) -> bool:
    """False where a managed device has the serial number already."""
    return bool(session.connection().execute(insert_or_nothing(session, Device, values)).rowcount)


def device(session: Session, scope: Scope, device_id: UUID) -> Device | None:
    return session.scalars(_managed(scope).where(Device.id == device_id)).one_or_none()


def device_for_update(session: Session, scope: Scope, device_id: UUID) -> Device | None:
    statement = _managed(scope).where(Device.id == device_id).with_for_update()
    return session.scalars(statement).one_or_none()


def devices(
    session: Session,
    scope: Scope,
    *,
    limit: int,
    after: tuple[str, UUID] | None,
    folder_id: UUID | None = None,
    model: str | None = None,
    version: str | None = None,
    text: str | None = None,
) -> list[Device]:
    statement = _managed(scope)
    if folder_id is not None:
        statement = statement.where(Device.folder_id == folder_id)
    if model is not None:
        statement = statement.where(Device.model == model)
    if version is not None:
        statement = statement.where(Device.version == version)
    if text is not None:
        statement = statement.where(_mentions(text))
    if after is not None:
        name, device_id = after
        statement = statement.where(
            or_(Device.name > name, and_(Device.name == name, Device.id > device_id))
        )
    return list(session.scalars(statement.order_by(Device.name, Device.id).limit(limit + 1)))


def _mentions(text: str) -> ColumnElement[bool]:
    columns = (Device.name, Device.serial, Device.host, Device.model)
    return or_(*(func.lower(column).contains(text.lower(), autoescape=True) for column in columns))


def counts_by_model(session: Session, scope: Scope) -> list[tuple[Model, str, int]]:
    rows = session.execute(
        select(Device.model, Device.hardware_id, Device.version, func.count())
        .where(
            Device.organization_id == scope.organization_id,
            Device.state == _MANAGED,
            _within(scope),
        )
        .group_by(Device.model, Device.hardware_id, Device.version)
    )
    return [
        (Model(product, hardware), version, count) for product, hardware, version, count in rows
    ]


def has_active_upgrade(session: Session, device_id: UUID) -> bool:
    found = session.scalars(
        select(UpgradeRow.id).where(
            UpgradeRow.device_id == device_id, UpgradeRow.state.in_(_ACTIVE)
        )
    )
    return found.first() is not None


# Catalogue


def releases(session: Session, products: Iterable[str]) -> dict[str, list[Release]]:
    """What the catalogue holds for these products, by product."""
    found: dict[str, list[Release]] = defaultdict(list)
    for batch in _batches(sorted(set(products))):
        rows = session.execute(
            select(FirmwareProduct, FirmwareImage)
            .join(FirmwareImage, FirmwareImage.id == FirmwareProduct.image_id)
            .where(FirmwareProduct.product.in_(batch))
        )
        for product, image in rows:
            found[product.product].append(release(product, image))
    return found


def release(product: FirmwareProduct, image: FirmwareImage) -> Release:
    follows = image.upgradeable_from
    return Release(
        image_id=image.id,
        model=Model(product.product, product.hardware_id),
        version=Version.parse(image.version),
        upgradeable_from=None if follows is None else tuple(follows),
        is_preview=image.is_preview,
        is_revoked=image.revoked_at is not None,
    )


def upload_for_update(session: Session, upload_id: UUID) -> FirmwareUpload | None:
    return session.scalars(
        select(FirmwareUpload).where(FirmwareUpload.id == upload_id).with_for_update()
    ).one_or_none()


def upload(session: Session, upload_id: UUID) -> FirmwareUpload | None:
    return session.get(FirmwareUpload, upload_id)


def stale_uploads(session: Session, before: datetime, limit: int) -> list[FirmwareUpload]:
    return list(
        session.scalars(
            select(FirmwareUpload)
            .where(FirmwareUpload.begun_at < before)
            .order_by(FirmwareUpload.begun_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def image_by_sha256(session: Session, sha256: str) -> FirmwareImage:
    return session.scalars(select(FirmwareImage).where(FirmwareImage.sha256 == sha256)).one()


def add_image(session: Session, values: dict[str, Any]) -> bool:
    """False where the catalogue holds the same bytes already."""
    return bool(
        session.connection().execute(insert_or_nothing(session, FirmwareImage, values)).rowcount
    )


def add_product(session: Session, values: dict[str, Any]) -> bool:
    """False where there is another image of this product and version."""
    return bool(
        session.connection().execute(insert_or_nothing(session, FirmwareProduct, values)).rowcount
    )


def images(session: Session, *, limit: int, after: Position | None) -> list[FirmwareImage]:
    statement = select(FirmwareImage)
    if after is not None:
        statement = statement.where(_older(FirmwareImage.uploaded_at, FirmwareImage.id, after))
    return list(
        session.scalars(
            statement.order_by(FirmwareImage.uploaded_at.desc(), FirmwareImage.id.desc()).limit(
                limit + 1
            )
        )
    )


def products_of(session: Session, image_ids: Sequence[UUID]) -> dict[UUID, list[FirmwareProduct]]:
    found: dict[UUID, list[FirmwareProduct]] = defaultdict(list)
    rows = session.scalars(
        select(FirmwareProduct)
        .where(FirmwareProduct.image_id.in_(image_ids))
        .order_by(FirmwareProduct.product, FirmwareProduct.hardware_id)
    )
    for row in rows:
        found[row.image_id].append(row)
    return found


# Campaigns


def devices_to_upgrade(
    session: Session, scope: Scope, *, device_ids: Sequence[UUID] | None, model: str | None
) -> list[Device]:
    """Locked, so that no other campaign takes the same devices meanwhile; always in one order."""
    statement = _managed(scope).order_by(Device.id).with_for_update()
    if model is not None:
        statement = statement.where(Device.model == model)
    if device_ids is None:
        return list(session.scalars(statement))
    found: list[Device] = []
    for batch in _batches(sorted(set(device_ids))):
        found.extend(session.scalars(statement.where(Device.id.in_(batch))))
    return found


def upgrading(session: Session, organization_id: UUID) -> set[UUID]:
    """The devices of an organization that are being upgraded."""
    return set(
        session.scalars(
            select(UpgradeRow.device_id).where(
                UpgradeRow.organization_id == organization_id, UpgradeRow.state.in_(_ACTIVE)
            )
        )
    )


def image_sizes(session: Session, image_ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(FirmwareImage.id, FirmwareImage.size).where(FirmwareImage.id.in_(set(image_ids)))
    )
    return {row.id: row.size for row in rows}


def add_upgrades(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(UpgradeRow), rows)


def campaign(session: Session, scope: Scope, campaign_id: UUID) -> Campaign | None:
    return session.scalars(_campaigns(scope).where(Campaign.id == campaign_id)).one_or_none()


def campaigns(
    session: Session, scope: Scope, *, limit: int, after: Position | None
) -> list[Campaign]:
    statement = _campaigns(scope)
    if after is not None:
        statement = statement.where(_older(Campaign.created_at, Campaign.id, after))
    return list(
        session.scalars(
            statement.order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit + 1)
        )
    )


def _campaigns(scope: Scope) -> Select[Campaign]:
    """Those that concern a device the caller may see."""
    statement = select(Campaign).where(Campaign.organization_id == scope.organization_id)
    if scope.all_folders:
        return statement
    seen = (
        select(UpgradeRow.id)
        .join(Device, Device.id == UpgradeRow.device_id)
        .where(UpgradeRow.campaign_id == Campaign.id, _within(scope))
    )
    return statement.where(seen.exists())


def states_of(
    session: Session, scope: Scope, campaign_ids: Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """How many upgrades of each campaign are in each state, of those the caller may see."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    statement = (
        select(UpgradeRow.campaign_id, UpgradeRow.state, func.count())
        .where(UpgradeRow.campaign_id.in_(campaign_ids))
        .group_by(UpgradeRow.campaign_id, UpgradeRow.state)
    )
    if not scope.all_folders:
        statement = statement.join(Device, Device.id == UpgradeRow.device_id).where(_within(scope))
    for campaign_id, state, count in session.execute(statement):
        found[campaign_id][state] = count
    return found


def upgrades(
    session: Session,
    scope: Scope,
    *,
    limit: int,
    after: Position | None,
    campaign_id: UUID | None = None,
    is_ongoing: bool | None = None,
) -> list[tuple[UpgradeRow, Device]]:
    """Newest first, with their devices, removed ones included."""
    statement = _upgrades(scope)
    if campaign_id is not None:
        statement = statement.where(UpgradeRow.campaign_id == campaign_id)
    if is_ongoing is not None:
        active = UpgradeRow.state.in_(_ACTIVE)
        statement = statement.where(active if is_ongoing else ~active)
    if after is not None:
        statement = statement.where(_older(UpgradeRow.created_at, UpgradeRow.id, after))
    rows = session.execute(
        statement.order_by(UpgradeRow.created_at.desc(), UpgradeRow.id.desc()).limit(limit + 1)
    )
    return [(row, found) for row, found in rows]


def upgrade(session: Session, scope: Scope, upgrade_id: UUID) -> tuple[UpgradeRow, Device] | None:
    row = session.execute(_upgrades(scope).where(UpgradeRow.id == upgrade_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def _upgrades(scope: Scope) -> Select[UpgradeRow, Device]:
    return (
        select(UpgradeRow, Device)
        .join(Device, Device.id == UpgradeRow.device_id)
        .where(UpgradeRow.organization_id == scope.organization_id, _within(scope))
    )


def log_of(session: Session, upgrade_id: UUID) -> list[UpgradeLog]:
    statement = select(UpgradeLog).where(UpgradeLog.upgrade_id == upgrade_id)
    return list(session.scalars(statement.order_by(UpgradeLog.seq)))


# The engine


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
    for batch in _batches(due):
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
    found = session.get_one(Device, row.device_id)
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
    return Claimed(row, found, image, fitting, is_orphaned)


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


# Shared


def _older(at: Any, id_: Any, after: Position) -> ColumnElement[bool]:
    moment, key = after
    return or_(at < moment, and_(at == moment, id_ < key))


def _batches(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
