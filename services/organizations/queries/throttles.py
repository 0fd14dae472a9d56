"""Tries under keys, counted before they are made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.organizations.domain.throttle import Tally
from services.organizations.models import Throttle


def tally_for_update(session: Session, key: str, now: datetime) -> Tally:
    """What stands under the key, made if absent, locked until the transaction ends."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # An update takes the lock at once: between a mere insert and a select a row could vanish.
    statement = (
        insert(Throttle)
        .values(key=key, window_start=now, count=0)
        .on_conflict_do_update(index_elements=[Throttle.key], set_={"key": key})
        .returning(Throttle.count, Throttle.window_start)
    )
    count, started_at = session.connection().execute(statement).one()
    return Tally(count, started_at)


def keep(session: Session, key: str, tally: Tally) -> None:
    session.execute(
        update(Throttle)
        .where(Throttle.key == key)
        .values(count=tally.count, window_start=tally.started_at)
    )


def drop_throttles(session: Session, *, before: datetime) -> None:
    """Of windows that were over by then."""
    session.execute(delete(Throttle).where(Throttle.window_start < before))
