"""Every SQL statement of identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from contracts.caller import Level
from services.identity.models import (
    Account,
    ApiToken,
    Audit,
    EmailChange,
    EmailCode,
    LoginTransaction,
    OutgoingMail,
    PasswordCredential,
    PasswordReset,
    RecoveryBatch,
    RecoveryCode,
    Registration,
    SessionRow,
    Throttle,
    TotpActive,
    TotpPending,
    TotpStep,
)


@dataclass(frozen=True)
class Credentials:
    """An account with what its sign-in is checked against."""

    account: Account
    digest: str
    changed_at: datetime
    totp: TotpActive | None

    @property
    def has_authenticator(self) -> bool:
        """One whose codes count."""
        return self.totp is not None and self.totp.disabled_at is None

    @property
    def is_authenticator_disabled(self) -> bool:
        return self.totp is not None and self.totp.disabled_at is not None


# Accounts


def account(session: Session, account_id: UUID) -> Account | None:
    return session.get(Account, account_id)


def account_by_email(session: Session, email_key: str) -> Account | None:
    return session.scalars(select(Account).where(Account.email_key == email_key)).one_or_none()


def account_by_email_for_update(session: Session, email_key: str) -> Account | None:
    return session.scalars(
        select(Account).where(Account.email_key == email_key).with_for_update()
    ).one_or_none()


def account_for_update(session: Session, account_id: UUID) -> Account | None:
    """Serializes what changes how an account is signed in to; rows that refer to it go on."""
    return session.scalars(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    ).one_or_none()


def _credentials(session: Session, condition: Any) -> Credentials | None:
    row = session.execute(
        select(Account, PasswordCredential.digest, PasswordCredential.changed_at, TotpActive)
        .join(PasswordCredential, PasswordCredential.account_id == Account.id)
        .outerjoin(TotpActive, TotpActive.account_id == Account.id)
        .where(condition)
    ).one_or_none()
    return None if row is None else Credentials(*row)


def credentials_by_email(session: Session, email_key: str) -> Credentials | None:
    return _credentials(session, Account.email_key == email_key)


def credentials_of(session: Session, account_id: UUID) -> Credentials | None:
    return _credentials(session, Account.id == account_id)


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


def claim_email(session: Session, values: dict[str, object]) -> bool:
    """Inserts the account; False where the address has become another account meanwhile."""
    return bool(session.connection().execute(insert_or_nothing(session, Account, values)).rowcount)


def drop_logins(session: Session, account_id: UUID) -> None:
    """Sign-ins that wait for their second step."""
    begun = select(LoginTransaction.id).where(LoginTransaction.account_id == account_id)
    session.execute(delete(EmailCode).where(EmailCode.login_transaction_id.in_(begun)))
    session.execute(delete(LoginTransaction).where(LoginTransaction.account_id == account_id))


def drop_links(session: Session, account_id: UUID) -> None:
    """What was mailed and not followed."""
    session.execute(delete(PasswordReset).where(PasswordReset.account_id == account_id))
    session.execute(delete(EmailChange).where(EmailChange.account_id == account_id))


def drop_account(session: Session, account: Account) -> None:
    """With everything that belongs to it; sessions and API tokens were ended before."""
    drop_logins(session, account.id)
    drop_links(session, account.id)
    for state in ("pending", "active"):
        drop_recovery_batch(session, account.id, state)
    for table in (TotpPending, TotpActive, TotpStep, PasswordCredential):
        session.execute(delete(table).where(table.account_id == account.id))
    session.execute(delete(OutgoingMail).where(OutgoingMail.recipient == account.email))
    session.execute(delete(Account).where(Account.id == account.id))


def drop_registrations(session: Session, email_key: str) -> None:
    session.execute(delete(Registration).where(Registration.email_key == email_key))


# Sign-in


def login_transaction(session: Session, secret_hash: str, now: datetime) -> LoginTransaction | None:
    return session.scalars(
        select(LoginTransaction).where(
            LoginTransaction.secret_hash == secret_hash, LoginTransaction.expires_at > now
        )
    ).one_or_none()


def login_for_update(session: Session, login_id: UUID) -> LoginTransaction | None:
    return session.scalars(
        select(LoginTransaction).where(LoginTransaction.id == login_id).with_for_update()
    ).one_or_none()


def use_up_login(session: Session, login_id: UUID) -> None:
    """With the code that was mailed for it."""
    session.execute(delete(EmailCode).where(EmailCode.login_transaction_id == login_id))
    session.execute(delete(LoginTransaction).where(LoginTransaction.id == login_id))


def replace_email_code(session: Session, login_id: UUID, digest: str, expires_at: datetime) -> None:
    session.execute(delete(EmailCode).where(EmailCode.login_transaction_id == login_id))
    session.add(
        EmailCode(login_transaction_id=login_id, digest=digest, tries=0, expires_at=expires_at)
    )


def count_email_code_try(session: Session, login_id: UUID, most: int) -> bool:
    """Counts a try before it is made; False when none is left or no code is live."""
    counted = session.connection().execute(
        update(EmailCode)
        .where(EmailCode.login_transaction_id == login_id, EmailCode.tries < most)
        .values(tries=EmailCode.tries + 1)
    )
    return bool(counted.rowcount)


def email_code(session: Session, login_id: UUID, now: datetime) -> EmailCode | None:
    return session.scalars(
        select(EmailCode).where(
            EmailCode.login_transaction_id == login_id, EmailCode.expires_at > now
        )
    ).one_or_none()


# Authenticators


def use_up_step(session: Session, account_id: UUID, step: int) -> bool:
    """Compare and set: of any number of parallel uses of one step exactly one gets True."""
    used = session.connection().execute(
        update(TotpStep)
        .where(TotpStep.account_id == account_id, TotpStep.last_used_step < step)
        .values(last_used_step=step)
    )
    return bool(used.rowcount)


def totp_active(session: Session, account_id: UUID) -> TotpActive | None:
    return session.get(TotpActive, account_id)


def count_totp_failure(session: Session, account_id: UUID) -> None:
    """Before the code is looked at."""
    session.execute(
        update(TotpActive)
        .where(TotpActive.account_id == account_id, TotpActive.disabled_at.is_(None))
        .values(failures=TotpActive.failures + 1)
    )


def disable_totp(session: Session, account_id: UUID, failures: int, now: datetime) -> bool:
    """Where there were as many failures in a row; whether it was this call that did it."""
    disabled = session.connection().execute(
        update(TotpActive)
        .where(
            TotpActive.account_id == account_id,
            TotpActive.disabled_at.is_(None),
            TotpActive.failures >= failures,
        )
        .values(disabled_at=now)
    )
    return bool(disabled.rowcount)


def forget_totp_failures(session: Session, account_id: UUID) -> None:
    session.execute(
        update(TotpActive).where(TotpActive.account_id == account_id).values(failures=0)
    )


def drop_totp(session: Session, account_id: UUID) -> bool:
    """Whether there was an active one."""
    dropped = session.connection().execute(
        delete(TotpActive).where(TotpActive.account_id == account_id)
    )
    return bool(dropped.rowcount)


def totp_pending(
    session: Session, account_id: UUID, pending_id: UUID, session_id: UUID, now: datetime
) -> TotpPending | None:
    return session.scalars(
        select(TotpPending).where(
            TotpPending.account_id == account_id,
            TotpPending.id == pending_id,
            TotpPending.session_id == session_id,
            TotpPending.expires_at > now,
        )
    ).one_or_none()


def drop_pending(session: Session, account_id: UUID) -> None:
    session.execute(delete(TotpPending).where(TotpPending.account_id == account_id))


def pending_shown_in(
    session: Session, account_id: UUID, session_id: UUID, now: datetime
) -> TotpPending | None:
    return session.scalars(
        select(TotpPending).where(
            TotpPending.account_id == account_id,
            TotpPending.session_id == session_id,
            TotpPending.expires_at > now,
        )
    ).one_or_none()


# Recovery codes


def recovery_batch(session: Session, account_id: UUID, state: str) -> RecoveryBatch | None:
    return session.scalars(
        select(RecoveryBatch).where(
            RecoveryBatch.account_id == account_id, RecoveryBatch.state == state
        )
    ).one_or_none()


def pending_batch(
    session: Session, account_id: UUID, session_id: UUID, now: datetime
) -> RecoveryBatch | None:
    """What was shown in this Manage session and may still be confirmed."""
    return session.scalars(
        select(RecoveryBatch).where(
            RecoveryBatch.account_id == account_id,
            RecoveryBatch.state == "pending",
            RecoveryBatch.session_id == session_id,
            RecoveryBatch.expires_at > now,
        )
    ).one_or_none()


def recovery_codes(session: Session, batch_id: UUID) -> Sequence[RecoveryCode]:
    return session.scalars(select(RecoveryCode).where(RecoveryCode.batch_id == batch_id)).all()


def recovery_codes_left(session: Session, batch_id: UUID) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.batch_id == batch_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def use_up_recovery_code(session: Session, code_id: UUID, now: datetime) -> bool:
    """Compare and set: of any number of parallel uses exactly one gets True."""
    used = session.connection().execute(
        update(RecoveryCode)
        .where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )
    return bool(used.rowcount)


def count_recovery_failure(session: Session, batch_id: UUID) -> None:
    """Before the code is looked at."""
    session.execute(
        update(RecoveryBatch)
        .where(RecoveryBatch.id == batch_id, RecoveryBatch.disabled_at.is_(None))
        .values(failures=RecoveryBatch.failures + 1)
    )


def disable_recovery_codes(
    session: Session, account_id: UUID, failures: int, now: datetime
) -> bool:
    """Where there were as many failures in a row; whether it was this call that did it."""
    disabled = session.connection().execute(
        update(RecoveryBatch)
        .where(
            RecoveryBatch.account_id == account_id,
            RecoveryBatch.state == "active",
            RecoveryBatch.disabled_at.is_(None),
            RecoveryBatch.failures >= failures,
        )
        .values(disabled_at=now)
    )
    return bool(disabled.rowcount)


def forget_recovery_failures(session: Session, batch_id: UUID) -> None:
    session.execute(update(RecoveryBatch).where(RecoveryBatch.id == batch_id).values(failures=0))


def drop_recovery_batch(session: Session, account_id: UUID, state: str) -> bool:
    """With its codes; whether there was one."""
    batch = recovery_batch(session, account_id, state)
    if batch is None:
        return False
    session.execute(delete(RecoveryCode).where(RecoveryCode.batch_id == batch.id))
    session.execute(delete(RecoveryBatch).where(RecoveryBatch.id == batch.id))
    return True


# Sessions


def session_by_token(session: Session, token_hash: str) -> SessionRow | None:
    """None also where the account is disabled."""
    return session.scalars(
        select(SessionRow)
        .join(Account, Account.id == SessionRow.account_id)
        .where(SessionRow.token_hash == token_hash, Account.disabled_at.is_(None))
    ).one_or_none()


def session_of(session: Session, session_id: UUID, account_id: UUID) -> SessionRow | None:
    return session.scalars(
        select(SessionRow).where(SessionRow.id == session_id, SessionRow.account_id == account_id)
    ).one_or_none()


def note_seen(session: Session, session_id: UUID, seen_at: datetime) -> None:
    session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.last_seen_at < seen_at)
        .values(last_seen_at=seen_at)
    )


def sessions_least_seen_first(session: Session, account_id: UUID) -> Sequence[SessionRow]:
    return session.scalars(
        select(SessionRow)
        .where(SessionRow.account_id == account_id)
        .order_by(SessionRow.last_seen_at, SessionRow.id)
    ).all()


def end_session(session: Session, session_id: UUID) -> bool:
    """Whether it was live until now."""
    ended = session.connection().execute(delete(SessionRow).where(SessionRow.id == session_id))
    return bool(ended.rowcount)


def drop_shown_in(session: Session, account_id: UUID, session_id: UUID) -> None:
    """What a Manage session showed and nobody confirmed."""
    session.execute(
        delete(TotpPending).where(
            TotpPending.account_id == account_id, TotpPending.session_id == session_id
        )
    )
    pending = recovery_batch(session, account_id, "pending")
    if pending is not None and pending.session_id == session_id:
        drop_recovery_batch(session, account_id, "pending")


# API tokens


def api_token_by_token(session: Session, token_hash: str) -> ApiToken | None:
    """None also where the account is disabled."""
    return session.scalars(
        select(ApiToken)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.token_hash == token_hash, Account.disabled_at.is_(None))
    ).one_or_none()


def api_token_of(
    session: Session, api_token_id: UUID, account_id: UUID, now: datetime
) -> ApiToken | None:
    return session.scalars(
        select(ApiToken).where(
            ApiToken.id == api_token_id,
            ApiToken.account_id == account_id,
            ApiToken.expires_at > now,
        )
    ).one_or_none()


def note_used(session: Session, api_token_id: UUID, used_at: datetime) -> None:
    session.execute(
        update(ApiToken)
        .where(
            ApiToken.id == api_token_id,
            or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < used_at),
        )
        .values(last_used_at=used_at)
    )


def api_tokens_of(session: Session, account_id: UUID) -> Sequence[ApiToken]:
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.account_id == account_id)
        .order_by(ApiToken.created_at, ApiToken.id)
    ).all()


def drop_expired_api_tokens(session: Session, account_id: UUID, now: datetime) -> None:
    session.execute(
        delete(ApiToken).where(ApiToken.account_id == account_id, ApiToken.expires_at <= now)
    )


def drop_api_token(session: Session, api_token_id: UUID) -> bool:
    """Whether it was there until now."""
    dropped = session.connection().execute(delete(ApiToken).where(ApiToken.id == api_token_id))
    return bool(dropped.rowcount)


# Throttles


def throttle_for_update(session: Session, key: str, now: datetime) -> Throttle:
    """The row under the key, made if absent, locked until the transaction ends."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(Throttle).values(key=key, count=0, started_at=now, counted_at=now)
    # The update takes the lock at once: between a mere insert and a select the row could vanish.
    session.connection().execute(
        fresh.on_conflict_do_update(index_elements=["key"], set_={"counted_at": now})
    )
    return session.scalars(
        select(Throttle).where(Throttle.key == key).execution_options(populate_existing=True)
    ).one()


