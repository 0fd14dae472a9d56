"""time.cgi (AXIS OS 9.30) and what takes its place from 12 on: the clock of a camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.devices.vapix import envelope
from services.devices.vapix.errors import AnswerUnreadable, Unsupported
from services.devices.vapix.session import Session

PATH = "/axis-cgi/time.cgi"
REST_PATH = "/config/rest/time/v2"


@dataclass(frozen=True)
class DeviceTime:
    """``zone`` is empty where the camera was given a POSIX rule only."""

    at: datetime
    zone: str
    posix_zone: str


def read(session: Session) -> DeviceTime:
    """Asked the old way first: the new one is found on releases that still have the old."""
    try:
        answer = session.signed(PATH, envelope.request("getDateTimeInfo"))
    except Unsupported:
        return _from_rest(session.rest(REST_PATH))
    data = envelope.data(answer)
    return DeviceTime(
        at=_moment(data),
        zone=envelope.text(data, "timeZone"),
        posix_zone=envelope.text(data, "posixTimeZone"),
    )


def _from_rest(kept: object) -> DeviceTime:
    data = kept if isinstance(kept, dict) else {}
    zones = envelope.part(data, "timeZone")
    return DeviceTime(
        at=_moment(envelope.part(data, "time")),
        zone=envelope.text(envelope.part(zones, "iana"), "timeZone"),
        posix_zone=envelope.text(zones, "activeTimeZone"),
    )


def _moment(values: Mapping[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(envelope.text(values, "dateTime"))
    except ValueError:
        raise AnswerUnreadable("The camera does not say what time it is.") from None
    # Told without an offset it is UTC by the API's definition.
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
