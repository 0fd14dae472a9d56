"""A patient client of the gateway: repeats what a passing outage interrupted, with the same key.

Where it is told to wait, it waits: a repetition may be one try too many.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import requests
from requests.adapters import HTTPAdapter

PATIENCE_SECONDS = 60.0
_PASSING = (429, 502, 503, 504)

Found = TypeVar("Found")


class Declined(Exception):
    """The API refused; carries the problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = problem.get("code")
        self.problem = problem


class Api:
    """One person's (or program's) way in; ``token`` is the bearer token once there is one."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.token: str | None = None
        self._http = requests.Session()

    def mount(self, adapter: HTTPAdapter) -> None:
        """Sends through an adapter of the caller's own."""
        self._http.mount("http://", adapter)

    def get(self, path: str, **query: Any) -> Any:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Commands carry an idempotency key, the same one however often it must be sent."""
        return self.send("POST", path, json={} if body is None else body, **options)

    def download(self, path: str) -> str:
        """A file of text, byte for byte."""
        return self._sent("GET", path).content.decode()

    def send(self, method: str, path: str, **options: Any) -> Any:
        reply = self._sent(method, path, **options)
        return reply.json() if reply.content else None

    def _sent(
        self,
        method: str,
        path: str,
        *,
        file: Path | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Streams ``file`` as the body where one is given.

        :raises Declined: a 4xx, or a 429 or 5xx that did not pass within a minute."""
        sent = {"Idempotency-Key": str(uuid4()), **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with contextlib.ExitStack() as stack:
                    if file is not None:
                        options["data"] = stack.enter_context(file.open("rb"))
                    reply = self._http.request(
                        method, self.address + path, headers=sent, timeout=120, **options
                    )
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
                continue
            if reply.status_code in _PASSING and time.monotonic() < deadline:
                time.sleep(float(reply.headers.get("Retry-After", "1")))
                continue
            if reply.status_code >= 400:
                raise Declined(reply.status_code, reply.json() if reply.content else {})
            return reply


def until(look: Callable[[], Found | None], *, within: float, what: str) -> Found:
    """What ``look`` finds, asked again and again until it is there.

    :raises TimeoutError: names what did not come.
    """
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {within:.0f} seconds.")
        time.sleep(0.2)
