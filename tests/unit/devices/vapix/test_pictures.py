"""One picture, pictures for as long as somebody looks, and where the camera looks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from services.devices.vapix import errors, mjpeg, ptz, snapshot
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.mjpeg import Viewing
from services.devices.vapix.ptz import Position
from services.devices.vapix.session import Session
from tests.unit.devices.vapix.scripted import (
    NOT_FOUND,
    Scripted,
    Transcript,
    page,
    reply,
)

VIEWING = Viewing(seconds=20, idle_seconds=20, picture_bytes=100_000, size=10_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n\r\n"


def jpeg(number: int, size: int = 2000) -> bytes:
    """With line ends and boundaries in it, as any picture may have."""
    filling = f"\r\n--myboundary\r\nContent-Length: 7\r\n\r\n{number}".encode()
    return (b"\xff\xd8\xff\xe0" + filling * (size // len(filling))) + b"\xff\xd9"


def part(picture: bytes, boundary: bytes = b"--myboundary") -> bytes:
    head = b"\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
    return boundary + head + picture + b"\r\n"


def streaming(*pieces: bytes, head: bytes = HEAD) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        for piece in (head, *pieces):
            connection.sendall(piece)

    return send


# jpg/image.cgi


def test_a_picture_is_asked_for_as_it_is_wanted(camera: Scripted) -> None:
    """VAPIX Video streaming API: jpg/image.cgi with camera, resolution and compression."""
    camera.will_say(camera.challenge, reply(jpeg(1), "image/jpeg"))
    with camera.session() as session:
        taken = snapshot.take(session, channel=2, resolution="1920x1080", compression=30)
    assert taken == jpeg(1)
    assert camera.heard[1].target == (
        "/axis-cgi/jpg/image.cgi?camera=2&resolution=1920x1080&compression=30"
    )


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (page("Resolution not supported"), errors.AnswerUnreadable),
        (reply(b"", "image/jpeg"), errors.AnswerUnreadable),
        (NOT_FOUND, errors.Unsupported),
        (page("", "503 Service Unavailable"), errors.Busy),
        (page("", "400 Bad Request"), errors.RequestRefused),
    ],
    ids=range(5),
)
def test_what_is_no_picture_is_not_shown_as_one(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2: HTML errors with HTTP 200."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        snapshot.take(session)


def test_a_picture_has_a_largest_size(camera: Scripted, transcript: Transcript) -> None:
    """devices.md 2: bodies are size-limited."""
    camera.will_say(camera.challenge, reply(jpeg(1, snapshot.MOST_BYTES + 100_000), "image/jpeg"))
    with camera.session() as session, transcript.refusal(errors.AnswerTooLarge):
        snapshot.take(session)


# mjpg/video.cgi


def test_pictures_come_whole_and_one_after_the_other(camera: Scripted) -> None:
    """VAPIX Video streaming API: mjpg/video.cgi: multipart/x-mixed-replace with lengths."""
    parts = b"".join(part(jpeg(number)) for number in range(3))
    camera.will_say(camera.challenge, streaming(parts, b"--myboundary--\r\n"))
    with (
        camera.session() as session,
        mjpeg.watch(session, VIEWING, resolution="640x480", rate=5) as pictures,
    ):
        assert list(pictures) == [jpeg(0), jpeg(1), jpeg(2)]
    assert camera.heard[1].target == "/axis-cgi/mjpg/video.cgi?resolution=640x480&fps=5"


def test_pictures_come_whole_however_they_are_cut(camera: Scripted) -> None:
    """VAPIX Video streaming API: packets end where they like."""
    content = part(jpeg(0)) + part(jpeg(1, 300))
    camera.will_say(
        camera.challenge, streaming(*(content[at : at + 7] for at in range(0, len(content), 7)))
    )
    with camera.session() as session, mjpeg.watch(session, VIEWING) as pictures:
        assert list(pictures) == [jpeg(0), jpeg(1, 300)]


@pytest.mark.parametrize(
    "boundary", [b"--myboundary", b"----myboundary", b"\r\n\r\n--myboundary", b"--other"]
)
def test_the_boundary_is_not_what_pictures_are_told_by(camera: Scripted, boundary: bytes) -> None:
    """VAPIX Video streaming API: old cameras announce another boundary than they send."""
    camera.will_say(camera.challenge, streaming(part(jpeg(0), boundary), part(jpeg(1), boundary)))
    with camera.session() as session, mjpeg.watch(session, VIEWING) as pictures:
        assert list(pictures) == [jpeg(0), jpeg(1)]


def test_pictures_in_chunks_are_unpacked(camera: Scripted) -> None:
    """VAPIX Video streaming API: HTTP/1.1 may chunk what has no length."""
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    content = part(jpeg(0)) + part(jpeg(1))
    chunks = [content[at : at + 900] for at in range(0, len(content), 900)]
    packed = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks]
    camera.will_say(camera.challenge, streaming(*packed, b"0\r\n\r\n", head=head))
    with camera.session() as session, mjpeg.watch(session, VIEWING) as pictures:
        assert list(pictures) == [jpeg(0), jpeg(1)]


def test_a_picture_is_shown_before_the_next_one_is_there(camera: Scripted) -> None:
    """VAPIX Video streaming API: live is live."""
    seen = threading.Event()

    def slowly(connection: socket.socket) -> None:
        connection.sendall(HEAD + part(jpeg(0)))
        seen.wait(20)
        connection.sendall(part(jpeg(1)))

    camera.will_say(camera.challenge, slowly)
    with camera.session() as session, mjpeg.watch(session, VIEWING) as pictures:
        assert next(pictures) == jpeg(0)
        seen.set()
        assert next(pictures) == jpeg(1)


def without_end(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    while True:
        connection.sendall(part(jpeg(0)))


def test_looking_ends_when_its_time_is_up(camera: Scripted) -> None:
    """devices.md 3: timeouts on everything; the end of the time is no trouble."""
    camera.will_say(camera.challenge, without_end)
    viewing = Viewing(seconds=0.2, idle_seconds=20)
    with camera.session() as session, mjpeg.watch(session, viewing) as pictures:
        count = sum(1 for _ in pictures)
    assert count > 0


def test_looking_may_end_before(camera: Scripted) -> None:
    """devices.md 3: who stops looking stops the camera too."""
    stopped = threading.Event()

    def until_stopped(connection: socket.socket) -> None:
        try:
            without_end(connection)
        finally:
            stopped.set()

    camera.will_say(camera.challenge, until_stopped)
    with camera.session() as session:
        with mjpeg.watch(session, VIEWING) as pictures:
            assert next(pictures) == jpeg(0)
        assert stopped.wait(20)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (streaming(part(jpeg(0, 200_000))), errors.AnswerTooLarge),
        (streaming(b"--myboundary\r\nContent-Length: 999999999999\r\n\r\n"), errors.AnswerTooLarge),
        (streaming(part(b"no picture")), errors.AnswerUnreadable),
        (streaming(b"x" * 100_000), errors.AnswerUnreadable),
        (streaming(b"X-More: y\r\n" * 10_000), errors.AnswerUnreadable),
        (streaming(part(jpeg(0))[:1000]), errors.AnswerUnreadable),
        (page("Too many viewers"), errors.AnswerUnreadable),
        (reply(jpeg(0), "image/jpeg"), errors.AnswerUnreadable),
        (page("", "503 Service Unavailable"), errors.Busy),
        (NOT_FOUND, errors.Unsupported),
    ],
    ids=range(10),
)
def test_what_is_no_stream_of_pictures_ends(
    camera: Scripted,
    transcript: Transcript,
    answer: bytes | Callable[[socket.socket], None],
    trouble: type[CameraTrouble],
) -> None:
    """VAPIX Video streaming API: limits on each picture and on everything."""
    camera.will_say(camera.challenge, answer)
    with (
        camera.session() as session,
        transcript.refusal(trouble),
        mjpeg.watch(session, VIEWING) as pictures,
    ):
        list(pictures)


def test_a_stream_has_a_largest_size(camera: Scripted, transcript: Transcript) -> None:
    """devices.md 2: bodies are size-limited."""
    camera.will_say(camera.challenge, without_end)
    viewing = Viewing(seconds=20, size=1_000_000)
    with (
        camera.session() as session,
        transcript.refusal(errors.AnswerTooLarge),
        mjpeg.watch(session, viewing) as pictures,
    ):
        list(pictures)


def test_a_camera_that_shows_nothing_any_more_is_left(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 3: timeouts on everything."""

    def freezing(connection: socket.socket) -> None:
        connection.sendall(HEAD + part(jpeg(0)))
        while connection.recv(65536):
            pass

    camera.will_say(camera.challenge, freezing)
    with (
        camera.session() as session,
        transcript.refusal(errors.NoAnswer),
        mjpeg.watch(session, Viewing(seconds=20, idle_seconds=0.2)) as pictures,
    ):
        assert next(pictures) == jpeg(0)
        next(pictures)


