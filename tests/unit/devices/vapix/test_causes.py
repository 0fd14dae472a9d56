"""Causes: whatever goes wrong with a camera has one class, and nothing of its pages in its words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from services.devices.domain.device import Address, Scheme, Trust
from services.devices.domain.trouble import BY_CODE, Cause
from services.devices.vapix import errors, firmwaremanagement, param, systemready
from services.devices.vapix.errors import ApiRefused, CameraTrouble, firmware_trouble
from tests.unit.devices.vapix.scripted import (
    HASTY,
    Scripted,
    Transcript,
    page,
    reply,
)

NewCamera = Callable[[str], Scripted]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("400 Bad Request", errors.RequestRefused),
        ("403 Forbidden", errors.Busy),
        ("404 Not Found", errors.Unsupported),
        ("408 Request Timeout", errors.Busy),
        ("405 Method Not Allowed", errors.RequestRefused),
        ("423 Locked", errors.Busy),
        ("429 Too Many Requests", errors.Busy),
        ("500 Internal Server Error", errors.ServerFailed),
        ("503 Service Unavailable", errors.Busy),
    ],
)
def test_each_status_has_its_cause(
    camera: Scripted, transcript: Transcript, status: str, trouble: type[CameraTrouble]
) -> None:
    """vapix.md, param.cgi: DoS throttling blocks for 10 s; legacy pages come with a status."""
    camera.will_say(camera.challenge, page("Error", status))
    with camera.session() as session, transcript.refusal(trouble):
        param.read(session, ["Brand"])


def test_nothing_of_a_camera_s_page_is_quoted(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md 1: match on error codes, never on texts; a page is no text for people."""
    camera.will_say(page("<script>alert(1)</script>", "500 Internal Server Error"))
    with camera.session() as session, transcript.refusal(errors.ServerFailed) as caught:
        systemready.read(session)
    assert "script" not in caught.value.words


@pytest.mark.parametrize(
    "answer",
    [
        page("Too many users"),
        reply("not json"),
        reply("[]"),
        reply("{}"),
        reply('{"data": []}'),
        reply("[" * 100_000),
        reply("1" * 100_000),
        reply(b"\xff\xfe\xfd"),
        reply(""),
    ],
    ids=range(9),
)
def test_an_answer_that_is_none_is_named_unreadable(
    camera: Scripted, transcript: Transcript, answer: bytes
) -> None:
    """vapix.md 2: HTML errors with HTTP 200."""
    camera.will_say(answer)
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        systemready.read(session)


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"\x15"])
def test_a_connection_that_breaks_is_named_so(
    camera: Scripted, transcript: Transcript, first: bytes
) -> None:
    """vapix.md, timing: legacy units drop TCP when flashing starts."""
    camera.will_say(lambda connection: connection.sendall(first))
    with camera.session() as session, transcript.refusal(errors.Unreachable):
        systemready.read(session)


def test_who_speaks_no_tls_is_not_spoken_to(new_camera: NewCamera, transcript: Transcript) -> None:
    """devices.md 2: plain HTTP only by explicit choice per device."""
    camera = new_camera("http")
    address = Address("127.0.0.1", camera.port, Scheme.HTTPS, Trust.PIN, "ab" * 32)
    with (
        camera.session(address=address, reach=replace(HASTY, connect_seconds=0.3)) as session,
        pytest.raises(CameraTrouble) as caught,
    ):
        firmwaremanagement.status(session)
    transcript.raised(caught.value)
    assert all(each.proof is None for each in camera.heard)


def own_causes() -> Iterator[tuple[Cause, type[CameraTrouble]]]:
    for _, found in inspect.getmembers(errors, inspect.isclass):
        if issubclass(found, CameraTrouble) and "cause" in vars(found):
            yield found.cause, found


def test_each_cause_has_one_class() -> None:
    """vapix.md 1, error codes: what stands for each is one class, and no class for two."""
    assert sorted(cause for cause, _ in own_causes()) == sorted(Cause)


@pytest.mark.parametrize("code", [*BY_CODE, 400, 404, 405, 417, 999])
def test_each_code_of_the_firmware_api_raises_the_class_of_its_cause(code: int) -> None:
    """vapix.md 1, error codes; texts differ from the documented ones."""
    trouble = firmware_trouble(ApiRefused(code, "any text"))
    assert trouble.cause is BY_CODE.get(code, Cause.REQUEST_REFUSED)
    assert trouble.words == f"The camera answered {code}: any text"
    assert (
        type(trouble) is ({**dict(own_causes()), Cause.REQUEST_REFUSED: ApiRefused})[trouble.cause]
    )


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
