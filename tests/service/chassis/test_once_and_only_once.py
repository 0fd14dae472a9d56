"""Outbox, inbox and idempotency keys on a service made for these tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from marshmallow import Schema, fields
from sqlalchemy import String, Uuid, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from chassis import inbox, purge
from chassis.clock import FixedClock
from chassis.config import Config
from chassis.context import CallContext
from chassis.db import Database, engine_for
from chassis.events import bound, consumes, retry_due
from chassis.idempotency import once
from chassis.outbox import pending
from chassis.rpc import rpc
from chassis.service import Kit, Service
from chassis.tables import ChassisBase, InboxRow
from chassis.wire import WireRefusal
from contracts.errors import Conflict
from contracts.events import Event
from tests.harness import START, DirectBus


class Base(DeclarativeBase):
    pass


class Fence(Base):
    __tablename__ = "fence"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    color: Mapped[str] = mapped_column(String(20))


@dataclass(frozen=True)
class FencePainted(Event):
    source: ClassVar[str] = "fences"
    name: ClassVar[str] = "fence_painted"

    color: str


class PaintFence(Schema):
    color = fields.String(required=True)
    idempotency_key = fields.String(required=True)


class FenceView(Schema):
    id = fields.UUID()
    color = fields.String()


class ColorRefused(Conflict):
    code = "color-refused-in-a-test"


ACCOUNT = uuid4()


class Fences(Service):
    name = "fences"
    broken: ClassVar[bool] = False

    @rpc(takes=PaintFence, gives=FenceView)
    def paint(self, color: str, idempotency_key: str) -> Any:
        with self.db() as session:
            attempt = once(
                session,
                ACCOUNT,
                "paint",
                idempotency_key,
                {"color": color},
                gives=FenceView,
                now=self.clock.now(),
            )
            fence = Fence(id=uuid4(), color=color)
            session.add(fence)
            self.announce(session, FencePainted(color))
            if color == "mauve":
                raise ColorRefused("No mauve.")
            return attempt.answer(fence)

    @consumes(FencePainted)
    def paint_too(self, session: Session, event: FencePainted) -> None:
        session.add(Fence(id=uuid4(), color=f"copy of {event.color}"))
        session.flush()
        if Fences.broken:
            raise RuntimeError("the brush is hunter2")


@pytest.fixture(params=["sqlite", "postgresql"])
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kit]:
    url = f"sqlite:///{tmp_path / 'fences.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")()
    engine = engine_for(url)
    ChassisBase.metadata.create_all(engine)
    Base.metadata.create_all(engine)
    config = Config({"suite": {"data_folder": str(tmp_path)}})
    bus = DirectBus(None)  # type: ignore[arg-type]
    made = Kit(Fences, config, clock=FixedClock(START), bus=bus, db=Database(engine))
    Fences.broken = False
    yield made
    made.db.close()


def fences(kit: Kit) -> Fences:
    service = Fences()
    kit.equip(service, CallContext(request_id="r-1"))
    return service


def colors(kit: Kit) -> list[str]:
    with kit.db.reading() as session:
        return sorted(session.scalars(select(Fence.color)))


def arrived(color: str, event_id: UUID | None = None) -> dict[str, Any]:
    return {"event_id": str(event_id or uuid4()), "data": {"color": color}}


def rows(kit: Kit) -> list[tuple[str, int]]:
    with kit.db.reading() as session:
        return [(row.state, row.attempts) for row in session.scalars(select(InboxRow))]


def test_an_event_is_announced_with_its_cause(kit: Kit) -> None:
    fences(kit).paint({"color": "green", "idempotency_key": "k1"})
    assert pending(kit.db) == [("fence_painted", {"color": "green"})]


def test_a_refusal_announces_nothing_and_changes_nothing(kit: Kit) -> None:
    with pytest.raises(WireRefusal):
        fences(kit).paint({"color": "mauve", "idempotency_key": "k1"})
    assert pending(kit.db) == []
    assert colors(kit) == []


def test_the_same_key_gets_the_same_answer_once(kit: Kit) -> None:
    """D-24."""
    first = fences(kit).paint({"color": "green", "idempotency_key": "k1"})
    assert fences(kit).paint({"color": "green", "idempotency_key": "k1"}) == first
    assert colors(kit) == ["green"]
    assert len(pending(kit.db)) == 1


def test_the_same_key_with_another_request_is_refused(kit: Kit) -> None:
    """D-24."""
    fences(kit).paint({"color": "green", "idempotency_key": "k1"})
    with pytest.raises(WireRefusal) as refused:
        fences(kit).paint({"color": "red", "idempotency_key": "k1"})
    assert refused.value.args[1] == "idempotency-mismatch"
    assert colors(kit) == ["green"]


def test_a_refused_key_may_be_tried_again(kit: Kit) -> None:
    for _ in range(2):
        with pytest.raises(WireRefusal) as refused:
            fences(kit).paint({"color": "mauve", "idempotency_key": "k1"})
        assert refused.value.args[1] == "color-refused-in-a-test"


def test_one_key_from_many_connections_at_once_acts_once(kit: Kit) -> None:
    for attempt in range(30):
        start = threading.Barrier(4)
        answers: list[Any] = []

        def paint(
            key: str = f"k{attempt}",
            start: threading.Barrier = start,
            answers: list[Any] = answers,
        ) -> None:
            start.wait()
            answers.append(fences(kit).paint({"color": "green", "idempotency_key": key}))

        threads = [threading.Thread(target=paint) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 4
        assert len({answer["id"] for answer in answers}) == 1
    assert len(colors(kit)) == 30


def test_a_redelivered_event_changes_nothing(kit: Kit) -> None:
    body = arrived("green")
    for _ in range(3):
        fences(kit).paint_too(body)
    assert colors(kit) == ["copy of green"]
    assert rows(kit) == [("done", 0)]


def test_a_failing_handler_leaves_no_trace_but_the_event(kit: Kit) -> None:
    Fences.broken = True
    fences(kit).paint_too(arrived("green"))
    assert colors(kit) == []
    assert rows(kit) == [("waiting", 1)]


def test_a_waiting_event_is_retried_when_it_is_due(kit: Kit) -> None:
    Fences.broken = True
    fences(kit).paint_too(arrived("green"))
    Fences.broken = False
    assert retry_due(Fences, kit) == 0
    kit.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    assert retry_due(Fences, kit) == 1
    assert colors(kit) == ["copy of green"]
    assert rows(kit) == [("done", 1)]


def test_an_event_that_fails_ten_times_is_parked_and_an_operator_replays_it(kit: Kit) -> None:
    Fences.broken = True
    event_id = uuid4()
    fences(kit).paint_too(arrived("green", event_id))
    for attempts in range(1, 10):
        kit.clock.advance(inbox.delay_after(attempts))  # type: ignore[attr-defined]
        assert retry_due(Fences, kit) == 1
    kit.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    assert retry_due(Fences, kit) == 0
    with kit.db.reading() as session:
        (row,) = inbox.parked(session)
        assert row.failure is not None
        assert "RuntimeError" in row.failure
        assert "hunter2" not in row.failure
    Fences.broken = False
    with kit.db() as session:
        assert inbox.replay(session, kit.clock.now(), event_id) == 1
    assert retry_due(Fences, kit) == 1
    assert colors(kit) == ["copy of green"]


class LateDatabase:
    """The database of a replica that is overtaken between its failure and noting it."""

    def __init__(self, db: Database, overtakes: Callable[[], None]) -> None:
        self._db = db
        self._overtakes = overtakes
        self._transactions = 0
        self.reading = db.reading

    def __call__(self) -> Any:
        self._transactions += 1
        if self._transactions == 2:
            self._overtakes()
        return self._db()


def test_a_retry_that_another_replica_overtakes_is_not_carried_out_again(kit: Kit) -> None:
    Fences.broken = True
    fences(kit).paint_too(arrived("green"))
    kit.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]

    def overtake() -> None:
        Fences.broken = False
        assert retry_due(Fences, kit) == 1

    late = inbox.Inbox("fences", LateDatabase(kit.db, overtake), kit.clock)  # type: ignore[arg-type]
    effect = bound(Fences.paint_too.effect, fences(kit))  # type: ignore[attr-defined]
    assert late.retry_due([inbox.Handler("paint_too", FencePainted, effect)]) == 1
    assert rows(kit) == [("done", 1)]
    assert colors(kit) == ["copy of green"]


def test_what_is_past_recognizing_is_forgotten_and_what_waits_is_kept(kit: Kit) -> None:
    fences(kit).paint({"color": "green", "idempotency_key": "k1"})
    fences(kit).paint_too(arrived("green"))
    Fences.broken = True
    fences(kit).paint_too(arrived("red"))
    kept = timedelta(days=30)
    assert purge.forget(kit.db, kit.clock, kept) == 0
    kit.clock.advance(kept + timedelta(seconds=1))  # type: ignore[attr-defined]
    assert purge.forget(kit.db, kit.clock, kept) == 2
    assert rows(kit) == [("waiting", 1)]


def test_delays_grow_to_half_an_hour() -> None:
    delays = [inbox.delay_after(attempts) for attempts in range(1, 14)]
    assert delays[0] == timedelta(seconds=1)
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(minutes=30)


def test_one_event_at_two_consumers_at_once_has_one_effect(kit: Kit) -> None:
    for attempt in range(30):
        body, start = arrived(f"color {attempt}"), threading.Barrier(2)

        def take(body: dict[str, Any] = body, start: threading.Barrier = start) -> None:
            start.wait()
            fences(kit).paint_too(body)

        threads = [threading.Thread(target=take) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with kit.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fence)) == 30


def test_a_field_that_is_unknown_or_missing_is_named(kit: Kit) -> None:
    with pytest.raises(WireRefusal) as refused:
        fences(kit).paint({"colour": "green", "idempotency_key": "k1"})
    _family, code, _detail, facts = refused.value.args
    assert code == "invalid-request"
    assert set(facts) == {"color", "colour"}
