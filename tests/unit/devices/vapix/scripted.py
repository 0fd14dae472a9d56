"""Scripted: a camera that says, letter by letter, what a test tells it to say, in that order."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl

import pytest

from services.devices.domain.device import Address, Credentials, Scheme, Trust
from services.devices.domain.network import AllowList
from services.devices.vapix.connection import Reach
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.session import Session

SERIAL = "ACCC8E012345"
REALM = f"AXIS_{SERIAL}"
NONCE = "q1w2e3=="
USER = "root"
SECRET = "S3cret-of-the-camera"
# What a user that is created in a test is given.
OTHER_SECRET = "An0ther & 100% secret?"
ROOT = Credentials(USER, SECRET)

DIGEST = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
BASIC = f'Basic realm="{REALM}"'

PATIENT = Reach(
    networks=AllowList.of(["127.0.0.0/8", "::1/128"]),
    connect_seconds=5,
    answer_seconds=20,
    upload_seconds=20,
)
# For tests in which waiting ends as it should: by running out.
HASTY = replace(PATIENT, answer_seconds=0.3)
HASTY_AFTERWARDS = replace(PATIENT, upload_seconds=0.3)

Reply = bytes | Callable[[socket.socket], None]


def reply(
    body: str | bytes,
    media_type: str = "application/json",
    *,
    status: str = "200 OK",
    headers: Sequence[str] = (),
) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def says(content: dict[str, Any]) -> bytes:
    return reply(json.dumps(content))


def page(text: str, status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    """As cameras write their pages; the body's colour is not even quoted."""
    return reply(
        f"<html><head><title>Axis</title></head><body bgcolor=#ffffff>{text}\n</body>\n\n</html>",
        "text/html",
        status=status,
        headers=headers,
    )


def challenge(*offers: str, text: str = "Unauthorized", headers: Sequence[str] = ()) -> bytes:
    return page(
        text,
        "401 Unauthorized",
        [*(f"WWW-Authenticate: {offer}" for offer in offers), *headers],
    )


NOT_FOUND = page("Not Found", "404 Not Found")


@dataclass(frozen=True)
class Heard:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def proof(self) -> str | None:
        return self.headers.get("authorization")


class Scripted:
    """Listens on a port of its own; ``heard`` is what it was asked, in order."""

    def __init__(self, scheme: str, tls: ssl.SSLContext | None, fingerprint: str | None) -> None:
        self.scheme = Scheme(scheme)
        self.heard: list[Heard] = []
        self._replies: list[Reply] = []
        self._tls = tls
        self._fingerprint = fingerprint
        self._transcript: Transcript | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._spawn(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._server, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def told(self, transcript: Transcript) -> Self:
        self._transcript = transcript
        return self

    @property
    def challenge(self) -> bytes:
        """As AXIS OS 12 asks: for Digest in the clear, and for nothing but Basic inside TLS."""
        return challenge(BASIC if self.scheme is Scheme.HTTPS else DIGEST)

    def will_say(self, *replies: Reply) -> None:
        self._replies.extend(replies)

    def address(self, host: str = "127.0.0.1", trust: Trust = Trust.PIN) -> Address:
        return Address(host, self.port, self.scheme, trust, self._fingerprint)

    @contextmanager
    def session(
        self,
        *,
        serial: str | None = SERIAL,
        credentials: Credentials | None = ROOT,
        reach: Reach = PATIENT,
        address: Address | None = None,
    ) -> Iterator[Session]:
        with Session(address or self.address(), serial, credentials, reach) as session:
            try:
                yield session
            finally:
                if self._transcript is not None:
                    self._transcript.add(repr(session), str(session), repr(vars(session)))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._server.accept()
                self._sockets.append(plain)
                self._spawn(lambda plain=plain: self._serve(plain))  # type: ignore[misc]

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, plain: socket.socket) -> None:
        # A client that hangs up is what several tests are about.
        with suppress(OSError):
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            self._sockets.append(connection)
            with connection, connection.makefile("rb") as lines:
                while self._answer(connection, lines):
                    pass

    def _answer(self, connection: socket.socket, lines: Any) -> bool:
        first = lines.readline().decode("latin-1").split(" ")
        if len(first) != 3:
            return False
        method, target, _ = first
        headers = {}
        while line := lines.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
        self.heard.append(Heard(method, target, headers, body))
        if not self._replies:
            connection.sendall(page("Nothing more to say", "501 Not Implemented"))
            return True
        said = self._replies.pop(0)
        if callable(said):
            said(connection)
            return False
        connection.sendall(said)
        return b"Content-Length" in said.partition(b"\r\n\r\n")[0] or b" 204 " in said[:20]


class Transcript:
    """Everything that was logged, printed, raised and shown while a file of tests ran."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self.handler = logging.Handler(logging.DEBUG)
        self.handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.handler.emit = lambda record: self.add(  # type: ignore[method-assign]
            self.handler.format(record)
        )

    def add(self, *texts: str) -> None:
        self._said.extend(texts)

    def raised(self, error: BaseException) -> None:
        self.add("".join(traceback.format_exception(error)))
        following: BaseException | None = error
        # The chain as a debugger sees it, also where a traceback would not show it.
        while following is not None:
            self.add(repr(following), str(following), repr(following.args))
            self.add(repr(vars(following)))
            for value in vars(following).values():
                self.add(repr(getattr(value, "headers", "")), repr(getattr(value, "body", "")))
            following = following.__cause__ or following.__context__

    @contextmanager
    def refusal(self, kind: type[CameraTrouble]) -> Iterator[pytest.ExceptionInfo[CameraTrouble]]:
        """`pytest.raises` for exactly this class, whose error is searched for secrets too."""
        with pytest.raises(kind) as caught:
            yield caught
        self.raised(caught.value)
        assert type(caught.value) is kind, f"{type(caught.value)} instead of {kind}"

    def require_no_secret(self) -> None:
        text = "\n".join(self._said)
        assert "/axis-cgi/" in text or "/config/rest/" in text, "nothing was written down at all"
        for secret in (SECRET, OTHER_SECRET):
            for form in _forms_of(secret):
                assert form not in text
        assert not re.search(r"Digest username|Basic [A-Za-z0-9+/]{8}", text)


def _forms_of(secret: str) -> Iterator[str]:
    yield secret
    yield secret.replace(" ", "+")
    yield repr(secret)[1:-1]
    yield base64.b64encode(f"{USER}:{secret}".encode()).decode()
    # Who knows this needs no password.
    yield hashlib.md5(f"{USER}:{REALM}:{secret}".encode()).hexdigest()
