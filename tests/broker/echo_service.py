"""Services and a client on the bus given by its URL: `python -m tests.broker.echo_service URL`.

Prints what it saw as one line of JSON, then serves until SIGTERM and prints a second line.
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from kombu import Connection
from nameko.events import BROADCAST, EventDispatcher, event_handler
from nameko.exceptions import RemoteError, UnknownService
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.runners import ServiceRunner
from nameko.standalone.rpc import ClusterRpcProxy

from chassis import inproc

RUN = uuid4().hex[:8]
ECHO, RELAY, LISTENER, NOBODY = (
    f"{name}-{RUN}" for name in ("echo", "relay", "listener", "nobody")
)
EVENTS = 20
IDLE_SECONDS = 1.0

heard: queue.Queue[tuple[str, int, Any]] = queue.Queue()


class Instance(DependencyProvider):
    """Tells the two listeners apart."""

    def get_dependency(self, _worker_ctx: Any) -> int:
        return id(self.container)


class Echo:
    name = ECHO
    dispatch = EventDispatcher()

    @rpc
    def echo(self, value: Any) -> Any:
        return value

    @rpc
    def echo_later(self, value: Any, seconds: float) -> Any:
        threading.Event().wait(seconds)
        return value

    @rpc
    def refuse(self) -> None:
        raise ValueError("refused")

    @rpc
    def say(self, count: int) -> None:
        for number in range(count):
            self.dispatch("said", number)


class Relay:
    name = RELAY
    echo = RpcProxy(ECHO)
    nobody = RpcProxy(NOBODY)

    @rpc
    def relay(self, value: Any) -> Any:
        return self.echo.echo(value)

    @rpc
    def seconds_to_miss_nobody(self) -> float:
        return seconds_until(UnknownService, self.nobody.echo)


class Listener:
    name = LISTENER
    instance = Instance()

    @event_handler(ECHO, "said")
    def share(self, number: int) -> None:
        heard.put(("pool", self.instance, number))

    @event_handler(ECHO, "said", handler_type=BROADCAST, reliable_delivery=False)
    def overhear(self, number: int) -> None:
        heard.put(("broadcast", self.instance, number))


def seconds_until(expected: type[Exception], call: Callable[[], object]) -> float:
    started = time.monotonic()
    try:
        call()
    except expected:
        return time.monotonic() - started
    raise AssertionError(f"no {expected.__name__}")


def concurrent_calls(config: dict[str, Any]) -> tuple[list[int], float]:
    """Eight that take 0.2 seconds each, from eight clients."""

    def call(number: int) -> int:
        with ClusterRpcProxy(config, timeout=5) as cluster:
            return int(cluster[ECHO].echo_later(number, 0.2))

    started = time.monotonic()
    answers = list(eventlet.GreenPool().imap(call, range(8)))
    return answers, time.monotonic() - started


def idle_cpu_seconds() -> float:
    before = os.times()
    threading.Event().wait(IDLE_SECONDS)
    after = os.times()
    return after.user + after.system - before.user - before.system


def seen(config: dict[str, Any]) -> dict[str, Any]:
    with ClusterRpcProxy(config, timeout=5) as cluster:
        first = cluster[ECHO].echo({"text": "ü", "many": [1, 2.5, None]})
        relayed = cluster[RELAY].relay("through two services")
        started = time.monotonic()
        for number in range(20):
            cluster[RELAY].relay(number)
        seconds_per_relay = (time.monotonic() - started) / 20
        try:
            cluster[ECHO].refuse()
        except RemoteError as error:
            refusal = [error.exc_type, error.value]
        missed = seconds_until(UnknownService, cluster[NOBODY].echo)
        missed_by_service = cluster[RELAY].seconds_to_miss_nobody()
        cluster[ECHO].say(EVENTS)
    events = [heard.get(timeout=10) for _ in range(EVENTS * 3)]
    answers, seconds = concurrent_calls(config)
    return {
        "echo": first,
        "relayed": relayed,
        "seconds_per_relay": seconds_per_relay,
        "refusal": refusal,
        "seconds_to_miss": missed,
        "seconds_to_miss_by_service": missed_by_service,
        "events": events,
        "concurrent": answers,
        "concurrent_seconds": seconds,
        "idle_cpu_seconds": idle_cpu_seconds(),
    }


def forget_queues(url: str) -> None:
    with Connection(url) as connection:
        for name in (f"rpc-{ECHO}", f"rpc-{RELAY}", f"evt-{ECHO}-said--{LISTENER}.share"):
            connection.default_channel.queue_delete(name)


def main(url: str) -> None:
    inproc.register()
    config = {"AMQP_URI": url}
    runners = [ServiceRunner(config), ServiceRunner(config)]
    for service in (Echo, Relay, Listener):
        runners[0].add_service(service)
    runners[1].add_service(Listener)
    for runner in runners:
        runner.start()
    signal.signal(signal.SIGTERM, lambda *_: [eventlet.spawn_n(each.stop) for each in runners])
    report(seen(config))
    for runner in runners:
        runner.wait()
    forget_queues(url)
    report({"stopped": True})


def report(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
