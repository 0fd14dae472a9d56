"""`@works(queue)`: one short step per nudge; the row, not the message, says what there is to do."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

from kombu import Connection, Queue
from nameko.messaging import Consumer

from chassis import metrics
from chassis.client import work_exchange
from chassis.consumer import DrainingConsumer
from chassis.context import use
from chassis.producers import BROKER_ERRORS, connected, discard
from chassis.service import Service

Step = Callable[..., None]

_log = logging.getLogger(__name__)


class _Work(Consumer):
    queue_consumer = DrainingConsumer()


def works(queue: str) -> Callable[[Step], Step]:
    """The method gets the nudge's JSON object; a failure is logged, and the sweep nudges again."""

    def decorate(step: Step) -> Step:
        @functools.wraps(step)
        def take(self: Service, nudge: dict[str, Any]) -> None:
            with use(self.context):
                try:
                    step(self, nudge)
                except Exception:
                    _log.exception("step %s.%s failed", self.name, step.__name__)

        take.queue = queue  # type: ignore[attr-defined]
        return _Work.decorator(work_queue(queue))(take)  # type: ignore[no-any-return]

    return decorate


def work_queue(name: str) -> Queue:
    return Queue(name, exchange=work_exchange(name), routing_key=name, durable=True)


def queues_of(service: type[Service]) -> list[str]:
    """The work queues that this service takes from."""
    found = (getattr(getattr(service, name), "queue", None) for name in dir(service))
    return sorted({queue for queue in found if isinstance(queue, str)})


class Depths:
    """Tells how much waits in work queues, over a connection of its own."""

    def __init__(self, url: str, queues: Sequence[str]) -> None:
        self._url = url
        self._queues = queues
        self._connection: Connection | None = None

    def measure(self) -> None:
        """Sets the gauges.

        :raises OSError: and the rest of ``BROKER_ERRORS``: the broker is away.
        """
        try:
            for queue in self._queues:
                if self._connection is None:
                    self._connection = connected(self._url, "queue depths")
                declared = self._connection.default_channel.queue_declare(queue, passive=True)
                metrics.QUEUE_DEPTH.labels(queue).set(declared.message_count)
        except BROKER_ERRORS:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            discard(self._connection)
            self._connection = None
