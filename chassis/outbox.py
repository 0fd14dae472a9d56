"""The transactional outbox: what is announced is committed with its cause, then relayed in order."""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from kombu import Connection, Exchange, Producer
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chassis import context, metrics
from chassis.clock import Clock
from chassis.db import DATABASE_AWAY, Database
from chassis.producers import BROKER_ERRORS, CONFIRM_TIMEOUT_SECONDS, connected, discard
from chassis.tables import OutboxRow
from contracts.events import Event

BATCH = 200
# A wake-up follows each commit; the pause only bounds what another replica's commit waits.
IDLE_SECONDS = 1.0
FAILURE_SECONDS = 1.0
_ANNOUNCED = "freehold_announced"

_log = logging.getLogger(__name__)


class Announcer:
    """``self.announce(session, event)``: the event goes out if and only if the session commits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, session: Session, event: Event) -> None:
        session.add(
            OutboxRow(
                event_id=uuid4(),
                name=event.name,
                data=event.to_json(),
                request_id=context.current().request_id,
                announced_at=self._clock.now(),
            )
        )
        session.info[_ANNOUNCED] = True


def exchange_of(service: str) -> Exchange:
    return Exchange(f"{service}.events", type="topic", durable=True)


class Relay:
    """Publishes the outbox with publisher confirms, in order, one replica at a time.

    Order holds per locked row: events of one organization were written under its lock. A crash
    between confirm and delete repeats an event; the inbox knows it again by its id.
    """

    def __init__(self, service: str, db: Database, broker_url: str, clock: Clock) -> None:
        self._service = service
        self._db = db
        self._url = broker_url
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock_connection: SqlConnection | None = None
        self._connection: Connection | None = None
        self._producer: Producer | None = None
        db.after_commit(self._after_commit)

    def _after_commit(self, session: Session) -> None:
        if session.info.get(_ANNOUNCED):
            self._wake.set()

    def run(self) -> None:
        """Relays until stopped; the broker and the database may come and go meanwhile."""
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = 0.0 if self._holds_turn() and self.relay_batch() else IDLE_SECONDS
            except Exception as error:
                if not isinstance(error, (*BROKER_ERRORS, *DATABASE_AWAY)):
                    _log.exception("relay failed")
                _log.warning("relay paused: %s", type(error).__name__)
                self.disconnect()
                self._stopping.wait(FAILURE_SECONDS)
                continue
            if pause:
                self._wake.wait(pause)
        self.disconnect()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def relay_batch(self) -> int:
        """How many events the broker has confirmed; at most ``BATCH``."""
        rows = self._waiting()
        if not rows:
            return 0
        confirmed: list[int] = []
        try:
            for row in rows:
                self._publish(row)
                confirmed.append(row.seq)
        finally:
            if confirmed:
                with self._db() as session:
                    session.execute(delete(OutboxRow).where(OutboxRow.seq.in_(confirmed)))
        return len(confirmed)

    def _waiting(self) -> Sequence[OutboxRow]:
        with self._db.reading() as session:
            return session.scalars(select(OutboxRow).order_by(OutboxRow.seq).limit(BATCH)).all()

    def _publish(self, row: OutboxRow) -> None:
        if self._producer is None:
            self._connection = connected(self._url, f"relay {self._service}")
            channel = self._connection.channel()
            exchange = exchange_of(self._service)
            exchange(channel).declare()
            self._producer = Producer(channel, exchange=exchange, serializer="json")
        self._producer.publish(
            {"event_id": str(row.event_id), "data": row.data},
            routing_key=row.name,
            headers={"nameko.request_id": row.request_id},
            delivery_mode="persistent",
            retry=False,
            confirm_timeout=CONFIRM_TIMEOUT_SECONDS,
        )
        metrics.EVENTS_PUBLISHED.labels(self._service, row.name).inc()

    def _holds_turn(self) -> bool:
        """Whether this replica relays: on PostgreSQL who holds the advisory lock, on SQLite always."""
        if not self._db.is_postgresql:
            return True
        if self._lock_connection is not None and not self._lock_connection.closed:
            self._lock_connection.execute(text("SELECT 1"))
            self._lock_connection.rollback()
            return True
        connection = self._db.engine.connect()
        key = zlib.crc32(f"outbox:{self._service}".encode())
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})
        if taken.scalar_one():
            # The lock belongs to the connection, not to the transaction.
            connection.rollback()
            self._lock_connection = connection
            return True
        connection.close()
        return False

    def disconnect(self) -> None:
        """Lets go of the broker and of this replica's turn."""
        if self._connection is not None:
            discard(self._connection)
        if self._lock_connection is not None:
            with suppress(DBAPIError):
                # Closing alone would hand it back to the pool with the lock still held.
                self._lock_connection.invalidate()
                self._lock_connection.close()
        self._connection = self._producer = self._lock_connection = None


def measure(service: str, db: Database, clock: Clock) -> None:
    """Sets the outbox gauges."""
    with db.reading() as session:
        rows, oldest = session.execute(select(func.count(), func.min(OutboxRow.announced_at))).one()
    metrics.OUTBOX_ROWS.labels(service).set(rows)
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    metrics.OUTBOX_AGE.labels(service).set(age)


def pending(db: Database) -> Sequence[tuple[str, dict[str, Any]]]:
    """What waits in the outbox, oldest first, as (name, data)."""
    with db.reading() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.seq)).all()
        return [(row.name, row.data) for row in rows]
