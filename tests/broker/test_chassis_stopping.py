"""A stop on SIGTERM: what runs is finished, acknowledged and answered; none of it runs again."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from contracts.errors import ServiceUnavailable
from tests.broker.yard import STEPS
from tests.broker.yards import YardOfTest, until

CALLERS = 50
HEARING = "evt-shouter-shouted--listener.hear"


def test_what_runs_is_finished_and_never_carried_out_again(yard: YardOfTest) -> None:
    kinds = ("call", "shout", "step")
    for kind in kinds:
        yard.hold(kind)
    processes = yard.start_all()
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(yard.call, "shouter.toil", what=f"call {n}") for n in range(3)]
        yard.call("shouter.shout", voice="a")
        for number in range(3):
            yard.post(STEPS, what=f"step {number}")
        until(lambda: [yard.began(kind) for kind in kinds] == [3, 1, 3], "all to begin")
        for process in processes:
            process.terminate()
        for queue in ("rpc-shouter", HEARING, STEPS):
            until(lambda stopped=queue: yard.takers_of(stopped) == 0, "the stop")  # type: ignore[misc]
        for kind in kinds:
            yard.release(kind)
        assert [process.end() for process in processes] == [0] * len(processes)
        assert [call.result() for call in calls] == ["call 0", "call 1", "call 2"]

    yard.start_all()
    # Queues keep their order: what would come again comes before these.
    yard.call("shouter.toil", what="later call")
    yard.call("shouter.shout", voice="later")
    yard.post(STEPS, what="later step")
    until(lambda: "later step" in yard.done("shouter"), "the later step")
    until(lambda: "heard later 1" in yard.heard(), "the later event")
    once = [f"{kind} {number}" for kind in ("call", "step") for number in range(3)]
    assert yard.done("shouter") == Counter([*once, "later call", "later step"])
    assert yard.heard() == Counter(["heard a 1", "heard later 1"])


@pytest.mark.broker
def test_calls_that_had_not_begun_are_the_next_process_s_or_expire(
    networked_yard: YardOfTest,
) -> None:
    yard = networked_yard
    yard.settings["max_workers"] = 4
    yard.hold("call")
    first = yard.start("shouter")
    with ThreadPoolExecutor(CALLERS) as pool:
        calls = {
            number: pool.submit(yard.call, "shouter.toil", what=f"call {number}", timeout=6)
            for number in range(CALLERS)
        }
        until(lambda: yard.waiting_in("rpc-shouter") == CALLERS - 4, "46 calls to wait")
        first.terminate()
        until(lambda: yard.takers_of("rpc-shouter") == 0, "the stop")
        yard.release("call")
        assert first.end() == 0
        assert yard.began("call") == 4
        yard.start("shouter")
        failures = {number: call.exception() for number, call in calls.items()}

    yard.call("shouter.toil", what="later")
    done = yard.done("shouter")
    answered = {f"call {number}" for number, failure in failures.items() if failure is None}
    assert all(isinstance(each, ServiceUnavailable | None) for each in failures.values())
    assert len(answered) >= 4
    assert answered <= set(done)
    assert set(done.values()) == {1}


def test_an_idle_process_stops_by_itself(yard: YardOfTest) -> None:
    for process in yard.start_all():
        process.terminate()
        assert process.end(seconds=20) == 0


def test_a_scraper_that_keeps_its_connection_holds_up_no_stop(embedded_yard: YardOfTest) -> None:
    process = embedded_yard.start()
    with requests.Session() as scraper:
        assert scraper.get(f"{process.health}/metrics", timeout=5).ok
        process.terminate()
        # Left to itself, the connection would be kept for a minute.
        assert process.end(seconds=20) == 0
