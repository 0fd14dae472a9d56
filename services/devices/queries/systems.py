"""Queries on connected systems."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from contracts.access import Scope
from services.devices.models import ConnectedSystem
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
    statement = select(ConnectedSystem).where(of_scope(session, scope, ConnectedSystem))
    if folder_id is not None:
        statement = statement.where(ConnectedSystem.folder_id == folder_id)
    if kind is not None:
        statement = statement.where(ConnectedSystem.kind == kind)
    if after is not None:
        statement = statement.where(
            tuple_(ConnectedSystem.name, ConnectedSystem.id) > tuple_(*after)
        )
    return list(
        session.scalars(
            statement.order_by(ConnectedSystem.name, ConnectedSystem.id).limit(limit + 1)
        )
    )
