"""Connection: from a host's name to a checked address and a checked certificate."""

from __future__ import annotations

import hashlib
import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.ssl_match_hostname import CertificateError

from services.devices.domain.device import Address, Trust
from services.devices.domain.network import AddressNotAllowed, AllowList, HostUnknown
from services.devices.domain.settings import DevicesSettings
from services.devices.vapix.errors import (
    CameraTrouble,
    CertificateChanged,
    CertificateRefused,
    NoAnswer,
    NotAllowed,
    Unreachable,
)

# A chunk of an image may take so long on the slowest way to a camera that is worth waiting for.
CHUNK_SECONDS = 60.0
NAME_SECONDS = 10.0


@dataclass(frozen=True)
class Reach:
    """How cameras are reached from here; from the settings."""

    networks: AllowList
    connect_seconds: float
    answer_seconds: float
    upload_seconds: float
    ca_bundle: str = ""

    @classmethod
    def of(cls, settings: DevicesSettings) -> Reach:
        return cls(
            networks=AllowList.of(settings.networks, settings.denied_networks),
            connect_seconds=settings.connect_timeout_seconds,
            answer_seconds=settings.answer_timeout_seconds,
            upload_seconds=settings.upload_timeout_seconds,
            ca_bundle=settings.ca_bundle,
        )


def checked_ip(host: str, port: int, networks: AllowList, *, seconds: float = NAME_SECONDS) -> str:
    """The one resolution there is: what is checked here is what is connected to.

    :raises NotAllowed: the address is outside the networks.
    :raises Unreachable: the name has no address.
    :raises NoAnswer: nobody says in time whether it has one.
    """
    found = [host] if _is_literal(host) else _resolved(host, port, seconds)
    try:
        return networks.choose(host, dict.fromkeys(found))
    except (AddressNotAllowed, HostUnknown, ValueError):
        raise NotAllowed(
            "The address is not in a network that this installation connects to."
        ) from None


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """The resolver has no time-out of its own, so it is left behind where it takes too long."""
    found: list[str] | None = None
    ended = threading.Event()

    def resolve() -> None:
        nonlocal found
        with suppress(OSError, UnicodeError):
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(entry[4][0]) for entry in entries]
        ended.set()

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    if not ended.wait(seconds):
        raise NoAnswer("The host name was not resolved in time.")
    if found is None:
        raise Unreachable("The host name has no address.")
    return found


class _Socket(ssl.SSLSocket):
    """Closed even where CPython forgets it: at a reset between connecting and the handshake."""

    def __del__(self) -> None:
        self.close()


def _closing(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = _Socket
    return context


def fingerprint_of(ip: str, port: int, seconds: float) -> str:
    """SHA-256 of the certificate shown now, for trust on first use."""
    context = _closing(ssl.create_default_context())
    context.check_hostname = False
    # Nothing is sent over this connection; the fingerprint is what later ones are held to.
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((ip, port), timeout=seconds) as plain,
            _at_most(seconds, plain),
            context.wrap_socket(plain) as secure,
        ):
            certificate = secure.getpeercert(binary_form=True)
    except TimeoutError:
        raise NoAnswer("The camera did not answer in time.") from None
    except ssl.SSLError:
        raise CertificateRefused("Nothing speaks TLS at this port.") from None
    except OSError:
        raise Unreachable("The camera cannot be reached.") from None
    if certificate is None:
        raise CertificateRefused("The camera shows no certificate.")
    return hashlib.sha256(certificate).hexdigest()


