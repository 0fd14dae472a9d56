"""firmwaremanagement.cgi: what a camera runs, and how it is given something else to run."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from services.devices.domain.trouble import Cause
from services.devices.vapix import errors, firmwaremanagement
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.firmwaremanagement import Reset
from services.devices.vapix.session import Session
from tests.unit.devices.vapix.scripted import (
    HASTY_AFTERWARDS,
    Scripted,
    Transcript,
    challenge,
    page,
    says,
)

IMAGE = bytes(range(256)) * 3000
# The texts are those of cameras, which differ from the documented ones.
TEXTS = {
    400: "Invalid request.",
    405: "Unknown method in request.",
    409: "Downgrade is only allowed if factoryDefault=hard is set.",
    421: "Firmware image does not match this device.",
}


def status(version: str, **data: Any) -> bytes:
    return says({"apiVersion": version, "method": "status", "data": data})


def refused(code: int, version: str = "1.4") -> bytes:
    error = {"code": code, "message": TEXTS.get(code, "No.")}
    return says({"apiVersion": version, "method": "upgrade", "error": error})


def send(session: Session, image: bytes = IMAGE, told: list[int] | None = None) -> None:
    sent = [] if told is None else told
    firmwaremanagement.upgrade(
        session, io.BytesIO(image), len(image), rollback_minutes=30, sent=sent.append
    )


# status


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.5", "1.8", "1.10", "1.11"])
def test_whatever_version_answers_is_understood(camera: Scripted, version: str) -> None:
    """vapix.md 1: the device answers with ITS version; a client asking 1.0 works on all."""
    camera.will_say(camera.challenge, status(version, activeFirmwareVersion="12.11.77"))
    with camera.session() as session:
        assert str(firmwaremanagement.status(session).version) == "12.11.77"
    assert camera.heard[1].json["apiVersion"] == "1.0"


def test_a_fresh_camera_has_one_firmware_and_nothing_to_commit(camera: Scripted) -> None:
    """vapix.md 1, presence rules: fresh device: only active* (+resetSource)."""
    data = {
        "activeFirmwareVersion": "12.11.77",
        "activeFirmwarePart": "7454651131",
        "resetSource": "crash",
    }
    camera.will_say(camera.challenge, status("1.10", **data))
    with camera.session() as session:
        found = firmwaremanagement.status(session)
    assert (found.is_committed, found.other_version, found.rolls_back_in) == (None, None, None)
    assert (found.commits_when_started, found.upgraded_at) == (False, None)


def test_a_camera_on_trial_says_until_when(camera: Scripted) -> None:
    """vapix.md 1, status, trial: isCommited (ONE t!), timeToRollback, lastUpgradeAt."""
    data = {
        "activeFirmwareVersion": "12.9.57",
        "activeFirmwarePart": "7",
        "inactiveFirmwareVersion": "11.11.192",
        "isCommited": False,
        "timeToRollback": 1740,
        "lastUpgradeAt": "2026-11-21T09:00:00+01:00",
    }
    camera.will_say(camera.challenge, status("1.8", **data))
    with camera.session() as session:
        found = firmwaremanagement.status(session)
    assert (str(found.version), str(found.other_version)) == ("12.9.57", "11.11.192")
    assert (found.is_committed, found.rolls_back_in) == (False, 1740)
    assert found.upgraded_at == datetime.fromisoformat("2026-11-21T08:00:00+00:00")


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize("name", ["isCommited", "isCommitted"])
def test_both_spellings_of_committed_are_read(
    camera: Scripted, name: str, is_committed: bool
) -> None:
    """vapix.md 1: some clients read `isCommitted` (2 t): parse both."""
    data = {"activeFirmwareVersion": "12.9.57", name: is_committed}
    camera.will_say(camera.challenge, status("1.8", **data))
    with camera.session() as session:
        assert firmwaremanagement.status(session).is_committed is is_committed


def test_what_a_camera_cannot_report_is_not_known(camera: Scripted) -> None:
    """vapix.md 1, presence rules: "UNKNOWN" when it cannot report."""
    data = {
        "activeFirmwareVersion": "12.9.57",
        "inactiveFirmwareVersion": "UNKNOWN",
        "isCommited": "UNKNOWN",
        "lastUpgradeAt": "UNKNOWN",
    }
    camera.will_say(camera.challenge, status("1.8", **data))
    with camera.session() as session:
        found = firmwaremanagement.status(session)
    assert (found.other_version, found.is_committed, found.upgraded_at) == (None, None, None)


def test_a_commit_that_waits_for_the_start_is_told(camera: Scripted) -> None:
    """vapix.md 1, status: pendingCommit? ("started")."""
    data = {"activeFirmwareVersion": "12.9.57", "isCommited": False, "pendingCommit": "started"}
    camera.will_say(camera.challenge, status("1.8", **data))
    with camera.session() as session:
        assert firmwaremanagement.status(session).commits_when_started


@pytest.mark.parametrize("data", [{}, {"activeFirmwareVersion": "UNKNOWN"}])
def test_a_camera_that_does_not_say_what_it_runs_is_not_understood(
    camera: Scripted, transcript: Transcript, data: dict[str, str]
) -> None:
    """vapix.md 1, status: activeFirmwareVersion."""
    camera.will_say(camera.challenge, status("1.8", **data))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        firmwaremanagement.status(session)


# The other methods


@pytest.mark.parametrize(
    ("call", "method", "params", "data"),
    [
        (firmwaremanagement.commit, "commit", None, {"firmwareVersion": "12.9.57"}),
        (firmwaremanagement.roll_back, "rollback", None, {}),
        (firmwaremanagement.purge, "purge", None, {}),
        (firmwaremanagement.stop_timer, "stopAuto", None, {}),
        (firmwaremanagement.reboot, "reboot", None, {}),
        (
            lambda session: firmwaremanagement.reset(session, Reset.SOFT),
            "factoryDefault",
            {"factoryDefaultMode": "soft"},
            {},
        ),
        (
            lambda session: firmwaremanagement.reset(session, Reset.HARD),
            "factoryDefault",
            {"factoryDefaultMode": "hard"},
            {},
        ),
    ],
    ids=["commit", "rollback", "purge", "stopAuto", "reboot", "soft", "hard"],
)
def test_each_method_is_called_by_its_name(
    camera: Scripted,
    call: Callable[[Session], None],
    method: str,
    params: dict[str, str] | None,
    data: dict[str, str],
) -> None:
    """vapix.md 1, table of methods: those that answer {} succeeded."""
    camera.will_say(camera.challenge, says({"apiVersion": "1.8", "method": method, "data": data}))
    with camera.session() as session:
        call(session)
    wanted = {"apiVersion": "1.0", "method": method}
    assert camera.heard[1].json == (wanted if params is None else {**wanted, "params": params})


def test_versions_are_asked_for_without_naming_one(camera: Scripted) -> None:
    """vapix.md 1, getSupportedVersions: no apiVersion; the newest minor per major."""
    answer = {"method": "getSupportedVersions", "data": {"apiVersions": ["1.10", "2.0", 3]}}
    camera.will_say(camera.challenge, says(answer))
    with camera.session() as session:
        assert firmwaremanagement.versions(session) == ("1.10", "2.0")
    assert camera.heard[1].json == {"method": "getSupportedVersions"}


def test_no_firmware_to_go_back_to_is_told_by_its_code(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 1, rollback: 404 no old firmware to roll back to, with HTTP 200."""
    camera.will_say(camera.challenge, refused(404))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        firmwaremanagement.roll_back(session)
    assert isinstance(caught.value, errors.ApiRefused)
    assert caught.value.code == firmwaremanagement.NOTHING_TO_ROLL_BACK_TO


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (400, errors.ApiRefused),
        (405, errors.ApiRefused),
        (409, errors.OlderVersion),
        (410, errors.VersionRevoked),
        (412, errors.Uncommitted),
        (415, errors.ImageInvalid),
        (417, errors.ApiRefused),
        (421, errors.ImageOfAnotherDevice),
        (422, errors.SignatureMissing),
        (423, errors.Busy),
        (424, errors.SignerUnknown),
        (500, errors.ServerFailed),
    ],
)
def test_each_code_has_a_class_of_its_own_whatever_its_text(
    camera: Scripted, transcript: Transcript, code: int, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 1, error codes: match on code, never on text; errors are HTTP 200."""
    camera.will_say(camera.challenge, refused(code))
    with camera.session() as session, transcript.refusal(trouble) as caught:
        send(session)
    assert str(code) in caught.value.words


def test_garbage_is_named_an_image_of_another_device(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 1, error codes: 421 ALSO for garbage bytes, so 415 is rarely seen."""
    camera.will_say(camera.challenge, refused(421, "1.8"))
    with camera.session() as session, transcript.refusal(errors.ImageOfAnotherDevice) as caught:
        send(session, b"garbage")
    assert caught.value.cause is Cause.IMAGE_OF_ANOTHER_DEVICE
    assert caught.value.words == (
        "The camera answered 421: Firmware image does not match this device."
    )


@pytest.mark.parametrize("error", [{}, {"code": "421"}, {"code": None, "message": None}])
def test_an_error_in_a_form_of_its_own_is_an_error_still(
    camera: Scripted, transcript: Transcript, error: dict[str, Any]
) -> None:
    """vapix.md 1: error{code,message}."""
    camera.will_say(camera.challenge, says({"error": error}))
    with camera.session() as session, pytest.raises(CameraTrouble) as caught:
        firmwaremanagement.commit(session)
    transcript.raised(caught.value)
    assert not isinstance(caught.value, errors.AnswerUnreadable)


def test_an_error_page_with_status_200_is_no_commit(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2: HTML errors with HTTP 200: not taken for an answer."""
    camera.will_say(camera.challenge, page("Error: the device is busy"))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        firmwaremanagement.commit(session)


# upgrade


def parts_of(content: bytes, media_type: str) -> list[tuple[str, bytes]]:
    boundary = re.fullmatch(r"multipart/form-data; boundary=(\w+)", media_type)
    assert boundary is not None
    line = f"--{boundary[1]}".encode()
    assert content.startswith(line + b"\r\n")
    assert content.endswith(b"\r\n" + line + b"--\r\n")
    parts = content[len(line) : -len(line) - 6].split(b"\r\n" + line)
    pairs = [part.removeprefix(b"\r\n").split(b"\r\n\r\n", 1) for part in parts]
    return [(head.decode(), body) for head, body in pairs]


def test_an_upload_has_two_parts_of_which_one_is_a_file(camera: Scripted) -> None:
    """vapix.md 1, multipart: the JSON part has Content-Type application/json and NO filename."""
    accepted = {"apiVersion": "1.8", "method": "upgrade", "data": {"firmwareVersion": "12.9.57"}}
    camera.will_say(camera.challenge, says(accepted))
    told: list[int] = []
    with camera.session() as session:
        send(session, told=told)
    heard = camera.heard[1]
    (head, request), (file_head, image) = parts_of(heard.body, heard.headers["content-type"])
    assert "filename" not in head
    assert "Content-Type: application/json" in head
    assert 'filename="image.bin"' in file_head
    assert "Content-Type: application/octet-stream" in file_head
    assert image == IMAGE
    assert json.loads(request) == {
        "apiVersion": "1.0",
        "method": "upgrade",
        "params": {
            "factoryDefaultMode": "none",
            "autoCommit": "never",
            "autoRollback": "30",
        },
    }
    assert told == sorted(told)
    assert told[-1] == len(IMAGE)


def test_an_upload_has_a_length_and_no_chunks(camera: Scripted) -> None:
    """vapix.md 1, multipart: send Content-Length, not chunked."""
    camera.will_say(camera.challenge, says({"data": {}}))
    with camera.session() as session:
        send(session)
    heard = camera.heard[1]
    assert int(heard.headers["content-length"]) == len(heard.body)
    assert "transfer-encoding" not in heard.headers


@pytest.mark.parametrize("kind", Reset)
def test_who_takes_the_users_away_commits_by_itself(camera: Scripted, kind: Reset) -> None:
    """vapix.md 1, timing: with soft/hard autoCommit=started, autoRollback=never."""
    camera.will_say(camera.challenge, says({"data": {"firmwareVersion": "11.11.192"}}))
    with camera.session() as session:
        firmwaremanagement.upgrade_and_reset(
            session, io.BytesIO(IMAGE), len(IMAGE), kind, sent=lambda _size: None
        )
    heard = camera.heard[1]
    (_, request), _ = parts_of(heard.body, heard.headers["content-type"])
    assert json.loads(request)["params"] == {
        "factoryDefaultMode": kind.value,
        "autoCommit": "started",
        "autoRollback": "never",
    }


def test_an_accepted_upload_is_accepted_whatever_else_is_said(camera: Scripted) -> None:
    """vapix.md 1, upgrade: data: firmwareVersion; what it is is decided after the boot."""
    camera.will_say(camera.challenge, says({"data": {"firmwareVersion": "??"}}))
    with camera.session() as session:
        send(session)


def hanging_up(connection: socket.socket) -> None:
    """Says nothing and closes."""


def half_said(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"data"')


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize(
    "answer",
    [hanging_up, half_said, silent, page("Restarting"), b"HTTP/1.1 204 No Content\r\n\r\n"],
)
def test_an_answer_that_is_lost_after_the_whole_image_is_a_case_of_its_own(
    camera: Scripted, transcript: Transcript, answer: Any
) -> None:
    """vapix.md 1, timing: "connection lost after full body" is unknown: decide by version."""
    camera.will_say(camera.challenge, answer)
    with camera.session(reach=HASTY_AFTERWARDS) as session, transcript.refusal(errors.AnswerLost):
        send(session, b"small")


def test_an_upload_that_is_cut_off_is_not_taken_for_a_lost_answer(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 1, timing: only after the full body is the outcome unknown."""
    camera.will_say(camera.challenge)
    with camera.session() as session:
        session.prepare(firmwaremanagement.PATH)

        def cut(_size: int) -> None:
            camera.__exit__()

        with pytest.raises(CameraTrouble) as caught:
            firmwaremanagement.upgrade(session, _Endless(), 1 << 40, rollback_minutes=30, sent=cut)
    transcript.raised(caught.value)
    assert not isinstance(caught.value, errors.AnswerLost)


class _Endless(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return b"x" * (size or 0)


def test_a_camera_that_asks_to_sign_in_again_during_an_upload_is_busy(
    new_camera: Callable[[str], Scripted], transcript: Transcript
) -> None:
    """vapix.md 1, multipart: an upload is sent once only; another try is another attempt."""
    camera = new_camera("http")
    stale = 'Digest realm="AXIS_ACCC8E012345", nonce="n", qop="auth", stale=true'
    camera.will_say(camera.challenge, challenge(stale))
    with camera.session() as session, transcript.refusal(errors.Busy):
        send(session)
    assert len(camera.heard) == 2


def test_an_upload_with_a_wrong_password_is_not_repeated(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 1: security level Administrator for EVERY method."""
    camera.will_say(camera.challenge, camera.challenge)
    with camera.session() as session, transcript.refusal(errors.CredentialsRefused):
        send(session)
    assert len(camera.heard) == 2


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
