"""What the services rely on in a message bus: the same on RabbitMQ and in process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from amqp.exceptions import NotFound, PreconditionFailed, ResourceLocked
from kombu import Connection, Exchange, Producer
from kombu.exceptions import ChannelError

from chassis import inproc
from tests.broker.bus import QUIET, SOON, Bus, Reader, bodies, drained

PROMPTLY = 0.2


@pytest.fixture(params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.broker)])
def bus_url(request: pytest.FixtureRequest) -> str:
    if request.param == "rabbitmq":
        return str(request.getfixturevalue("rabbitmq_url"))
    inproc.register()
    return f"inproc://{uuid4().hex}"


@pytest.fixture
def bus(bus_url: str) -> Iterator[Bus]:
    bus = Bus(bus_url)
    yield bus
    for connection in bus.connections:
        connection.close()
    with Connection(bus_url) as connection:
        for name in bus.queue_names:
            connection.default_channel.queue_delete(name)


def test_a_message_arrives_with_what_a_responder_needs(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("calls", exchange, "echo.*")

    bus.publish(
        {"args": ["ü"]},
        exchange,
        "echo.say",
        headers={"nameko.call_id_stack": ["a", "b"]},
        reply_to="back",
        correlation_id="42",
    )

    [message] = Reader(bus, queue).read(1)
    assert message.decode() == {"args": ["ü"]}
    assert message.content_type == "application/json"
    assert message.properties["content_type"] == "application/json"
    assert message.properties["reply_to"] == "back"
    assert message.properties["correlation_id"] == "42"
    assert message.headers == {"nameko.call_id_stack": ["a", "b"]}
    assert message.delivery_info["routing_key"] == "echo.say"
    assert message.delivery_info["exchange"] == exchange.name
    assert not message.delivery_info["redelivered"]
    message.ack()


def test_a_mandatory_message_without_a_route_is_refused_at_once(bus: Bus) -> None:
    exchange = bus.exchange()
    bus.declared("other", exchange, "other.*")
    producer = Producer(bus.connect())
    producer.publish("warm", exchange=exchange, routing_key="other.x", declare=[exchange])

    started = time.monotonic()
    with pytest.raises(ChannelError, match="NO_ROUTE"):
        producer.publish("x", exchange=exchange, routing_key="nobody.x", mandatory=True, retry=True)
    assert time.monotonic() - started < PROMPTLY


def test_any_other_message_without_a_route_is_dropped(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("other", exchange, "other.*")
    bus.publish("x", exchange, "nobody.x")
    assert bodies(queue) == []


def test_publishing_to_an_exchange_nobody_declared_is_refused(bus: Bus) -> None:
    with pytest.raises(NotFound):
        Producer(bus.connect()).publish("x", exchange=f"{bus.prefix}.missing", routing_key="x")


def test_the_nameless_exchange_reaches_a_queue_by_its_name(bus: Bus) -> None:
    queue = bus.declared("inbox", bus.exchange(), auto_delete=False, exclusive=True)
    Producer(queue.channel).publish("x", exchange="", routing_key=queue.name, mandatory=True)
    assert bodies(queue) == ["x"]


@pytest.mark.parametrize(
    ("pattern", "key", "arrives"),
    [
        ("identity.*", "identity.signed-in", True),
        ("identity.*", "identity", False),
        ("identity.*", "identity.user.added", False),
        ("*.added", "user.added", True),
        ("#", "identity.user.added", True),
        ("#", "", True),
        ("identity.#", "identity", True),
        ("identity.#", "identity.user.added", True),
        ("identity.#", "identities", False),
        ("#.added", "added", True),
        ("a.#.z", "a.z", True),
        ("a.#.z", "a.b.c.z", True),
        ("a.*.#", "a", False),
        ("folder.moved", "folder.moved", True),
        ("folder.moved", "folderXmoved", False),
    ],
)
def test_a_topic_is_matched_word_by_word(bus: Bus, pattern: str, key: str, arrives: bool) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, pattern)
    bus.publish("x", exchange, key)
    assert bodies(queue) == (["x"] if arrives else [])


def test_a_direct_exchange_takes_a_key_literally(bus: Bus) -> None:
    exchange = bus.exchange("direct")
    starred = bus.declared("starred", exchange, "a.*")
    exact = bus.declared("exact", exchange, "a.b")
    bus.publish("x", exchange, "a.b")
    assert (bodies(starred), bodies(exact)) == ([], ["x"])


def test_a_fanout_exchange_reaches_every_queue(bus: Bus) -> None:
    exchange = bus.exchange("fanout")
    queues = [bus.declared(name, exchange) for name in ("one", "two")]
    bus.publish("x", exchange, "whatever")
    assert [bodies(queue) for queue in queues] == [["x"], ["x"]]


def test_two_bindings_of_a_queue_bring_a_message_once(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "a.*")
    queue.bind_to(exchange, routing_key="#")
    bus.publish("x", exchange, "a.b")
    assert bodies(queue) == ["x"]


def test_what_was_unbound_no_longer_arrives(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "a.*")
    queue.bind_to(exchange, routing_key="b.*")
    queue.unbind_from(exchange, routing_key="a.*")
    bus.publish("a", exchange, "a.x")
    bus.publish("b", exchange, "b.x")
    assert bodies(queue) == ["b"]


def test_each_queue_has_its_own_copy_of_a_message(bus: Bus) -> None:
    exchange = bus.exchange("fanout")
    one, two = (Reader(bus, bus.declared(name, exchange)) for name in ("one", "two"))
    bus.publish("x", exchange, headers={"stack": ["a"]})

    [first] = one.read(1)
    first.headers["stack"].append("b")
    first.ack()

    [second] = two.read(1)
    assert second.headers["stack"] == ["a"]
    second.ack()


def test_what_a_publisher_changes_later_changes_no_message(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    headers = {"stack": ["a"]}
    bus.publish("x", exchange, headers=headers)
    headers["stack"].append("b")
    assert queue.get(no_ack=True).headers["stack"] == ["a"]


def test_tags_of_a_channel_tell_its_deliveries_apart(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.declared("events", exchange, "#"))
    for number in range(3):
        bus.publish(number, exchange)
    tags = [message.delivery_tag for message in reader.read(3)]
    assert tags == sorted(set(tags))


def test_an_expired_message_is_not_delivered(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("calls", exchange, "#")
    bus.publish("stale", exchange, expiration=0.1)
    bus.publish("fresh", exchange, expiration=60)
    drained(Reader(bus, bus.declared("silent", exchange, "silent")).connection, 0.3)
    assert bodies(queue) == ["fresh"]


def test_a_message_is_delivered_before_it_expires(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.declared("calls", exchange, "#"), no_ack=True)
    bus.publish("x", exchange, expiration=5)
    reader.read(1)
    assert reader.bodies == ["x"]


def test_a_requeued_message_returns_to_its_own_queue_only(bus: Bus) -> None:
    exchange = bus.exchange("fanout")
    queues = [bus.declared(name, exchange) for name in ("one", "two")]
    bus.publish("x", exchange)
    assert bodies(queues[1]) == ["x"]

    message = queues[0].get()
    message.requeue()

    again = queues[0].get()
    assert again.decode() == "x"
    assert again.delivery_info["redelivered"]
    assert bodies(queues[1]) == []
    again.ack()


def test_a_requeued_message_returns_to_its_place(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    for number in range(3):
        bus.publish(number, exchange)
    first, second = queue.get(), queue.get()
    second.requeue()
    first.requeue()
    assert bodies(queue) == [0, 1, 2]


def test_a_rejected_message_is_gone(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    bus.publish("x", exchange)
    queue.get().reject()
    assert bodies(queue) == []


def test_closing_gives_back_only_what_was_not_acknowledged(bus: Bus) -> None:
    exchange = bus.exchange("fanout")
    queue = bus.declared("one", exchange)
    other = bus.declared("two", exchange)
    for number in range(4):
        bus.publish(number, exchange)
    assert bodies(other) == [0, 1, 2, 3]
    reader = Reader(bus, queue)
    messages = reader.read(4)
    messages[0].ack()
    messages[2].ack()

    reader.connection.close()

    successor = Reader(bus, queue)
    assert [message.delivery_info["redelivered"] for message in successor.read(2)] == [True, True]
    assert successor.bodies == [1, 3]
    assert bodies(other) == []


def test_one_acknowledgement_may_settle_all_before_it(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    for number in range(3):
        bus.publish(number, exchange)
    reader = Reader(bus, queue)
    reader.read(3)[1].ack(multiple=True)
    reader.connection.close()
    successor = Reader(bus, queue, no_ack=True)
    successor.read(1)
    assert successor.bodies == [2]


def test_what_was_promised_to_a_consumer_that_ends_goes_to_the_next(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    absent = Reader(bus, queue)
    bus.publish("x", exchange)
    absent.connection.close()
    successor = Reader(bus, queue, no_ack=True)
    successor.read(1)
    assert successor.bodies == ["x"]


def test_a_consumer_holds_no_more_than_its_prefetch(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.declared("events", exchange, "#"), prefetch_count=2)
    for number in range(5):
        bus.publish(number, exchange)

    drained(reader.connection)
    assert reader.bodies == [0, 1]

    reader.messages[0].ack()
    drained(reader.connection)
    assert reader.bodies == [0, 1, 2]


def test_a_busy_consumer_leaves_messages_to_an_idle_one(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("calls", exchange, "#")
    busy = Reader(bus, queue, prefetch_count=1)
    bus.publish("long", exchange)
    busy.read(1)
    idle = Reader(bus, queue, prefetch_count=5)
    for number in range(3):
        bus.publish(number, exchange)
    idle.read(3)
    assert (busy.bodies, idle.bodies) == (["long"], [0, 1, 2])


def test_consumers_of_a_queue_take_turns(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    readers = [Reader(bus, queue) for _ in range(2)]
    for number in range(6):
        bus.publish(number, exchange)
    for reader in readers:
        reader.read(3)
    assert sorted(reader.bodies for reader in readers) == [[0, 2, 4], [1, 3, 5]]


def test_an_auto_delete_queue_vanishes_with_its_last_consumer(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("replies", exchange, "#", auto_delete=True)
    first, last = Reader(bus, queue), Reader(bus, queue)

    first.consumer.cancel()
    assert queue.queue_declare(passive=True).consumer_count == 1

    last.consumer.cancel()
    with pytest.raises(NotFound):
        queue.queue_declare(passive=True)


def test_an_exclusive_queue_is_its_connections_and_vanishes_with_its_consumer(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.queue("broadcast", exchange, "#", exclusive=True))
    with pytest.raises(ResourceLocked):
        bus.queue("broadcast", exchange, "#", exclusive=True).queue_declare(passive=True)

    reader.consumer.cancel()
    with pytest.raises(NotFound):
        bus.queue("broadcast", exchange).queue_declare(passive=True)


def test_an_exclusive_queue_without_a_consumer_vanishes_with_its_connection(bus: Bus) -> None:
    queue = bus.declared("broadcast", bus.exchange(), exclusive=True)
    queue.channel.connection.client.close()
    with pytest.raises(NotFound):
        bus.queue("broadcast", bus.exchange()).queue_declare(passive=True)


def test_a_message_for_a_vanished_queue_has_no_route(bus: Bus) -> None:
    exchange = bus.exchange()
    bus.declared("keeper", exchange, "keeper")
    reader = Reader(bus, bus.queue("replies", exchange, "back", auto_delete=True))
    reader.connection.close()
    with pytest.raises(ChannelError, match="NO_ROUTE"):
        bus.publish("late", exchange, "back", mandatory=True)


def test_a_deleted_queue_ends_the_wait_of_its_consumers(bus: Bus) -> None:
    """So that they connect anew and declare it again."""
    queue = bus.declared("events", bus.exchange(), "#")
    reader = Reader(bus, queue)
    queue.delete()
    with pytest.raises(reader.connection.connection_errors):
        reader.connection.drain_events(timeout=SOON)


def test_a_durable_queue_keeps_messages_without_a_consumer(bus: Bus) -> None:
    exchange = bus.exchange()
    queue = bus.declared("events", exchange, "#")
    Reader(bus, queue).connection.close()
    bus.publish("x", exchange)
    assert queue.queue_declare(passive=True).message_count == 1
    assert queue.purge() == 1
    assert bodies(queue) == []


def test_a_queue_with_an_expiry_is_accepted(bus: Bus) -> None:
    """nameko's and our own reply queues ask for one."""
    exchange = bus.exchange()
    queue = bus.declared("replies", exchange, "#", queue_arguments={"x-expires": 300_000})
    bus.publish("x", exchange)
    assert bodies(queue) == ["x"]


