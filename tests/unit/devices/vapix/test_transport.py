"""The way to a camera: certificates, time, size, elsewhere, and one class for each cause."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from services.devices.domain.device import Address, Scheme, Trust
from services.devices.domain.network import AllowList
from services.devices.vapix import errors, firmwaremanagement, param, systemready
from services.devices.vapix.connection import checked_ip, fingerprint_of
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.session import ANSWER_BYTES, Session
from services.devices.vapix.stream import Limits
from tests.unit.devices.vapix.certificates import Authority
from tests.unit.devices.vapix.scripted import (
    HASTY,
    PATIENT,
    ROOT,
    SERIAL,
    Scripted,
    Transcript,
    reply,
    says,
)

READY = says({"data": {"systemready": "yes"}})
LONG = "/axis-cgi/long.cgi"
LIMITS = Limits(size=1_000_000, seconds=20, idle_seconds=20)
NewCamera = Callable[[str], Scripted]


def until_gone(connection: socket.socket) -> None:
    """Blocks until the client hangs up."""
    while connection.recv(65536):
        pass


# Certificates


def test_a_certificate_of_the_bundle_is_trusted_under_its_name(
    new_camera: NewCamera, authority: Authority
) -> None:
    """devices.md 2: TLS policy: verify against a CA bundle."""
    camera = new_camera("https")
    camera.will_say(READY, READY)
    reach = replace(PATIENT, ca_bundle=str(authority.bundle))
    for host in ("localhost", "127.0.0.1"):
        address = camera.address(host, Trust.CA)
        with camera.session(address=address, reach=reach) as session:
            assert systemready.read(session).is_ready


def test_a_certificate_that_nobody_vouches_for_is_refused(
    new_camera: NewCamera, transcript: Transcript
) -> None:
    """devices.md 2: TLS policy: verify against a CA bundle."""
    camera = new_camera("https")
    address = camera.address("localhost", Trust.CA)
    with (
        camera.session(address=address) as session,
        transcript.refusal(errors.CertificateRefused),
    ):
        systemready.read(session)
    assert camera.heard == []


def test_a_certificate_for_another_name_is_refused(
    new_camera: NewCamera, authority: Authority, transcript: Transcript
) -> None:
    """devices.md 2: TLS policy: verify against a CA bundle."""
    camera = new_camera("https")
    reach = replace(PATIENT, ca_bundle=str(authority.bundle))
    # The same address by another name.
    address = camera.address("127.1", Trust.CA)
    with (
        camera.session(address=address, reach=reach) as session,
        transcript.refusal(errors.CertificateRefused),
    ):
        systemready.read(session)
    assert camera.heard == []


def test_a_certificate_that_has_ended_is_refused(
    authority: Authority, transcript: Transcript
) -> None:
    """devices.md 2: TLS policy: verify against a CA bundle."""
    reach = replace(PATIENT, ca_bundle=str(authority.bundle))
    with Scripted("https", authority.server(is_late=True), None) as camera:
        address = camera.address("localhost", Trust.CA)
        with (
            camera.session(address=address, reach=reach) as session,
            transcript.refusal(errors.CertificateRefused),
        ):
            systemready.read(session)
        assert camera.heard == []


def test_the_pinned_certificate_needs_nobody_to_vouch_for_it(
    new_camera: NewCamera, authority: Authority
) -> None:
    """devices.md 2: or pin the certificate's fingerprint on first use."""
    camera = new_camera("https")
    camera.will_say(READY)
    assert fingerprint_of("127.0.0.1", camera.port, 5) == authority.fingerprint
    with camera.session() as session:
        assert systemready.read(session).is_ready


@pytest.mark.parametrize(
    ("fingerprint", "trouble"),
    [("ab" * 32, errors.CertificateChanged), (None, errors.CertificateRefused)],
)
def test_another_certificate_than_the_pinned_one_is_told_nothing(
    new_camera: NewCamera,
    transcript: Transcript,
    fingerprint: str | None,
    trouble: type[CameraTrouble],
) -> None:
    """devices.md 2: or pin the certificate's fingerprint on first use."""
    camera = new_camera("https")
    address = replace(camera.address(), fingerprint=fingerprint)
    with transcript.refusal(trouble), camera.session(address=address) as session:
        systemready.read(session)
    assert camera.heard == []


