"""`@works(queue)`: one short step per nudge; the row, not the message, says what there is to do."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from kombu import Queue
from nameko.messaging import Consumer

from chassis.consumer import DrainingConsumer
from chassis.context import use
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
    return Queue(name, durable=True)
