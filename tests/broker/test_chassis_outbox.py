"""What was announced goes out after kill -9, in order, and has its effect once."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Consumer, Queue
from sqlalchemy import text

from chassis.outbox import exchange_of
from tests.broker.yards import Process, YardOfTest, until

VOICES = ("ada", "ben", "cleo")
SHOUTS = 40
TURN = {"key": zlib.crc32(b"outbox:shouter")}


@contextmanager
def nobody_relays(yard: YardOfTest) -> Iterator[None]:
    """The test takes the turn that a relaying replica needs."""
    with yard.database("shouter") as session:
        session.execute(text("SELECT pg_advisory_lock(:key)"), TURN)
        yield


def bind_queues(yard: YardOfTest) -> None:
    """An event goes to the queues that are there; the listener's stay when it ends."""
    yard.start("listener").stop()


def leave_announced(yard: YardOfTest, voice: str) -> None:
    """The outbox as a process killed after its commit leaves it."""
    values = {"id": uuid4().hex, "data": json.dumps({"voice": voice, "number": 1})}
    with yard.database("shouter") as session:
        session.execute(
            text(
                "INSERT INTO outbox (event_id, name, data, request_id, announced_at)"
                " VALUES (:id, 'shouted', :data, 'r-1', '2025-03-01 09:00:00.000000')"
            ),
            values,
        )


def repeated(process: Process) -> float:
    return process.metric("freehold_events_handled_total", handler="hear", outcome="repeated")


@pytest.mark.broker
def test_an_event_goes_out_after_a_kill_between_commit_and_publish(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    bind_queues(yard)
    with nobody_relays(yard):
        shouter = yard.start("shouter")
        assert yard.call("shouter.shout", voice="ada") == 1
        # A call is acknowledged after its answer: killed in between, it would be made again.
        yard.call("shouter.echo", what="acknowledged by now")
        shouter.kill()
    assert yard.outbox() == 1

    _shouter, listener = yard.start_all()
    until(lambda: yard.heard(), "the event")
    until(lambda: yard.outbox() == 0, "an empty outbox")
    assert yard.heard() == Counter(["heard ada 1"])
    assert repeated(listener) == 0


def test_an_event_that_a_killed_process_left_goes_out_once(embedded_yard: YardOfTest) -> None:
    """On the in-process bus everything but the databases ends with the process."""
    yard = embedded_yard
    leave_announced(yard, "ada")

    yard.start()
    until(lambda: yard.heard(), "the event")
    until(lambda: yard.outbox() == 0, "an empty outbox")
    assert yard.heard() == Counter(["heard ada 1"])


@pytest.mark.broker
def test_a_kill_between_publish_and_delete_repeats_the_message_not_its_effect(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    listener = yard.start("listener")
    with yard.database("shouter") as holder:
        with nobody_relays(yard):
            shouter = yard.start("shouter")
            yard.call("shouter.shout", voice="ada")
            holder.execute(text("SELECT * FROM outbox FOR UPDATE"))
        until(lambda: yard.heard(), "the event")
        shouter.kill()
    assert yard.outbox() == 1

    yard.start("shouter")
    until(lambda: yard.outbox() == 0, "an empty outbox")
    until(lambda: repeated(listener) == 1, "the repetition")
    assert yard.heard() == Counter(["heard ada 1"])


def test_a_kill_before_the_delete_repeats_no_effect_on_sqlite_either(
    embedded_yard: YardOfTest,
) -> None:
    yard = embedded_yard
    leave_announced(yard, "ada")
    with yard.database("shouter") as session:
        keep = "CREATE TRIGGER keep BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'kept'); END"
        session.execute(text(keep))
    process = yard.start()
    until(lambda: yard.heard(), "the event")
    process.kill()
    assert yard.outbox() == 1
    with yard.database("shouter") as session:
        session.execute(text("DROP TRIGGER keep"))

    again = yard.start()
    until(lambda: yard.outbox() == 0, "an empty outbox")
    until(lambda: repeated(again) == 1, "the repetition")
    assert yard.heard() == Counter(["heard ada 1"])


class Arrivals:
    """What arrives in a queue of the test's own, in its order."""

    def __init__(self, connection: Connection) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._connection = connection
        queue = Queue(
            f"arrivals-{uuid4().hex}", exchange_of("shouter"), routing_key="shouted", exclusive=True
        )
        self._consumer = Consumer(
            connection.channel(), [queue], callbacks=[self._note], no_ack=True
        )
        self._consumer.consume()

    def _note(self, body: dict[str, Any], _message: object) -> None:
        self.bodies.append(body)

    def wait_for(self, count: int) -> None:
        def enough() -> bool:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.2)
            return len(self.bodies) >= count

        until(enough, f"{count} events")

    def numbers_of(self, voice: str) -> list[int]:
        return [body["data"]["number"] for body in self.bodies if body["data"]["voice"] == voice]


def relayed(process: Process) -> float:
    return process.metric("freehold_events_published_total", service="shouter")


@pytest.mark.broker
def test_one_of_two_replicas_relays_in_order_and_the_other_takes_over(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    replicas = [yard.launch("shouter"), yard.launch("shouter")]
    for replica in replicas:
        until(lambda started=replica: started.has_started, "the yard's start", 60)  # type: ignore[misc]
    with Connection(yard.broker_url) as connection, ThreadPoolExecutor(8) as pool:
        arrivals = Arrivals(connection)
        voices = list(VOICES) * SHOUTS
        list(pool.map(lambda voice: yard.call("shouter.shout", voice=voice), voices))
        arrivals.wait_for(len(voices))
        for voice in VOICES:
            assert arrivals.numbers_of(voice) == list(range(1, SHOUTS + 1))
        relaying, resting = sorted(replicas, key=relayed, reverse=True)
        assert (relayed(relaying), relayed(resting)) == (len(voices), 0)

        relaying.kill()
        assert yard.call("shouter.shout", voice="ada", timeout=20) == SHOUTS + 1
        arrivals.wait_for(len(voices) + 1)
        assert arrivals.numbers_of("ada")[-1] == SHOUTS + 1
        assert relayed(resting) == 1
