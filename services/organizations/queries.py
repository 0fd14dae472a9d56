"""Every SQL statement of organizations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from chassis.idempotency import insert_or_nothing
from contracts.access import Role
from services.organizations.domain.access import Member, Status
from services.organizations.domain.ownership import Place
from services.organizations.domain.placement import Surroundings
from services.organizations.domain.tree import Ancestor, SeenFolder, path
from services.organizations.models import (
    AuditEntry,
    DeletedAccount,
    Folder,
    FolderGrant,
    Membership,
    Organization,
)

_ALL_FOLDERS = tuple(role for role in Role if role.sees_all_folders)


# Members


def organization_for_update(session: Session, organization_id: UUID) -> Organization | None:
    """The active organization, locked until the transaction ends (M5.8)."""
    return session.scalars(
        select(Organization)
        .where(Organization.id == organization_id, Organization.status == Status.ACTIVE)
        .with_for_update()
    ).one_or_none()


# Asked with every call of the suite, so it is put together once.
_MEMBER = (
    select(Membership.id, Membership.role, Organization.access_epoch)
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
    )


def members(
    session: Session, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Membership]:
    """In the order in which they joined; one more than ``limit``."""
    statement = select(Membership).where(Membership.organization_id == organization_id)
    if after is not None:
        statement = statement.where(tuple_(Membership.joined_at, Membership.id) > tuple_(*after))
    return session.scalars(
        statement.order_by(Membership.joined_at, Membership.id).limit(limit + 1)
    ).all()


# Accounts


def places_for_update(
    session: Session, account_id: UUID
) -> tuple[dict[UUID, Organization], Sequence[Place]]:
    """Every membership of the account, archived organizations included, by its locked organization.

    Locked in the order of their ids, so that two of these never wait for each other.
    """
    of_account = select(Membership.organization_id).where(Membership.account_id == account_id)
    organizations = session.scalars(
        select(Organization)
        .where(Organization.id.in_(of_account))
        .order_by(Organization.id)
        .with_for_update()
    ).all()
    own, other = aliased(Membership), aliased(Membership)
    rows = session.execute(
        select(
            own.organization_id,
            own.id,
            own.role,
            Organization.status == Status.ACTIVE,
            func.count(other.id).filter(other.role == Role.OWNER),
            func.count(other.id),
        )
        .join(Organization, Organization.id == own.organization_id)
        .outerjoin(
            other,
            and_(other.organization_id == own.organization_id, other.id != own.id),
        )
        .where(
            own.account_id == account_id,
            # One may have appeared since the locks were taken.
            own.organization_id.in_([organization.id for organization in organizations]),
        )
        .group_by(own.organization_id, own.id, own.role, Organization.status)
        .order_by(own.organization_id)
    )
    return {each.id: each for each in organizations}, [Place(*row) for row in rows]


def end_membership(session: Session, membership_id: UUID) -> None:
    """With its grants (M5.7)."""
    session.execute(delete(Membership).where(Membership.id == membership_id))


def note_deleted(session: Session, account_id: UUID, sweep_at: datetime) -> None:
    values = {"account_id": account_id, "sweep_at": sweep_at}
    session.connection().execute(insert_or_nothing(session, DeletedAccount, values))


def deleted_accounts_due(session: Session, now: datetime) -> Sequence[UUID]:
    return session.scalars(
        select(DeletedAccount.account_id)
        .where(DeletedAccount.sweep_at <= now)
        .order_by(DeletedAccount.sweep_at)
    ).all()


def forget_deleted(session: Session, account_id: UUID) -> bool:
    """Whether no other replica was first."""
    forgotten = session.connection().execute(
        delete(DeletedAccount).where(DeletedAccount.account_id == account_id)
    )
    return bool(forgotten.rowcount)


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


def membership(session: Session, organization_id: UUID, account_id: UUID) -> Membership | None:
    return session.scalars(
        select(Membership).where(
            Membership.organization_id == organization_id, Membership.account_id == account_id
        )
    ).one_or_none()


# Organizations


@dataclass(frozen=True)
class SeenOrganization:
    """An organization as one of its members sees it."""

    id: UUID
    name: str
    notes: str
    role: Role
    default_folder_id: UUID | None
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
) -> Select[UUID, str, str, Role, UUID, datetime, datetime, UUID]:
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


# Reach: which folders a member may see (M3)


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
        .where(*_live(member.organization_id), Folder.id == folder_id)
        .cte("up", recursive=True)
    )
    up = start.union_all(
        select(Folder.id, Folder.parent_id)
        .join(start, Folder.id == start.c.parent_id)
        .where(*_live(member.organization_id))
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
    return frozenset(session.scalars(_granted(member)))


def _granted(member: Member) -> Select[UUID]:
    # UNION, not UNION ALL: grants inside one another would list a subtree once for each.
    grants = select(FolderGrant.folder_id).where(FolderGrant.membership_id == member.membership_id)
    start = (
        select(Folder.id)
        .where(*_live(member.organization_id), Folder.id.in_(grants))
        .cte("granted", recursive=True)
    )
    granted = start.union(
        select(Folder.id)
        .join(start, Folder.parent_id == start.c.id)
        .where(*_live(member.organization_id))
    )
    return select(granted.c.id)


def _live(organization_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (Folder.organization_id == organization_id, Folder.deleted_at.is_(None))


# Folders


def folder(session: Session, organization_id: UUID, folder_id: UUID) -> Folder | None:
    return session.scalars(
        select(Folder).where(*_live(organization_id), Folder.id == folder_id)
    ).one_or_none()


def folders(
    session: Session,
    member: Member,
    *,
    parent_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[Folder]:
    """Those within the member's reach by name; one more than ``limit``.

    With ``parent_id`` those in a folder that is known to be within reach, and so all of them.
    """
    statement = select(Folder).where(*_live(member.organization_id))
    if parent_id is not None:
        statement = statement.where(Folder.parent_id == parent_id)
    elif not member.role.sees_all_folders:
        statement = statement.where(Folder.id.in_(_granted(member)))
    if after is not None:
        statement = statement.where(tuple_(Folder.name_key, Folder.id) > tuple_(*after))
    return session.scalars(statement.order_by(Folder.name_key, Folder.id).limit(limit + 1)).all()


def surroundings(session: Session, parent: Folder, name_key: str) -> Surroundings:
    """What a folder of that name would find in ``parent``."""
    siblings, same_name = session.execute(
        select(
            func.count(),
            func.count().filter(Folder.name_key == name_key),
        ).where(*_live(parent.organization_id), Folder.parent_id == parent.id)
    ).one()
    folders = session.scalar(
        select(func.count()).select_from(Folder).where(*_live(parent.organization_id))
    )
    return Surroundings(
        parent_depth=parent.depth,
        siblings=siblings,
        folders=folders or 0,
        name_is_taken=same_name > 0,
    )


def seen(session: Session, member: Member, folders: Sequence[Folder]) -> Sequence[SeenFolder]:
    """Each with its path; ancestors beyond the member's reach as names only (ACS-4)."""
    lines = _lines(session, member, [folder.id for folder in folders])
    shown = []
    for folder in folders:
        steps = path(lines[folder.id], sees_all=member.role.sees_all_folders)[:-1]
        shown.append(
            SeenFolder(
                id=folder.id,
                organization_id=folder.organization_id,
                parent_id=steps[-1].id if steps else None,
                name=folder.name,
                is_default=folder.is_root,
                depth=folder.depth,
                path=steps,
            )
        )
    return shown