def take_back(session: Session, key: str, started_at: datetime) -> None:
    """Uncounts one try of a window that is still the same."""
    session.execute(
        update(Throttle)
        .where(Throttle.key == key, Throttle.started_at == started_at, Throttle.count > 0)
        .values(count=Throttle.count - 1)
    )


def throttle(session: Session, key: str) -> Throttle | None:
    return session.get(Throttle, key)


def throttle_keys_of(session: Session, account_id: UUID) -> Sequence[str]:
    return session.scalars(select(Throttle.key).where(Throttle.key.contains(account_id.hex))).all()


def forget(session: Session, keys: Sequence[str]) -> None:
    """One by one in the order in which they are counted, so that nobody waits in a circle."""
    for key in sorted(keys):
        session.execute(delete(Throttle).where(Throttle.key == key))


# Mail


def mail_due(session: Session, now: datetime) -> OutgoingMail | None:
    """Locked for this replica; another one gets the next. What was never tried goes first."""
    return session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.state == "waiting", OutgoingMail.due_at <= now)
        .order_by(OutgoingMail.attempts, OutgoingMail.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def mail_for_update(session: Session, mail_id: UUID) -> OutgoingMail | None:
    """None where its account was deleted meanwhile."""
    return session.scalars(
        select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update()
    ).one_or_none()


def any_mail_due(session: Session, now: datetime) -> bool:
    """Asked before, for a look costs less than a lock."""
    return (
        session.scalar(
            select(OutgoingMail.id)
            .where(OutgoingMail.state == "waiting", OutgoingMail.due_at <= now)
            .limit(1)
        )
        is not None
    )


# Audit


def last_done(session: Session, account_id: UUID, action: str) -> Audit | None:
    return session.scalars(
        select(Audit)
        .where(Audit.actor_account_id == account_id, Audit.action == action)
        .order_by(Audit.at.desc())
        .limit(1)
    ).one_or_none()


# Upkeep


@dataclass(frozen=True)
class Keeping:
    """Since when what is kept for a while has to stand unused to be dropped."""

    sessions: datetime
    manage_sessions: datetime
    windows: datetime
    runs: datetime
    mails: datetime


def drop_outdated(session: Session, now: datetime, since: Keeping) -> int:
    """Rows that can no longer have any effect; how many there were."""
    logins = select(LoginTransaction.id).where(LoginTransaction.expires_at <= now)
    is_manage = SessionRow.level == Level.MANAGE.value
    is_over = or_(
        SessionRow.ends_at <= now,
        and_(not_(is_manage), SessionRow.last_seen_at <= since.sessions),
        and_(is_manage, SessionRow.last_seen_at <= since.manage_sessions),
    )
    statements = (
        delete(Registration).where(Registration.expires_at <= now),
        delete(EmailCode).where(EmailCode.login_transaction_id.in_(logins)),
        delete(LoginTransaction).where(LoginTransaction.expires_at <= now),
        delete(SessionRow).where(is_over),
        # What was shown in a session is worth nothing without it (REG-4, RC-5).
        *(
            delete(shown).where(
                or_(
                    shown.expires_at <= now,
                    not_(exists().where(SessionRow.id == shown.session_id)),
                ),
                *conditions,
            )
            for shown, conditions in (
                (TotpPending, ()),
                (RecoveryBatch, (RecoveryBatch.state == "pending",)),
            )
        ),
        delete(PasswordReset).where(PasswordReset.expires_at <= now),
        delete(EmailChange).where(EmailChange.expires_at <= now),
        delete(ApiToken).where(ApiToken.expires_at <= now),
        # Keys of windows end in "/" and the window's length.
        delete(Throttle).where(Throttle.counted_at <= since.windows, Throttle.key.contains("/")),
        delete(Throttle).where(Throttle.counted_at <= since.runs),
        delete(OutgoingMail).where(
            OutgoingMail.state != "waiting", OutgoingMail.written_at <= since.mails
        ),
    )
    connection = session.connection()
    return sum(connection.execute(statement).rowcount for statement in statements)
