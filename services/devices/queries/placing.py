"""Queries on where devices and connected systems are."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contracts.access import Scope
from services.devices.queries.parts import Kind, of_scope


def folders_for_update(
    session: Session, scope: Scope, kind: Kind, ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """The folder of each that is there and that the caller may move; locked in one order."""
    rows = session.execute(
        select(kind.id, kind.folder_id)
        .where(of_scope(session, scope, kind), kind.id.in_(ids))
        .order_by(kind.id)
        .with_for_update()
    )
    return {row.id: row.folder_id for row in rows}


def move(session: Session, kind: Kind, ids: Collection[UUID], folder_id: UUID) -> None:
    """Of locked ones."""
    session.execute(
        update(kind)
        .where(kind.id.in_(ids))
        .values(folder_id=folder_id)
        .execution_options(synchronize_session=False)
    )
