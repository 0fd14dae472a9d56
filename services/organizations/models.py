"""Tables of organizations; foreign keys carry the organization, so none can point into another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.columns import Moment
from chassis.tables import Serial
from contracts.access import Role
from contracts.invitations import InvitationStatus
from contracts.organizations import AuditResult
from services.organizations.domain.access import Status

_LIVE = text("deleted_at IS NULL")
_ROOT = text("is_root")
_UNHEARD = text("unheard > 0")
_PENDING = text("status = 'pending'")
# Sorted and compared by code point on both databases, whatever their locale.
_KEY = String(256).with_variant(String(256, collation="C"), "postgresql")


def _word(kind: type[Any]) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=10,
        values_callable=lambda words: [word.value for word in words],
    )


class Base(DeclarativeBase):
    """Metadata of this service's own tables."""


class Organization(Base):
    """Its row is the lock under which everything that decides access is changed (M5.8)."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'archived')", name="organization_status_known"),
        Index("organization_of_creator", "created_by", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    notes: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status] = mapped_column(_word(Status), default=Status.ACTIVE)
    created_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    archived_by: Mapped[UUID | None] = mapped_column(Uuid)
    access_epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    members_need_authenticator: Mapped[bool] = mapped_column(default=False)


class Membership(Base):
    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("organization_id", "account_id", name="membership_once"),
        UniqueConstraint("organization_id", "id", name="membership_in_organization"),
        CheckConstraint(
            "role IN ('owner', 'admin', 'operator', 'viewer')", name="membership_role_known"
        ),
        CheckConstraint(
            "requested_role IN ('admin', 'operator', 'viewer')",
            name="membership_requested_role_known",
        ),
        Index("membership_of_account", "account_id", "joined_at", "id"),
        Index("membership_by_joining", "organization_id", "joined_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    account_id: Mapped[UUID] = mapped_column(Uuid)
    role: Mapped[Role] = mapped_column(_word(Role))
    requested_role: Mapped[Role | None] = mapped_column(_word(Role))
    joined_at: Mapped[datetime] = mapped_column(Moment)


class DeletedAccount(Base):
    """An account that was deleted a moment ago; a caller assertion may outlive it a little."""

    __tablename__ = "deleted_account"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sweep_at: Mapped[datetime] = mapped_column(Moment)


class Folder(Base):
    """``parent_id`` is the only truth about the tree; ``depth`` repeats it for the limit."""

    __tablename__ = "folder"
    __table_args__ = (
        UniqueConstraint("organization_id", "id", name="folder_in_organization"),
        ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["folder.organization_id", "folder.id"],
            name="folder_parent_in_organization",
        ),
        CheckConstraint("is_root = (parent_id IS NULL)", name="folder_root_has_no_parent"),
        CheckConstraint("depth >= 0", name="folder_depth_counts"),
        CheckConstraint("parent_id <> id", name="folder_not_in_itself"),
        CheckConstraint("NOT is_root OR deleted_at IS NULL", name="folder_root_stays"),
        Index(
            "folder_name_among_siblings",
            "organization_id",
            "parent_id",
            "name_key",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index(
            "folder_one_root",
            "organization_id",
            unique=True,
            postgresql_where=_ROOT,
            sqlite_where=_ROOT,
        ),
        Index(
            "folder_by_name",
            "organization_id",
            "name_key",
            "id",
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
        Index("folder_of_parent", "parent_id"),
        Index("folder_of_deletion", "deletion_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    parent_id: Mapped[UUID | None] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(64))
    name_key: Mapped[str] = mapped_column(_KEY)
    depth: Mapped[int] = mapped_column(SmallInteger)
    is_root: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    deletion_id: Mapped[UUID | None] = mapped_column(Uuid)


class FolderDeletion(Base):
    """What one deletion took; until ``forget_at`` operators can undo it (FLD-6).

    ``unheard`` are the folders that devices did not hear of yet, so that what is in them is there.
    """

    __tablename__ = "folder_deletion"
    __table_args__ = (
        Index("folder_deletion_of_organization", "organization_id", "deleted_at", "id"),
        Index("folder_deletion_due", "forget_at"),
        Index(
            "folder_deletion_unheard",
            "organization_id",
            postgresql_where=_UNHEARD,
            sqlite_where=_UNHEARD,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    folder_id: Mapped[UUID] = mapped_column(Uuid)
    folder_name: Mapped[str] = mapped_column(String(64))
    folders: Mapped[int] = mapped_column(Integer)
    grants: Mapped[int] = mapped_column(Integer)
    unheard: Mapped[int] = mapped_column(Integer, default=0)
    deleted_by: Mapped[UUID] = mapped_column(Uuid)
    deleted_at: Mapped[datetime] = mapped_column(Moment)
    forget_at: Mapped[datetime] = mapped_column(Moment)
    restored_at: Mapped[datetime | None] = mapped_column(Moment)


class FolderGrant(Base):
    """Opens a folder and everything below it to one member (ACS-3)."""

    __tablename__ = "folder_grant"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["membership.organization_id", "membership.id"],
            name="folder_grant_member_in_organization",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["folder.organization_id", "folder.id"],
            name="folder_grant_folder_in_organization",
        ),
        Index("folder_grant_of_folder", "folder_id"),
    )

    membership_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folder_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    granted_by: Mapped[UUID] = mapped_column(Uuid)
    granted_at: Mapped[datetime] = mapped_column(Moment)


class Invitation(Base):
    """Only the SHA-256 of its token is kept; the token itself is in the mail alone (INV-10)."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("organization_id", "id", name="invitation_in_organization"),
        CheckConstraint(
            "status IN ('pending', 'accepted', 'revoked', 'superseded', 'expired')",
            name="invitation_status_known",
        ),
        CheckConstraint(
            "requested_role IN ('admin', 'operator', 'viewer')",
            name="invitation_requested_role_known",
        ),
        Index(
            "invitation_one_pending",
            "organization_id",
            "email_key",
            unique=True,
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
        Index("invitation_by_age", "organization_id", "status", "created_at", "id"),
        Index("invitation_of_inviter", "organization_id", "invited_by"),
        Index("invitation_due", "expires_at", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(320))
    requested_role: Mapped[Role] = mapped_column(_word(Role))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[InvitationStatus] = mapped_column(_word(InvitationStatus))
    invited_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_by: Mapped[UUID | None] = mapped_column(Uuid)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class InvitationFolder(Base):
    __tablename__ = "invitation_folder"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitation.organization_id", "invitation.id"],
            name="invitation_folder_of_invitation",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["folder.organization_id", "folder.id"],
            name="invitation_folder_in_organization",
        ),
        Index("invitation_folder_of_folder", "folder_id"),
    )

    invitation_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    folder_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)


