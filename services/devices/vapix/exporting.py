"""record/export/exportrecording.cgi: a recording as one file that players understand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.devices.vapix.errors import AnswerUnreadable
from services.devices.vapix.markup import elements
from services.devices.vapix.recordings import written
from services.devices.vapix.session import Session
from services.devices.vapix.stream import Limits, Stream

PATH = "/axis-cgi/record/export/exportrecording.cgi"
_FORMAT = "matroska"
_LIMITS = Limits(size=1 << 40, seconds=12 * 3600.0, idle_seconds=60.0)
_MARKUP = ("text/xml", "application/xml")
_FILES = ("video/x-matroska", "video/matroska", "video/mp4", "application/octet-stream")


@dataclass(frozen=True)
class Wanted:
    """A recording, or the part of it between two moments; the camera begins at a key frame."""

    id: str
    disk: str
    since: datetime | None = None
    until: datetime | None = None


@contextmanager
def opened(session: Session, wanted: Wanted, limits: Limits = _LIMITS) -> Iterator[Stream]:
    """The file, piece by piece; a recording may be larger than any memory.

    :raises ApiRefused: there is no such recording, or it cannot be had in this form.
    """
    query: dict[str, str | int] = {
        "schemaversion": 1,
        "recordingid": wanted.id,
        "diskid": wanted.disk,
        "exportformat": _FORMAT,
    }
    if wanted.since is not None:
        query["starttime"] = written(wanted.since)
    if wanted.until is not None:
        query["stoptime"] = written(wanted.until)
    with session.stream(PATH, query, limits) as stream:
        if stream.media_type in _MARKUP:
            # Its errors have status 200; read for the one that is in there.
            tuple(elements(stream, "ExportRecordingResponse", "GeneralError"))
        if stream.media_type not in _FILES:
            raise AnswerUnreadable("The camera answered with something else than a recording.")
        yield stream
