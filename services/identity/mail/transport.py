"""Ways a mail goes out: SMTP, or captured in a folder."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10
# Well within the time after which another replica takes the mail for abandoned.
TOTAL_SECONDS = 30


class NotSent(Exception):
    """The mail could not be handed over; says the kind of trouble, never the mail.

    :param is_permanent: the server will not have this mail, however often it is offered.
    """

    def __init__(self, trouble: str, *, is_permanent: bool = False) -> None:
        super().__init__(trouble)
        self.is_permanent = is_permanent


class Transport(Protocol):
    def send(self, mail: EmailMessage) -> None:
        """:raises NotSent:"""
        ...


class Smtp:
    """``smtp://`` upgrades to TLS where the server offers it; ``smtps://`` begins with it.

    :param ca_file: PEM file of the authority that alone signs the server; else the system's.
    """

    def __init__(
        self,
        url: str,
        ca_file: str = "",
        *,
        timeout: float = TIMEOUT_SECONDS,
        total: float = TOTAL_SECONDS,
    ) -> None:
        parts = urlsplit(url)
        self._begins_with_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._begins_with_tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._needs_tls = bool(self._user or ca_file)
        self._tls = ssl.create_default_context(cafile=ca_file or None)
        self._timeout = timeout
        self._total = total

    def __repr__(self) -> str:
        return f"Smtp({self._host}:{self._port})"

    def send(self, mail: EmailMessage) -> None:
        with _as_not_sent(), self._connected() as server:
            if self._user:
                server.login(self._user, self._password)
            try:
                server.send_message(mail)
            except smtplib.SMTPNotSupportedError as error:
                # The address needs what the server cannot do (RFC 6531).
                raise NotSent(type(error).__name__, is_permanent=True) from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._begun(time.monotonic() + self._total)
        try:
            yield server
            # The mail is the server's by now: what becomes of the farewell changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _begun(self, ends_at: float) -> smtplib.SMTP:
        place = {"host": self._host, "port": self._port, "timeout": self._timeout}
        if self._begins_with_tls:
            return _SmtpsWithin(ends_at, context=self._tls, **place)
        server = _SmtpWithin(ends_at, **place)
        try:
            self._upgrade(server)
        except (smtplib.SMTPException, OSError, NotSent):
            server.close()
            raise
        return server

    def _upgrade(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=self._tls)
            server.ehlo()
        elif self._needs_tls:
            raise NotSent("no TLS offered")


class _Within:
    """Commands of one conversation share the time until ``ends_at``."""

    sock: Any

    def __init__(self, ends_at: float, **more: Any) -> None:
        self._ends_at = ends_at
        super().__init__(**more)

    def send(self, s: Any) -> None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(left, self.sock.gettimeout() or left))
        super().send(s)  # type: ignore[misc]


class _SmtpWithin(_Within, smtplib.SMTP):
    pass


class _SmtpsWithin(_Within, smtplib.SMTP_SSL):
    pass


@contextlib.contextmanager
def _as_not_sent() -> Iterator[None]:
    """Whatever goes wrong on the way, without the server's words, which may hold an address.

    Only a refusal of the recipient or of the content is about the mail; others are about the
    server, or the account on it, and may be put right.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refusal(error, max(codes, default=0), is_about_mail=True) from None
    except smtplib.SMTPResponseException as error:
        is_about_mail = isinstance(error, smtplib.SMTPDataError)
        raise _refusal(error, error.smtp_code, is_about_mail=is_about_mail) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(type(error).__name__) from None


def _refusal(error: smtplib.SMTPException, code: int, *, is_about_mail: bool) -> NotSent:
    return NotSent(
        f"{type(error).__name__} {code}", is_permanent=is_about_mail and 500 <= code < 600
    )


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


def transport_for(url: str, ca_file: str = "") -> Transport:
    """:raises ValueError: the URL names no known way; does not repeat it.

    :raises OSError: the file of the authority cannot be read.
    """
    if url.startswith("capture:"):
        return Capture(Path(url.removeprefix("capture:")))
    if url.startswith(("smtp://", "smtps://")):
        return Smtp(url, ca_file)
    raise ValueError("identity.mail_url is smtp://…, smtps://… or capture:<folder>.")