def test_a_queue_declared_again_otherwise_is_refused(bus: Bus) -> None:
    bus.declared("events", bus.exchange(), durable=True)
    with pytest.raises(PreconditionFailed):
        bus.declared("events", bus.exchange(), durable=False)


def test_an_exchange_declared_again_otherwise_is_refused(bus: Bus) -> None:
    bus.declared("events", bus.exchange("topic"))
    with pytest.raises(PreconditionFailed):
        Exchange(f"{bus.prefix}.topic", type="fanout", auto_delete=True).bind(
            bus.connect().channel()
        ).declare()


def test_a_waiting_consumer_wakes_at_once(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.declared("calls", exchange, "#"), no_ack=True)
    producer = Producer(bus.connect())
    producer.publish("warm", exchange=exchange, routing_key="x", declare=[exchange])
    reader.read(1)
    woke: list[float] = []

    def wait() -> None:
        reader.connection.drain_events(timeout=5)
        woke.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    waiting.join(timeout=QUIET)
    published = time.monotonic()
    producer.publish("x", exchange=exchange, routing_key="x")
    waiting.join(timeout=5)

    assert woke[0] - published < PROMPTLY


def test_waiting_ends_after_its_timeout(bus: Bus) -> None:
    reader = Reader(bus, bus.declared("calls", bus.exchange(), "#"))
    started = time.monotonic()
    with pytest.raises(socket.timeout):
        reader.connection.drain_events(timeout=0.1)
    assert 0.09 < time.monotonic() - started < PROMPTLY + 0.1


def test_threads_may_publish_and_acknowledge_together(bus: Bus) -> None:
    exchange = bus.exchange()
    reader = Reader(bus, bus.declared("events", exchange, "#"), prefetch_count=3)

    def publish() -> None:
        for number in range(20):
            bus.publish(number, exchange)

    publishers = [threading.Thread(target=publish) for _ in range(4)]
    for publisher in publishers:
        publisher.start()
    for count in range(1, 81):
        reader.read(count)[-1].ack()
    for publisher in publishers:
        publisher.join()
    assert sorted(reader.bodies) == sorted(list(range(20)) * 4)
