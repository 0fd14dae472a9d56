"""firmwaremanagement.cgi: what a camera runs, and how it is given something else to run."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from services.devices.domain.version import Version
from services.devices.vapix import envelope
from services.devices.vapix.errors import ApiRefused, ImageUnavailable, firmware_refused
from services.devices.vapix.session import Session

PATH = "/axis-cgi/firmwaremanagement.cgi"
CHUNK = 128 * 1024


@dataclass(frozen=True)
class Status:
    """``is_committed`` is None where there is no second firmware."""

    version: Version
    is_committed: bool | None


def status(session: Session) -> Status:
    data = _call(session, "status")
    # Cameras spell it with one t; some releases may spell it right one day.
    committed = data.get("isCommited", data.get("isCommitted"))
    return Status(
        version=envelope.version(data, "activeFirmwareVersion"),
        is_committed=committed if isinstance(committed, bool) else None,
    )


def commit(session: Session) -> None:
    """Keeps the running version and stops the rollback timer; repeating it changes nothing."""
    _call(session, "commit")


def upgrade(
    session: Session,
    image: IO[bytes],
    size: int,
    *,
    rollback_minutes: int,
    sent: Callable[[int], None],
) -> None:
    """Sends an image for a trial boot: it is kept only if `commit` follows in time.

    :param sent: told after each chunk how much has gone out.
    :raises AnswerLost: the camera has all of it and said nothing.
    :raises ApiRefused: the camera does not take it.
    """
    params = {
        "factoryDefaultMode": "none",
        "autoCommit": "never",
        # Numbers travel as text here.
        "autoRollback": str(rollback_minutes),
    }
    body = _Multipart(envelope.request("upgrade", params), image, size, sent)
    _data(session.upload(PATH, body))


def _call(session: Session, method: str) -> dict[str, Any]:
    return _data(session.signed(PATH, envelope.request(method)))


def _data(answer: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return envelope.data(answer)
    except ApiRefused as refused:
        raise firmware_refused(refused.code, refused.words.partition(": ")[2]) from None


class _Multipart:
    """Two parts with a known length, of which one chunk is in memory at a time.

    The first part names its type and no file: some releases take it for nothing otherwise.
    """

    def __init__(
        self, request: dict[str, Any], image: IO[bytes], size: int, sent: Callable[[int], None]
    ) -> None:
        boundary = secrets.token_hex(16)
        self.media_type = f"multipart/form-data; boundary={boundary}"
        self.is_sent = False
        self._image = image
        self._size = size
        self._sent = sent
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\n'
            f"Content-Type: application/json\r\n\r\n{json.dumps(request)}\r\n"
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="image.bin"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        left = self._size
        while left:
            chunk = self._read(min(CHUNK, left))
            left -= len(chunk)
            yield chunk
            self._sent(self._size - left)
        # Once the tail is handed over it may be on its way: from here on the camera decides.
        self.is_sent = True
        yield self._tail

    def _read(self, most: int) -> bytes:
        try:
            chunk = self._image.read(most)
        except OSError:
            raise ImageUnavailable("The image store cannot be read.") from None
        if not chunk:
            raise ImageUnavailable("The image in the store is shorter than it was.")
        return chunk
