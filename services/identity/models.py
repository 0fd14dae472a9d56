"""Identity's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.columns import Moment


class Base(DeclarativeBase):
    """Metadata of this service's tables."""


class Registration(Base):
    """An address somebody registered; becomes an account once who reads its mail is who chose its
    password, or chooses another.

    Several may wait for one address, and no password of theirs counts for another one's link. Without
    a password it is a link that only sets one, for who registered and forgot it.
    """

    __tablename__ = "registration"
    __table_args__ = (
        Index("registration_email", "email_key"),
        Index("registration_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(2))
    password_digest: Mapped[str | None] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    registered_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class Account(Base):
    """A person with a verified address."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'ja', 'ko')", name="account_language"),
        CheckConstraint("preferred_method IN ('email', 'totp')", name="account_preferred_method"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    is_operator: Mapped[bool] = mapped_column(default=False)
    registered_at: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime] = mapped_column(Moment)
    preferred_method: Mapped[str | None] = mapped_column(String(5))
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class PasswordCredential(Base):
    __tablename__ = "password_credential"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Moment)


class TotpActive(Base):
    """The one authenticator of an account whose codes count (REG-6)."""

    __tablename__ = "totp_active"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    sealed_key: Mapped[str] = mapped_column(String(300))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class TotpPending(Base):
    """A setup key that was shown and not confirmed; worth nothing yet (REG-3)."""

    __tablename__ = "totp_pending"
    __table_args__ = (Index("totp_pending_expiry", "expires_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    session_id: Mapped[UUID] = mapped_column(Uuid)
    sealed_key: Mapped[str] = mapped_column(String(300))
    shown_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class TotpStep(Base):
    """The newest time step an account has used up, whatever the secret and the purpose (TOTP-3)."""

    __tablename__ = "totp_step"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    last_used_step: Mapped[int] = mapped_column(BigInteger)
    given_up_step: Mapped[int | None] = mapped_column(BigInteger)
    """One to come whose code somebody was told about; it counts for nothing any more."""


class RecoveryBatch(Base):
    """Recovery codes that were issued together: at most one active batch and one pending (RC-4).

    A pending one belongs to the Manage session it was shown in, and is worth nothing (RC-5).
    """

    __tablename__ = "recovery_batch"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'active')", name="recovery_batch_state"),
        UniqueConstraint("account_id", "state", name="recovery_batch_one_of_each"),
        Index("recovery_batch_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(7))
    session_id: Mapped[UUID] = mapped_column(Uuid)
    salt: Mapped[str] = mapped_column(String(32))
    shown_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One code of a batch, as a digest under the batch's salt (security 2.4)."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("recovery_code_batch", "batch_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("recovery_batch.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class PasswordReset(Base):
    """A link that was mailed; whoever follows it may set a password, once."""

    __tablename__ = "password_reset"
    __table_args__ = (
        Index("password_reset_account", "account_id"),
        Index("password_reset_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class EmailChange(Base):
    """The address an account is to have once the link mailed to it is followed; the last asked."""

    __tablename__ = "email_change"
    __table_args__ = (Index("email_change_expiry", "expires_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class ApiToken(Base):
    """What a program of an account's owner signs in with, for as much as its scopes say."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("account_id", "name_key", name="api_token_name"),
        Index("api_token_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class LoginTransaction(Base):
    """The password was right; the second step is awaited. Never a session."""

    __tablename__ = "login_transaction"
    __table_args__ = (Index("login_transaction_expiry", "expires_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    began_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class EmailCode(Base):
    """The one live code of a login transaction (EM-2)."""

    __tablename__ = "email_code"

    login_transaction_id: Mapped[UUID] = mapped_column(
        ForeignKey("login_transaction.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class SessionRow(Base):
    """A live session; an ended one is only in the audit."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("level IN ('aal1', 'aal1+', 'aal2', 'manage')", name="session_level"),
        Index("session_account", "account_id", "last_seen_at"),
        Index("session_expiry", "ends_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    level: Mapped[str] = mapped_column(String(6))
    authenticated_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    is_kept: Mapped[bool] = mapped_column(default=False)
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(400))


class Throttle(Base):
    """Tries under one key: in a window, or failures in a row with the wait they earned."""

    __tablename__ = "throttle"
    __table_args__ = (Index("throttle_age", "counted_at"),)

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Moment)
    counted_at: Mapped[datetime] = mapped_column(Moment)
    blocked_until: Mapped[datetime | None] = mapped_column(Moment)


class OutgoingMail(Base):
    """A mail that is committed with its cause; its sealed body is erased once it is sent."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'sent', 'expired', 'failed')", name="outgoing_mail_state"
        ),
        Index("outgoing_mail_due", "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    sealed_body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    written_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    failure: Mapped[str | None] = mapped_column(String(200))


class Audit(Base):
    """Append-only: the database refuses to change or delete a row."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_actor", "actor_account_id", "at"),
        Index("audit_object", "object_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_account_id: Mapped[UUID | None] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    acting_as: Mapped[str] = mapped_column(String(40))
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(80))
    result: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(120))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(400))
    request_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
