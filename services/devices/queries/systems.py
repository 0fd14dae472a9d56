"""Queries on connected systems."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.access import Scope
from services.devices.models import ConnectedSystem
from services.devices.queries.pages import by_name
from services.devices.queries.parts import of_scope


def system(session: Session, scope: Scope, system_id: UUID) -> ConnectedSystem | None:
    return session.scalars(
        select(ConnectedSystem).where(
            of_scope(session, scope, ConnectedSystem), ConnectedSystem.id == system_id
        )
    ).one_or_none()


def system_for_update(session: Session, scope: Scope, system_id: UUID) -> ConnectedSystem | None:
    return session.scalars(
        select(ConnectedSystem)
        .where(of_scope(session, scope, ConnectedSystem), ConnectedSystem.id == system_id)
        .with_for_update()
    ).one_or_none()


def systems(
    session: Session,
    scope: Scope,
    *,
    limit: int,
    after: tuple[str, UUID] | None,
    folder_id: UUID | None = None,
    kind: str | None = None,
) -> list[ConnectedSystem]:
    """By name; one more than ``limit``."""
    conditions = [] if kind is None else [ConnectedSystem.kind == kind]
    return by_name(
        session, scope, ConnectedSystem, *conditions, folder_id=folder_id, after=after, limit=limit
    )
