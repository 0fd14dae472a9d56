"""Invitations, the mails they go out with, and how they end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from contracts.access import Role
from contracts.invitations import InvitationStatus
from services.organizations.domain.access import Status
from services.organizations.models import (
    Folder,
    Invitation,
    InvitationFolder,
    InvitationMail,
    Membership,
    Organization,
)
from services.organizations.queries import accounts
from services.organizations.queries.access import live

_EXPIRED_AT_ONCE = 500


def revoke_invitations_of(
    session: Session,
    organization_id: UUID,
    inviters: Collection[UUID] | None = None,
    *,
    now: datetime,
) -> int:
    """Ends what waits in the organization, or only what they issued; how many (USR-6, ARC-4).

    In the transaction that archives the organization, or removes inviters or takes their right.
    """
    statement = (
        update(Invitation)
        .where(
            Invitation.organization_id == organization_id,
            Invitation.status == InvitationStatus.PENDING,
        )
        .values(status=InvitationStatus.REVOKED, ended_at=now)
    )
    if inviters is not None:
        statement = statement.where(Invitation.invited_by.in_(inviters))
    return session.connection().execute(statement).rowcount


@dataclass(frozen=True)
class Offered:
    """An invitation, and what it depends on."""

    invitation: Invitation
    organization_name: str
    is_active: bool
    inviter_role: Role | None
    """None: the inviter is no member any more."""


_OFFERED = (
    select(Invitation, Organization.name, Organization.status, Membership.role)
    .join(Organization, Organization.id == Invitation.organization_id)
    .outerjoin(
        Membership,
        and_(
            Membership.organization_id == Invitation.organization_id,
            Membership.account_id == Invitation.invited_by,
        ),
    )
    .execution_options(populate_existing=True)
)


def offered(session: Session, token_hash: str) -> Offered | None:
    return _offered(session, _OFFERED.where(Invitation.token_hash == token_hash))


def offered_with(session: Session, mail: InvitationMail) -> Offered | None:
    """What the mail is about."""
    return _offered(session, _OFFERED.where(Invitation.id == mail.invitation_id))


def _offered(session: Session, statement: Select[Invitation, str, Status, Role]) -> Offered | None:
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    invitation, name, status, role = row
    return Offered(invitation, name, status is Status.ACTIVE, role)


def invitation(session: Session, organization_id: UUID, invitation_id: UUID) -> Invitation | None:
    return session.scalars(
        select(Invitation).where(
            Invitation.organization_id == organization_id, Invitation.id == invitation_id
        )
    ).one_or_none()


def waiting_for(session: Session, organization_id: UUID, email_key: str) -> Invitation | None:
    """The one that was not ended, be its time over or not."""
    return session.scalars(
        select(Invitation).where(
            Invitation.organization_id == organization_id,
            Invitation.email_key == email_key,
            Invitation.status == InvitationStatus.PENDING,
        )
    ).one_or_none()


def invitations(
    session: Session,
    organization_id: UUID,
    status: InvitationStatus,
    *,
    now: datetime,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Invitation]:
    """The newest first; one more than ``limit``."""
    statement = select(Invitation).where(
        Invitation.organization_id == organization_id, _stands_at(status, now)
    )
    if before is not None:
        statement = statement.where(tuple_(Invitation.created_at, Invitation.id) < tuple_(*before))
    return session.scalars(
        statement.order_by(Invitation.created_at.desc(), Invitation.id.desc()).limit(limit + 1)
    ).all()


def _stands_at(status: InvitationStatus, now: datetime) -> ColumnElement[bool]:
    """As `domain.invitation.standing` says it: the job that writes it down comes later."""
    if status is InvitationStatus.PENDING:
        return and_(Invitation.status == status, Invitation.expires_at > now)
    if status is InvitationStatus.EXPIRED:
        is_over = and_(Invitation.status == InvitationStatus.PENDING, Invitation.expires_at <= now)
        return or_(Invitation.status == status, is_over)
    return Invitation.status == status


def expire_some(session: Session, now: datetime) -> int:
    """Ends invitations whose time is over, not all at once; how many.

    It holds no organization's lock, so it never waits for a row that whoever holds one changes:
    those are ended there, or the next time.
    """
    due = session.scalars(
        select(Invitation.id)
        .where(Invitation.status == InvitationStatus.PENDING, Invitation.expires_at <= now)
        .order_by(Invitation.expires_at)
        .limit(_EXPIRED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if due:
        session.connection().execute(
            update(Invitation)
            .where(Invitation.id.in_(due))
            .values(status=InvitationStatus.EXPIRED, ended_at=Invitation.expires_at)
        )
    return len(due)


# Folders


def invited_folders(
    session: Session, organization_id: UUID, invitation_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """Of each invitation the folders that are still there."""
    rows = session.execute(
        select(InvitationFolder.invitation_id, InvitationFolder.folder_id)
        .join(Folder, Folder.id == InvitationFolder.folder_id)
        .where(*live(organization_id), InvitationFolder.invitation_id.in_(invitation_ids))
        .order_by(InvitationFolder.folder_id)
    )
    found: dict[UUID, list[UUID]] = {invitation_id: [] for invitation_id in invitation_ids}
    for invitation_id, folder_id in rows:
        found[invitation_id].append(folder_id)
    return found


def set_invited_folders(
    session: Session, invitation: Invitation, folder_ids: Collection[UUID]
) -> None:
    session.execute(delete(InvitationFolder).where(InvitationFolder.invitation_id == invitation.id))
    session.add_all(
        InvitationFolder(
            invitation_id=invitation.id,
            folder_id=folder_id,
            organization_id=invitation.organization_id,
        )
        for folder_id in folder_ids
    )


# Mails


def mails_since(
    session: Session, organization_id: UUID, since: datetime
) -> tuple[int, datetime | None]:
    """How many it sent after ``since``, and when the first of them was."""
    return _sent(session, InvitationMail.organization_id == organization_id, since)


def mails_by_since(
    session: Session, account_id: UUID, since: datetime
) -> tuple[int, datetime | None]:
    """As `mails_since`, of all organizations; the account sends none beside this transaction."""
    accounts.hold(session, account_id)
    return _sent(session, InvitationMail.sent_by == account_id, since)


def _sent(
    session: Session, whose: ColumnElement[bool], since: datetime
) -> tuple[int, datetime | None]:
    sent, first = session.execute(
        select(func.count(), func.min(InvitationMail.created_at)).where(
            whose, InvitationMail.created_at > since
        )
    ).one()
    return sent, first


def is_any_mail_due(session: Session, now: datetime) -> bool:
    """Asked before, for a look costs less than a lock."""
    return (
        session.scalar(select(InvitationMail.id).where(InvitationMail.due_at <= now).limit(1))
        is not None
    )


def mail_due(session: Session, now: datetime) -> InvitationMail | None:
    """Locked for this replica; another one gets the next."""
    return session.scalars(
        select(InvitationMail)
        .where(InvitationMail.due_at <= now)
        .order_by(InvitationMail.due_at, InvitationMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def mail_for_update(session: Session, mail_id: UUID) -> InvitationMail | None:
    return session.scalars(
        select(InvitationMail).where(InvitationMail.id == mail_id).with_for_update()
    ).one_or_none()


def drop_mails(session: Session, *, before: datetime) -> int:
    """Rows that were handed over and no longer count; how many."""
    return (
        session.connection()
        .execute(
            delete(InvitationMail).where(
                InvitationMail.due_at.is_(None), InvitationMail.created_at < before
            )
        )
        .rowcount
    )
