"""Session: requests to one camera, with limits on time and size and no password too early."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import requests

from services.devices.domain.device import Address, Credentials
from services.devices.vapix.challenge import Challenge, read_challenge
from services.devices.vapix.connection import Reach, bracketed, checked_ip, opened, trouble_of
from services.devices.vapix.errors import (
    AnswerLost,
    AnswerTooLarge,
    AnswerUnreadable,
    Busy,
    CredentialsRefused,
    NoAnswer,
    Redirected,
    RequestRefused,
    ServerFailed,
    Unreachable,
    Unsupported,
)

ANSWER_BYTES = 256 * 1024
_PIECE = 16 * 1024
_METHOD = "POST"


class Body(Protocol):
    """A request body whose length is known before it is read."""

    media_type: str
    is_sent: bool

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterable[bytes]: ...


class Session:
    """``with Session(address, serial, credentials, reach) as session: systemready.read(session)``.

    :raises vapix.errors.CameraTrouble: each method, one class for each cause.
    """

    def __init__(
        self, address: Address, serial: str, credentials: Credentials | None, reach: Reach
    ) -> None:
        self.serial = serial
        self._address = address
        self._credentials = credentials
        self._reach = reach
        ip = checked_ip(address.host, address.port, reach.networks)
        self._base = f"{address.scheme}://{bracketed(ip)}:{address.port}"
        self._http = opened(address, reach)
        self._http.headers.update(
            {
                "Host": f"{bracketed(address.host)}:{address.port}",
                "User-Agent": "freehold",
                "Accept-Encoding": "identity",
            }
        )
        self._challenge: Challenge | None = None

    def __repr__(self) -> str:
        return f"Session({self.serial})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def anonymous(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's JSON object, asked for without a password."""
        status, content, _ = self._send(path, json.dumps(request).encode())
        if status == 401:
            raise Unsupported("The camera answers this only to those who signed in.")
        return _object(status, content)

    def signed(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's JSON object, asked for as the device's user."""
        self.prepare(path)
        body = json.dumps(request).encode()
        for _ in range(3):
            proof = self._authorization(path)
            status, content, challenged = self._send(path, body, proof)
            if status != 401:
                return _object(status, content)
            # An old nonce asks for another round; the password itself is tried once only.
            if challenged is None or (proof and not challenged.is_stale):
                break
            self._meet(challenged)
            if self._credentials is None:
                break
        raise CredentialsRefused("The camera does not accept the user name and password.")

    def upload(self, path: str, body: Body) -> dict[str, Any]:
        """The answer to a long body, sent once only and after the camera's challenge was met.

        :raises AnswerLost: everything was sent, and no answer came.
        """
        self._challenge = None
        self.prepare(path)
        try:
            status, content, challenged = self._send(
                path,
                body,
                self._authorization(path),
                media_type=body.media_type,
                seconds=self._reach.upload_seconds,
            )
        except (Unreachable, NoAnswer, AnswerUnreadable):
            if body.is_sent:
                raise AnswerLost("The whole image was sent, and no answer came.") from None
            raise
        if status == 401:
            if challenged is not None and challenged.is_stale:
                raise Busy("The camera asked to sign in again during the upload.")
            raise CredentialsRefused("The camera does not accept the user name and password.")
        return _object(status, content)

    def prepare(self, path: str) -> None:
        """Meets the challenge with a request without a body, so that no body is sent twice."""
        if self._challenge is not None:
            return
        status, _, challenged = self._send(path, b"")
        if status == 401 and challenged is not None:
            self._meet(challenged)
        elif status not in (400, 411):
            # Those two are how some answer a request that says nothing.
            _refuse_status(status)

    def _meet(self, challenge: Challenge) -> None:
        challenge.require_serial(self.serial)
        self._challenge = challenge

    def _authorization(self, path: str) -> dict[str, bytes]:
        if self._challenge is None or self._credentials is None:
            return {}
        # As text it would be written in Latin-1, which not every user name fits.
        return {"Authorization": self._challenge.proof(self._credentials, _METHOD, path).encode()}

    def _send(
        self,
        path: str,
        body: bytes | Body,
        headers: Mapping[str, bytes] | None = None,
        *,
        media_type: str = "application/json",
        seconds: float | None = None,
    ) -> tuple[int, bytes, Challenge | None]:
        patience = seconds or self._reach.answer_seconds
        try:
            response = self._http.request(
                _METHOD,
                self._base + path,
                data=body,  # type: ignore[arg-type]
                headers={"Content-Type": media_type, **(headers or {})},
                timeout=(self._reach.connect_seconds, patience),
                allow_redirects=False,
                stream=True,
            )
            with response:
                content = _limited(response, patience)
                if response.status_code != 401:
                    return response.status_code, content, None
                offers = response.raw.headers.getlist("WWW-Authenticate")
        except requests.RequestException as error:
            # Its text and its request carry the Authorization header's surroundings.
            raise trouble_of(error) from None
        return 401, content, read_challenge(offers, is_secure=self._address.is_secure)


def _limited(response: requests.Response, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    content = bytearray()
    for piece in response.iter_content(_PIECE):
        content += piece
        if len(content) > ANSWER_BYTES:
            raise AnswerTooLarge("The camera's answer is larger than any of its answers should be.")
        if time.monotonic() > deadline:
            raise NoAnswer("The camera did not end its answer in time.")
    return bytes(content)


def _refuse_status(status: int) -> None:
    if status == 404:
        raise Unsupported("The camera does not have this API.")
    if 300 <= status < 400:
        raise Redirected("The camera sends us elsewhere; that is not followed.")
    if status in (403, 408, 423, 429, 503):
        # 403 is how a camera's protection against too many requests speaks.
        raise Busy(f"The camera refuses for now (HTTP {status}).")
    if status >= 500:
        raise ServerFailed(f"The camera failed (HTTP {status}).")
    if status >= 400:
        raise RequestRefused(f"The camera refuses the request (HTTP {status}).")


def _object(status: int, content: bytes) -> dict[str, Any]:
    _refuse_status(status)
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("The camera's answer cannot be read.") from None
    if not isinstance(found, dict):
        raise AnswerUnreadable("The camera's answer cannot be read.")
    return found
