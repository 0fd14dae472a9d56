"""record/: what is on the SD card, listed in XML and exported as a film."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import quoteattr

from aiohttp import web

from simulator.call import Call, dressed, html_answer, xml_answer
from simulator.camera import Camera
from simulator.matroska import MEDIA_TYPE, film
from simulator.recordings import (
    DISK,
    FRAME_KILOBYTES,
    FRAMES_PER_SECOND,
    SIZE,
    Recording,
    moments,
    on_card,
)
from simulator.scene import View, taken
from simulator.settings import Role

LIST_HEAD: Final = (
    '<?xml version="1.0" ?><root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/recording/list1.xsd">'
)
EXPORT_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?><ExportRecordingResponse '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" SchemaVersion="1.1" '
    'xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/exportrecording1.xsd">'
)
FORMAT: Final = "matroska"
ERRORS: Final = {
    20: "Invalid request.",
    40: "Specified version is not supported.",
    110: "Recording not found.",
    120: "Invalid start time.",
    130: "Invalid stop time.",
    140: "Invalid start time. The requested start time is after the stop time.",
    150: "Invalid start time. The requested start time is after the recording's stop time.",
    160: "Invalid stop time. The requested stop time is before the recording's start time.",
    170: "Invalid export format.",
}


class ExportRefused(Exception):
    """Said in XML, with HTTP 200."""

    def __init__(self, code: int) -> None:
        super().__init__(ERRORS[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording, or the part of it that was asked for."""

    recording: Recording
    start: datetime
    stop: datetime


async def answer_list(call: Call) -> web.Response:
    call.require(Role.VIEWER)
    arguments = await call.arguments()
    entity = arguments.get("listentity", "recording")
    try:
        found = _found(call.camera, arguments)
        page = _page(found, arguments)
    except ValueError:
        return html_answer("400 Bad Request", "Error: invalid argument.", status=400)
    if entity == "eventid":
        events = "".join(f"<eventid>{name}</eventid>" for name in sorted({r.event for r in found}))
        return xml_answer(f"{LIST_HEAD}<eventids>{events}</eventids></root>")
    if entity == "source":
        source = "<source>1</source>" if found else ""
        return xml_answer(f"{LIST_HEAD}<sources>{source}</sources></root>")
    if not arguments.keys() & {"recordingid", "starttime", "stoptime"}:
        return html_answer("400 Bad Request", "Error: recordingid is missing.", status=400)
    total = len(_on_card(call.camera))
    listed = "".join(_element(recording) for recording in page)
    counts = f'totalnumberofrecordings="{total}" numberofrecordings="{len(found)}"'
    return xml_answer(f"{LIST_HEAD}<recordings {counts}>{listed}</recordings></root>")


async def answer_properties(call: Call) -> web.Response:
    call.require(Role.VIEWER)
    try:
        clip = _clip(call.camera, await call.arguments(), format_needed=False)
    except ExportRefused as refusal:
        return _refused(refusal)
    seconds = max((clip.stop - clip.start).total_seconds(), 1)
    attributes = {
        "RecordingId": clip.recording.id,
        "ExportFormat": FORMAT,
        "EstimatedFileSize": str(int(seconds * FRAMES_PER_SECOND * FRAME_KILOBYTES)),
        "Starttime": _utc(clip.start),
        "Stoptime": _utc(clip.stop),
    }
    said = f"<PropertiesSuccess><ExportProperties{_attributes(attributes)}/></PropertiesSuccess>"
    return xml_answer(f"{EXPORT_HEAD}{said}</ExportRecordingResponse>")


async def answer_export(call: Call) -> web.StreamResponse:
    """Drawn while it is sent: nothing of a film is kept."""
    call.require(Role.VIEWER)
    arguments = await call.arguments()
    try:
        clip = _clip(call.camera, arguments, format_needed=True)
    except ExportRefused as refusal:
        return _refused(refusal)
    call.camera.counters.exports += 1
    default = f"{clip.start:%Y%m%d_%H%M%S}_{clip.stop:%Y%m%d_%H%M%S}"
    kept = "".join(char for char in arguments.get("filename", default) if char.isprintable())
    name = kept.replace('"', "").replace("/", "_")
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Disposition": f'attachment; filename="{name}.mkv"',
    }
    response = dressed(web.StreamResponse(headers=headers), call.camera.version)
    await response.prepare(call.request)
    pieces = film(_frames(call.camera, clip), size=SIZE, title=call.camera.name)
    loop = asyncio.get_running_loop()
    while (piece := await loop.run_in_executor(None, next, pieces, None)) is not None:
        await response.write(piece)
    return response


