"""A queue consumer that lets running work end, and be acknowledged, before it lets go of the broker.

nameko's own closes the connection as soon as its consumers are cancelled: the acknowledgement of
what still runs is lost, and the next start carries it out again.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from kombu import Connection, Consumer
from nameko.messaging import QueueConsumer

# How soon a stop, or the end of the last running work, is noticed.
POLL_SECONDS = 0.25
# kombu would wait for up to half a minute between two attempts to reach the broker again.
RECONNECT_SECONDS = 1.0


class _GivenUp(Exception):
    """There is no broker to say farewell to."""


class _Bounded(Consumer):
    """Sets its own prefetch as it starts: what was set on the channel last would hold for all."""

    def __init__(self, *arguments: Any, at_once: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._at_once = at_once

    def consume(self, no_ack: bool | None = None) -> None:
        self.qos(prefetch_count=self._at_once)
        super().consume(no_ack)


class DrainingConsumer(QueueConsumer):
    """Providers may say in ``at_once`` how many of their messages are worked on at a time."""

    _pending_remove_providers: dict[Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self._unsettled: set[int] = set()

    def run(self) -> None:
        with suppress(_GivenUp):
            super().run()

    def handle_message(self, provider: Any, body: Any, message: Any) -> None:
        self._unsettled.add(id(message))
        super().handle_message(provider, body, message)

    def ack_message(self, message: Any) -> None:
        # nameko lets a reset socket pass, which would end the process: the broker redelivers.
        with suppress(OSError):
            super().ack_message(message)
        self._unsettled.discard(id(message))

    def requeue_message(self, message: Any) -> None:
        with suppress(OSError):
            super().requeue_message(message)
        self._unsettled.discard(id(message))

    def get_consumers(self, _consumer_cls: Any, channel: Any) -> Any:
        # After a reconnection the broker redelivers: what was taken before cannot be settled.
        self._unsettled.clear()
        for provider in self._providers:
            self._consumers[provider] = _Bounded(
                channel,
                queues=[provider.queue],
                callbacks=[partial(self.handle_message, provider)],
                accept=self.accept,
                on_decode_error=self.on_decode_error,
                at_once=getattr(provider, "at_once", None) or self.prefetch_count,
            )
        return self._consumers.values()

    def consume(self, *_arguments: Any, **_options: Any) -> Iterator[None]:
        with self.consumer_context() as (connection, _channel, _consumers):
            while True:
                self.on_iteration()
                if self.should_stop:
                    return
                try:
                    connection.drain_events(timeout=POLL_SECONDS)
                except (TimeoutError, socket.timeout):  # noqa: UP041 eventlet's is a class of its own
                    connection.heartbeat_check()
                else:
                    yield

    def on_iteration(self) -> None:
        self._cancel_consumers_if_requested()
        if not self._consumers and not self._unsettled:
            self.should_stop = True

    @contextmanager
    def establish_connection(self) -> Iterator[Connection]:
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                interval_start=RECONNECT_SECONDS / 4,
                interval_step=RECONNECT_SECONDS / 4,
                interval_max=RECONNECT_SECONDS,
            )
            yield connection

    def on_connection_error(self, error: Exception, interval: float) -> None:
        super().on_connection_error(error, interval)
        if self._pending_remove_providers:
            self._give_up()

    def _give_up(self) -> None:
        """Ends a stop that waits for a broker which is away: there is nothing to cancel there."""
        removed = list(self._pending_remove_providers.values())
        self._pending_remove_providers = {}
        self._consumers.clear()
        for event in removed:
            event.send()
        raise _GivenUp