# Elsewhere


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_signed", [False, True])
def test_nobody_is_followed_elsewhere(
    camera: Scripted, transcript: Transcript, status: int, is_signed: bool
) -> None:
    """devices.md 2, SSRF: redirects are never followed."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        location = f"Location: http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        moved = reply("{}", status=f"{status} Moved", headers=[location])
        camera.will_say(*([camera.challenge] if is_signed else []), moved)
        with camera.session() as session, transcript.refusal(errors.Redirected):
            firmwaremanagement.status(session) if is_signed else systemready.read(session)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_an_address_that_cannot_be_read_is_elsewhere_too(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 2, SSRF: redirects are never followed."""
    camera.will_say(reply("{}", status="302 Found", headers=["Location: http://["]))
    with camera.session() as session, transcript.refusal(errors.Redirected):
        systemready.read(session)


def test_who_sends_elsewhere_with_an_endless_page_is_not_listened_to(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 2, SSRF: redirects are never followed; nor is what comes with them read whole."""
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
        for _ in range(2000):
            connection.sendall(b" " * 65536)
            sent += 65536

    camera.will_say(endless)
    with camera.session() as session, transcript.refusal(errors.AnswerTooLarge):
        systemready.read(session)
    assert sent < 64 * 1024 * 1024


# Size


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def packed(connection: socket.socket) -> None:
    content = gzip.compress(b" " * 100 * ANSWER_BYTES)
    connection.sendall(
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        + content
    )


@pytest.mark.parametrize("answer", [endless, packed])
def test_no_answer_is_taken_without_an_end(
    camera: Scripted, transcript: Transcript, answer: Callable[[socket.socket], None]
) -> None:
    """vapix.md 2: the largest list is of 75 entries; bodies are size-limited."""
    camera.will_say(answer)
    with camera.session() as session, transcript.refusal(errors.AnswerTooLarge):
        systemready.read(session)


def test_a_stream_ends_where_its_limit_is(camera: Scripted, transcript: Transcript) -> None:
    """devices.md 2: bodies are size-limited, also those that are streamed."""
    camera.will_say(camera.challenge, endless)
    with (
        camera.session() as session,
        session.stream(LONG, None, LIMITS) as stream,
        transcript.refusal(errors.AnswerTooLarge),
    ):
        taken = sum(map(len, stream))
        assert taken <= LIMITS.size


def test_a_stream_that_announces_too_much_is_not_begun(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 2: bodies are size-limited, also those that are streamed."""
    camera.will_say(camera.challenge, b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n")
    with (
        camera.session() as session,
        transcript.refusal(errors.AnswerTooLarge),
        session.stream(LONG, None, LIMITS),
    ):
        pytest.fail("not reached")


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n3e8\r\nsho",
    ],
)
def test_a_stream_that_breaks_off_is_not_taken_for_a_whole_one(
    camera: Scripted, transcript: Transcript, cut: bytes
) -> None:
    """devices.md 2: half a recording is none."""
    camera.will_say(camera.challenge, lambda connection: connection.sendall(cut))
    with (
        camera.session() as session,
        session.stream(LONG, None, LIMITS) as stream,
        transcript.refusal(errors.Unreachable),
    ):
        for piece in stream:
            assert b"short".startswith(piece) or piece in b"shortsho"


# Time


def silent(connection: socket.socket) -> None:
    until_gone(connection)


def dripping_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(connection)


def dripping_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(connection)


def drip(connection: socket.socket) -> None:
    connection.settimeout(0.02)
    while True:
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            connection.sendall(b" ")


