"""A message bus for one test, RabbitMQ or in process, and what reads from it."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from kombu import Connection, Consumer, Exchange, Producer, Queue
from kombu.message import Message

SOON = 2.0
QUIET = 0.25


@dataclass
class Bus:
    """Names of its own for one test; what it declared and opened is gone after it."""

    url: str
    prefix: str = field(default_factory=lambda: uuid4().hex[:8])
    connections: list[Connection] = field(default_factory=list)
    queue_names: set[str] = field(default_factory=set)

    def connect(self) -> Connection:
        connection = Connection(self.url, transport_options={"confirm_publish": True})
        self.connections.append(connection)
        return connection

    def exchange(self, kind: str = "topic") -> Exchange:
        return Exchange(f"{self.prefix}.{kind}", type=kind, durable=True, auto_delete=True)

    def queue(self, name: str, exchange: Exchange, key: str = "", **traits: Any) -> Queue:
        queue = Queue(f"{self.prefix}.{name}", exchange=exchange, routing_key=key, **traits)
        self.queue_names.add(queue.name)
        return queue.bind(self.connect().channel())

    def declared(self, name: str, exchange: Exchange, key: str = "", **traits: Any) -> Queue:
        queue = self.queue(name, exchange, key, **traits)
        queue.declare()
        return queue

    def publish(self, body: Any, exchange: Exchange, key: str = "", **options: Any) -> None:
        Producer(self.connect()).publish(
            body, exchange=exchange, routing_key=key, declare=[exchange], **options
        )


def bodies(queue: Queue) -> list[Any]:
    """What waits in the queue, taken out of it."""
    return [message.decode() for message in iter(lambda: queue.get(no_ack=True), None)]


def drained(connection: Connection, quiet: float = QUIET) -> None:
    """Delivers until nothing has come for a while."""
    while True:
        try:
            connection.drain_events(timeout=quiet)
        except socket.timeout:  # noqa: UP041 as kombu's users catch it
            return


class Reader:
    """A consumer on a connection of its own that keeps what it is given."""

    def __init__(self, bus: Bus, queue: Queue, **options: Any) -> None:
        self.connection = bus.connect()
        self.messages: list[Message] = []
        prefetch = options.pop("prefetch_count", None)
        self.consumer = Consumer(
            self.connection.channel(),
            queues=[queue],
            on_message=self.messages.append,
            prefetch_count=prefetch,
            **options,
        )
        self.consumer.consume()

    def read(self, count: int) -> list[Message]:
        while len(self.messages) < count:
            self.connection.drain_events(timeout=SOON)
        return self.messages

    @property
    def bodies(self) -> list[Any]:
        return [message.decode() for message in self.messages]
