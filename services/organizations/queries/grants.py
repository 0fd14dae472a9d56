"""Grants: which folders are open to whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.domain.access import SEEING_ALL
from services.organizations.models import Folder, FolderGrant, Membership
from services.organizations.queries.access import live
from services.organizations.queries.folders import upwards


@dataclass(frozen=True)
class FolderMember:
    """``granted_folder_id`` opens the folder: itself or the nearest above it; None: the role."""

    account_id: UUID
    role: Role
    granted_folder_id: UUID | None
    joined_at: datetime
    membership_id: UUID


def grants(
    session: Session, membership: Membership, *, after: tuple[str, UUID] | None, limit: int
) -> Sequence[tuple[FolderGrant, Folder]]:
    """Of one member, by the name of the folder; one more than ``limit``."""
    statement = (
        select(FolderGrant, Folder)
        .join(Folder, Folder.id == FolderGrant.folder_id)
        .where(*live(membership.organization_id), FolderGrant.membership_id == membership.id)
    )
    if after is not None:
        statement = statement.where(tuple_(Folder.name_key, Folder.id) > tuple_(*after))
    rows = session.execute(statement.order_by(Folder.name_key, Folder.id).limit(limit + 1))
    return [(grant, folder) for grant, folder in rows]


def grant(session: Session, membership: Membership, folder_id: UUID) -> FolderGrant | None:
    return session.get(FolderGrant, (membership.id, folder_id))


def granted_folders(session: Session, membership: Membership) -> frozenset[UUID]:
    """Those that a grant names; what is below them is not listed."""
    return frozenset(
        session.scalars(
            select(FolderGrant.folder_id).where(FolderGrant.membership_id == membership.id)
        )
    )


def revoke(session: Session, membership: Membership, folder_ids: Collection[UUID]) -> None:
    session.execute(
        delete(FolderGrant).where(
            FolderGrant.membership_id == membership.id, FolderGrant.folder_id.in_(folder_ids)
        )
    )


def folder_members(
    session: Session, folder: Folder, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[FolderMember]:
    """Who may look into it, in the order of joining; one more than ``limit`` (M5.1)."""
    up = upwards(folder)
    opening = (
        select(FolderGrant.folder_id)
        .join(up, up.c.id == FolderGrant.folder_id)
        .where(FolderGrant.membership_id == Membership.id)
        .order_by(up.c.depth.desc())
        .limit(1)
        .scalar_subquery()
    )
    granted = select(FolderGrant.membership_id).where(FolderGrant.folder_id.in_(select(up.c.id)))
    statement = select(
        Membership.account_id,
        Membership.role,
        case((Membership.role.in_(SEEING_ALL), None), else_=opening),
        Membership.joined_at,
        Membership.id,
    ).where(
        Membership.organization_id == folder.organization_id,
        or_(Membership.role.in_(SEEING_ALL), Membership.id.in_(granted)),
    )
    if after is not None:
        statement = statement.where(tuple_(Membership.joined_at, Membership.id) > tuple_(*after))
    rows = session.execute(statement.order_by(Membership.joined_at, Membership.id).limit(limit + 1))
    return [FolderMember(*row) for row in rows]
