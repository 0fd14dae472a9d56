"""One port that can really be closed and opened again."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

BACKLOG: Final = 64
HANDSHAKE_SECONDS: Final = 10.0


class Listener:
    """Holds its port for life: while nobody listens, connections are refused, not stolen."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        host: str,
        port: int,
        *,
        protocol: Callable[[], asyncio.BaseProtocol],
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._loop = loop
        self._host = host
        self._protocol = protocol
        self._tls = tls
        self._listening: socket.socket | None = None
        self._arrivals: set[asyncio.Task[None]] = set()
        # Bound and never listening: the system gives the port to nobody else meanwhile.
        self._place = self._bound(port)
        self.port = int(self._place.getsockname()[1])

    def open(self) -> None:
        if self._listening is not None:
            return
        listening = self._bound(self.port)
        listening.listen(BACKLOG)
        listening.setblocking(False)
        self._listening = listening
        self._loop.add_reader(listening.fileno(), self._accept, listening)

    def shut(self) -> None:
        """No new connections; the port stays ours."""
        for arrival in self._arrivals:
            arrival.cancel()
        if self._listening is not None:
            self._loop.remove_reader(self._listening.fileno())
            self._listening.close()
            self._listening = None

    def close(self) -> None:
        self.shut()
        self._place.close()

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((self._host, port))
        except OSError:
            bound.close()
            raise
        return bound

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(BACKLOG):
            try:
                connection, _address = listening.accept()
            except OSError:
                # Nobody waits any more, or there are no file descriptors left for now.
                return
            connection.setblocking(False)
            arrival = self._loop.create_task(self._arrive(connection))
            self._arrivals.add(arrival)
            arrival.add_done_callback(self._arrivals.discard)

    async def _arrive(self, connection: socket.socket) -> None:
        try:
            if self._tls is None:
                await self._loop.connect_accepted_socket(self._protocol, connection)
                return
            await self._loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._tls(),
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except (OSError, TimeoutError):
            # Somebody left during the handshake, or does not trust the certificate.
            connection.close()
