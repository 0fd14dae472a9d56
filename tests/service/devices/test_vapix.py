"""The only code that talks to a camera, against cameras and against what pretends to be one."""

from __future__ import annotations

import gc
import hashlib
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.devices.domain.device import Address, Credentials, Scheme, Trust
from services.devices.domain.network import AllowList
from services.devices.vapix import basicdeviceinfo, errors, firmwaremanagement, systemready
from services.devices.vapix.connection import Reach, checked_ip, fingerprint_of
from services.devices.vapix.look import look
from services.devices.vapix.session import ANSWER_BYTES, Session
from simulator.image import image_bytes
from tests.service.devices.cameras import Camera, Simulator

SERIAL = "ACCC8E012345"
REACH = Reach(
    networks=AllowList.of(["127.0.0.0/8"]),
    connect_seconds=1,
    answer_seconds=0.5,
    upload_seconds=2,
)
SECRET = "S3cret-of-the-camera"


def session_to(camera: Camera, scheme: str = "http", **changes: object) -> Session:
    way = Scheme(scheme)
    port = camera.https_port if way is Scheme.HTTPS else camera.http_port
    pinned = fingerprint_of(camera.host, port, 1) if way is Scheme.HTTPS else None
    values = {
        "address": Address(camera.host, port, way, Trust.PIN, pinned),
        "serial": camera.serial,
        "credentials": Credentials(camera.user, camera.password),
        "reach": REACH,
        **changes,
    }
    return Session(**values)  # type: ignore[arg-type]


# Cameras


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["9.80.3.9", "10.12.240", "11.11.148", "12.11.77", "13.0.41"])
def test_every_release_is_understood(cameras: Simulator, scheme: str, version: str) -> None:
    camera = cameras.camera(version=version)
    with session_to(camera, scheme) as session:
        seen = look(session)
        assert (seen.is_ready, str(seen.version)) == (True, version)
        assert (seen.boot_id is None) == (version.startswith(("9.", "10.")))
        identity = basicdeviceinfo.read(session)
        assert (identity.serial, identity.product) == (camera.serial, "P3245-LV")
        firmwaremanagement.commit(session)


def test_a_camera_without_the_api_counts_as_ready(cameras: Simulator) -> None:
    with session_to(cameras.camera(version="8.40.4")) as session:
        assert systemready.read(session).is_ready
        assert str(firmwaremanagement.status(session).version) == "8.40.4"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_upload_goes_out_once_whatever_the_way_to_sign_in(
    cameras: Simulator, scheme: str
) -> None:
    camera = cameras.camera("P3265-V", "12.1.1")
    image = image_bytes("P3265-V", "12.9.57", size=2_000_000)
    told: list[int] = []
    with session_to(camera, scheme) as session:
        firmwaremanagement.upgrade(
            session, io.BytesIO(image), len(image), rollback_minutes=30, sent=told.append
        )
    counters = camera.told["counters"]
    assert (counters["uploads_completed"], counters["bytes"]) == (1, len(image))
    assert counters["bytes_discarded"] < 1000, "no body is sent before the challenge was met"
    assert camera.told["last_upload_sha256"] == hashlib.sha256(image).hexdigest()
    assert told == sorted(told)
    assert told[-1] == len(image)


def test_only_the_pinned_certificate_is_accepted(cameras: Simulator) -> None:
    camera = cameras.camera()
    other = Address(camera.host, camera.https_port, Scheme.HTTPS, Trust.PIN, "0" * 64)
    with session_to(camera, address=other) as session, pytest.raises(errors.CertificateChanged):
        look(session)
    assert camera.told["counters"]["requests"] == 0


def test_an_image_that_is_shorter_than_its_row_says_is_our_own_fault(cameras: Simulator) -> None:
    with session_to(cameras.camera()) as session, pytest.raises(errors.ImageUnavailable):
        firmwaremanagement.upgrade(
            session, io.BytesIO(b"short"), 5000, rollback_minutes=30, sent=lambda _size: None
        )


# What pretends to be a camera

