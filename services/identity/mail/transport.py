"""Ways a mail goes out: SMTP, or captured in a folder."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10


class NotSent(Exception):
    """The mail could not be handed over; says the kind of trouble, never the mail."""


class Transport(Protocol):
    def send(self, mail: EmailMessage) -> None:
        """:raises NotSent:"""
        ...


class Smtp:
    """``smtp://`` upgrades to TLS where the server offers it; ``smtps://`` begins with it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def __repr__(self) -> str:
        return f"Smtp({self._host}:{self._port})"

    def send(self, mail: EmailMessage) -> None:
        try:
            with self._connected() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            code = getattr(error, "smtp_code", "")
            raise NotSent(f"{type(error).__name__} {code}".strip()) from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            return smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=context
            )
        server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._user:
                raise smtplib.SMTPNotSupportedError("a password needs TLS")
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


class Capture:
    """Writes each mail as ``<message id>.eml``; for tests, and for a look without a server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: EmailMessage) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
            fresh = self._folder / f"{name}.new"
            fresh.write_bytes(mail.as_bytes())
            fresh.rename(fresh.with_suffix(".eml"))
        except OSError as error:
            raise NotSent(type(error).__name__) from None


def transport_for(url: str) -> Transport:
    """:raises ValueError: the URL names no known way; does not repeat it."""
    if url.startswith("capture:"):
        return Capture(Path(url.removeprefix("capture:")))
    if url.startswith(("smtp://", "smtps://")):
        return Smtp(url)
    raise ValueError("identity.mail_url is smtp://…, smtps://… or capture:<folder>.")
