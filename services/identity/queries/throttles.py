"""Tries under keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.identity.models import (
    Throttle,
)


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
