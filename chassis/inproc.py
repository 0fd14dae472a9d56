"""The in-process bus of the embedded mode: RabbitMQ's behavior behind kombu, without a broker.

After `register()`, connections to ``inproc://name`` in one process share the bus of that name.
Routing, turns between consumers, prefetch, redelivery and refusals are RabbitMQ's, so that services
need not know which of the two they run on. The limits: one process (under eventlet: one hub), and
nothing survives it; queue arguments such as ``x-expires`` have no effect, nor has priority; a
refused operation leaves its channel open.
"""

from __future__ import annotations

import itertools

# Called through their modules, so that eventlet may patch them before or after this import.
import queue as queues
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from amqp.exceptions import (
    AMQPNotImplementedError,
    ConsumerCancelled,
    NotFound,
    PreconditionFailed,
    RecoverableConnectionError,
    ResourceLocked,
)
from amqp.protocol import queue_declare_ok_t
from kombu.exceptions import ChannelError
from kombu.message import Message
from kombu.transport import TRANSPORT_ALIASES, base

from chassis.inproc_broker import MATCHES, Broker, Consumer, Content, Envelope, Exchange, Queue

SCHEME = "inproc"
DEFAULT_NAME = "localhost"

_brokers: dict[tuple[str, str], Broker] = {}


