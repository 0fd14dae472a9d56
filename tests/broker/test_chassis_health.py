"""What a process tells about itself: /healthz, /readyz and /metrics."""

from __future__ import annotations

import zlib

import pytest
from sqlalchemy import text

from tests.broker.yard import STEPS
from tests.broker.yards import YardOfTest, until

HEARING = "evt-shouter-shouted--listener.hear"


def test_a_process_is_alive_and_ready(yard: YardOfTest) -> None:
    for process in yard.start_all():
        assert process.get("healthz").json() == {"status": "alive"}
        page = process.get("readyz")
        assert page.status_code == 200
        assert page.json()["status"] == "ready"
        assert process.get("elsewhere").status_code == 404


def test_calls_and_events_are_counted(yard: YardOfTest) -> None:
    processes = yard.start_all()
    for number in range(3):
        yard.call("shouter.echo", what=f"{number}")
    yard.call("shouter.shout", voice="ada")
    until(lambda: yard.heard(), "the event")

    def counted(name: str, **labels: str) -> float:
        return sum(process.metric(name, **labels) for process in processes)

    echoes = {"service": "shouter", "method": "echo", "outcome": "done"}
    assert counted("freehold_rpc_seconds_count", **echoes) == 3
    assert counted("freehold_rpc_seconds_bucket", le="+Inf", **echoes) == 3
    assert counted("freehold_events_published_total", event="shouted") == 1
    until(lambda: counted("freehold_events_handled_total", outcome="done") == 1, "the count")


@pytest.mark.broker
def test_the_age_of_what_waits_in_the_outbox_is_told(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    turn = {"key": zlib.crc32(b"outbox:shouter")}
    with yard.database("shouter") as session:
        session.execute(text("SELECT pg_advisory_lock(:key)"), turn)
        process = yard.start("shouter")
        yard.call("shouter.shout", voice="ada")
        until(lambda: process.metric("freehold_outbox_rows") == 1, "the row")
        until(lambda: process.metric("freehold_outbox_age_seconds") > 1, "the age")
    until(lambda: process.metric("freehold_outbox_rows") == 0, "an empty outbox")
    until(lambda: process.metric("freehold_outbox_age_seconds") == 0, "no age")


@pytest.mark.broker
def test_parked_events_are_told(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    yard.start_all()
    yard.call("shouter.shout", voice="ada")
    until(lambda: yard.heard(), "the event")
    with yard.database("listener") as session:
        session.execute(text("UPDATE inbox SET state = 'parked'"))
    listener = yard.processes[-1]
    until(lambda: listener.metric("freehold_inbox_parked", service="listener") == 1, "the gauge")


@pytest.mark.broker
def test_the_depths_of_its_own_queues_are_told(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    yard.settings["max_workers"] = 2
    for kind in ("shout", "step"):
        yard.hold(kind)
    shouter, listener = yard.start_all()
    for number in range(7):
        yard.post(STEPS, what=f"step {number}")
        yard.call("shouter.shout", voice="ada")
    depth = "freehold_queue_depth"
    until(lambda: shouter.metric(depth, queue=STEPS) == 5, "the depth of the work queue")
    until(lambda: listener.metric(depth, queue=HEARING) == 2, "the depth of the event queue")
    told = shouter.get("metrics").text
    assert f'{depth}{{queue="rpc-shouter"}} 0.0' in told
    assert HEARING not in told
