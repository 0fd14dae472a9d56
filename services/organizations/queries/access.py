"""Access: the decision of who may what where, as the tables say it now (M3, M5)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from chassis.db import PREPARED
from services.organizations.domain.access import Member, Status
from services.organizations.models import (
    Folder,
    FolderDeletion,
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


# Asked with every call of the suite: put together once, and without the ORM, which costs as much.
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
    .execution_options(**PREPARED)
)


def member(session: Session, organization_id: UUID, account_id: UUID) -> Member | None:
    """None for outsiders, and for everybody once the organization is archived."""
    found = (
        session.connection()
        .execute(_MEMBER, {"organization_id": organization_id, "account_id": account_id})
        .one_or_none()
    )
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
    asked = {"organization_id": member.organization_id, "folder_id": folder_id}
    if member.role.sees_all_folders:
        return bool(session.connection().scalar(_IS_LIVE, asked))
    asked["membership_id"] = member.membership_id
    return bool(session.connection().scalar(_IS_OPEN, asked))


def reach(session: Session, member: Member) -> Sequence[str]:
    """The id of every folder that the member's grants open.

    As text, for another service: to make a UUID of each of some thousands and a text of it again
    would take longer than finding them.
    """
    found = session.scalar(_REACH, grants_of(member))
    # SQLite keeps them without hyphens.
    return [text if "-" in text else str(UUID(text)) for text in (found or "").split()]


def leaving(session: Session, organization_id: UUID) -> Sequence[str]:
    """Folders that were deleted while what is in them may still be there, as text."""
    return [
        str(folder_id)
        for folder_id in session.scalars(_LEAVING, {"organization_id": organization_id})
    ]


def grants_of(member: Member) -> dict[str, UUID]:
    """For statements with `GRANTED` in them."""
    return {"granted_in": member.organization_id, "granted_to": member.membership_id}


def live(organization_id: UUID | BindParameter[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (Folder.organization_id == organization_id, Folder.deleted_at.is_(None))


_LEAVING = (
    select(Folder.id)
    .join(FolderDeletion, FolderDeletion.id == Folder.deletion_id)
    .where(
        FolderDeletion.organization_id == bindparam("organization_id", type_=Uuid()),
        # In the very words of the index that serves it, and so without a parameter.
        FolderDeletion.unheard > literal_column("0"),
    )
)
# Asked before most of what is done in the suite, so they too are put together once.
_HERE = live(bindparam("organization_id", type_=Uuid()))
_FOLDER_ID = bindparam("folder_id", type_=Uuid())
_IS_LIVE = select(exists().where(*_HERE, Folder.id == _FOLDER_ID)).execution_options(**PREPARED)


def _is_open() -> Select[bool]:
    start = (
        select(Folder.id, Folder.parent_id)
        .where(*_HERE, Folder.id == _FOLDER_ID)
        .cte("up", recursive=True)
    )
    up = start.union_all(
        select(Folder.id, Folder.parent_id)
        .join(start, looked_up(Folder.id, start.c.parent_id))
        .where(Folder.deleted_at.is_(None))
    )
    membership_id = bindparam("membership_id", type_=Uuid())
    return select(
        exists().where(FolderGrant.folder_id == up.c.id, FolderGrant.membership_id == membership_id)
    )


_IS_OPEN = _is_open().execution_options(**PREPARED)


def _granted() -> Select[UUID]:
    # UNION, not UNION ALL: grants inside one another would list a subtree once for each.
    start = (
        select(Folder.id)
        .join(FolderGrant, looked_up(Folder.id, FolderGrant.folder_id))
        .where(
            *live(bindparam("granted_in", type_=Uuid())),
            FolderGrant.membership_id == bindparam("granted_to", type_=Uuid()),
        )
        .cte("granted", recursive=True)
    )
    # Without the organization, which is that of the folder above; for it there is another index.
    granted = start.union(
        select(Folder.id)
        .join(start, looked_up(Folder.parent_id, start.c.id))
        .where(Folder.deleted_at.is_(None))
    )
    return select(granted.c.id)


# Every folder that a member's grants open; `grants_of` says whose.
GRANTED = _granted()


def _reach() -> Select[str]:
    folder_ids = GRANTED.subquery()
    return select(func.aggregate_strings(cast(folder_ids.c.id, String), " "))


_REACH = _reach().execution_options(**PREPARED)
