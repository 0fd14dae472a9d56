"""Queues, exchanges and turns between consumers as RabbitMQ has them, held in memory."""

from __future__ import annotations

import functools
import heapq
import itertools
import math
import operator

# Called through their modules, so that eventlet may patch them before or after this import.
import threading
import time
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from amqp.exceptions import NotFound


@dataclass(frozen=True, slots=True)
class Content:
    """What a publisher hands over."""

    body: bytes
    properties: dict[str, Any]
    headers: dict[str, Any]


@dataclass(slots=True)
class Envelope:
    """One queue's own copy of a message, and its place there."""

    content: Content
    exchange: str
    routing_key: str
    position: int
    expires_at: float
    redelivered: bool = False


@dataclass(eq=False, slots=True)
class Consumer:
    """Who gets a queue's messages: ``deliver`` and ``on_deleted`` run under the broker's lock."""

    tag: str
    queue: Queue
    no_ack: bool
    prefetch: int
    deliver: Callable[[Consumer, Envelope], None]
    on_deleted: Callable[[Consumer], None]
    on_message: Callable[[Any], object]
    outstanding: int = 0

    @property
    def has_room(self) -> bool:
        return self.no_ack or not self.prefetch or self.outstanding < self.prefetch


class Queue:
    def __init__(self, name: str, owner: object | None, traits: dict[str, Any]) -> None:
        self.name = name
        self.owner = owner
        self.traits = traits
        self.consumers: deque[Consumer] = deque()
        self.is_deleted = False
        self._ready: list[tuple[int, Envelope]] = []
        self._positions = itertools.count()

    def __len__(self) -> int:
        while self._ready and self._ready[0][1].expires_at <= time.monotonic():
            heapq.heappop(self._ready)
        return len(self._ready)

    def put(self, content: Content, exchange: str, routing_key: str) -> None:
        life = content.properties.get("expiration")
        expires_at = math.inf if life is None else time.monotonic() + int(life) / 1000
        own_copy, position = deepcopy(content), next(self._positions)
        self.put_back(Envelope(own_copy, exchange, routing_key, position, expires_at))
        self.dispatch()

    def put_back(self, envelope: Envelope) -> None:
        """To its place; the caller dispatches once all of its messages are back."""
        if not self.is_deleted:
            heapq.heappush(self._ready, (envelope.position, envelope))

    def take(self) -> Envelope | None:
        return heapq.heappop(self._ready)[1] if len(self) else None

    def clear(self) -> int:
        count = len(self)
        self._ready.clear()
        return count

    def dispatch(self) -> None:
        """Consumers with room take turns."""
        while len(self):
            consumer = next((each for each in self.consumers if each.has_room), None)
            envelope = self.take() if consumer else None
            if consumer is None or envelope is None:
                return
            self.consumers.remove(consumer)
            self.consumers.append(consumer)
            consumer.outstanding += 1
            consumer.deliver(consumer, envelope)


@functools.lru_cache(maxsize=4096)
def topic_matches(pattern: str, routing_key: str) -> bool:
    """``*`` stands for exactly one word, ``#`` for any number of them, none included."""
    return _words_match(_words(pattern), _words(routing_key))


def _words(key: str) -> tuple[str, ...]:
    return tuple(key.split(".")) if key else ()


def _words_match(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_words_match(pattern[1:], words[n:]) for n in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _words_match(pattern[1:], words[1:])


MATCHES: dict[str, Callable[[str, str], bool]] = {
    "direct": operator.eq,
    "topic": topic_matches,
    "fanout": lambda _pattern, _routing_key: True,
}


@dataclass
class Exchange:
    """Bindings are pairs of queue name and pattern."""

    type: str
    durable: bool
    auto_delete: bool
    bindings: set[tuple[str, str]] = field(default_factory=set, compare=False)


class Broker:
    """One bus; whoever touches its exchanges and queues holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.queues: dict[str, Queue] = {}
        self.exchanges = {
            f"amq.{kind}": Exchange(kind, durable=True, auto_delete=False) for kind in MATCHES
        }

    def exchange(self, name: str) -> Exchange:
        try:
            return self.exchanges[name]
        except KeyError:
            raise NotFound(f"NOT_FOUND - no exchange '{name}'") from None

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        if not exchange:
            return [self.queues[routing_key]] if routing_key in self.queues else []
        found = self.exchange(exchange)
        matches = MATCHES[found.type]
        names = {queue for queue, pattern in found.bindings if matches(pattern, routing_key)}
        return [self.queues[name] for name in names]

    def unbind(self, exchange: str, bindings: set[tuple[str, str]]) -> None:
        found = self.exchanges[exchange]
        gone = found.bindings & bindings
        found.bindings -= gone
        if gone and found.auto_delete and not found.bindings:
            del self.exchanges[exchange]

    def delete(self, queue: Queue) -> None:
        queue.is_deleted = True
        del self.queues[queue.name]
        for name, exchange in list(self.exchanges.items()):
            self.unbind(name, {each for each in exchange.bindings if each[0] == queue.name})
        while queue.consumers:
            consumer = queue.consumers.popleft()
            consumer.on_deleted(consumer)
