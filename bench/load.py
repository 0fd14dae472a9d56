"""A small load generator: keep-alive connections on one selector, so that it costs little itself."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Result:
    per_second: float
    p50_ms: float
    p99_ms: float


class UnexpectedAnswer(Exception):
    """The server answered something else than 2xx; carries the beginning of it."""


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return len(body) >= int(value)
        return head.startswith(b"HTTP/1.1 204")


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def load(
    address: tuple[str, int],
    make: Callable[[], bytes],
    *,
    connections: int = 16,
    seconds: float = 5.0,
    warm_up: float = 1.0,
) -> Result:
    """Sends ``make()`` again and again on each connection for a bounded time.

    :raises UnexpectedAnswer: one was not 2xx.
    """
    selector = selectors.DefaultSelector()
    opened = [_Connection(socket.create_connection(address)) for _ in range(connections)]
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(make())
    started = time.perf_counter() + warm_up
    ends = started + seconds
    waited: list[float] = []
    try:
        while time.perf_counter() < ends:
            for key, _ in selector.select(timeout=1.0):
                connection = key.data
                part = connection.socket.recv(65536)
                if not part:
                    raise UnexpectedAnswer("The server closed the connection.")
                connection.received += part
                if connection.is_answered():
                    if not connection.received.startswith(b"HTTP/1.1 2"):
                        raise UnexpectedAnswer(connection.received[:500].decode(errors="replace"))
                    now = time.perf_counter()
                    if now >= started:
                        waited.append((now - connection.sent_at) * 1000)
                    connection.send(make())
    finally:
        for connection in opened:
            connection.socket.close()
        selector.close()
    return Result(len(waited) / seconds, median(waited), quantiles(waited, n=100)[98])
