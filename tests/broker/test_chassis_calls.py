"""Calls over a real broker end in time, whatever becomes of who should answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis import client as clients
from chassis.client import RpcClient
from contracts.errors import ServiceUnavailable
from tests.broker.yards import YardOfTest, seconds_of, until

AT_ONCE = 0.2
# What a busy machine may add to a call's time-out.
SLACK = 2.0
CALLS, THREADS = 200, 32

pytestmark = pytest.mark.broker


def unavailable(yard: YardOfTest, operation: str, *, timeout: float, what: str = "x") -> float:
    """How long the refusal took."""

    def call() -> None:
        with pytest.raises(ServiceUnavailable):
            yard.call(operation, timeout=timeout, what=what)

    return seconds_of(call)


def test_a_service_that_is_not_there_is_missed_at_once(networked_yard: YardOfTest) -> None:
    unavailable(networked_yard, "nobody.echo", timeout=5)
    assert min(unavailable(networked_yard, "nobody.echo", timeout=5) for _ in range(3)) < AT_ONCE


def test_a_call_to_a_stopped_service_ends_in_time_and_is_never_carried_out(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    yard.start("shouter").stop()
    assert unavailable(yard, "shouter.toil", timeout=1, what="stale") < 1 + SLACK

    yard.start("shouter")
    yard.call("shouter.toil", what="fresh")
    assert set(yard.done("shouter")) == {"fresh"}


def test_a_call_whose_service_is_killed_ends_in_time(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    yard.hold("call")
    shouter = yard.start("shouter")
    with ThreadPoolExecutor(1) as pool:
        took = pool.submit(unavailable, yard, "shouter.toil", timeout=3, what="call")
        until(lambda: yard.began("call"), "the call to begin")
        shouter.kill()
        assert took.result() < 3 + SLACK


def test_many_threads_get_the_answers_to_their_own_calls(networked_yard: YardOfTest) -> None:
    yard = networked_yard
    yard.start("shouter")

    def echo(number: int) -> str:
        return str(yard.call("shouter.echo", what=f"number {number}"))

    assert yard.client.is_connected is False
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(echo, range(CALLS)))
    assert answers == [f"number {number}" for number in range(CALLS)]


@pytest.fixture
def hasty_client(
    networked_yard: YardOfTest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RpcClient]:
    """One whose broker gives it up after two seconds of silence, not after forty."""
    monkeypatch.setattr(clients, "HEARTBEAT_SECONDS", 1)
    client = RpcClient(networked_yard.broker_url, "hasty")
    yield client
    client.close()


def test_neither_steady_replies_nor_rest_lose_a_connection(
    networked_yard: YardOfTest, hasty_client: RpcClient, caplog: pytest.LogCaptureFixture
) -> None:
    networked_yard.start("shouter")

    def echo(_number: int) -> object:
        return hasty_client.call("shouter", "echo", {"what": "here"})

    with ThreadPoolExecutor(8) as pool:
        # One thread keeps the replies coming, while the other seven's connections rest.
        list(pool.map(echo, range(64)))
        busy = 0.0
        while busy < 5:
            busy += seconds_of(lambda: echo(0))
        list(pool.map(echo, range(64)))
    assert "reconnecting" not in caplog.text
