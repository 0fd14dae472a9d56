"""nameko services, in a process of their own, are as well off on either bus."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 60
PROMPTLY = 0.2


@dataclass(frozen=True)
class Run:
    seen: dict[str, Any]
    last_words: str
    complaints: str
    exit_code: int
    seconds_to_stop: float


@pytest.fixture(
    scope="module", params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.broker)]
)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """The whole scenario, once for each bus."""
    if request.param == "rabbitmq":
        url = str(request.getfixturevalue("rabbitmq_url"))
    else:
        url = "inproc://scenario"
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.broker.echo_service", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        limit = threading.Timer(LIMIT_SECONDS, process.kill)
        limit.start()
        assert process.stdout is not None
        report = process.stdout.readline()
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        last_words, complaints = process.communicate()
        limit.cancel()
        assert report, complaints
        yield Run(
            seen=json.loads(report),
            last_words=last_words,
            complaints=complaints,
            exit_code=process.returncode,
            seconds_to_stop=time.monotonic() - asked,
        )


def test_a_call_is_answered(run: Run) -> None:
    assert run.seen["echo"] == {"text": "ü", "many": [1, 2.5, None]}


def test_a_service_calls_another(run: Run) -> None:
    assert run.seen["relayed"] == "through two services"


def test_a_call_waits_for_no_polling(run: Run) -> None:
    assert run.seen["seconds_per_relay"] < 0.1


def test_a_refusal_reaches_the_caller(run: Run) -> None:
    assert run.seen["refusal"] == ["ValueError", "refused"]


def test_calls_run_side_by_side(run: Run) -> None:
    assert run.seen["concurrent"] == list(range(8))
    assert run.seen["concurrent_seconds"] < 8 * 0.2


def test_an_unknown_service_is_missed_at_once(run: Run) -> None:
    assert run.seen["seconds_to_miss"] < PROMPTLY


def test_a_service_misses_an_unknown_one_at_once(run: Run) -> None:
    assert run.seen["seconds_to_miss_by_service"] < PROMPTLY


def test_instances_of_a_service_share_its_events(run: Run) -> None:
    shared = [event for event in run.seen["events"] if event[0] == "pool"]
    assert sorted(number for _kind, _instance, number in shared) == list(range(20))
    assert list(Counter(instance for _kind, instance, _number in shared).values()) == [10, 10]


def test_a_broadcast_reaches_every_instance(run: Run) -> None:
    overheard = [tuple(event[1:]) for event in run.seen["events"] if event[0] == "broadcast"]
    instances = {instance for instance, _number in overheard}
    assert len(instances) == 2
    assert sorted(overheard) == sorted(
        (instance, number) for instance in instances for number in range(20)
    )


def test_idle_services_leave_the_processor_alone(run: Run) -> None:
    assert run.seen["idle_cpu_seconds"] < 0.05


def test_sigterm_ends_it_cleanly(run: Run) -> None:
    assert run.exit_code == 0, run.complaints
    assert json.loads(run.last_words) == {"stopped": True}
    assert run.seconds_to_stop < 5
