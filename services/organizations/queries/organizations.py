"""Organizations as their members see them, and as operators look for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from contracts.access import Role
from contracts.invitations import InvitationStatus
from services.organizations.domain.access import SEEING_ALL, Status
from services.organizations.models import (
    Folder,
    FolderDeletion,
    FolderGrant,
    Invitation,
    Membership,
    Organization,
)
from services.organizations.queries import accounts


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

    def as_seen(self, *, is_strong: bool) -> SeenOrganization:
        """That it is there, and no more, to who signed in with less than it asks for."""
        if is_strong or not self.members_need_authenticator:
            return self
        return replace(self, notes="", default_folder_id=None)


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
        *(Membership.role == role for role in SEEING_ALL),
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


def created_by(session: Session, account_id: UUID) -> int:
    """Active ones of which the account is still a member; it creates none beside this transaction."""
    accounts.hold(session, account_id)
    statement = (
        select(func.count())
        .select_from(Membership)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Membership.account_id == account_id,
            Organization.created_by == account_id,
            Organization.status == Status.ACTIVE,
        )
    )
    return session.scalar(statement) or 0


def created_since(
    session: Session, account_id: UUID, since: datetime
) -> tuple[int, datetime | None]:
    """How many the account created after ``since``, archived or not, and when the first of them."""
    created, first = session.execute(
        select(func.count(), func.min(Organization.created_at)).where(
            Organization.created_by == account_id, Organization.created_at > since
        )
    ).one()
    return created, first


@dataclass(frozen=True)
class Overview:
    """What operators see of an organization: what it is, and how much of what is in it."""

    id: UUID
    name: str
    status: Status
    created_at: datetime
    archived_at: datetime | None
    epoch: int
    members_need_authenticator: bool
    members: Mapping[Role, int]
    folders: int
    grants: int
    pending_invitations: int
    restorable_deletions: int


def overview(session: Session, organization_id: UUID, now: datetime) -> Overview | None:
    organization = session.get(Organization, organization_id)
    if organization is None:
        return None
    members = dict.fromkeys(Role, 0)
    for role, number in session.execute(
        select(Membership.role, func.count())
        .where(Membership.organization_id == organization_id)
        .group_by(Membership.role)
    ):
        members[role] = number
    return Overview(
        id=organization.id,
        name=organization.name,
        status=organization.status,
        created_at=organization.created_at,
        archived_at=organization.archived_at,
        epoch=organization.access_epoch,
        members_need_authenticator=organization.members_need_authenticator,
        members=members,
        folders=_count(
            session, Folder.organization_id == organization_id, Folder.deleted_at.is_(None)
        ),
        grants=_count(session, FolderGrant.organization_id == organization_id),
        pending_invitations=_count(
            session,
            Invitation.organization_id == organization_id,
            Invitation.status == InvitationStatus.PENDING,
            Invitation.expires_at > now,
        ),
        restorable_deletions=_count(
            session,
            FolderDeletion.organization_id == organization_id,
            FolderDeletion.restored_at.is_(None),
            FolderDeletion.forget_at > now,
        ),
    )


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def any_organization_for_update(session: Session, organization_id: UUID) -> Organization | None:
    """Archived ones too, for operators; locked until the transaction ends (M5.8)."""
    return session.scalars(
        select(Organization).where(Organization.id == organization_id).with_for_update()
    ).one_or_none()


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
