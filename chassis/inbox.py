"""The inbox: an event and its effect are committed together, once; failures wait here for retry.

(arrives) ──effect committed──▶ done
    └──the handler failed──▶ waiting ──due, effect committed──▶ done
                               │  └──failed again──▶ waiting, later each time
                               └──failed ATTEMPTS times──▶ parked ──an operator replays──▶ waiting
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.clock import Clock
from chassis.context import CallContext, use
from chassis.db import Database
from chassis.idempotency import insert_or_nothing
from chassis.tables import InboxRow
from contracts.events import Event

DONE, WAITING, PARKED = "done", "waiting", "parked"
ATTEMPTS = 10
FIRST_DELAY = timedelta(seconds=1)
LONGEST_DELAY = timedelta(minutes=30)
BATCH = 50

_log = logging.getLogger(__name__)

Known = TypeVar("Known", bound=Event)
Effect = Callable[[Session, Known], None]


@dataclass(frozen=True)
class Arrival:
    """An event message as it came off the bus."""

    event_id: UUID
    name: str
    data: dict[str, Any]
    request_id: str


@dataclass(frozen=True)
class Handler(Generic[Known]):
    """What one service does about one kind of event."""

    name: str
    kind: type[Known]
    effect: Effect[Known]


def delay_after(attempts: int) -> timedelta:
    """Doubling from one second to half an hour."""
    return min(FIRST_DELAY * int(2 ** (attempts - 1)), LONGEST_DELAY)


class Inbox:
    def __init__(self, service: str, db: Database, clock: Clock) -> None:
        self._service = service
        self._db = db
        self._clock = clock

    def receive(self, handler: Handler[Any], arrival: Arrival) -> None:
        """Carries the effect out, or keeps the event for a later try; a redelivery does nothing.

        When this returns the event is safe in the database and its message may be acknowledged.
        """
        with use(CallContext(request_id=arrival.request_id)):
            now = self._clock.now()
            try:
                with self._db() as session:
                    if not self._enter(session, handler, arrival, DONE, now):
                        self._count(handler, "repeated")
                        return
                    handler.effect(session, handler.kind.from_json(arrival.data))
                self._count(handler, "done")
            except Exception as error:
                # Whatever the handler met: nothing of it is committed, and the event is kept.
                _log.exception("event %s failed in %s", arrival.name, handler.name)
                with self._db() as session:
                    self._enter(session, handler, arrival, WAITING, now, error)
                self._count(handler, "failed")

    def retry_due(self, handlers: Sequence[Handler[Any]]) -> int:
        """Tries again what is due; how many were tried."""
        by_name = {handler.name: handler for handler in handlers}
        with self._db.reading() as session:
            due = session.execute(
                select(InboxRow.event_id, InboxRow.handler)
                .where(
                    InboxRow.state == WAITING,
                    InboxRow.due_at <= self._clock.now(),
                    InboxRow.handler.in_(by_name),
                )
                .order_by(InboxRow.due_at)
                .limit(BATCH)
            ).all()
        for event_id, name in due:
            self._retry(by_name[name], event_id)
        return len(due)

    def _retry(self, handler: Handler[Any], event_id: UUID) -> None:
        key = (InboxRow.event_id == event_id, InboxRow.handler == handler.name)
        try:
            with self._db() as session:
                row = session.scalars(
                    select(InboxRow)
                    .where(*key, InboxRow.state == WAITING)
                    .with_for_update(skip_locked=True)
                ).one_or_none()
                if row is None:
                    return
                with use(CallContext(request_id=row.request_id)):
                    handler.effect(session, handler.kind.from_json(row.data or {}))
                row.state, row.data, row.due_at, row.failure = DONE, None, None, None
            self._count(handler, "done")
        except Exception as error:
            with self._db() as session:
                failed = session.scalars(
                    select(InboxRow).where(*key, InboxRow.state == WAITING).with_for_update()
                ).one_or_none()
                if failed is None:
                    # Another replica took it up at once, and was luckier.
                    return
                failed.attempts += 1
                failed.failure = _described(error)
                parked = failed.attempts >= ATTEMPTS
                failed.state = PARKED if parked else WAITING
                failed.due_at = None if parked else self._clock.now() + delay_after(failed.attempts)
            _log.exception("event %s failed again in %s", event_id, handler.name)
            self._count(handler, "parked" if parked else "failed")

    def _enter(
        self,
        session: Session,
        handler: Handler[Any],
        arrival: Arrival,
        state: str,
        now: datetime,
        error: Exception | None = None,
    ) -> bool:
        values = {
            "event_id": arrival.event_id,
            "handler": handler.name,
            "source": handler.kind.source,
            "name": arrival.name,
            "request_id": arrival.request_id,
            "state": state,
            "data": None if state == DONE else arrival.data,
            "attempts": 0 if error is None else 1,
            "due_at": None if error is None else now + delay_after(1),
            "failure": None if error is None else _described(error),
            "received_at": now,
        }
        entered = session.connection().execute(insert_or_nothing(session, InboxRow, values))
        return bool(entered.rowcount)

    def _count(self, handler: Handler[Any], outcome: str) -> None:
        metrics.EVENTS_HANDLED.labels(self._service, handler.name, outcome).inc()


def parked(session: Session) -> Sequence[InboxRow]:
    """What an operator should look at, oldest first."""
    return session.scalars(
        select(InboxRow).where(InboxRow.state == PARKED).order_by(InboxRow.received_at)
    ).all()


def replay(session: Session, now: datetime, event_id: UUID | None = None) -> int:
    """Makes parked events (one, or all) due again with a fresh count; how many they are."""
    statement = (
        update(InboxRow)
        .where(InboxRow.state == PARKED)
        .values(state=WAITING, attempts=0, due_at=now)
    )
    if event_id is not None:
        statement = statement.where(InboxRow.event_id == event_id)
    return int(session.connection().execute(statement).rowcount)


def measure(service: str, db: Database) -> None:
    """Sets the gauge of parked events."""
    with db.reading() as session:
        count = session.scalar(
            select(func.count()).select_from(InboxRow).where(InboxRow.state == PARKED)
        )
    metrics.INBOX_PARKED.labels(service).set(count or 0)


def _described(error: Exception) -> str:
    """The exception's class and place; its text could hold what must not be kept."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
