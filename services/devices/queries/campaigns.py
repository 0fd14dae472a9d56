"""Queries on campaigns and their upgrades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, insert, select
from sqlalchemy.orm import Session

from contracts.access import Scope
from services.devices.models import (
    Campaign,
    DeletedFolder,
    Device,
    FirmwareImage,
    UpgradeLog,
    UpgradeRow,
)
from services.devices.queries.parts import (
    ACTIVE_STATES,
    Position,
    batches,
    managed,
    older,
    within,
)


def devices_to_upgrade(
    session: Session, scope: Scope, *, device_ids: Sequence[UUID] | None, model: str | None
) -> list[Device]:
    """Locked, so that no other campaign takes the same devices meanwhile; always in one order."""
    statement = managed(session, scope).order_by(Device.id).with_for_update()
    if model is not None:
        statement = statement.where(Device.model == model)
    if device_ids is None:
        return list(session.scalars(statement))
    found: list[Device] = []
    for batch in batches(sorted(set(device_ids))):
        found.extend(session.scalars(statement.where(Device.id.in_(batch))))
    return found


def upgrading(session: Session, organization_id: UUID) -> set[UUID]:
    """The devices of an organization that are being upgraded."""
    return set(
        session.scalars(
            select(UpgradeRow.device_id).where(
                UpgradeRow.organization_id == organization_id, UpgradeRow.state.in_(ACTIVE_STATES)
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
    return session.scalars(
        _campaigns(session, scope).where(Campaign.id == campaign_id)
    ).one_or_none()


def campaigns(
    session: Session, scope: Scope, *, limit: int, after: Position | None
) -> list[Campaign]:
    statement = _campaigns(session, scope)
    if after is not None:
        statement = statement.where(older(Campaign.created_at, Campaign.id, after))
    return list(
        session.scalars(
            statement.order_by(Campaign.created_at.desc(), Campaign.id.desc()).limit(limit + 1)
        )
    )


def _campaigns(session: Session, scope: Scope) -> Select[Campaign]:
    """Those that concern a device the caller may see."""
    seen = (
        select(UpgradeRow.id)
        .join(Device, Device.id == UpgradeRow.device_id)
        .where(UpgradeRow.campaign_id == Campaign.id, _is_seen(session, scope))
    )
    return select(Campaign).where(Campaign.organization_id == scope.organization_id, seen.exists())


def states_of(
    session: Session, scope: Scope, campaign_ids: Sequence[UUID]
) -> dict[UUID, dict[str, int]]:
    """How many upgrades of each campaign are in each state, of those the caller may see."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    statement = (
        select(UpgradeRow.campaign_id, UpgradeRow.state, func.count())
        .join(Device, Device.id == UpgradeRow.device_id)
        .where(UpgradeRow.campaign_id.in_(campaign_ids), _is_seen(session, scope))
        .group_by(UpgradeRow.campaign_id, UpgradeRow.state)
    )
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
    statement = _upgrades(session, scope)
    if campaign_id is not None:
        statement = statement.where(UpgradeRow.campaign_id == campaign_id)
    if is_ongoing is not None:
        active = UpgradeRow.state.in_(ACTIVE_STATES)
        statement = statement.where(active if is_ongoing else ~active)
    if after is not None:
        statement = statement.where(older(UpgradeRow.created_at, UpgradeRow.id, after))
    rows = session.execute(
        statement.order_by(UpgradeRow.created_at.desc(), UpgradeRow.id.desc()).limit(limit + 1)
    )
    return [(row, found) for row, found in rows]


def upgrade(session: Session, scope: Scope, upgrade_id: UUID) -> tuple[UpgradeRow, Device] | None:
    row = session.execute(
        _upgrades(session, scope).where(UpgradeRow.id == upgrade_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _upgrades(session: Session, scope: Scope) -> Select[UpgradeRow, Device]:
    return (
        select(UpgradeRow, Device)
        .join(Device, Device.id == UpgradeRow.device_id)
        .where(UpgradeRow.organization_id == scope.organization_id, _is_seen(session, scope))
    )


def _is_seen(session: Session, scope: Scope) -> ColumnElement[bool]:
    """Of an upgrade's device, managed or removed: its folder is one of the caller's, and not gone.

    By its folder, for a device that was removed before bears no mark of the folder's deletion (I8).
    """
    gone = select(DeletedFolder.folder_id).where(
        DeletedFolder.folder_id == Device.folder_id, DeletedFolder.is_restored.is_(False)
    )
    return and_(within(session, scope), ~gone.correlate(Device).exists())


def log_of(session: Session, upgrade_id: UUID) -> list[UpgradeLog]:
    statement = select(UpgradeLog).where(UpgradeLog.upgrade_id == upgrade_id)
    return list(session.scalars(statement.order_by(UpgradeLog.seq)))
