"""Queries on what folders and organizations take with them when they go, and bring back."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.devices.models import ConnectedSystem, Device
from services.devices.queries.parts import MANAGED, among


def content(
    session: Session, organization_id: UUID, folder_ids: Collection[UUID]
) -> tuple[int, int]:
    """How many devices and connected systems are managed in the folders."""
    devices, systems = (
        session.scalar(
            select(func.count())
            .select_from(table)
            .where(
                table.organization_id == organization_id,
                table.state == MANAGED,
                among(session, table.folder_id, folder_ids),
            )
        )
        for table in (Device, ConnectedSystem)
    )
    return devices or 0, systems or 0
