"""`@consumes(Fact)`: what a service does when another announces something."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from nameko.events import EventHandler
from sqlalchemy.orm import Session

from chassis.consumer import DrainingConsumer
from chassis.context import CallContext
from chassis.db import DATABASE_AWAY
from chassis.inbox import Arrival, Handler
from chassis.service import Service
from contracts.events import Event

# Only a database that is away sends a message back to its queue; this keeps that from spinning.
PAUSE_BEFORE_REQUEUE_SECONDS = 1.0
# Of one kind in one process: a slow handler takes no more than its own share.
AT_ONCE = 5

_log = logging.getLogger(__name__)

Effect = Callable[..., None]


class _Subscription(EventHandler):
    queue_consumer = DrainingConsumer()
    at_once = AT_ONCE


def consumes(kind: type[Event]) -> Callable[[Effect], Effect]:
    """The method gets ``(session, event)``: its effect commits with the note that it happened."""

    def decorate(effect: Effect) -> Effect:
        @functools.wraps(effect)
        def receive(self: Service, body: dict[str, Any]) -> None:
            try:
                arrival = Arrival(
                    event_id=UUID(body["event_id"]),
                    name=kind.name,
                    data=body["data"],
                    request_id=self.context.request_id,
                )
            except (KeyError, TypeError, ValueError, AttributeError):
                # No announcement of ours, and it would come back for ever.
                _log.exception("a message in the queue of %s is no event", kind.name)
                return
            try:
                self.kit.inbox.receive(Handler(effect.__name__, kind, bound(effect, self)), arrival)
            except DATABASE_AWAY:
                _log.warning("event %s goes back to its queue: the database is away", kind.name)
                time.sleep(PAUSE_BEFORE_REQUEUE_SECONDS)
                raise

        receive.consumes = kind  # type: ignore[attr-defined]
        receive.effect = effect  # type: ignore[attr-defined]
        return _Subscription.decorator(  # type: ignore[no-any-return]
            kind.source, kind.name, requeue_on_error=True
        )(receive)

    return decorate


def bound(effect: Effect, service: Service) -> Callable[[Session, Any], None]:
    return functools.partial(effect, service)


def handlers_of(service: type[Service]) -> Iterator[tuple[str, type[Event], Effect]]:
    """(name, event, effect) of every `@consumes` method."""
    for name in sorted(dir(service)):
        kind = getattr(getattr(service, name), "consumes", None)
        if kind is not None:
            yield name, kind, getattr(service, name).effect


def retry_due(service: type[Service], kit: Any) -> int:
    """Tries the service's waiting events again; how many."""
    instance = service()
    kit.equip(instance, CallContext(request_id="inbox"))
    handlers = [
        Handler(name, kind, bound(effect, instance)) for name, kind, effect in handlers_of(service)
    ]
    return int(kit.inbox.retry_due(handlers)) if handlers else 0
