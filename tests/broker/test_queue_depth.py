"""How much work waits is told to who scales the workers: the same on RabbitMQ and in process."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from kombu import Connection, Producer

from chassis import inproc, metrics
from chassis.producers import BROKER_ERRORS
from chassis.work import Depths, queues_of, work_queue
from services.devices.service import DevicesService
from services.devices.worker import DevicesWorker


@pytest.fixture(params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def bus_url(request: pytest.FixtureRequest) -> str:
    if request.param == "rabbitmq":
        return str(request.getfixturevalue("rabbitmq_url"))
    inproc.register()
    return f"inproc://{uuid4().hex}"


@pytest.fixture
def queue(bus_url: str) -> Iterator[str]:
    name = f"work-{uuid4().hex}"
    with Connection(bus_url) as connection:
        work_queue(name)(connection.default_channel).declare()
        yield name
        work_queue(name)(connection.default_channel).delete()


def depth_of(queue: str) -> float:
    return float(metrics.QUEUE_DEPTH.labels(queue)._value.get())


def test_the_gauge_follows_what_waits(bus_url: str, queue: str) -> None:
    depths = Depths(bus_url, [queue])
    depths.measure()
    assert depth_of(queue) == 0

    with Connection(bus_url, transport_options={"confirm_publish": True}) as connection:
        for number in range(3):
            Producer(connection).publish({"number": number}, routing_key=queue, serializer="json")
        depths.measure()
        assert depth_of(queue) == 3

        message = work_queue(queue)(connection.default_channel).get()
        assert message is not None
        message.ack()
    # The acknowledgement travels on another connection than the question.
    for _ in range(100):
        depths.measure()
        if depth_of(queue) == 2:
            break
    assert depth_of(queue) == 2
    depths.close()


def test_a_measurement_that_failed_leaves_the_next_one_free_to_succeed(
    bus_url: str, queue: str
) -> None:
    missing = f"work-{uuid4().hex}"
    depths = Depths(bus_url, [missing])
    with pytest.raises(BROKER_ERRORS):
        depths.measure()
    with Connection(bus_url) as connection:
        work_queue(missing)(connection.default_channel).declare()
        depths.measure()
        assert depth_of(missing) == 0
        work_queue(missing)(connection.default_channel).delete()
    depths.close()


def test_only_the_worker_takes_upgrade_steps() -> None:
    assert queues_of(DevicesWorker) == ["devices.steps"]
    assert queues_of(DevicesService) == []
