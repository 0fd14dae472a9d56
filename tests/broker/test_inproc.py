"""What holds for the in-process bus alone."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from amqp.exceptions import AMQPNotImplementedError, PreconditionFailed, RecoverableConnectionError
from hypothesis import given
from hypothesis import strategies as st
from kombu import Connection, Consumer, Exchange, Producer, Queue

from chassis import inproc
from chassis.inproc_broker import Envelope, topic_matches

ROOT = Path(__file__).parents[2]

words = st.text(alphabet="abc-", min_size=1, max_size=3)
keys = st.lists(words, min_size=1, max_size=5)


@pytest.fixture
def url() -> str:
    inproc.register()
    return f"inproc://{uuid4().hex}"


def inbox(connection: Connection) -> Queue:
    queue = Queue("inbox", exchange=Exchange("letters", type="topic"), routing_key="#")
    bound = queue.bind(connection.default_channel)
    bound.declare()
    return bound


def send(connection: Connection, body: object, **options: object) -> None:
    Producer(connection).publish(body, exchange="letters", routing_key="x", **options)


def test_a_name_is_a_bus_of_its_own(url: str) -> None:
    with Connection(url) as here, Connection(url) as also_here, Connection(f"{url}/2") as there:
        for connection in (here, there):
            inbox(connection)
        send(also_here, "x")
        assert inbox(there).get() is None
        assert inbox(here).get(no_ack=True).decode() == "x"


def test_an_unnamed_bus_is_one_bus() -> None:
    inproc.register()
    with Connection("inproc://") as one, Connection("inproc://").clone() as other:
        inbox(one)
        send(other, "x")
        assert inbox(one).get(no_ack=True).decode() == "x"


def test_there_is_nothing_to_recover_from(url: str) -> None:
    connection = Connection(url)
    assert connection.recoverable_connection_errors == ()
    assert connection.recoverable_channel_errors == ()


def test_what_a_cancelled_consumer_never_saw_goes_to_the_next_unmarked(url: str) -> None:
    with Connection(url) as connection, Connection(url) as other:
        queue = inbox(connection)
        consumer = Consumer(connection.channel(), queues=[queue], on_message=pytest.fail)
        consumer.consume()
        send(other, "x")

        consumer.cancel()

        message = inbox(other).get()
        assert message.decode() == "x"
        assert not message.delivery_info["redelivered"]


def test_an_acknowledgement_after_closing_is_refused(url: str) -> None:
    with Connection(url) as connection:
        queue = inbox(connection)
        send(connection, "x")
        message = queue.get()
        queue.channel.close()
        assert not message.channel.connection
        with pytest.raises(RecoverableConnectionError):
            message.ack()


def test_an_acknowledgement_of_nothing_is_refused(url: str) -> None:
    with Connection(url) as connection, pytest.raises(PreconditionFailed):
        connection.default_channel.basic_ack(1)


def test_an_exchange_that_matches_headers_is_refused(url: str) -> None:
    with Connection(url) as connection, pytest.raises(AMQPNotImplementedError):
        Exchange("letters", type="headers").bind(connection.channel()).declare()


def test_closing_a_connection_ends_the_wait_on_it(url: str) -> None:
    connection = Connection(url)
    inbox(connection)
    ended: list[bool] = []

    def wait() -> None:
        with pytest.raises(RecoverableConnectionError):
            connection.drain_events()
        ended.append(True)

    waiting = threading.Thread(target=wait)
    waiting.start()
    waiting.join(timeout=0.05)
    connection.close()
    waiting.join(timeout=2)
    assert ended


def envelopes() -> int:
    gc.collect()
    return sum(isinstance(each, Envelope) for each in gc.get_objects())


def test_nothing_remains_of_settled_and_expired_messages(url: str) -> None:
    of_other_tests = envelopes()
    with Connection(url) as connection:
        queue = inbox(connection)
        for _ in range(50):
            send(connection, "stale", expiration=0)
            send(connection, "fresh")
            queue.get().ack()
        assert envelopes() == of_other_tests


def test_it_may_be_imported_before_eventlet_patches_the_process() -> None:
    """A green thread that waits must leave the others running, and wake when its message comes."""
    script = """
from chassis import inproc
import eventlet
eventlet.monkey_patch()
import time
from kombu import Connection, Consumer, Exchange, Producer, Queue
inproc.register()

def wait():
    with Connection("inproc://late") as connection:
        with Consumer(connection.channel(), queues=[queue], on_message=print, no_ack=True):
            connection.drain_events(timeout=5)
    return time.monotonic()

queue = Queue("inbox", Exchange("letters"), "x")
waiting = eventlet.spawn(wait)
eventlet.sleep(0.1)
published = time.monotonic()
Producer(Connection("inproc://late")).publish("x", exchange="letters", routing_key="x")
assert waiting.wait() - published < 0.2
"""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        check=True,
        timeout=30,
        stdout=subprocess.DEVNULL,
    )


@given(key=keys)
def test_a_key_matches_itself_and_the_wildcard_for_all(key: list[str]) -> None:
    assert topic_matches(".".join(key), ".".join(key))
    assert topic_matches("#", ".".join(key))


@given(key=keys, at=st.integers(0, 4))
def test_a_star_stands_for_any_one_word(key: list[str], at: int) -> None:
    at %= len(key)
    pattern = ".".join([*key[:at], "*", *key[at + 1 :]])
    assert topic_matches(pattern, ".".join(key))
    assert not topic_matches(pattern, ".".join([*key[:at], *key[at + 1 :]]))


@given(before=keys, between=st.lists(words, max_size=4), after=keys)
def test_a_hash_stands_for_any_words_or_none(
    before: list[str], between: list[str], after: list[str]
) -> None:
    pattern = ".".join([*before, "#", *after])
    assert topic_matches(pattern, ".".join([*before, *between, *after]))


@given(pattern=keys, key=keys)
def test_without_wildcards_only_the_same_key_matches(pattern: list[str], key: list[str]) -> None:
    assert topic_matches(".".join(pattern), ".".join(key)) == (pattern == key)
