"""What can no longer have any effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, not_, or_, select
from sqlalchemy.orm import Session

from contracts.caller import Level
from services.identity.models import (
    ApiToken,
    EmailChange,
    EmailCode,
    LoginTransaction,
    OutgoingMail,
    PasswordReset,
    RecoveryBatch,
    Registration,
    SessionRow,
    Throttle,
    TotpPending,
)


@dataclass(frozen=True)
class Keeping:
    """Since when what is kept for a while has to stand unused to be dropped."""

    sessions: datetime
    kept_sessions: datetime
    manage_sessions: datetime
    windows: datetime
    runs: datetime
    mails: datetime
    stopped: int
    """Failures in a row after which no password is taken."""


def drop_outdated(session: Session, now: datetime, since: Keeping) -> int:
    """Rows that can no longer have any effect; how many there were."""
    logins = select(LoginTransaction.id).where(LoginTransaction.expires_at <= now)
    is_manage = SessionRow.level == Level.MANAGE.value
    is_over = or_(
        SessionRow.ends_at <= now,
        and_(not_(is_manage), SessionRow.is_kept, SessionRow.last_seen_at <= since.kept_sessions),
        and_(not_(is_manage), not_(SessionRow.is_kept), SessionRow.last_seen_at <= since.sessions),
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
        # A run that stopped an account is kept for ever: only a new password opens it (2.2).
        delete(Throttle).where(Throttle.counted_at <= since.runs, Throttle.count < since.stopped),
        delete(OutgoingMail).where(
            OutgoingMail.state != "waiting", OutgoingMail.written_at <= since.mails
        ),
    )
    connection = session.connection()
    return sum(connection.execute(statement).rowcount for statement in statements)
