"""What waits too long for a lock is answered like an outage, not like a bug."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from marshmallow import Schema, fields
from sqlalchemy import text

from chassis.clock import FixedClock
from chassis.config import Config
from chassis.context import CallContext
from chassis.db import Database, engine_for
from chassis.rpc import ServiceFailed, rpc
from chassis.service import Kit, Service
from chassis.tables import ChassisBase
from chassis.wire import WireRefusal
from tests.harness import START, DirectBus

MEETING = threading.Barrier(2)


class Swap(Schema):
    first = fields.Integer(required=True)
    second = fields.Integer(required=True)


class Gates(Service):
    name = "gates"

    @rpc()
    def open_gate(self) -> None:
        with self.db() as session:
            session.execute(text("SET LOCAL statement_timeout = 200"))
            session.execute(text("UPDATE gate SET is_open = true WHERE id = 1"))

    @rpc()
    def open_at_once(self) -> None:
        with self.db() as session:
            session.execute(text("SELECT 1 FROM gate WHERE id = 1 FOR UPDATE NOWAIT"))

    @rpc(takes=Swap)
    def swap(self, first: int, second: int) -> None:
        with self.db() as session:
            session.execute(text("UPDATE gate SET is_open = true WHERE id = :id"), {"id": first})
            MEETING.wait(timeout=10)
            session.execute(text("UPDATE gate SET is_open = true WHERE id = :id"), {"id": second})

    @rpc()
    def misspell(self) -> None:
        with self.db() as session:
            session.execute(text("UPDATE gaet SET is_open = true"))

    @rpc()
    def write(self) -> None:
        with self.db() as session:
            session.execute(text("UPDATE gate SET is_open = true"))


def made(url: str, folder: Path) -> Kit:
    engine = engine_for(url)
    ChassisBase.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE gate (id integer PRIMARY KEY, is_open boolean)"))
        connection.execute(text("INSERT INTO gate VALUES (1, false), (2, false)"))
    config = Config({"suite": {"data_folder": str(folder)}})
    bus = DirectBus(None)  # type: ignore[arg-type]
    return Kit(Gates, config, clock=FixedClock(START), bus=bus, db=Database(engine))


@pytest.fixture
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kit]:
    kit = made(request.getfixturevalue("postgres_database")(), tmp_path)
    yield kit
    kit.db.close()


def gates(kit: Kit) -> Gates:
    service = Gates()
    kit.equip(service, CallContext(request_id="r-1"))
    return service


def said(refused: WireRefusal) -> tuple[str, bool]:
    family, code, detail, facts = refused.args
    assert (family, facts) == ("Unavailable", {"retry_after": "2"})
    return code, "busy" in detail


@pytest.mark.parametrize("operation", ["open_gate", "open_at_once"])
def test_a_lock_that_somebody_holds_too_long_is_503(kit: Kit, operation: str) -> None:
    with kit.db() as session:
        session.execute(text("SELECT 1 FROM gate FOR UPDATE"))
        with pytest.raises(WireRefusal) as refused:
            getattr(gates(kit), operation)({})
    assert said(refused.value) == ("service-unavailable", True)
    assert getattr(gates(kit), operation)({}) is None


def test_whoever_gives_way_in_a_deadlock_may_come_again(kit: Kit) -> None:
    ends: list[tuple[str, bool] | None] = []

    def swap(first: int, second: int) -> None:
        try:
            gates(kit).swap({"first": first, "second": second})
        except WireRefusal as refusal:
            ends.append(said(refusal))
        else:
            ends.append(None)

    threads = [threading.Thread(target=swap, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, ends)) == sorted(map(str, [None, ("service-unavailable", True)]))


def test_a_statement_that_is_wrong_stays_a_bug(kit: Kit) -> None:
    with pytest.raises(ServiceFailed):
        gates(kit).misspell({})


def test_a_file_that_another_process_writes_to_is_503(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gates.sqlite'}"
    kit = made(url, tmp_path)
    other = engine_for(url)
    with kit.db() as session:
        session.execute(text("PRAGMA busy_timeout = 100"))
    with other.begin(), pytest.raises(WireRefusal) as refused:
        gates(kit).write({})
    assert said(refused.value) == ("service-unavailable", True)
    assert gates(kit).write({}) is None
    other.dispose()
    kit.db.close()
