"""Access: the decision of who may what where, as the tables say it now (M3, M5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    select,
)
from sqlalchemy.orm import Session

from services.organizations.domain.access import Member, Status
from services.organizations.models import (
    Folder,
    FolderGrant,
    Membership,
    Organization,
)
from services.organizations.queries.lookup import looked_up


def organization_for_update(session: Session, organization_id: UUID) -> Organization | None:
    """The active organization, locked until the transaction ends (M5.8)."""
    return session.scalars(
        select(Organization)
        .where(Organization.id == organization_id, Organization.status == Status.ACTIVE)
        .with_for_update()
    ).one_or_none()


# Asked with every call of the suite, so it is put together once.
_MEMBER = (
    select(
        Membership.id,
        Membership.role,
        Organization.access_epoch,
        Organization.members_need_authenticator,
    )
    .join(Organization, Organization.id == Membership.organization_id)
    .where(
        Membership.organization_id == bindparam("organization_id"),
        Membership.account_id == bindparam("account_id"),
        Organization.status == Status.ACTIVE,
    )
)


def member(session: Session, organization_id: UUID, account_id: UUID) -> Member | None:
    """None for outsiders, and for everybody once the organization is archived."""
    found = session.execute(
        _MEMBER, {"organization_id": organization_id, "account_id": account_id}
    ).one_or_none()
    if found is None:
        return None
    return Member(
        organization_id=organization_id,
        membership_id=found.id,
        account_id=account_id,
        role=found.role,
        epoch=found.access_epoch,
        needs_authenticator=found.members_need_authenticator,
    )


def reaches(session: Session, member: Member, folder_id: UUID) -> bool:
    """Whether the folder is there and open to the member: by role, or by a grant above it."""
    if member.role.sees_all_folders:
        return bool(
            session.scalar(
                select(
                    exists().where(
                        Folder.organization_id == member.organization_id,
                        Folder.id == folder_id,
                        Folder.deleted_at.is_(None),
                    )
                )
            )
        )
    start = (
        select(Folder.id, Folder.parent_id)
        .where(*live(member.organization_id), Folder.id == folder_id)
        .cte("up", recursive=True)
    )
    up = start.union_all(
        select(Folder.id, Folder.parent_id)
        .join(start, Folder.id == start.c.parent_id)
        .where(*live(member.organization_id))
    )
    return bool(
        session.scalar(
            select(
                exists().where(
                    FolderGrant.folder_id == up.c.id,
                    FolderGrant.membership_id == member.membership_id,
                )
            )
        )
    )


def reach(session: Session, member: Member) -> frozenset[UUID]:
    """Every folder that the member's grants open."""
    return frozenset(session.scalars(granted(member)))


def granted(member: Member) -> Select[UUID]:
    # UNION, not UNION ALL: grants inside one another would list a subtree once for each.
    start = (
        select(Folder.id)
        .join(FolderGrant, looked_up(Folder.id, FolderGrant.folder_id))
        .where(*live(member.organization_id), FolderGrant.membership_id == member.membership_id)
        .cte("granted", recursive=True)
    )
    # Without the organization, which is that of the folder above; for it there is another index.
    granted = start.union(
        select(Folder.id)
        .join(start, looked_up(Folder.parent_id, start.c.id))
        .where(Folder.deleted_at.is_(None))
    )
    return select(granted.c.id)


def live(organization_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (Folder.organization_id == organization_id, Folder.deleted_at.is_(None))