def _frames(camera: Camera, clip: Clip) -> Iterator[tuple[int, bytes]]:
    """With the camera's name of now: only the time is of then."""
    for moment in moments(clip.start, clip.stop):
        view = View(
            name=camera.name,
            model=camera.profile.prod_short_name,
            serial=camera.shown_serial,
            moment=moment,
            size=SIZE,
        )
        yield int((moment - clip.start).total_seconds() * 1000), taken(view)


def _on_card(camera: Camera) -> list[Recording]:
    return [] if camera.faults.disk_gone else on_card(camera.shown_serial, camera.clock)


def _found(camera: Camera, arguments: Mapping[str, str]) -> list[Recording]:
    """The newest first, unless the other way around is asked for."""
    start, stop = (_read_time(arguments.get(name)) for name in ("starttime", "stoptime"))

    def wanted(name: str, value: str) -> bool:
        return arguments.get(name, "all") in ("all", value)

    found = [
        recording
        for recording in _on_card(camera)
        if wanted("recordingid", recording.id)
        and wanted("eventid", recording.event)
        and wanted("diskid", DISK)
        and wanted("source", "1")
        and recording.is_within(start, stop, camera.clock)
    ]
    is_ascending = arguments.get("sortorder") == "ascending"
    return sorted(found, key=lambda recording: recording.start, reverse=not is_ascending)


def _page(found: list[Recording], arguments: Mapping[str, str]) -> list[Recording]:
    first = int(arguments.get("startatresultnumber", "1")) - 1
    most = int(arguments.get("maxnumberofresults", str(len(found))))
    return found[max(first, 0) : max(first, 0) + max(most, 0)]


def _element(recording: Recording) -> str:
    attributes = {
        "diskid": DISK,
        "recordingid": recording.id,
        "starttime": _utc(recording.start),
        "starttimelocal": _local(recording.start),
        "stoptime": _utc(recording.stop),
        "stoptimelocal": _local(recording.stop),
        "recordingtype": recording.kind,
        "eventid": recording.event,
        "eventtrigger": recording.event,
        "recordingstatus": recording.status,
        "source": "1",
        "locked": "No",
    }
    width, height = SIZE
    video = {
        "mimetype": "video/x-mjpeg",
        "source": "1",
        "framerate": f"{FRAMES_PER_SECOND}:1",
        "resolution": f"{width}x{height}",
        "width": str(width),
        "height": str(height),
    }
    return f"<recording{_attributes(attributes)}><video{_attributes(video)}/></recording>"


def _clip(camera: Camera, arguments: Mapping[str, str], *, format_needed: bool) -> Clip:
    if "schemaversion" not in arguments or not {"recordingid", "diskid"} <= arguments.keys():
        raise ExportRefused(20)
    if arguments["schemaversion"].partition(".")[0] != "1":
        raise ExportRefused(40)
    if arguments.get("exportformat", None if format_needed else FORMAT) != FORMAT:
        raise ExportRefused(170)
    wanted, disk = arguments["recordingid"], arguments["diskid"]
    recording = next((some for some in _on_card(camera) if some.id == wanted), None)
    if recording is None or disk != DISK:
        raise ExportRefused(110)
    end = recording.end(camera.clock)
    start = _asked_time(arguments, "starttime", 120) or recording.start
    stop = _asked_time(arguments, "stoptime", 130) or end
    if start > stop:
        raise ExportRefused(140)
    if start > end:
        raise ExportRefused(150)
    if stop < recording.start:
        raise ExportRefused(160)
    return Clip(recording, max(start, recording.start), min(stop, end))


def _asked_time(arguments: Mapping[str, str], name: str, code: int) -> datetime | None:
    try:
        return _read_time(arguments.get(name))
    except ValueError:
        raise ExportRefused(code) from None


def _read_time(text: str | None) -> datetime | None:
    """UTC unless it says otherwise."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _utc(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S.%f+00:00}"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())


def _refused(refusal: ExportRefused) -> web.Response:
    error = (
        f"<GeneralError><ErrorCode>{refusal.code}</ErrorCode>"
        f"<ErrorDescription>{refusal}</ErrorDescription></GeneralError>"
    )
    return xml_answer(f"{EXPORT_HEAD}{error}</ExportRecordingResponse>")