class InvitationMail(Base):
    """A mail that identity has to write: the token is sealed, and gone once it is handed over.

    The rows of the last day say how many mails an organization, and an account, has sent.
    """

    __tablename__ = "invitation_mail"
    __table_args__ = (
        Index("invitation_mail_of_organization", "organization_id", "created_at"),
        Index("invitation_mail_of_sender", "sent_by", "created_at"),
        Index("invitation_mail_due", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    invitation_id: Mapped[UUID] = mapped_column(Uuid)
    sent_by: Mapped[UUID] = mapped_column(Uuid)
    sealed_token: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)


class Throttle(Base):
    """How often something was tried within a window; ``key`` holds no address in clear."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int] = mapped_column(Integer)


class AuditEntry(Base):
    """Written once and never changed; the database refuses both changing and deleting."""

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("result IN ('done', 'refused')", name="audit_result_known"),
        Index("audit_of_organization", "organization_id", "seq"),
        Index("audit_by_action", "organization_id", "action", "seq"),
        Index("audit_by_account", "organization_id", "account_id", "seq"),
        Index("audit_by_result", "organization_id", "result", "seq"),
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    account_id: Mapped[UUID | None] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    acting_as: Mapped[str | None] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(80))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[UUID | None] = mapped_column(Uuid)
    result: Mapped[AuditResult] = mapped_column(_word(AuditResult))
    reason: Mapped[str | None] = mapped_column(String(200))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