def going_on(connection: socket.socket) -> None:
    """1xx for ever: each is a whole answer, none is the answer."""
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("answer", [silent, dripping_head, dripping_body, going_on])
def test_no_answer_is_waited_for_without_an_end(
    camera: Scripted, transcript: Transcript, answer: Callable[[socket.socket], None]
) -> None:
    """devices.md 3: timeouts on everything: bytes now and then keep nobody waiting."""
    camera.will_say(answer)
    with (
        camera.session(reach=HASTY) as session,
        transcript.refusal(errors.NoAnswer),
    ):
        systemready.read(session)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(size=1_000_000, seconds=20, idle_seconds=0.2),
        Limits(size=1_000_000, seconds=0.2, idle_seconds=20),
    ],
)
def test_a_stream_that_falls_silent_is_left(
    camera: Scripted, transcript: Transcript, limits: Limits
) -> None:
    """devices.md 3: timeouts on everything, streams included."""

    def falling_silent(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nbeginning")
        connection.settimeout(2)
        try:
            until_gone(connection)
        except TimeoutError:
            connection.sendall(b"end")

    camera.will_say(camera.challenge, falling_silent)
    taken = []
    with (
        camera.session() as session,
        session.stream(LONG, None, limits) as stream,
        transcript.refusal(errors.NoAnswer),
    ):
        for piece in stream:
            taken.append(piece)
    assert b"".join(taken) == b"beginning"


def test_a_stream_that_drips_is_left_when_its_time_is_up(
    camera: Scripted, transcript: Transcript
) -> None:
    """devices.md 3: timeouts on everything, streams included."""
    camera.will_say(camera.challenge, dripping_body)
    with (
        camera.session() as session,
        session.stream(LONG, None, Limits(10**9, seconds=0.3, idle_seconds=20)) as stream,
        transcript.refusal(errors.NoAnswer),
    ):
        for _ in stream:
            pass


def test_what_has_come_of_a_stream_is_given_at_once(camera: Scripted) -> None:
    """devices.md 3: a picture is not kept until the next one fills some buffer."""
    taken = threading.Event()

    def in_two(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        taken.wait(20)
        connection.sendall(b"later")

    camera.will_say(camera.challenge, in_two)
    with camera.session() as session, session.stream(LONG, None, LIMITS) as stream:
        pieces = iter(stream)
        assert next(pieces) == b"first"
        taken.set()
        assert next(pieces) == b"later"
        assert next(pieces, None) is None


def test_a_name_that_nobody_resolves_in_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, transcript: Transcript
) -> None:
    """devices.md 3: timeouts on everything: the system's resolver has none of its own."""
    ended = threading.Event()

    def late(*_: object, **__: object) -> list[object]:
        ended.wait(2)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", late)
    with transcript.refusal(errors.NoAnswer):
        checked_ip("camera.example", 80, PATIENT.networks, seconds=0.05)
    ended.set()
    assert checked_ip("camera.example", 80, PATIENT.networks, seconds=20) == "127.0.0.1"


def test_an_address_needs_nobody_to_resolve_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """devices.md 2, SSRF: the check is on the address that is then connected to."""
    monkeypatch.delattr(socket, "getaddrinfo")
    assert checked_ip("127.0.0.1", 80, PATIENT.networks) == "127.0.0.1"
    assert checked_ip("::1", 80, PATIENT.networks) == "::1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "::ffff:127.0.0.1"])
def test_an_address_outside_the_networks_is_not_connected_to(
    camera: Scripted, transcript: Transcript, host: str
) -> None:
    """devices.md 2, SSRF: an allow list of networks, held against the resolved address."""
    reach = replace(PATIENT, networks=AllowList.of(["10.0.0.0/8"]))
    address = Address(host, camera.port, Scheme.HTTP)
    with transcript.refusal(errors.NotAllowed):
        Session(address, SERIAL, ROOT, reach)
    assert camera.heard == []


def test_a_connection_is_used_again_and_one_that_was_closed_is_not(camera: Scripted) -> None:
    """vapix.md, timing: a camera that restarts closes its connections."""
    closing = READY.replace(b"Content-Type", b"Connection: close\r\nContent-Type")
    camera.will_say(READY, closing, READY)
    with camera.session() as session:
        for _ in range(3):
            assert systemready.read(session).is_ready
    assert len(camera.heard) == 3


def test_a_stream_that_was_left_disturbs_nobody(camera: Scripted) -> None:
    """devices.md 3: leaving a stream ends it; the next question gets its own answer."""
    camera.will_say(camera.challenge, endless, reply("root.A=1\n", "text/plain"))
    with camera.session() as session:
        with session.stream(LONG, None, LIMITS) as stream:
            next(iter(stream))
        assert param.read(session, ["A"]).values == {"A": "1"}


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
