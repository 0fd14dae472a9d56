"""Authenticators and recovery codes: used up by compare and set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from services.identity.models import (
    RecoveryBatch,
    RecoveryCode,
    TotpActive,
    TotpPending,
    TotpStep,
)

# Authenticators


def use_up_step(session: Session, account_id: UUID, step: int) -> bool:
    """Compare and set: of any number of parallel uses of one step exactly one gets True."""
    used = session.connection().execute(
        update(TotpStep)
        .where(
            TotpStep.account_id == account_id,
            TotpStep.last_used_step < step,
            or_(TotpStep.given_up_step.is_(None), TotpStep.given_up_step != step),
        )
        .values(last_used_step=step)
    )
    return bool(used.rowcount)


def give_up_step(session: Session, account_id: UUID, step: int, oldest: int) -> bool:
    """False where another one that is still to come was given up before.

    :param oldest: the first step whose code may still count.
    """
    given_up = session.connection().execute(
        update(TotpStep)
        .where(
            TotpStep.account_id == account_id,
            or_(
                TotpStep.given_up_step.is_(None),
                TotpStep.given_up_step == step,
                TotpStep.given_up_step < oldest,
            ),
        )
        .values(given_up_step=step)
    )
    return bool(given_up.rowcount)


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
