"""What a camera has recorded, listed and taken away, however much it is."""

from __future__ import annotations

import hashlib
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.devices.vapix import errors, exporting, recordings
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.exporting import Wanted
from services.devices.vapix.recordings import Recording, RecordingStatus
from services.devices.vapix.session import Session
from services.devices.vapix.stream import Limits
from tests.unit.devices.vapix.scripted import (
    NOT_FOUND,
    Scripted,
    Transcript,
    page,
    reply,
)

ROOT_BEGINS = (
    '<?xml version="1.0" ?><root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/recording/list1.xsd">'
    '<recordings totalnumberofrecordings="6" numberofrecordings="3">'
)
ROOT_ENDS = "</recordings></root>"
LIMITS = Limits(size=10_000_000, seconds=20)
WANTED = Wanted("20261121_081211_016F_ACCC8E012345", "SD_DISK")


def recording(number: int, **changes: str) -> str:
    values = {
        "diskid": "SD_DISK",
        "recordingid": f"rec-{number}",
        "starttime": "2026-11-21T08:12:11.123456Z",
        "starttimelocal": "2026-11-21T09:12:11.123456+01:00",
        "stoptime": "2026-11-21T08:13:00.000000Z",
        "recordingtype": "triggered",
        "eventid": "Gate &amp; yard",
        "eventtrigger": "VMD",
        "recordingstatus": "completed",
        "source": "1",
        **changes,
    }
    said = " ".join(f'{name}="{value}"' for name, value in values.items())
    video = '<video mimetype="video/x-h264" width="1920" height="1080" framerate="25:1"/>'
    return f"<recording {said}>{video}<audio mimetype='audio/aac'/></recording>"


def listing(*entries: str) -> bytes:
    return reply(ROOT_BEGINS + "".join(entries) + ROOT_ENDS, "text/xml")


def general_error(code: str) -> bytes:
    return reply(
        '<?xml version="1.0" encoding="utf-8" ?><ExportRecordingResponse SchemaVersion="1.1">'
        f"<GeneralError><ErrorCode>{code}</ErrorCode><ErrorDescription>Recording not found."
        "</ErrorDescription></GeneralError></ExportRecordingResponse>",
        "text/xml",
    )


# record/list.cgi


def test_recordings_are_listed_with_what_is_in_them(camera: Scripted) -> None:
    """VAPIX Edge storage API: record/list.cgi?recordingid=all, XML."""
    running = recording(2, stoptime="", recordingstatus="recording", source="")
    camera.will_say(camera.challenge, listing(recording(1), running))
    with camera.session() as session, recordings.listed(session) as found:
        first, second = found
    assert first == Recording(
        id="rec-1",
        disk="SD_DISK",
        began_at=datetime(2026, 11, 21, 8, 12, 11, 123456, UTC),
        ended_at=datetime(2026, 11, 21, 8, 13, tzinfo=UTC),
        status=RecordingStatus.COMPLETED,
        kind="triggered",
        event="Gate & yard",
        source="1",
        mime_type="video/x-h264",
        width=1920,
        height=1080,
    )
    assert (second.ended_at, second.status) == (None, RecordingStatus.RECORDING)
    assert camera.heard[1].target == (
        "/axis-cgi/record/list.cgi?recordingid=all&sortorder=descending"
    )


def test_recordings_are_asked_for_by_time_in_utc(camera: Scripted) -> None:
    """VAPIX Edge storage API: starttime, stoptime: UTC, ISO 8601."""
    camera.will_say(camera.challenge, listing())
    since = datetime(2026, 11, 21, 9, 0, 0, 500_000, timezone(timedelta(hours=1)))
    until = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with (
        camera.session() as session,
        recordings.listed(session, since=since, until=until, most=50) as found,
    ):
        assert list(found) == []
    assert camera.heard[1].target == (
        "/axis-cgi/record/list.cgi?recordingid=all&sortorder=descending"
        "&starttime=2026-11-21T08%3A00%3A00.500Z&stoptime=2026-11-21T12%3A00%3A00.000Z"
        "&maxnumberofresults=50"
    )