def register() -> None:
    """Makes ``inproc://`` a URL that kombu, and so nameko, can connect to."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


@dataclass(eq=False, slots=True)
class _Delivery:
    tag: int
    envelope: Envelope
    queue: Queue
    channel: Channel
    consumer: Consumer | None
    is_received: bool = False


class Connection:
    """One participant, with the inbox its consumers' deliveries arrive in."""

    def __init__(self, client: Any) -> None:
        self.client = client
        name = (client.hostname or DEFAULT_NAME, client.virtual_host)
        self.broker = _brokers.setdefault(name, Broker())
        self.inbox: queues.Queue[_Delivery | Exception] = queues.Queue()
        self.channels: list[Channel] = []

    def channel(self) -> Channel:
        channel = Channel(self)
        self.channels.append(channel)
        return channel

    def close(self) -> None:
        with self.broker.lock:
            for channel in list(self.channels):
                channel.close()
            for own in [each for each in self.broker.queues.values() if each.owner is self]:
                self.broker.delete(own)
        self.inbox.put(RecoverableConnectionError("connection closed"))

    def drain_events(self, timeout: float | None = None) -> None:
        """Waits for one message and passes it to its consumer."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            remaining = None if deadline is None else max(deadline - time.monotonic(), 0)
            try:
                arrival = self.inbox.get(timeout=remaining)
            except queues.Empty:
                raise socket.timeout("timed out") from None  # noqa: UP041 eventlet's is its own class
            if isinstance(arrival, Exception):
                raise arrival
            message = arrival.channel.receive(arrival)
            if message is not None and arrival.consumer is not None:
                arrival.consumer.on_message(message)
                return


class Channel(base.StdChannel):
    """What kombu's entities, producers and consumers call."""

    def __init__(self, connection: Connection) -> None:
        self.connection: Connection | None = connection
        self._broker = connection.broker
        self._consumers: dict[str, Consumer] = {}
        self._unsettled: dict[int, _Delivery] = {}
        self._tags = itertools.count(1)
        self._prefetch = 0

    def close(self) -> None:
        """Gives back what was not acknowledged."""
        with self._broker.lock:
            if self.connection is None:
                return
            for tag in list(self._consumers):
                self.basic_cancel(tag)
            self._give_back(list(self._unsettled.values()))
            self.connection.channels.remove(self)
            self.connection = None

    def exchange_declare(
        self,
        exchange: str,
        type: str = "direct",  # noqa: A002 AMQP's name
        durable: bool = False,
        auto_delete: bool | None = False,
        passive: bool = False,
        **_: object,
    ) -> None:
        with self._broker.lock:
            if passive:
                self._broker.exchange(exchange)
                return
            if type not in MATCHES:
                raise AMQPNotImplementedError(f"NOT_IMPLEMENTED - exchanges of type '{type}'")
            wanted = Exchange(type, bool(durable), bool(auto_delete))
            if self._broker.exchanges.setdefault(exchange, wanted) != wanted:
                raise PreconditionFailed(f"PRECONDITION_FAILED - another exchange '{exchange}'")

    def exchange_delete(self, exchange: str, **_: object) -> None:
        with self._broker.lock:
            self._broker.exchanges.pop(exchange, None)

    def prepare_queue_arguments(self, arguments: Any, **options: Any) -> Any:
        return base.to_rabbitmq_queue_arguments(arguments, **options)

    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        durable: bool = False,
        exclusive: bool = False,
        auto_delete: bool = False,
        arguments: dict[str, Any] | None = None,
        **_: object,
    ) -> queue_declare_ok_t:
        name = queue or f"amq.gen-{uuid4()}"
        traits = {"durable": durable, "auto_delete": auto_delete, "arguments": arguments or {}}
        with self._broker.lock:
            if not passive:
                new = Queue(name, self._open() if exclusive else None, traits)
                self._broker.queues.setdefault(name, new)
            found = self._queue(name)
            if not passive and found.traits != traits:
                raise PreconditionFailed(f"PRECONDITION_FAILED - another queue '{name}'")
            return queue_declare_ok_t(name, len(found), len(found.consumers))

    def queue_bind(self, queue: str, exchange: str, routing_key: str = "", **_: object) -> None:
        with self._broker.lock:
            self._broker.exchange(exchange).bindings.add((self._queue(queue).name, routing_key))

    def queue_unbind(self, queue: str, exchange: str, routing_key: str = "", **_: object) -> None:
        with self._broker.lock:
            if exchange in self._broker.exchanges:
                self._broker.unbind(exchange, {(queue, routing_key)})

    def queue_purge(self, queue: str, **_: object) -> int:
        with self._broker.lock:
            return self._queue(queue).clear()

    def queue_delete(self, queue: str, **_: object) -> int:
        with self._broker.lock:
            if queue not in self._broker.queues:
                return 0
            found = self._queue(queue)
            self._broker.delete(found)
            return found.clear()

    def prepare_message(
        self,
        body: str | bytes,
        priority: int | None = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> Content:
        described = {"priority": priority, "content_type": content_type}
        described |= {"content_encoding": content_encoding, **(properties or {})}
        present = {name: value for name, value in described.items() if value is not None}
        return Content(body.encode() if isinstance(body, str) else body, present, headers or {})

    def basic_publish(
        self,
        message: Content,
        exchange: str = "",
        routing_key: str = "",
        mandatory: bool = False,
        **_: object,
    ) -> None:
        self._open()
        with self._broker.lock:
            targets = self._broker.route(exchange, routing_key)
            for target in targets:
                target.put(message, exchange, routing_key)
        if mandatory and not targets:
            raise ChannelError("NO_ROUTE", (60, 50), "Basic.return", 312)
        # A green thread which publishes in a loop lets others run, as it would waiting for confirms.
        time.sleep(0)

    def basic_qos(self, prefetch_size: int, prefetch_count: int, apply_global: bool) -> None:
        """Holds for each consumer that starts on this channel from now on."""
        if prefetch_size or apply_global:
            raise AMQPNotImplementedError("NOT_IMPLEMENTED - prefetch by size or by channel")
        self._prefetch = prefetch_count

    def basic_consume(
        self,
        queue: str,
        no_ack: bool | None,
        consumer_tag: str,
        callback: Callable[[Message], object],
        **_: object,
    ) -> str:
        self._open()
        tag = consumer_tag or f"ctag-{uuid4()}"
        with self._broker.lock:
            source = self._queue(queue)
            consumer = Consumer(
                tag, source, bool(no_ack), self._prefetch, self._promise, self._lose, callback
            )
            self._consumers[tag] = consumer
            source.consumers.append(consumer)
            source.dispatch()
        return tag

    def basic_cancel(self, consumer_tag: str, **_: object) -> None:
        """Deliveries nobody has seen yet go back at once; the others remain to be settled."""
        with self._broker.lock:
            consumer = self._consumers.pop(consumer_tag, None)
            if consumer is None:
                return
            source = consumer.queue
            source.consumers.remove(consumer)
            promised = [each for each in self._unsettled.values() if each.consumer is consumer]
            self._give_back([each for each in promised if not each.is_received])
            if source.traits["auto_delete"] and not source.consumers:
                self._broker.delete(source)

    def basic_get(self, queue: str, no_ack: bool | None = False, **_: object) -> Message | None:
        self._open()
        with self._broker.lock:
            source = self._queue(queue)
            envelope = source.take()
            if envelope is None:
                return None
            delivery = _Delivery(next(self._tags), envelope, source, self, None, is_received=True)
            if not no_ack:
                self._unsettled[delivery.tag] = delivery
        return _message(delivery)

    def basic_ack(self, delivery_tag: int, multiple: bool = False, **_: object) -> None:
        self._open()
        with self._broker.lock:
            tags = [delivery_tag]
            if multiple:
                tags = [tag for tag in self._unsettled if tag <= delivery_tag]
            for delivery in [self._settle(tag) for tag in tags]:
                delivery.queue.dispatch()

    def basic_reject(self, delivery_tag: int, requeue: bool = False, **_: object) -> None:
        self._open()
        with self._broker.lock:
            if requeue and delivery_tag in self._unsettled:
                self._give_back([self._unsettled[delivery_tag]])
            else:
                self._settle(delivery_tag).queue.dispatch()

    def receive(self, delivery: _Delivery) -> Message | None:
        """The promised message, unless its consumer or channel ended meanwhile."""
        with self._broker.lock:
            if self._unsettled.get(delivery.tag) is not delivery:
                return None
            delivery.is_received = True
            if delivery.consumer is not None and delivery.consumer.no_ack:
                self._settle(delivery.tag)
        return _message(delivery)

    def _promise(self, consumer: Consumer, envelope: Envelope) -> None:
        delivery = _Delivery(next(self._tags), envelope, consumer.queue, self, consumer)
        self._unsettled[delivery.tag] = delivery
        self._open().inbox.put(delivery)

    def _lose(self, consumer: Consumer) -> None:
        """Whoever waits for a queue that was deleted learns of it."""
        del self._consumers[consumer.tag]
        self._open().inbox.put(ConsumerCancelled(consumer.tag, (60, 30)))

    def _open(self) -> Connection:
        if self.connection is None:
            raise RecoverableConnectionError("channel closed")
        return self.connection

    def _queue(self, name: str) -> Queue:
        found = self._broker.queues.get(name)
        if found is None:
            raise NotFound(f"NOT_FOUND - no queue '{name}'")
        if found.owner not in (None, self._open()):
            raise ResourceLocked(f"RESOURCE_LOCKED - queue '{name}' is exclusive")
        return found

    def _settle(self, tag: int) -> _Delivery:
        delivery = self._unsettled.pop(tag, None)
        if delivery is None:
            raise PreconditionFailed(f"PRECONDITION_FAILED - unknown delivery tag {tag}")
        if delivery.consumer is not None:
            delivery.consumer.outstanding -= 1
        return delivery

    def _give_back(self, deliveries: list[_Delivery]) -> None:
        for each in deliveries:
            self._settle(each.tag)
            each.envelope.redelivered |= each.is_received
            each.queue.put_back(each.envelope)
        for source in {each.queue for each in deliveries}:
            source.dispatch()


def _message(delivery: _Delivery) -> Message:
    envelope = delivery.envelope
    properties = envelope.content.properties
    return Message(
        body=envelope.content.body,
        channel=delivery.channel,
        delivery_tag=delivery.tag,
        content_type=properties.get("content_type"),
        content_encoding=properties.get("content_encoding"),
        delivery_info={
            "consumer_tag": delivery.consumer.tag if delivery.consumer else None,
            "delivery_tag": delivery.tag,
            "redelivered": envelope.redelivered,
            "exchange": envelope.exchange,
            "routing_key": envelope.routing_key,
        },
        properties=dict(properties),
        headers=dict(envelope.content.headers),
    )


class Transport(base.Transport):
    """Makes kombu's connections participants of a bus."""

    driver_type = SCHEME
    driver_name = SCHEME
    default_connection_params = {"hostname": DEFAULT_NAME}  # noqa: RUF012 kombu's interface
    implements = base.Transport.implements.extend(exchange_type=frozenset(MATCHES))
    # There is no network to recover from; kombu would retry what can only fail again.
    recoverable_connection_errors = ()
    recoverable_channel_errors = ()

    def establish_connection(self) -> Connection:
        return Connection(self.client)

    def create_channel(self, connection: Connection) -> Channel:
        return connection.channel()

    def drain_events(self, connection: Connection, timeout: float | None = None) -> None:
        connection.drain_events(timeout)

    def close_connection(self, connection: Connection) -> None:
        connection.close()
