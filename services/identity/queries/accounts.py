"""Accounts, their passwords and addresses, registrations, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.db import PREPARED, execute_later
from chassis.idempotency import insert_or_nothing
from services.identity.models import (
    Account,
    Audit,
    EmailChange,
    OutgoingMail,
    PasswordCredential,
    PasswordReset,
    RecoveryBatch,
    Registration,
    TotpActive,
    TotpPending,
    TotpStep,
)
from services.identity.queries import factors, logins

# Accounts


@dataclass(frozen=True)
class Credentials:
    """An account with what its sign-in is checked against."""

    account: Account
    digest: str
    changed_at: datetime
    totp: TotpActive | None
    has_recovery_codes: bool
    """Some that count, used up or not."""

    @property
    def has_authenticator(self) -> bool:
        """One whose codes count."""
        return self.totp is not None and self.totp.disabled_at is None

    @property
    def is_authenticator_disabled(self) -> bool:
        return self.totp is not None and self.totp.disabled_at is not None


@dataclass(frozen=True)
class Standing:
    """What the first step of a sign-in is checked against, and what it offers for the second."""

    account_id: UUID
    disabled_at: datetime | None
    preferred_method: str | None
    digest: str
    changed_at: datetime
    has_totp: bool
    totp_disabled_at: datetime | None
    has_recovery_codes: bool
    """Some that count, used up or not."""

    @property
    def has_authenticator(self) -> bool:
        """One whose codes count."""
        return self.has_totp and self.totp_disabled_at is None

    @property
    def is_authenticator_disabled(self) -> bool:
        return self.has_totp and self.totp_disabled_at is not None


def account(session: Session, account_id: UUID) -> Account | None:
    return session.get(Account, account_id)


def accounts_among(session: Session, account_ids: Sequence[UUID]) -> Sequence[Account]:
    return session.scalars(
        select(Account).where(Account.id.in_(account_ids)).order_by(Account.id)
    ).all()


def readers_among(session: Session, account_ids: Sequence[UUID]) -> Sequence[Account]:
    """Those that are there and not disabled; none is deleted or moves beside this transaction."""
    return session.scalars(
        select(Account)
        .where(Account.id.in_(account_ids), Account.disabled_at.is_(None))
        .order_by(Account.id)
        .with_for_update(read=True)
    ).all()


def account_by_email(session: Session, email_key: str) -> Account | None:
    return session.scalars(select(Account).where(Account.email_key == email_key)).one_or_none()


def account_by_email_for_update(session: Session, email_key: str) -> Account | None:
    return session.scalars(
        select(Account).where(Account.email_key == email_key).with_for_update()
    ).one_or_none()


def account_for_update(session: Session, account_id: UUID) -> Account | None:
    """Serializes what changes how an account is signed in to; rows that refer to it go on."""
    return session.scalars(_LOCKED, {"of": account_id}).one_or_none()


def lock_account(session: Session, account_id: UUID) -> None:
    """As `account_for_update`, for who reads the account afterwards."""
    execute_later(session, _LOCK, {"of": account_id})


def standing_by_email(session: Session, email_key: str) -> Standing | None:
    row = session.connection().execute(_STANDING_BY_EMAIL, {"of": email_key}).one_or_none()
    return None if row is None else Standing(*row)


def standing_of(session: Session, account_id: UUID) -> Standing | None:
    row = session.connection().execute(_STANDING_BY_ID, {"of": account_id}).one_or_none()
    return None if row is None else Standing(*row)


def credentials_of(session: Session, account_id: UUID) -> Credentials | None:
    row = session.execute(_BY_ID, {"of": account_id}).one_or_none()
    return None if row is None else Credentials(*row)


# Built once: every sign-in asks them.
_LOCKED = (
    select(Account).where(Account.id == bindparam("of", type_=Uuid)).with_for_update(key_share=True)
)
_LOCK = (
    select(Account.id)
    .where(Account.id == bindparam("of", type_=Uuid))
    .with_for_update(key_share=True)
    .execution_options(**PREPARED)
)
_HAS_RECOVERY_CODES = exists(
    select(RecoveryBatch.id).where(
        RecoveryBatch.account_id == Account.id,
        RecoveryBatch.state == "active",
        RecoveryBatch.disabled_at.is_(None),
    )
)
_CREDENTIALS = (
    select(
        Account,
        PasswordCredential.digest,
        PasswordCredential.changed_at,
        TotpActive,
        _HAS_RECOVERY_CODES,
    )
    .join(PasswordCredential, PasswordCredential.account_id == Account.id)
    .outerjoin(TotpActive, TotpActive.account_id == Account.id)
)
_STANDING = (
    select(
        Account.id,
        Account.disabled_at,
        Account.preferred_method,
        PasswordCredential.digest,
        PasswordCredential.changed_at,
        TotpActive.account_id.is_not(None),
        TotpActive.disabled_at,
        _HAS_RECOVERY_CODES,
    )
    .join(PasswordCredential, PasswordCredential.account_id == Account.id)
    .outerjoin(TotpActive, TotpActive.account_id == Account.id)
    .execution_options(**PREPARED)
)
_STANDING_BY_EMAIL = _STANDING.where(Account.email_key == bindparam("of", type_=String))
_STANDING_BY_ID = _STANDING.where(Account.id == bindparam("of", type_=Uuid))
_BY_ID = _CREDENTIALS.where(Account.id == bindparam("of", type_=Uuid))


def renew_digest(session: Session, account_id: UUID, old: str, new: str) -> None:
    """Another process may have changed the password meanwhile: then nothing happens."""
    session.execute(
        update(PasswordCredential)
        .where(PasswordCredential.account_id == account_id, PasswordCredential.digest == old)
        .values(digest=new)
    )


def set_password(session: Session, account_id: UUID, digest: str, now: datetime) -> None:
    session.execute(
        update(PasswordCredential)
        .where(PasswordCredential.account_id == account_id)
        .values(digest=digest, changed_at=now)
    )


def password_reset(session: Session, token_hash: str, now: datetime) -> PasswordReset | None:
    return session.scalars(
        select(PasswordReset).where(
            PasswordReset.token_hash == token_hash, PasswordReset.expires_at > now
        )
    ).one_or_none()


def use_up_password_reset(session: Session, reset_id: UUID) -> bool:
    """Of any number of parallel uses exactly one gets True."""
    used = session.connection().execute(delete(PasswordReset).where(PasswordReset.id == reset_id))
    return bool(used.rowcount)


def email_change(session: Session, token_hash: str, now: datetime) -> EmailChange | None:
    return session.scalars(
        select(EmailChange).where(
            EmailChange.token_hash == token_hash, EmailChange.expires_at > now
        )
    ).one_or_none()


def drop_email_change(session: Session, account_id: UUID) -> None:
    session.execute(delete(EmailChange).where(EmailChange.account_id == account_id))


def move_account(session: Session, change: EmailChange) -> bool:
    """Gives the account its new address, once; False where the address is another's by now."""
    used = session.connection().execute(
        delete(EmailChange).where(EmailChange.token_hash == change.token_hash)
    )
    if not used.rowcount:
        return False
    try:
        with session.begin_nested():
            session.execute(
                update(Account)
                .where(Account.id == change.account_id)
                .values(email=change.email, email_key=change.email_key)
            )
    except IntegrityError:
        return False
    return True