@pytest.mark.parametrize(
    "odd",
    [
        recording(7, starttime="unknown"),
        recording(7, recordingid=""),
        recording(7, diskid=""),
        "<recording/>",
    ],
)
def test_a_recording_that_cannot_be_asked_for_is_left_out(camera: Scripted, odd: str) -> None:
    """VAPIX Edge storage API: one that is broken does not hide the others."""
    camera.will_say(camera.challenge, listing(recording(1), odd, recording(2)))
    with camera.session() as session, recordings.listed(session) as found:
        assert [each.id for each in found] == ["rec-1", "rec-2"]


def test_a_status_that_is_new_is_unknown(camera: Scripted) -> None:
    """VAPIX Edge storage API: recordingstatus recording, completed, unknown."""
    camera.will_say(camera.challenge, listing(recording(1, recordingstatus="corrupt")))
    with camera.session() as session, recordings.listed(session) as found:
        assert next(found).status is RecordingStatus.UNKNOWN


def test_a_long_list_is_given_on_while_it_comes_in(camera: Scripted) -> None:
    """devices.md 3: streamed where bodies are large."""
    count = 5_000

    def many(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        connection.sendall(ROOT_BEGINS.encode())
        for number in range(count):
            connection.sendall(recording(number).encode())
        connection.sendall(ROOT_ENDS.encode())

    camera.will_say(camera.challenge, many)
    with camera.session() as session, recordings.listed(session) as found:
        first = next(found)
        assert first.id == "rec-0"
        assert sum(1 for _ in found) == count - 1


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (page("Error"), errors.AnswerUnreadable),
        (reply("<html><body>Error</body></html>", "text/html"), errors.AnswerUnreadable),
        (reply(ROOT_BEGINS + recording(1), "text/xml"), errors.AnswerUnreadable),
        (reply("", "text/xml"), errors.AnswerUnreadable),
        (listing(recording(1, eventtrigger="x" * 5_000_000)), errors.AnswerUnreadable),
        (NOT_FOUND, errors.Unsupported),
    ],
    ids=range(6),
)
def test_a_list_of_recordings_that_is_none_is_not_taken_for_an_empty_one(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2: HTML errors with HTTP 200; a list that breaks off is no whole one."""
    camera.will_say(camera.challenge, answer)
    with (
        camera.session() as session,
        transcript.refusal(trouble),
        recordings.listed(session) as found,
    ):
        list(found)


# record/export/exportrecording.cgi


def exported(session: Session, limits: Limits = LIMITS) -> bytes:
    with exporting.opened(session, WANTED, limits) as stream:
        return b"".join(stream)


def test_a_recording_is_taken_away_piece_by_piece(camera: Scripted) -> None:
    """VAPIX Edge storage API: exportrecording.cgi: 200, video/x-matroska."""
    content = bytes(range(256)) * 5000
    camera.will_say(camera.challenge, reply(content, "video/x-matroska"))
    with camera.session() as session, exporting.opened(session, WANTED) as stream:
        assert (stream.size, stream.media_type) == (len(content), "video/x-matroska")
        assert b"".join(stream) == content
    assert camera.heard[1].target == (
        "/axis-cgi/record/export/exportrecording.cgi?schemaversion=1"
        "&recordingid=20261121_081211_016F_ACCC8E012345&diskid=SD_DISK&exportformat=matroska"
    )


def test_a_part_of_a_recording_is_named_by_its_time(camera: Scripted) -> None:
    """VAPIX Edge storage API: starttime, stoptime: UTC, ISO 8601."""
    camera.will_say(camera.challenge, reply(b"mkv", "video/x-matroska"))
    since = datetime(2026, 11, 21, 8, tzinfo=UTC)
    wanted = Wanted("id/&", "NetworkShare", since, since + timedelta(minutes=5))
    with camera.session() as session, exporting.opened(session, wanted) as stream:
        assert b"".join(stream) == b"mkv"
    assert camera.heard[1].target.endswith(
        "&recordingid=id%2F%26&diskid=NetworkShare&exportformat=matroska"
        "&starttime=2026-11-21T08%3A00%3A00.000Z&stoptime=2026-11-21T08%3A05%3A00.000Z"
    )


def test_a_recording_is_never_in_memory_as_a_whole(camera: Scripted) -> None:
    """devices.md 3: streamed where bodies are large: never whole in memory."""
    block, count = b"m" * 1_000_000, 64
    sent, taken = hashlib.sha256(), hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        for _ in range(count):
            sent.update(block)
            yield block

    def large(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: video/x-matroska\r\n"
            b"Content-Length: %d\r\n\r\n" % (len(block) * count)
        )
        for each in blocks():
            connection.sendall(each)

    camera.will_say(camera.challenge, large)
    with camera.session() as session, exporting.opened(session, WANTED) as stream:
        tracemalloc.start()
        for piece in stream:
            taken.update(piece)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert taken.digest() == sent.digest()
    assert most < 4_000_000


@pytest.mark.parametrize("code", ["110", "10", "40"])
def test_an_export_that_fails_is_told_by_its_code(
    camera: Scripted, transcript: Transcript, code: str
) -> None:
    """VAPIX Edge storage API: GeneralError with HTTP 200."""
    camera.will_say(camera.challenge, general_error(code))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        exported(session)
    assert isinstance(caught.value, errors.ApiRefused)
    assert caught.value.code == int(code)
    assert caught.value.words == f"The camera answered {code}: Recording not found."


def endless_error(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    connection.sendall(b"<ExportRecordingResponse>")
    while True:
        connection.sendall(b" " * 65536)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (page("Error"), errors.AnswerUnreadable),
        (reply("<ExportRecordingResponse/>", "text/xml"), errors.AnswerUnreadable),
        (reply("<html/>", "text/xml"), errors.AnswerUnreadable),
        (general_error("none"), errors.ApiRefused),
        (endless_error, errors.AnswerUnreadable),
        (NOT_FOUND, errors.Unsupported),
        (page("", "503 Service Unavailable"), errors.Busy),
    ],
    ids=range(7),
)
def test_what_is_no_recording_is_not_given_on_as_one(
    camera: Scripted,
    transcript: Transcript,
    answer: bytes | Callable[[socket.socket], None],
    trouble: type[CameraTrouble],
) -> None:
    """vapix.md 2: HTML errors with HTTP 200."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        exported(session)


def test_half_a_recording_is_not_taken_for_a_whole_one(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 3: a stream that breaks off before the announced size."""

    def half(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: video/x-matroska\r\nContent-Length: 1000\r\n\r\n"
            + b"m" * 500
        )

    camera.will_say(camera.challenge, half)
    with (
        camera.session() as session,
        exporting.opened(session, WANTED) as stream,
        transcript.refusal(errors.Unreachable),
    ):
        list(stream)


def test_a_recording_that_is_packed_unasked_is_not_given_on(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 3: what is given on is what the camera recorded."""
    camera.will_say(
        camera.challenge,
        reply(b"\x1f\x8b", "video/x-matroska", headers=["Content-Encoding: gzip"]),
    )
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        exported(session)


def test_an_export_has_the_limits_of_who_asks(camera: Scripted, transcript: Transcript) -> None:
    """devices.md 2: bodies are size-limited."""
    camera.will_say(camera.challenge, reply(b"m" * 1000, "video/x-matroska"))
    limits = Limits(size=999, seconds=20)
    with camera.session() as session, transcript.refusal(errors.AnswerTooLarge):
        exported(session, limits)


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
