"""An RPC client over kombu: one consumer thread, futures by correlation id, pooled producers.

It speaks nameko's wire format. Threads, locks and sockets are the standard library's, so it serves
gunicorn's threads and, once eventlet has patched the process, green threads alike.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from kombu import Connection, Consumer, Exchange, Queue
from kombu.message import Message

from chassis.producers import (
    BROKER_ERRORS,
    CONFIRM_TIMEOUT_SECONDS,
    Producers,
    connected,
    discard,
    is_unroutable,
)
from chassis.wire import from_reply
from contracts.errors import ServiceUnavailable

RPC_EXCHANGE = Exchange("nameko-rpc", type="topic", durable=True)
RETRY_AFTER_SECONDS = 2
POOL_SIZE = 64
HEARTBEAT_SECONDS = 20
REPLY_QUEUE_LIFE_MS = 300_000
# How soon a waiting consumer notices that it shall stop.
POLL_SECONDS = 0.5
# amqp wants its heartbeats looked after about once a second.
TEND_SECONDS = 1.0

_log = logging.getLogger(__name__)

EventHandler = Callable[[dict[str, Any], dict[str, Any]], None]


@dataclass(frozen=True)
class Subscription:
    exchange: str
    routing_key: str
    handler: EventHandler


class RpcClient:
    """Calls services by name; safe to share between threads, connects on first use (after fork)."""

    def __init__(self, url: str, name: str, timeout: float = 5.0) -> None:
        self._url = url
        self._name = name
        self._timeout = timeout
        self._guard = threading.Lock()
        self._pending: dict[str, Future[dict[str, Any]]] = {}
        self._subscriptions: list[Subscription] = []
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stopping = threading.Event()
        # Idle producers send nothing, so the broker must not expect their heartbeats.
        self._producers = Producers(lambda: connected(url, f"rpc-client {name}"), POOL_SIZE)
        self._address = ""

    @property
    def is_connected(self) -> bool:
        return self._ready.is_set()

    def subscribe(self, exchange: str, routing_key: str, handler: EventHandler) -> None:
        """Broadcast: ``handler(payload, headers)`` runs in the consumer thread and must be short.

        Call it before the first use. What is announced while this process is away is not kept.
        """
        self._subscriptions.append(Subscription(exchange, routing_key, handler))

    def start(self) -> None:
        """Connects in the background; `call` does it by itself."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._consume, name=f"rpc-client-{self._name}", daemon=True
                )
                self._thread.start()

    def call(
        self,
        service: str,
        method: str,
        payload: Mapping[str, Any],
        context: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        retry: bool = False,
    ) -> Any:
        """The service's answer as JSON.

        :param timeout: seconds; also the life of the message, so that a service which was away does
            not carry out stale calls when it returns.
        :param retry: publish once more over a fresh connection; only for reads.
        :raises contracts.errors.Refusal: as the service refused; ServiceUnavailable when none
            answered in time or none is there.
        :raises chassis.wire.RemoteFailure: the service met a bug.
        """
        operation = f"{service}.{method}"
        deadline = time.monotonic() + (timeout or self._timeout)
        self.start()
        for attempt in (1, 2):
            if not self._ready.wait(timeout=max(deadline - time.monotonic(), 0)):
                raise _unavailable(operation, "the message broker is away")
            future: Future[dict[str, Any]] = Future()
            correlation_id = str(uuid4())
            self._pending[correlation_id] = future
            try:
                self._publish(operation, payload, context or {}, correlation_id, deadline)
                reply = future.result(timeout=max(deadline - time.monotonic(), 0))
            except FutureTimeout:
                raise _unavailable(operation, "it did not answer in time") from None
            except BROKER_ERRORS as error:
                if is_unroutable(error):
                    raise _unavailable(operation, "it is not running") from None
                if attempt == 2 or not retry or time.monotonic() >= deadline:
                    _log.warning("call %s lost its broker connection", operation)
                    raise _unavailable(operation, "the message broker went away") from None
            else:
                return from_reply(reply, operation)
            finally:
                self._pending.pop(correlation_id, None)
        raise AssertionError("unreachable")

    def post(self, queue: str, payload: Mapping[str, Any]) -> None:
        """A nudge to a work queue: it may be lost, doubled or late, for rows are the truth."""
        with self._producers.one(self._timeout) as producer:
            producer.publish(
                dict(payload),
                exchange=work_exchange(queue),
                routing_key=queue,
                serializer="json",
                delivery_mode="transient",
                retry=False,
                confirm_timeout=CONFIRM_TIMEOUT_SECONDS,
                declare=[work_exchange(queue)],
            )

    def close(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=3)
        self._producers.reset()

    def _publish(
        self,
        operation: str,
        payload: Mapping[str, Any],
        context: Mapping[str, str],
        correlation_id: str,
        deadline: float,
    ) -> None:
        with self._producers.one(deadline - time.monotonic()) as producer:
            remaining = max(deadline - time.monotonic(), 0.1)
            producer.publish(
                {"args": [], "kwargs": {"payload": dict(payload)}},
                exchange=RPC_EXCHANGE,
                routing_key=operation,
                headers={f"nameko.{name}": value for name, value in context.items()},
                serializer="json",
                mandatory=True,
                reply_to=self._address,
                correlation_id=correlation_id,
                expiration=remaining,
                retry=False,
                delivery_mode="transient",
                confirm_timeout=min(remaining, CONFIRM_TIMEOUT_SECONDS),
            )

    def _consume(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            try:
                connection = connected(
                    self._url, f"rpc-client {self._name}", heartbeat=HEARTBEAT_SECONDS
                )
                try:
                    self._serve(connection)
                except BaseException:
                    discard(connection)
                    raise
                connection.close()
            except Exception as error:
                # Whatever it was: without this thread every later call would wait in vain.
                if not isinstance(error, BROKER_ERRORS):
                    _log.exception("broker connection failed")
                was_ready = self._ready.is_set()
                self._ready.clear()
                self._fail_pending()
                if was_ready:
                    _log.warning("broker connection lost (%s), reconnecting", type(error).__name__)
                    pause = 0.1
                self._stopping.wait(pause)
                pause = min(pause * 2, 2.0)

    def _serve(self, connection: Connection) -> None:
        address = str(uuid4())
        channel = connection.channel()
        replies = Queue(
            f"rpc.reply-{self._name}-{address}",
            exchange=RPC_EXCHANGE,
            routing_key=address,
            durable=False,
            auto_delete=True,
            queue_arguments={"x-expires": REPLY_QUEUE_LIFE_MS},
        )
        consumers = [Consumer(channel, queues=[replies], callbacks=[self._on_reply], no_ack=True)]
        for number, subscription in enumerate(self._subscriptions):
            queue = Queue(
                f"evt-broadcast-{self._name}-{address}-{number}",
                exchange=Exchange(subscription.exchange, type="topic", durable=True),
                routing_key=subscription.routing_key,
                durable=False,
                auto_delete=True,
                queue_arguments={"x-expires": REPLY_QUEUE_LIFE_MS},
            )
            consumers.append(
                Consumer(
                    channel,
                    queues=[queue],
                    callbacks=[_delivering(subscription.handler)],
                    no_ack=True,
                )
            )
        for consumer in consumers:
            consumer.consume()
        self._address = address
        self._ready.set()
        tend_at = 0.0
        while not self._stopping.is_set():
            with suppress(TimeoutError, socket.timeout):
                connection.drain_events(timeout=POLL_SECONDS)
            # Also while replies keep coming: receiving alone tells the broker nothing.
            if time.monotonic() >= tend_at:
                connection.heartbeat_check()
                tend_at = time.monotonic() + TEND_SECONDS

    def _on_reply(self, body: dict[str, Any], message: Message) -> None:
        future = self._pending.get(message.properties.get("correlation_id", ""))
        if future is not None and not future.done():
            future.set_result(body)

    def _fail_pending(self) -> None:
        lost = OSError("the broker connection was lost")
        for future in list(self._pending.values()):
            if not future.done():
                future.set_exception(lost)
        # Every pooled connection is stale now; each would fail one more call.
        self._producers.reset()


def work_exchange(queue: str) -> Exchange:
    """Of the service that the queue's name begins with.

    Through RabbitMQ's default exchange, who may write to one queue may write to everybody's.
    """
    return Exchange(f"{queue.partition('.')[0]}.work", type="direct", durable=True)


def _delivering(handler: EventHandler) -> Callable[[Any, Message], None]:
    def deliver(body: Any, message: Message) -> None:
        try:
            handler(body, dict(message.headers or {}))
        except Exception:
            _log.exception("a broadcast could not be handled")

    return deliver


def _unavailable(operation: str, why: str) -> ServiceUnavailable:
    service = operation.partition(".")[0]
    return ServiceUnavailable(
        f"The {service} service is unavailable: {why}. Try again shortly.",
        retry_after=RETRY_AFTER_SECONDS,
    )