def _lines(
    session: Session, member: Member, folder_ids: Sequence[UUID]
) -> dict[UUID, list[Ancestor]]:
    """For each folder the line from the default folder down to it."""
    start = (
        select(Folder.id.label("leaf_id"), Folder.id, Folder.parent_id, Folder.name, Folder.depth)
        .where(*_live(member.organization_id), Folder.id.in_(folder_ids))
        .cte("line", recursive=True)
    )
    line = start.union_all(
        select(start.c.leaf_id, Folder.id, Folder.parent_id, Folder.name, Folder.depth)
        .join(start, Folder.id == start.c.parent_id)
        .where(Folder.organization_id == member.organization_id)
    )
    is_granted = exists().where(
        FolderGrant.folder_id == line.c.id, FolderGrant.membership_id == member.membership_id
    )
    rows = session.execute(
        select(line.c.leaf_id, line.c.id, line.c.name, is_granted).order_by(
            line.c.leaf_id, line.c.depth
        )
    )
    lines: dict[UUID, list[Ancestor]] = defaultdict(list)
    for leaf_id, ancestor_id, name, granted in rows:
        lines[leaf_id].append(Ancestor(ancestor_id, name, granted))
    return lines


# Audit


def audit_entries(
    session: Session, organization_id: UUID, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """The newest first; one more than ``limit``."""
    statement = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if before is not None:
        statement = statement.where(AuditEntry.seq < before)
    return session.scalars(statement.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