# com/ptz.cgi

DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize(
    ("order", "query"),
    [
        (
            lambda session: ptz.move(session, pan=30, tilt=-200),
            ["camera=1&continuouspantiltmove=30%2C-100"],
        ),
        (lambda session: ptz.zoom(session, 150, channel=2), ["camera=2&continuouszoommove=100"]),
        (
            lambda session: ptz.stop(session),
            ["camera=1&continuouspantiltmove=0%2C0", "camera=1&continuouszoommove=0"],
        ),
        (
            lambda session: ptz.go_to(session, Position(-170.5, 0, 9999)),
            ["camera=1&pan=-170.5&tilt=0&zoom=9999"],
        ),
        (lambda session: ptz.go_to(session, Position(None, 5, None)), ["camera=1&tilt=5"]),
        (
            lambda session: ptz.turn_by(session, Position(1.25, None, -100)),
            ["camera=1&rpan=1.25&rzoom=-100"],
        ),
        (lambda session: ptz.go_home(session), ["camera=1&move=home"]),
        (
            lambda session: ptz.go_to_preset(session, "Gate & yard"),
            ["camera=1&gotoserverpresetname=Gate%20%26%20yard"],
        ),
    ],
    ids=range(8),
)
def test_a_camera_is_turned_by_its_own_words(
    camera: Scripted, order: Callable[[Session], None], query: list[str]
) -> None:
    """VAPIX PTZ API: com/ptz.cgi: success is 204 No Content."""
    camera.will_say(camera.challenge, *[DONE] * len(query))
    with camera.session() as session:
        order(session)
    assert [each.target.partition("?")[2] for each in camera.heard[1:]] == query


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (reply("Error: query: unknown value: x\r\n", "text/plain"), errors.RequestRefused),
        (page("Error"), errors.AnswerUnreadable),
        (reply("Something", "text/plain"), errors.AnswerUnreadable),
        (NOT_FOUND, errors.Unsupported),
    ],
    ids=range(4),
)
def test_a_camera_that_does_not_turn_says_so_with_status_200(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """VAPIX PTZ API: com/ptz.cgi: errors are HTTP 200 text/plain "Error:..."."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        ptz.go_home(session)


def test_a_camera_that_cannot_zoom_is_stopped_all_the_same(camera: Scripted) -> None:
    """VAPIX PTZ API: com/ptz.cgi: each refuses what it cannot do."""
    refused = reply("Error: zoom", "text/plain")
    camera.will_say(camera.challenge, DONE, refused, refused, DONE)
    with camera.session() as session:
        ptz.stop(session)
        ptz.stop(session)
    assert len(camera.heard) == 5


def test_a_camera_that_can_do_neither_is_not_said_to_have_stopped(
    camera: Scripted, transcript: Transcript
) -> None:
    """VAPIX PTZ API: com/ptz.cgi: each refuses what it cannot do."""
    refused = reply("Error: PTZ is off", "text/plain")
    camera.will_say(camera.challenge, refused, refused)
    with camera.session() as session, transcript.refusal(errors.RequestRefused) as caught:
        ptz.stop(session)
    assert caught.value.words == "The camera does not move: PTZ is off"


def test_where_a_camera_looks_is_read(camera: Scripted) -> None:
    """VAPIX PTZ API: com/ptz.cgi?query=position."""
    text = "pan=-12.34\r\ntilt=5\r\nzoom=many\r\nautofocus=on\r\n"
    camera.will_say(camera.challenge, reply(text, "text/plain"), reply("", "text/plain"))
    with camera.session() as session:
        assert ptz.position(session) == Position(-12.34, 5.0, None)
        assert ptz.position(session) == Position(None, None, None)
    assert camera.heard[1].target == "/axis-cgi/com/ptz.cgi?query=position&camera=1"


def test_the_positions_a_camera_has_saved_are_read(camera: Scripted) -> None:
    """VAPIX PTZ API: com/ptz.cgi?query=presetposcam."""
    text = "Preset Positions for camera 1\r\npresetposno1=Home\r\npresetposno12=Gate = yard\r\n"
    camera.will_say(camera.challenge, reply(text, "text/plain"))
    with camera.session() as session:
        assert ptz.presets(session) == {1: "Home", 12: "Gate = yard"}


@pytest.mark.parametrize("ask", [ptz.position, ptz.presets])
def test_a_camera_without_ptz_refuses_to_tell(
    camera: Scripted, transcript: Transcript, ask: Callable[[Session], object]
) -> None:
    """VAPIX PTZ API: com/ptz.cgi: errors are HTTP 200 text/plain "Error:..."."""
    camera.will_say(camera.challenge, reply("Error: no PTZ", "text/plain"))
    with camera.session() as session, transcript.refusal(errors.RequestRefused):
        ask(session)


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
