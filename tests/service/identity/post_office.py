"""Mail servers that take mail, put it off, refuse it, or break off in the middle."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
NOT_BEFORE, NOT_AFTER = datetime(2024, 1, 1, tzinfo=UTC), datetime(2054, 1, 1, tzinfo=UTC)
USER, PASSWORD = "freehold", "p@ss/word:1"


class PostOffice:
    """An SMTP server with what it got; replies are the recipient's and the content's to change."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.asked: list[str] = []
        self.recipient_replies: list[str] = []
        self.content_replies: list[str] = []
        self.on_mail: Callable[[EmailMessage], None] = lambda _mail: None
        self.was_tls = False
        self.port = 0

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.got]

    # aiosmtpd names these, and calls them on the server's own thread.

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.was_tls = server.transport.get_extra_info("ssl_object") is not None
        self.asked.append(address)
        if self.recipient_replies:
            return self.recipient_replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.content_replies:
            return self.content_replies.pop(0)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        await server.loop.run_in_executor(None, self.on_mail, mail)
        self.got.append(mail)
        return "250 kept"


def _check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def open_post_office(
    *,
    tls: ssl.SSLContext | None = None,
    begins_with_tls: bool = False,
    asks_password: bool = False,
    takes_utf8: bool = True,
) -> Iterator[PostOffice]:
    office = PostOffice()
    office.port = free_port()
    upgrade = {} if begins_with_tls else {"tls_context": tls}
    controller = Controller(
        office,
        hostname=HOST,
        port=office.port,
        ready_timeout=60,
        ssl_context=tls if begins_with_tls else None,
        enable_SMTPUTF8=takes_utf8,
        auth_required=asks_password,
        auth_require_tls=not begins_with_tls,
        authenticator=_check if asks_password else None,
        **upgrade,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class End(Enum):
    """Where an abrupt server's conversation ends, and how."""

    SAYS_NOTHING = "hangs before the greeting"
    IN_CONTENT = "drops the connection in the middle of the content"
    AFTER_CONTENT = "drops the connection before it says that it has the content"
    AT_FAREWELL = "has the mail and drops the connection at QUIT"
    HANGS_AT_FAREWELL = "has the mail and hangs at QUIT"
    BUSY_AT_FAREWELL = "has the mail and answers 421 to QUIT"
    BUSY_AT_GREETING = "greets with 421"


class Abrupt(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, end: End) -> None:
        super().__init__((HOST, 0), _Conversation)
        self.end = end
        self.got: list[bytes] = []
        self.port: int = self.server_address[1]


class _Conversation(socketserver.StreamRequestHandler):
    server: Abrupt

    def handle(self) -> None:
        end = self.server.end
        if end is End.SAYS_NOTHING:
            self._wait_for_the_other_side()
            return
        if end is End.BUSY_AT_GREETING:
            self._say("421 busy")
            return
        self._say("220 here")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"DATA":
                    self._say("354 go on")
                    if not self._take_content():
                        return
                case b"QUIT":
                    self._part()
                    return
                case _:
                    self._say("250 ok")

    def _take_content(self) -> bool:
        lines = [self.rfile.readline()]
        if self.server.end is End.IN_CONTENT:
            self._drop()
            return False
        while lines[-1] not in (b".\r\n", b""):
            lines.append(self.rfile.readline())
        self.server.got.append(b"".join(lines[:-1]))
        if self.server.end is End.AFTER_CONTENT:
            self._drop()
            return False
        self._say("250 kept")
        return True

    def _part(self) -> None:
        if self.server.end is End.AT_FAREWELL:
            self._drop()
        elif self.server.end is End.HANGS_AT_FAREWELL:
            self._wait_for_the_other_side()
        else:
            self._say("421 busy")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _wait_for_the_other_side(self) -> None:
        self.rfile.read()

    def _drop(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()


@contextmanager
def open_abrupt(end: End) -> Iterator[Abrupt]:
    with Abrupt(end) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Authority:
    """A certificate authority that no system knows."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
        signed = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "authority.pem"
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def server(self, name: str) -> ssl.SSLContext:
        """For a server of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._signed(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
            key,
            x509.SubjectAlternativeName([x509.DNSName(name)]),
        )
        path = self._folder / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOT_BEFORE)
            .not_valid_after(NOT_AFTER)
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )
