"""Organizations as their members see them, and as operators look for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.domain.access import Status
from services.organizations.models import (
    Folder,
    FolderGrant,
    Membership,
    Organization,
)

_ALL_FOLDERS = tuple(role for role in Role if role.sees_all_folders)


@dataclass(frozen=True)
class SeenOrganization:
    """An organization as one of its members sees it."""

    id: UUID
    name: str
    notes: str
    role: Role
    default_folder_id: UUID | None
    members_need_authenticator: bool
    created_at: datetime
    joined_at: datetime
    membership_id: UUID


def organizations_of(
    session: Session, account_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[SeenOrganization]:
    """Those the account is a member of, in the order of joining; one more than ``limit``."""
    statement = _seen_organizations(account_id)
    if after is not None:
        statement = statement.where(tuple_(Membership.joined_at, Membership.id) > tuple_(*after))
    rows = session.execute(statement.order_by(Membership.joined_at, Membership.id).limit(limit + 1))
    return [SeenOrganization(*row) for row in rows]


def organization_of(
    session: Session, account_id: UUID, organization_id: UUID
) -> SeenOrganization | None:
    row = session.execute(
        _SEEN_ORGANIZATION, {"organization_id": organization_id, "account_id": account_id}
    ).one_or_none()
    return None if row is None else SeenOrganization(*row)


def _seen_organizations(
    account_id: UUID | BindParameter[UUID],
) -> Select[UUID, str, str, Role, UUID, bool, datetime, datetime, UUID]:
    is_seen = or_(
        *(Membership.role == role for role in _ALL_FOLDERS),
        exists().where(
            FolderGrant.membership_id == Membership.id, FolderGrant.folder_id == Folder.id
        ),
    )
    return (
        select(
            Organization.id,
            Organization.name,
            Organization.notes,
            Membership.role,
            Folder.id,
            Organization.members_need_authenticator,
            Organization.created_at,
            Membership.joined_at,
            Membership.id,
        )
        .join(Membership, Membership.organization_id == Organization.id)
        .outerjoin(Folder, and_(Folder.organization_id == Organization.id, Folder.is_root, is_seen))
        .where(Membership.account_id == account_id, Organization.status == Status.ACTIVE)
    )


_SEEN_ORGANIZATION = _seen_organizations(bindparam("account_id", type_=Uuid())).where(
    Organization.id == bindparam("organization_id")
)


def ownerless(session: Session) -> Sequence[UUID]:
    """Active organizations without an owner: decision 0010."""
    has_owner = exists().where(
        Membership.organization_id == Organization.id, Membership.role == Role.OWNER
    )
    return session.scalars(
        select(Organization.id)
        .where(Organization.status == Status.ACTIVE, ~has_owner)
        .order_by(Organization.id)
    ).all()