# Registrations


def registration(session: Session, token_hash: str, now: datetime) -> Registration | None:
    return session.scalars(
        select(Registration).where(
            Registration.token_hash == token_hash, Registration.expires_at > now
        )
    ).one_or_none()


def last_registration(session: Session, email_key: str, now: datetime) -> Registration | None:
    """The last one with a password that still waits for its link to be followed."""
    return session.scalars(
        select(Registration)
        .where(
            Registration.email_key == email_key,
            Registration.password_digest.is_not(None),
            Registration.expires_at > now,
        )
        .order_by(Registration.registered_at.desc(), Registration.id)
        .limit(1)
    ).one_or_none()


def registration_for_update(session: Session, token_hash: str) -> Registration | None:
    """Locks every registration of the address, so that only one of them becomes an account."""
    email_key = select(Registration.email_key).where(Registration.token_hash == token_hash)
    waiting = session.scalars(
        select(Registration)
        .where(Registration.email_key == email_key.scalar_subquery())
        .order_by(Registration.id)
        .with_for_update()
    ).all()
    return next((one for one in waiting if one.token_hash == token_hash), None)


def lock_registrations(session: Session, email_key: str) -> None:
    """All of the address, as `registration_for_update` does."""
    session.execute(
        select(Registration.id)
        .where(Registration.email_key == email_key)
        .order_by(Registration.id)
        .with_for_update()
    )


def claim_email(session: Session, values: dict[str, object]) -> bool:
    """Inserts the account; False where the address has become another account meanwhile."""
    return bool(session.connection().execute(insert_or_nothing(session, Account, values)).rowcount)


def drop_links(session: Session, account_id: UUID) -> None:
    """What was mailed and not followed."""
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account_id))
    session.execute(delete(EmailChange).where(EmailChange.account_id == account_id))


def drop_account(session: Session, account: Account) -> None:
    """With everything that belongs to it; sessions and API tokens were ended before."""
    logins.drop_logins(session, account.id)
    drop_links(session, account.id)
    for state in ("pending", "active"):
        factors.drop_recovery_batch(session, account.id, state)
    for table in (TotpPending, TotpActive, TotpStep, PasswordCredential):
        session.execute(delete(table).where(table.account_id == account.id))
    session.execute(delete(OutgoingMail).where(OutgoingMail.recipient == account.email))
    session.execute(delete(Account).where(Account.id == account.id))


def drop_registrations(session: Session, email_key: str) -> None:
    session.execute(delete(Registration).where(Registration.email_key == email_key))


# Audit


def last_done(session: Session, account_id: UUID, action: str) -> Audit | None:
    return session.scalars(
        select(Audit)
        .where(Audit.actor_account_id == account_id, Audit.action == action)
        .order_by(Audit.at.desc())
        .limit(1)
    ).one_or_none()
