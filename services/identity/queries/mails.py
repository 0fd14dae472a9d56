"""Mail that is to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.identity.models import (
    OutgoingMail,
)


@contextmanager
def once(session: Session) -> Iterator[None]:
    """Around writing a mail under an id that was given: nothing where it was written before."""
    with suppress(IntegrityError), session.begin_nested():
        yield


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