Handler = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def pretender(handle: Handler) -> Iterator[tuple[Session, list[str]]]:
    """A session to a server that answers as ``handle`` does, and what it was sent to sign in."""
    signed: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            signed.extend(self.headers.get_all("Authorization") or [])
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            handle(self)

        def log_request(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = Address("127.0.0.1", server.server_address[1], Scheme.HTTP)
        with Session(address, SERIAL, Credentials("root", SECRET), REACH) as session:
            yield session, signed
        server.shutdown()
        thread.join()


def answers(status: int, body: bytes = b"{}", **headers: str) -> Handler:
    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return handle


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        for _ in range(1000):
            request.wfile.write(b" " * ANSWER_BYTES)
    except OSError:
        pass


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    pause = threading.Event()
    try:
        for _ in range(40):
            request.wfile.write(b" " * 20_000)
            request.wfile.flush()
            pause.wait(0.1)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("handle", "trouble"),
    [
        (answers(200, b"not json"), errors.AnswerUnreadable),
        (answers(200, b"[" * 100_000), errors.AnswerUnreadable),
        (answers(200, b"[]"), errors.AnswerUnreadable),
        (answers(200, b"{}"), errors.AnswerUnreadable),
        (answers(200, b'{"data": []}'), errors.AnswerUnreadable),
        (answers(200, b'{"error": {"code": "x"}}'), errors.ApiRefused),
        (answers(302, Location="http://127.0.0.1:1/"), errors.Redirected),
        (answers(307, Location="http://127.0.0.1:1/"), errors.Redirected),
        (answers(403), errors.Busy),
        (answers(500), errors.ServerFailed),
        (answers(503), errors.Busy),
        (answers(418), errors.RequestRefused),
        (endless, errors.AnswerTooLarge),
        (dripping, errors.NoAnswer),
    ],
    ids=range(14),
)
def test_each_bad_answer_has_a_cause_of_its_own(
    handle: Handler, trouble: type[errors.CameraTrouble]
) -> None:
    with pretender(handle) as (session, signed), pytest.raises(trouble):
        systemready.read(session)
    assert signed == []


@pytest.mark.parametrize(
    ("challenge", "trouble"),
    [
        (f'Basic realm="AXIS_{SERIAL}"', errors.SignInUnsafe),
        ('Digest realm="AXIS_ACCC8E999999", nonce="n", qop="auth"', errors.WrongSerial),
        ('Digest realm="router", nonce="n", qop="auth"', errors.NotAxis),
        ('Bearer realm="x"', errors.Unsupported),
    ],
)
def test_no_password_goes_to_who_is_not_the_camera(
    challenge: str, trouble: type[errors.CameraTrouble]
) -> None:
    handle = answers(401, WWW_Authenticate=challenge)
    with pretender(handle) as (session, signed), pytest.raises(trouble) as raised:
        firmwaremanagement.status(session)
    assert signed == []
    assert SECRET not in str(raised.value) + repr(session)


def test_a_password_that_is_refused_is_not_tried_again() -> None:
    challenge = f'Digest realm="AXIS_{SERIAL}", nonce="n", qop="auth"'
    handle = answers(401, WWW_Authenticate=challenge)
    with pretender(handle) as (session, signed), pytest.raises(errors.CredentialsRefused):
        firmwaremanagement.status(session)
    assert len(signed) == 1


def test_an_old_nonce_asks_for_one_more_round_and_not_for_ever() -> None:
    challenge = f'Digest realm="AXIS_{SERIAL}", nonce="n", qop="auth", stale=true'
    handle = answers(401, WWW_Authenticate=challenge)
    with pretender(handle) as (session, signed), pytest.raises(errors.CredentialsRefused):
        firmwaremanagement.status(session)
    assert 1 < len(signed) <= 3


def test_nobody_there_and_nobody_answering_are_two_things() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        address = Address("127.0.0.1", port, Scheme.HTTP)
        with Session(address, SERIAL, None, REACH) as session, pytest.raises(errors.NoAnswer):
            systemready.read(session)
    with Session(address, SERIAL, None, REACH) as session, pytest.raises(errors.Unreachable):
        systemready.read(session)


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    assert checked_ip("localhost", 80, AllowList.of(["127.0.0.0/8", "::1/128"])) in (
        "127.0.0.1",
        "::1",
    )
    nowhere = Reach(AllowList.of(["10.0.0.0/8"]), 1, 1, 1)
    with pytest.raises(errors.NotAllowed):
        Session(Address("localhost", 80, Scheme.HTTP), SERIAL, None, nowhere)


def test_an_answer_that_trickles_in_is_waited_for_no_longer_than_another() -> None:
    ended = threading.Event()

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not ended.wait(0.1):
            request.wfile.write(b"a")

    with pretender(trickle) as (session, _):
        began = time.monotonic()
        try:
            with pytest.raises(errors.NoAnswer):
                systemready.read(session)
        finally:
            ended.set()
        assert time.monotonic() - began < 3 * REACH.answer_seconds


@pytest.mark.filterwarnings("error")
def test_a_connection_that_is_reset_before_the_handshake_leaves_nothing_open() -> None:
    at_once = struct.pack("ii", 1, 0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            with suppress(OSError):
                while True:
                    accepted, _ = server.accept()
                    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                    accepted.close()

        threading.Thread(target=reset, daemon=True).start()
        port = server.getsockname()[1]
        address = Address("127.0.0.1", port, Scheme.HTTPS, Trust.PIN, "00" * 32)
        # Whether the reset is faster than the handshake is chance: each is met in so many.
        for _ in range(100):
            with pytest.raises(errors.CameraTrouble):
                fingerprint_of("127.0.0.1", port, 1)
            with (
                pytest.raises(errors.CameraTrouble),
                Session(address, SERIAL, None, REACH) as session,
            ):
                session.anonymous("/", {})
        server.shutdown(socket.SHUT_RDWR)
    gc.collect()
