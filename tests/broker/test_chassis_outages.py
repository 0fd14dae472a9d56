"""Broker and database go away under load and come back: nothing is restarted, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from contracts.errors import Unavailable
from tests.broker.yards import Process, YardOfTest, seconds_of, until
from tests.servers import PrivatePostgres, PrivateRabbit

pytestmark = pytest.mark.broker


class Load:
    """Threads that shout until told to stop, each with a voice of its own."""

    def __init__(self, yard: YardOfTest) -> None:
        self.answered: Counter[str] = Counter()
        self.refused: list[Unavailable] = []
        self.failures: list[BaseException] = []
        self._yard = yard
        self._ending = threading.Event()

    def shout(self, voice: str) -> None:
        while not self._ending.is_set():
            try:
                self._yard.call("shouter.shout", voice=voice, timeout=5)
            except Unavailable as refusal:
                self.refused.append(refusal)
            except Exception as error:
                self.failures.append(error)
            else:
                self.answered[voice] += 1

    def end(self) -> None:
        self._ending.set()

    def wait_for_more(self, count: int) -> None:
        wanted = self.answered.total() + count
        until(lambda: self.answered.total() >= wanted, f"{count} more answers", 40)


@contextmanager
def load_on(yard: YardOfTest, threads: int = 4) -> Iterator[Load]:
    load = Load(yard)
    with ThreadPoolExecutor(threads) as pool:
        shouting = [pool.submit(load.shout, f"voice{number}") for number in range(threads)]
        try:
            yield load
        finally:
            load.end()
    for each in shouting:
        each.result()


def assert_nothing_lost_or_doubled(yard: YardOfTest, load: Load) -> None:
    """What is counted in one database was heard in the other, and answers were the truth."""
    counted = dict(yard.read("shouter", "SELECT voice, number FROM loudness"))
    until(lambda: yard.heard().total() == sum(counted.values()), "all events", 60)
    assert set(yard.heard().values()) == {1}
    # A call that was cut off may have been carried out: then there is one more than was answered.
    for voice, number in counted.items():
        assert load.answered[voice] <= number <= load.answered[voice] + len(load.refused)


def is_ready(process: Process) -> bool:
    return process.get("readyz").status_code == 200


def test_a_database_restart_is_survived_under_load(
    fragile_yard: YardOfTest, fragile_postgres: PrivatePostgres
) -> None:
    processes = fragile_yard.start_all()
    with load_on(fragile_yard) as load:
        load.wait_for_more(20)
        fragile_postgres.stop()
        until(lambda: len(load.refused) + len(load.failures) >= 10, "refusals")
        for process in processes:
            page = process.get("readyz")
            assert page.status_code == 503
            assert list(page.json()["checks"].values()) == [False, True]
            assert process.get("healthz").status_code == 200
        fragile_postgres.start()
        load.wait_for_more(20)
        fragile_postgres.kill()
        fragile_postgres.start()
        load.wait_for_more(20)
    assert not load.failures
    until(lambda: all(is_ready(process) for process in processes), "ready processes")
    assert_nothing_lost_or_doubled(fragile_yard, load)


def test_a_broker_restart_is_survived_under_load(
    fragile_yard: YardOfTest, fragile_rabbit: PrivateRabbit
) -> None:
    yard = fragile_yard
    yard.hold("call")
    processes = yard.start_all()
    with ThreadPoolExecutor(1) as pool, load_on(yard) as load:
        load.wait_for_more(20)
        pending = pool.submit(yard.call, "shouter.toil", what="call", timeout=60)
        until(lambda: yard.began("call"), "the call to begin")
        fragile_rabbit.kill()
        assert isinstance(pending.exception(timeout=10), Unavailable)
        until(lambda: not any(is_ready(process) for process in processes), "unready processes")
        assert all(process.get("healthz").status_code == 200 for process in processes)
        fragile_rabbit.start()
        load.wait_for_more(20)
    yard.release("call")
    assert not load.failures
    until(lambda: all(is_ready(process) for process in processes), "ready processes")
    assert_nothing_lost_or_doubled(yard, load)


def test_a_stop_does_not_wait_for_a_broker_that_is_away(
    fragile_yard: YardOfTest, fragile_rabbit: PrivateRabbit
) -> None:
    processes = fragile_yard.start_all()
    fragile_rabbit.kill()
    until(lambda: not any(is_ready(process) for process in processes), "unready processes")
    for process in processes:
        process.stop()


@pytest.fixture
def alarm(fragile_rabbit: PrivateRabbit) -> Iterator[Callable[[], None]]:
    """Raises the broker's memory alarm; it ends with the test."""

    def limit(bytes_: str) -> None:
        fragile_rabbit.control("set_vm_memory_high_watermark", "absolute", bytes_)

    yield lambda: limit("1")
    limit("512MiB")


def test_a_memory_alarm_blocks_no_call_for_longer_than_its_time(
    fragile_yard: YardOfTest, fragile_rabbit: PrivateRabbit, alarm: Callable[[], None]
) -> None:
    yard = fragile_yard
    yard.start_all()
    yard.call("shouter.echo", what="before")
    alarm()

    def refused(_number: int) -> float:
        def call() -> None:
            with pytest.raises(Unavailable):
                yard.call("shouter.shout", voice="ada", timeout=3)

        return seconds_of(call)

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(refused, range(24))) < 5
    fragile_rabbit.control("set_vm_memory_high_watermark", "absolute", "512MiB")

    def answered() -> bool:
        try:
            return bool(yard.call("shouter.echo", what="after", timeout=2) == "after")
        except Unavailable:
            return False

    until(answered, "the broker's recovery", 20)
    yard.call("shouter.shout", voice="ben")
    until(lambda: "heard ben 1" in yard.heard(), "the event")
