"""Forgets what was remembered only to recognize repetitions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, tuple_

from chassis.clock import Clock
from chassis.db import Database
from chassis.inbox import DONE
from chassis.tables import IdempotencyRow, InboxRow

# Enough for what an hour brings, and short enough to hold nobody up.
BATCH = 5_000


def forget(db: Database, clock: Clock, kept: timedelta) -> int:
    """Deletes handled events and answered keys older than ``kept``; how many, at most a batch each."""
    before = clock.now() - kept
    events = (
        select(InboxRow.event_id, InboxRow.handler)
        .where(InboxRow.state == DONE, InboxRow.received_at < before)
        .limit(BATCH)
    )
    keys = (
        select(IdempotencyRow.account_id, IdempotencyRow.operation, IdempotencyRow.key)
        .where(IdempotencyRow.recorded_at < before)
        .limit(BATCH)
    )
    forgotten = 0
    with db() as session:
        for table, key, old in (
            (InboxRow, tuple_(InboxRow.event_id, InboxRow.handler), events),
            (
                IdempotencyRow,
                tuple_(IdempotencyRow.account_id, IdempotencyRow.operation, IdempotencyRow.key),
                keys,
            ),
        ):
            gone = session.connection().execute(delete(table).where(key.in_(old)))
            forgotten += gone.rowcount
    return forgotten
