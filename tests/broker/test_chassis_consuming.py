"""Handlers on a real bus: slow ones, failing ones, and what reaches their log lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from kombu import Connection, Producer
from sqlalchemy import text

from chassis import inbox
from chassis.clock import FileClock
from chassis.events import AT_ONCE
from chassis.outbox import exchange_of
from contracts.devices import DeviceAdded
from tests.broker.yards import ROOT, Process, YardOfTest, until

EVENTS = 60
HEARING = "evt-shouter-shouted--listener.hear"

pytestmark = pytest.mark.broker


def test_a_slow_handler_holds_up_neither_other_handlers_nor_calls(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    yard.hold("shout")
    yard.start_all()
    for _ in range(EVENTS):
        yard.call("shouter.shout", voice="ada")
    until(lambda: yard.began("shout") == AT_ONCE, "the handlers to begin")
    until(lambda: yard.waiting_in(HEARING) == EVENTS - AT_ONCE, "the others to wait")

    assert yard.call("listener.echo", what="anybody?") == "anybody?"
    yard.call("shouter.whisper", voice="ben")
    until(lambda: yard.heard() == Counter(["overheard ben"]), "the other handler")
    assert yard.began("shout") == AT_ONCE

    yard.release("shout")
    until(lambda: len(yard.heard()) == EVENTS + 1, "the slow handler")
    assert set(yard.heard().values()) == {1}


def publish(broker_url: str, source: str, name: str, body: object) -> None:
    with Connection(broker_url, transport_options={"confirm_publish": True}) as connection:
        Producer(connection).publish(
            body,
            exchange=exchange_of(source),
            routing_key=name,
            serializer="json",
            mandatory=True,
            headers={"nameko.request_id": "r-7"},
        )


def test_a_message_that_is_no_event_does_not_come_back(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    _shouter, listener = yard.start_all()
    for body in ({}, {"event_id": "seven", "data": {}}, ["shouted"], None):
        publish(yard.broker_url, "shouter", "shouted", body)
    yard.call("shouter.shout", voice="ada")
    until(lambda: yard.heard(), "the event behind them")

    until(lambda: yard.waiting_in(HEARING) == 0, "an empty queue")
    complaints = [line for line in listener.lines() if "is no event" in line["message"]]
    assert len(complaints) == 4


def test_the_request_id_of_a_call_is_in_the_log_lines_of_the_last_handler(
    yard: YardOfTest,
) -> None:
    processes = yard.start_all()
    yard.call("shouter.shout", voice="ada", request_id="r-1234")
    until(lambda: yard.heard(), "the event")
    lines = [line for line in processes[-1].lines() if line["message"] == "heard"]
    assert [line["request_id"] for line in lines] == ["r-1234"]


@contextmanager
def licensing_at(
    folder: Path, broker_url: str, database_url: str
) -> Iterator[tuple[Process, dict[str, str]]]:
    """The real service in a process of its own, with its environment, on a clock in a file."""
    environment = {
        **os.environ,
        "FREEHOLD_CLOCK": f"file:{folder / 'clock'}",
        "FREEHOLD_DATA_FOLDER": str(folder),
        "FREEHOLD_BROKER_URL": broker_url,
        "FREEHOLD_LICENSING_DATABASE_URL": database_url,
    }
    log = folder / "licensing.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "chassis.runner", "services.licensing"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    process = Process(child, log, "", "")
    try:
        until(lambda: process.has_started, "licensing", 60)
        yield process, environment
    finally:
        process.kill()


def operate(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "chassis.operate", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_an_event_that_keeps_failing_is_parked_listed_and_replayed(
    tmp_path: Path, broker_url: str, postgres_database: Callable[..., str]
) -> None:
    database_url = postgres_database("licensing")
    yard = YardOfTest(tmp_path, broker_url, {"licensing": database_url})
    clock = FileClock(tmp_path / "clock")
    event_id = uuid4()
    added = DeviceAdded(uuid4(), uuid4(), uuid4(), model="M3085-V", serial="ACCC8E012345")

    def state() -> list[tuple[object, ...]]:
        return yard.read("licensing", "SELECT state, attempts FROM inbox")

    with yard.database("licensing") as session:
        session.execute(text("ALTER TABLE counted_device RENAME TO mislaid"))
    with licensing_at(tmp_path, broker_url, database_url) as (process, environment):
        publish(
            broker_url,
            added.source,
            added.name,
            {"event_id": str(event_id), "data": added.to_json()},
        )
        for attempts in range(1, inbox.ATTEMPTS):
            until(lambda tried=attempts: state() == [("waiting", tried)], "an attempt")  # type: ignore[misc]
            clock.advance(timedelta(hours=1))
        until(lambda: state() == [("parked", inbox.ATTEMPTS)], "the parking")

        (line,) = operate(environment, "parked", "services.licensing").splitlines()
        listed = json.loads(line)
        assert (listed["event_id"], listed["event"]) == (str(event_id), "devices.device_added")
        assert listed["request_id"] == "r-7"
        assert "ProgrammingError" in listed["failure"]

        with yard.database("licensing") as session:
            session.execute(text("ALTER TABLE mislaid RENAME TO counted_device"))
        operate(environment, "replay", "services.licensing", str(event_id))
        until(lambda: state()[0][0] == "done", "the replay")
        assert operate(environment, "parked", "services.licensing") == ""
        assert yard.read("licensing", "SELECT count(*) FROM counted_device") == [(1,)]
        process.stop()
