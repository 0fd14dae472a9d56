"""Producers with a connection each, shared by threads: kombu's pool neither drops stale connections,
nor bounds how long it takes to open one, nor closes what is in use."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from amqp.exceptions import AMQPError, MessageNacked
from kombu import Connection, Producer
from kombu.exceptions import ChannelError, OperationalError

# kombu's own bases cover neither closed sockets nor amqp's protocol errors.
BROKER_ERRORS = (AMQPError, MessageNacked, OperationalError, ChannelError, OSError)
# A broker under a memory alarm confirms nothing for a minute: the socket is given up instead.
CONFIRM_TIMEOUT_SECONDS = 2.0
CONNECT_TIMEOUT_SECONDS = 3
# One that was used just now needs no look at whether the broker has closed it.
FRESH_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Held:
    connection: Connection
    producer: Producer
    used_at: float


def is_unroutable(error: Exception) -> bool:
    return isinstance(error, ChannelError) and "NO_ROUTE" in str(error)


def connected(url: str, name: str, *, heartbeat: int = 0, confirms: bool = True) -> Connection:
    """An open connection: kombu by itself pauses two seconds before it tries a second time.

    :raises OSError: and the rest of ``BROKER_ERRORS``: the broker is away.
    """
    connection = Connection(
        url,
        heartbeat=heartbeat,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        transport_options={
            "confirm_publish": confirms,
            "client_properties": {"connection_name": name},
            # Only what opens a lost connection by itself looks at these.
            "max_retries": 0,
            "interval_start": 0,
        },
    )
    connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
    return connection


class Producers:
    """At most ``limit`` connections, the last used first, so that the others may rest."""

    def __init__(self, connect: Callable[[], Connection], limit: int) -> None:
        self._connect = connect
        self._places = threading.Semaphore(limit)
        self._guard = threading.Lock()
        self._idle: list[_Held] = []
        self._in_use: list[_Held] = []

    @contextmanager
    def one(self, timeout: float) -> Iterator[Producer]:
        """A producer for the block; after a broker error in it, its connection is closed.

        :raises OSError: and the rest of ``BROKER_ERRORS``: none is free in time, or none opens.
        """
        if not self._places.acquire(timeout=max(timeout, 0)):
            raise OSError("every broker connection is in use")
        try:
            held = self._taken() or self._opened()
            try:
                yield held.producer
            except BaseException as error:
                is_usable = isinstance(error, Exception) and is_unroutable(error)
                self._give_back(held, is_usable=is_usable)
                raise
            self._give_back(held, is_usable=True)
        finally:
            self._places.release()

    def reset(self) -> None:
        """Closes every connection; who is publishing meets a broker error."""
        with self._guard:
            gone = [*self._idle, *self._in_use]
            self._idle.clear()
            self._in_use.clear()
        for held in gone:
            discard(held.connection)

    def _taken(self) -> _Held | None:
        while True:
            with self._guard:
                if not self._idle:
                    return None
                held = self._idle.pop()
                self._in_use.append(held)
            if time.monotonic() - held.used_at < FRESH_SECONDS or _is_alive(held.connection):
                return held
            self._give_back(held, is_usable=False)

    def _opened(self) -> _Held:
        connection = self._connect()
        try:
            held = _Held(connection, Producer(connection.channel()), time.monotonic())
        except BROKER_ERRORS:
            discard(connection)
            raise
        with self._guard:
            self._in_use.append(held)
        return held

    def _give_back(self, held: _Held, *, is_usable: bool) -> None:
        with self._guard:
            # One that `reset` closed meanwhile is not there any more.
            is_known = held in self._in_use
            if is_known:
                self._in_use.remove(held)
            if is_known and is_usable:
                held.used_at = time.monotonic()
                self._idle.append(held)
                return
        discard(held.connection)


def _is_alive(connection: Connection) -> bool:
    """Reads what the broker said meanwhile, which may be that it closes the connection."""
    try:
        connection.drain_events(timeout=0)
    except (TimeoutError, socket.timeout):  # noqa: UP041 eventlet's is a class of its own
        return True
    except BROKER_ERRORS:
        return False
    return True


def discard(connection: Connection) -> None:
    """Closes the socket without a word to the broker, which may not be listening."""
    # amqp stumbles over what is half closed in more ways than it has exceptions for.
    with suppress(*BROKER_ERRORS, AttributeError):
        connection.collect()
