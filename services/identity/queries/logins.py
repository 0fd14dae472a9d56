"""Sign-ins that were begun, with the codes mailed for them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from chassis.db import PREPARED, execute_later
from services.identity.models import (
    EmailCode,
    LoginTransaction,
)


def drop_logins(session: Session, account_id: UUID) -> None:
    """Sign-ins that wait for their second step."""
    begun = select(LoginTransaction.id).where(LoginTransaction.account_id == account_id)
    session.execute(delete(EmailCode).where(EmailCode.login_transaction_id.in_(begun)))
    session.execute(delete(LoginTransaction).where(LoginTransaction.account_id == account_id))


def begin(
    session: Session, account_id: UUID, secret_hash: str, now: datetime, expires_at: datetime
) -> None:
    values = {
        "id": uuid4(),
        "account_id": account_id,
        "secret_hash": secret_hash,
        "began_at": now,
        "expires_at": expires_at,
    }
    execute_later(session, _BEGIN, values)


_BEGIN = insert(LoginTransaction).execution_options(**PREPARED)


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
