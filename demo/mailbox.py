"""Captured mail: an SMTP server that keeps what it gets, and a page that shows it.

    python -m demo.mailbox --smtp 127.0.0.1:2525 --http 127.0.0.1:8025

Nothing is sent on. `GET /messages?to=ada@example.com` answers JSON, `/` is for people.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

KEPT = 200

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Captured mail · Freehold demo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
 :root {{ color-scheme: light dark }}
 body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }}
 h1, h2 {{ line-height: 1.25 }}
 h2 {{ font-size: 1.2rem; margin: .5rem 0 }}
 p {{ margin: .5rem 0 }}
 a:focus-visible {{ outline: 3px solid; outline-offset: 2px }}
 article {{ border: 1px solid GrayText; border-radius: .5rem; padding: .5rem 1rem; margin: 1rem 0 }}
 pre {{ font-family: ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }}
</style></head><body><main><h1>Captured mail</h1>
<p>Nothing leaves this machine. The newest message comes first. <a href="">Look for new mail</a></p>
{messages}
</main></body></html>"""
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:)]")


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str


class Mailbox:
    """The newest messages, and a bell for each that arrives."""

    def __init__(self, told: Callable[[Mail], None] = lambda _mail: None) -> None:
        self._told = told
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        self._bell = threading.Condition()

    def put(self, mail: Mail) -> None:
        with self._bell:
            self._mails.append(mail)
            self._bell.notify_all()
        self._told(mail)

    def to(self, address: str | None) -> list[Mail]:
        """Newest first."""
        with self._bell:
            return [mail for mail in reversed(self._mails) if address in (None, mail.to)]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(preferencelist=("plain", "html"))
        text = str(body.get_content()) if body is not None else ""
        for recipient in envelope.rcpt_tos:
            self.put(Mail(recipient, str(message["Subject"]), text))
        return "250 kept"


def _handler(mailbox: Mailbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = parse_qs(urlsplit(self.path).query).get("to", [None])[0]
            if urlsplit(self.path).path == "/messages":
                mails = [asdict(mail) for mail in mailbox.to(address)]
                self._answer("application/json", json.dumps({"items": mails}))
            else:
                articles = "".join(map(_article, mailbox.to(address)))
                page = _PAGE.format(messages=articles or "<p>No mail yet.</p>")
                self._answer("text/html; charset=utf-8", page)

        def _answer(self, content_type: str, body: str) -> None:
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Requests are not worth a line."""

    return Handler


def _article(mail: Mail) -> str:
    text = html.escape(mail.text, quote=False)
    linked = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)
    return (
        f"<article><h2>{html.escape(mail.subject)}</h2>"
        f"<p>To {html.escape(mail.to)}</p><pre>{linked}</pre></article>"
    )


class _Page(ThreadingHTTPServer):
    daemon_threads = True


def free_port(host: str) -> int:
    """A port nobody listens on now; the SMTP server cannot choose one by itself."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    smtp: tuple[str, int],
    http: tuple[str, int],
    told: Callable[[Mail], None] = lambda _mail: None,
) -> Iterator[tuple[int, int]]:
    """A mailbox while the block runs; yields the SMTP and HTTP ports.

    :param told: hears of each message as it arrives, in the SMTP server's thread.
    """
    mailbox = Mailbox(told)
    controller = Controller(mailbox, hostname=smtp[0], port=smtp[1] or free_port(smtp[0]))
    controller.start()
    page = _Page(http, _handler(mailbox))
    threading.Thread(target=page.serve_forever, name="mail-page", daemon=True).start()
    try:
        yield controller.port, page.server_address[1]
    finally:
        page.shutdown()
        page.server_close()
        controller.stop()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.mailbox")
    parser.add_argument("--smtp", type=_address, default=("127.0.0.1", 2525))
    parser.add_argument("--http", type=_address, default=("127.0.0.1", 8025))
    chosen = parser.parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with serving(chosen.smtp, chosen.http) as (smtp_port, http_port):
        print(json.dumps({"smtp_port": smtp_port, "http_port": http_port}), flush=True)
        stopping.wait()


if __name__ == "__main__":
    main()