@contextmanager
def _at_most(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Ends the connection under a block that lasts longer, as a handshake byte by byte would."""
    with sock.dup() as same:
        timer = threading.Timer(seconds, _shut, (same,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Remaining(io.RawIOBase):
    """Reads from a socket within its time-out as a whole, which by itself holds for each piece."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        patience = sock.gettimeout()
        self._deadline = None if patience is None else time.monotonic() + patience
        self._idle = patience

    def allow(self, seconds: float, idle: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._idle = idle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left if self._idle is None else min(left, self._idle))
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class Answering(http.client.HTTPResponse):
    """Who sends a byte now and then keeps nobody waiting for longer than who sends none."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._remaining = _Remaining(sock, self.fp.detach())
        self.fp = io.BufferedReader(self._remaining)

    def allow(self, seconds: float, idle: float) -> None:
        """From here on so much time in all, and so much for each wait."""
        self._remaining.allow(seconds, idle)


def _grant(sock: socket.socket | None) -> None:
    """Else a chunk of an image had to be taken within the time for connecting."""
    if sock is not None:
        sock.settimeout(CHUNK_SECONDS)


class _Http(urllib3.connection.HTTPConnection):
    response_class = Answering

    def send(self, data: Any) -> None:
        _grant(self.sock)
        super().send(data)


class _Https(urllib3.connection.HTTPSConnection):
    response_class = Answering

    def connect(self) -> None:
        with ExitStack() as self._handshake:
            super().connect()

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._handshake.enter_context(_at_most(self.timeout or CHUNK_SECONDS, sock))
        return sock

    def send(self, data: Any) -> None:
        _grant(self.sock)
        super().send(data)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Client(requests.Session):
    """Takes an answer that sends it elsewhere for an answer.

    Without this requests reads the whole of it, however large, before saying that it is one.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


def opened(address: Address, reach: Reach) -> requests.Session:
    """A client that knows neither proxies nor `.netrc`, held to the address's certificate.

    :raises CertificateRefused: a certificate was to be pinned and none is.
    """
    client = _Client()
    client.trust_env = False
    is_pinned = address.trust is Trust.PIN
    requirement = ssl.CERT_NONE if is_pinned else ssl.CERT_REQUIRED
    options: dict[str, Any] = {
        "ssl_context": _closing(create_urllib3_context(cert_reqs=requirement))
    }
    if address.is_secure and is_pinned:
        if address.fingerprint is None:
            raise CertificateRefused("No certificate is pinned for this camera.")
        client.verify = False
        options["assert_fingerprint"] = address.fingerprint
    elif address.is_secure:
        client.verify = reach.ca_bundle or True
        if not _is_literal(address.host):
            options.update(server_hostname=address.host, assert_hostname=address.host)
    client.mount("https://", _Adapter(options))
    client.mount("http://", _Adapter({}))
    return client


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def trouble_of(error: requests.RequestException | urllib3.exceptions.HTTPError) -> CameraTrouble:
    """The cause of a request that got no answer, or not all of it."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable("The camera cannot be reached.")
    # In the middle of an answer requests calls the same thing a lost connection.
    inner = error.args[0] if error.args else None
    if isinstance(error, requests.exceptions.Timeout | ReadTimeoutError) or isinstance(
        inner, ReadTimeoutError
    ):
        return NoAnswer("The camera did not answer in time.")
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_trouble(error)
    return Unreachable("The connection to the camera broke.")


def _tls_trouble(error: requests.exceptions.SSLError) -> CameraTrouble:
    reason: object = error
    # requests wraps urllib3's retry error, that one urllib3's own, and that one OpenSSL's.
    while isinstance(reason, Exception) and not isinstance(reason, ssl.SSLError):
        inner = getattr(reason, "reason", None) or (reason.args[0] if reason.args else None)
        if not isinstance(inner, Exception):
            break
        reason = inner
    # A name that does not match is found by OpenSSL or by urllib3, which has a class of its own.
    if isinstance(reason, ssl.SSLCertVerificationError | CertificateError):
        return CertificateRefused("The camera's certificate is not trusted.")
    if isinstance(reason, urllib3.exceptions.SSLError):
        return CertificateChanged("The camera shows another certificate than the pinned one.")
    return Unreachable("The connection to the camera broke.")
