"""Sessions and API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from contracts.caller import Level
from services.identity.models import (
    Account,
    ApiToken,
    SessionRow,
    TotpActive,
    TotpPending,
)
from services.identity.queries import factors

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


def age_credentials(session: Session, account_id: UUID, to: datetime) -> None:
    """Of sessions without an authenticator's code, that were opened before there was one."""
    session.execute(
        update(SessionRow)
        .where(
            SessionRow.account_id == account_id,
            SessionRow.level.in_([Level.AAL1.value, Level.AAL1_EMAIL.value]),
            SessionRow.authenticated_at > to,
        )
        .values(authenticated_at=to)
    )


def lower_levels(session: Session, account_id: UUID) -> None:
    """Of sessions that were opened with an authenticator there is none of any more."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.account_id == account_id, SessionRow.level == Level.AAL2.value)
        .values(level=Level.AAL1.value)
    )


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
    pending = factors.recovery_batch(session, account_id, "pending")
    if pending is not None and pending.session_id == session_id:
        factors.drop_recovery_batch(session, account_id, "pending")


# API tokens


def api_token_by_token(session: Session, token_hash: str) -> tuple[ApiToken, bool] | None:
    """With whether its owner has an authenticator now; None also where the account is disabled."""
    counts = and_(TotpActive.account_id == ApiToken.account_id, TotpActive.disabled_at.is_(None))
    row = session.execute(
        select(ApiToken, TotpActive.id.is_not(None))
        .join(Account, Account.id == ApiToken.account_id)
        .outerjoin(TotpActive, counts)
        .where(ApiToken.token_hash == token_hash, Account.disabled_at.is_(None))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


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
