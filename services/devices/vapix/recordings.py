"""record/list.cgi: what a camera has recorded on its card or share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from services.devices.vapix.markup import Element, elements
from services.devices.vapix.session import Session
from services.devices.vapix.stream import Limits

PATH = "/axis-cgi/record/list.cgi"
# A full card has thousands, of about a kilobyte each.
_LIMITS = Limits(size=256 * 1024 * 1024, seconds=300.0, idle_seconds=60.0)


class RecordingStatus(StrEnum):
    RECORDING = "recording"
    COMPLETED = "completed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Recording:
    """``ended_at`` is None while it is still being recorded."""

    id: str
    disk: str
    began_at: datetime
    ended_at: datetime | None
    status: RecordingStatus
    kind: str
    event: str
    source: str
    mime_type: str
    width: int | None
    height: int | None


@contextmanager
def listed(
    session: Session,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int | None = None,
) -> Iterator[Iterator[Recording]]:
    """Those with any part in the time asked for, newest first, as they come in."""
    query: dict[str, str | int] = {"recordingid": "all", "sortorder": "descending"}
    if since is not None:
        query["starttime"] = written(since)
    if until is not None:
        query["stoptime"] = written(until)
    if most is not None:
        query["maxnumberofresults"] = most
    with session.stream(PATH, query, _LIMITS) as stream:
        yield _readable(elements(stream, "root", "recording"))


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _readable(found: Iterator[Element]) -> Iterator[Recording]:
    for element in found:
        began_at = _moment(element.attribute("starttime"))
        name, disk = element.attribute("recordingid"), element.attribute("diskid")
        if began_at is not None and name and disk:
            yield _recording(element, name, disk, began_at)


def _recording(element: Element, name: str, disk: str, began_at: datetime) -> Recording:
    video = next((part for part in element.parts if part.name == "video"), None)
    return Recording(
        id=name,
        disk=disk,
        began_at=began_at,
        ended_at=_moment(element.attribute("stoptime")),
        status=_status(element.attribute("recordingstatus")),
        kind=element.attribute("recordingtype"),
        event=element.attribute("eventid"),
        source=element.attribute("source"),
        mime_type=video.attribute("mimetype") if video else "",
        width=video.number("width") if video else None,
        height=video.number("height") if video else None,
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _status(text: str) -> RecordingStatus:
    try:
        return RecordingStatus(text)
    except ValueError:
        return RecordingStatus.UNKNOWN
