"""Session: requests to one camera, with limits on time and size and no password too early."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import quote, urlencode

import requests

from services.devices.domain.device import Address, Credentials
from services.devices.vapix import envelope
from services.devices.vapix.answer import Answer, refuse_status
from services.devices.vapix.challenge import Challenge, read_challenge
from services.devices.vapix.connection import Reach, bracketed, checked_ip, opened, trouble_of
from services.devices.vapix.errors import (
    AnswerLost,
    AnswerTooLarge,
    AnswerUnreadable,
    Busy,
    CameraTrouble,
    CredentialsRefused,
    NoAnswer,
    NotAxis,
    SetupNeeded,
    Unreachable,
    Unsupported,
)
from services.devices.vapix.stream import Limits, Stream, media_type_of

ANSWER_BYTES = 256 * 1024
_PIECE = 16 * 1024
_ROUNDS = 3
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"

# What every release asks everybody to sign in for.
_FOR_NOBODY = "/axis-cgi/firmwaremanagement.cgi"

Query = Mapping[str, str | int]


class Body(Protocol):
    """A request body whose length is known before it is read."""

    media_type: str
    is_sent: bool

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterable[bytes]: ...


@dataclass(frozen=True)
class _Request:
    """``target`` is the path with its query, letter by letter as it is signed and sent."""

    method: str
    target: str
    body: bytes | Body | None = field(default=None, repr=False)
    media_type: str = _JSON


class Session:
    """``with Session(address, serial, credentials, reach) as session: systemready.read(session)``.

    :param serial: None where it is not known yet; then nothing is ever signed.
    :raises vapix.errors.CameraTrouble: each method, one class for each cause.
    """

    def __init__(
        self,
        address: Address,
        serial: str | None,
        credentials: Credentials | None,
        reach: Reach,
    ) -> None:
        self.serial = serial
        self._address = address
        self._credentials = None if serial is None else credentials
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
        answer = self._ask(_Request("POST", path, json.dumps(request).encode()))
        if answer.status == 401:
            raise Unsupported("The camera answers this only to those who signed in.")
        return self._hushed(answer.object())

    def signed(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's JSON object, asked for as the device's user."""
        asked = _Request("POST", path, json.dumps(request).encode())
        return self._hushed(self._signed(asked).object())

    def get(self, path: str, query: Query | None = None, *, most: int = ANSWER_BYTES) -> Answer:
        """An answer of no more than ``most`` bytes, asked for as the device's user."""
        self._require_met()
        return self._signed(_Request("GET", _target(path, query)), most)

    def rest(self, path: str) -> Any:
        """What one of the newer APIs keeps under a path.

        :raises Unsupported: the camera's release does not have it.
        """
        answer = self.get(path, most=4 * ANSWER_BYTES)
        # These say in JSON what was wrong; a page of the same status says nothing.
        if answer.status not in (400, 409, 500) or answer.media_type != _JSON:
            refuse_status(answer.status)
        return envelope.kept(self._hushed(answer.any_object()))

    def form(self, path: str, fields: Query) -> str:
        """The text answered to a form, which may hold secrets: it is not sent to just anybody.

        :raises AnswerUnreadable: who answers did not say by its challenge which camera it is.
        """
        if self._credentials is None:
            raise CredentialsRefused("The camera answers this only to those who signed in.")
        self._require_met()
        return self._signed(_form(path, fields)).text()

    def anonymous_form(self, path: str, fields: Query) -> Answer:
        """For the first user of a camera; the caller has made sure which camera it is."""
        return self._ask(_form(path, fields))

    @contextmanager
    def stream(self, path: str, query: Query | None, limits: Limits) -> Iterator[Stream]:
        """A long answer, asked for as the device's user; leaving the block ends it."""
        self._require_met()
        with self._passed(_Request("GET", _target(path, query))) as response:
            refuse_status(response.status_code)
            yield Stream(response, limits)

    def upload(self, path: str, body: Body) -> dict[str, Any]:
        """The answer to a long body, sent once only and after the camera's challenge was met.

        :raises AnswerLost: everything was sent, and no answer came, or none that can be read.
        """
        self._challenge = None
        self.prepare(path)
        asked = _Request("POST", path, body, body.media_type)
        proof, seconds = self._authorization(asked), self._reach.upload_seconds
        try:
            answer = self._ask(asked, proof=proof, seconds=seconds)
            if answer.status == 200:
                return self._hushed(answer.object())
        except (Unreachable, NoAnswer, AnswerUnreadable):
            if body.is_sent:
                raise AnswerLost("The whole image was sent, and no answer came.") from None
            raise
        if answer.status == 401 and self._offered(answer).is_stale:
            raise Busy("The camera asked to sign in again during the upload.")
        refuse_status(answer.status)
        raise AnswerLost("The whole image was sent, and no answer came.")

    def prepare(self, path: str) -> None:
        """Meets the challenge with a request without a body, so that no body is sent twice."""
        if self._challenge is not None:
            return
        answer = self._ask(_Request("POST", path, b""))
        if answer.status == 401:
            self._meet(self._offered(answer))
        elif answer.status not in (400, 411):
            # Those two are how some answer a request that says nothing.
            refuse_status(answer.status)

    def _require_met(self) -> None:
        """Pictures may be shown to everybody, also by another camera: which it is is asked first.

        :raises AnswerUnreadable: who answers did not say by its challenge which camera it is.
        """
        self.prepare(_FOR_NOBODY)
        if self._challenge is None:
            raise AnswerUnreadable("What answers at this address asks nobody to sign in.")

    def shown_serial(self, path: str, request: Mapping[str, Any]) -> str:
        """The serial number in the camera's challenge to a request that is not for everybody."""
        answer = self._ask(_Request("POST", path, json.dumps(request).encode()))
        if answer.status != 401:
            raise NotAxis("What answers at this address asks nobody to sign in.")
        # Nothing is sent in return, so what is offered needs no TLS.
        return read_challenge(answer.offers, is_secure=True).shown_serial

    def _signed(self, asked: _Request, most: int = ANSWER_BYTES) -> Answer:
        if asked.body is not None:
            self.prepare(asked.target)
        with self._passed(asked) as response:
            return self._read(response, most, self._reach.answer_seconds)

    @contextmanager
    def _passed(self, asked: _Request) -> Iterator[requests.Response]:
        """The answer, not read yet, once the camera's challenge was met."""
        patience = self._reach.answer_seconds
        for _ in range(_ROUNDS):
            proof = self._authorization(asked)
            with self._sent(asked, proof, patience) as response:
                if response.status_code != 401:
                    yield response
                    return
                challenge = self._offered(self._read(response, ANSWER_BYTES, patience))
            # An old nonce asks for another round; the password itself is tried once only.
            if proof and not challenge.is_stale:
                break
            self._meet(challenge)
            if self._credentials is None:
                break
        raise CredentialsRefused("The camera does not accept the user name and password.")

    def _meet(self, challenge: Challenge) -> None:
        if self.serial is not None:
            challenge.require_serial(self.serial)
        self._challenge = challenge

    def _offered(self, answer: Answer) -> Challenge:
        if answer.needs_setup:
            raise SetupNeeded("The camera has no user yet.")
        return read_challenge(answer.offers, is_secure=self._address.is_secure)

    def _authorization(self, asked: _Request) -> dict[str, bytes]:
        if self._challenge is None or self._credentials is None:
            return {}
        proof = self._challenge.proof(self._credentials, asked.method, asked.target)
        # As text it would be written in Latin-1, which not every user name fits.
        return {"Authorization": proof.encode()}

    def _ask(
        self,
        asked: _Request,
        *,
        proof: Mapping[str, bytes] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        patience = seconds or self._reach.answer_seconds
        with self._sent(asked, proof or {}, patience) as response:
            return self._read(response, ANSWER_BYTES, patience)

    def _sent(
        self, asked: _Request, proof: Mapping[str, bytes], patience: float
    ) -> requests.Response:
        headers: dict[str, str | bytes] = dict(proof)
        if asked.body is not None:
            headers["Content-Type"] = asked.media_type
        trouble: CameraTrouble
        try:
            response = self._http.request(
                asked.method,
                self._base + asked.target,
                data=asked.body,  # type: ignore[arg-type]
                headers=headers,
                timeout=(self._reach.connect_seconds, patience),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            trouble = trouble_of(error)
        else:
            return response
        # Not as the cause's successor: that one knows the request with its Authorization header.
        raise trouble

    def _read(self, response: requests.Response, most: int, seconds: float) -> Answer:
        trouble: CameraTrouble
        try:
            content = _limited(response, most, seconds)
        except requests.RequestException as error:
            trouble = trouble_of(error)
        else:
            return Answer(
                status=response.status_code,
                media_type=media_type_of(response),
                content=content,
                offers=tuple(response.raw.headers.getlist("WWW-Authenticate")),
                is_setup_asked="Axis-Setup" in response.headers,
            )
        raise trouble

    def _hushed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The same without an error's text that repeats the password, for it is shown to people."""
        error = answer.get("error")
        if isinstance(error, dict) and self._credentials is not None:
            password = self._credentials.password
            said = str(error.get("message", ""))
            if password in said:
                return {**answer, "error": {**error, "message": said.replace(password, "...")}}
        return answer


def _target(path: str, query: Query | None) -> str:
    return f"{path}?{urlencode(query, quote_via=quote, safe='')}" if query else path


def _form(path: str, fields: Query) -> _Request:
    return _Request("POST", path, urlencode(fields).encode(), _FORM)


def _limited(response: requests.Response, most: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    content = bytearray()
    for piece in response.iter_content(_PIECE):
        content += piece
        if len(content) > most:
            raise AnswerTooLarge("The camera's answer is larger than any of its answers should be.")
        if time.monotonic() > deadline:
            raise NoAnswer("The camera did not end its answer in time.")
    return bytes(content)
