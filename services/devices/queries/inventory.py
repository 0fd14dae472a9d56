"""Queries on devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from contracts.access import Scope
from services.devices.domain.recommendation import Model
from services.devices.models import (
    Device,
    UpgradeRow,
)
from services.devices.queries.pages import by_name
from services.devices.queries.parts import (
    ACTIVE_STATES,
    is_managed,
    managed,
    within,
)


def add_device(session: Session, values: dict[str, Any]) -> bool:
    """False where a managed device has the serial number already."""
    return bool(session.connection().execute(insert_or_nothing(session, Device, values)).rowcount)


def device(session: Session, scope: Scope, device_id: UUID) -> Device | None:
    return session.scalars(managed(session, scope).where(Device.id == device_id)).one_or_none()


def device_for_update(session: Session, scope: Scope, device_id: UUID) -> Device | None:
    statement = managed(session, scope).where(Device.id == device_id).with_for_update()
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
    """By name; one more than ``limit``."""
    conditions = []
    if model is not None:
        conditions.append(Device.model == model)
    if version is not None:
        conditions.append(Device.version == version)
    if text is not None:
        conditions.append(_mentions(text))
    return by_name(
        session, scope, Device, *conditions, folder_id=folder_id, after=after, limit=limit
    )


def _mentions(text: str) -> ColumnElement[bool]:
    columns = (Device.name, Device.serial, Device.host, Device.model)
    return or_(*(func.lower(column).contains(text.lower(), autoescape=True) for column in columns))


def counts_by_model(session: Session, scope: Scope) -> list[tuple[Model, str, int]]:
    rows = session.execute(
        select(Device.model, Device.hardware_id, Device.version, func.count())
        .where(
            Device.organization_id == scope.organization_id,
            is_managed(Device),
            within(session, scope),
        )
        .group_by(Device.model, Device.hardware_id, Device.version)
    )
    return [
        (Model(product, hardware), version, count) for product, hardware, version, count in rows
    ]


def has_active_upgrade(session: Session, device_id: UUID) -> bool:
    found = session.scalars(
        select(UpgradeRow.id).where(
            UpgradeRow.device_id == device_id, UpgradeRow.state.in_(ACTIVE_STATES)
        )
    )
    return found.first() is not None
