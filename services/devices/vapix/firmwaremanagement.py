"""firmwaremanagement.cgi: what a camera runs, and how it is given something else to run."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

from services.devices.domain.version import Version
from services.devices.vapix import envelope
from services.devices.vapix.errors import ApiRefused, ImageUnavailable, firmware_trouble
from services.devices.vapix.session import Session

PATH = "/axis-cgi/firmwaremanagement.cgi"
CHUNK = 128 * 1024
# The code of a rollback where there is no other firmware to go back to.
NOTHING_TO_ROLL_BACK_TO = 404


class Reset(StrEnum):
    """``SOFT`` keeps what a camera is reached by; both take its users away."""

    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True)
class Status:
    """``is_committed`` is None where there is no second firmware; ``rolls_back_in`` in seconds."""

    version: Version
    is_committed: bool | None
    other_version: Version | None = None
    commits_when_started: bool = False
    rolls_back_in: int | None = None
    upgraded_at: datetime | None = None


def status(session: Session) -> Status:
    data = _call(session, "status")
    # Cameras spell it with one t; some releases may spell it right one day.
    committed = envelope.flag(data, "isCommited")
    return Status(
        version=envelope.version(data, "activeFirmwareVersion"),
        is_committed=envelope.flag(data, "isCommitted") if committed is None else committed,
        other_version=envelope.version_or_none(data, "inactiveFirmwareVersion"),
        commits_when_started=envelope.text(data, "pendingCommit") == "started",
        rolls_back_in=envelope.number(data, "timeToRollback"),
        upgraded_at=_moment(envelope.text(data, "lastUpgradeAt")),
    )


def versions(session: Session) -> tuple[str, ...]:
    """Of this API, the newest of each major version; none of them is needed to use it."""
    return envelope.versions(session.signed(PATH, envelope.versions_request()))


def commit(session: Session) -> None:
    """Keeps the running version and stops the rollback timer; repeating it changes nothing."""
    _call(session, "commit")


def stop_timer(session: Session) -> None:
    """Neither rolls back nor commits by itself any more."""
    _call(session, "stopAuto")


def roll_back(session: Session) -> None:
    """Back to the other firmware and its settings, by a restart, and one step only.

    :raises ApiRefused: with ``NOTHING_TO_ROLL_BACK_TO`` as its code where there is none.
    """
    _call(session, "rollback")


def purge(session: Session) -> None:
    """Forgets the other firmware.

    :raises Uncommitted: the running one is on trial.
    """
    _call(session, "purge")


def reboot(session: Session) -> None:
    """Never rolls back; a timer goes on after it."""
    _call(session, "reboot")


def reset(session: Session, kind: Reset) -> None:
    """To how it left the factory; who signed in before cannot do so after."""
    _call(session, "factoryDefault", {"factoryDefaultMode": kind.value})


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
    :raises ImageOfAnotherDevice: and its neighbors: the camera does not take it.
    """
    params = {
        "factoryDefaultMode": "none",
        "autoCommit": "never",
        # Numbers travel as text here.
        "autoRollback": str(rollback_minutes),
    }
    _upload(session, params, image, size, sent)


def upgrade_and_reset(
    session: Session, image: IO[bytes], size: int, kind: Reset, *, sent: Callable[[int], None]
) -> None:
    """The only way to an older version; nobody could sign in to commit it afterwards."""
    params = {
        "factoryDefaultMode": kind.value,
        "autoCommit": "started",
        "autoRollback": "never",
    }
    _upload(session, params, image, size, sent)


def _upload(
    session: Session,
    params: dict[str, str],
    image: IO[bytes],
    size: int,
    sent: Callable[[int], None],
) -> None:
    body = _Multipart(envelope.request("upgrade", params), image, size, sent)
    _data(session.upload(PATH, body))


def _call(session: Session, method: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    return _data(session.signed(PATH, envelope.request(method, params)))


def _data(answer: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return envelope.data(answer)
    except ApiRefused as refused:
        raise firmware_trouble(refused) from None


def _moment(text: str) -> datetime | None:
    """A camera that cannot say it writes UNKNOWN."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


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
