"""Signing in: what a camera is told, and what it has to say before it is told anything secret."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable

import pytest

from services.devices.vapix import (
    basicdeviceinfo,
    errors,
    firmwaremanagement,
    param,
    pwdgrp,
    snapshot,
    systemready,
)
from services.devices.vapix.errors import CameraTrouble
from tests.unit.devices.vapix.scripted import (
    BASIC,
    DIGEST,
    NONCE,
    OTHER_SECRET,
    REALM,
    ROOT,
    SECRET,
    SERIAL,
    USER,
    Scripted,
    Transcript,
    challenge,
    page,
    reply,
    says,
)

STATUS = says(
    {"apiVersion": "1.8", "method": "status", "data": {"activeFirmwareVersion": "12.9.57"}}
)
NewCamera = Callable[[str], Scripted]


def is_proof(said: str | None, method: str, target: str, *, hashed: str = "md5") -> bool:
    """Whether it is the answer to ``DIGEST`` that the password gives (RFC 7616)."""
    assert said is not None
    assert said.startswith("Digest ")
    values = {
        name: quoted or bare
        for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', said)
    }

    def digest(text: str) -> str:
        return hashlib.new(hashed, text.encode()).hexdigest()

    first, second = digest(f"{USER}:{REALM}:{SECRET}"), digest(f"{method}:{target}")
    middle = ":".join([NONCE, values["nc"], values["cnonce"], "auth"])
    return (values["uri"], values["response"]) == (target, digest(f"{first}:{middle}:{second}"))


def test_nothing_is_signed_before_the_camera_was_asked_how(
    camera: Scripted,
) -> None:
    """vapix.md, Auth: unauthenticated first, read WWW-Authenticate."""
    camera.will_say(camera.challenge, STATUS)
    with camera.session() as session:
        assert str(firmwaremanagement.status(session).version) == "12.9.57"
    first, second = camera.heard
    assert (first.proof, first.body) == (None, b"")
    assert second.proof is not None


def test_digest_is_answered_in_the_clear_and_inside_tls(camera: Scripted) -> None:
    """vapix.md, Auth: `Digest realm="AXIS_<SERIAL>", nonce, algorithm=MD5, qop="auth"`."""
    camera.will_say(challenge(DIGEST), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    assert is_proof(camera.heard[1].proof, "POST", firmwaremanagement.PATH)


def test_the_address_is_signed_as_it_is_sent_with_its_arguments(camera: Scripted) -> None:
    """vapix.md, Auth: Digest covers the whole target, arguments included."""
    camera.will_say(challenge(DIGEST), reply("root.A.B=1\n", "text/plain"))
    with camera.session() as session:
        param.read(session, ["A.B", "Image.I0.Text ü/&%"])
    heard = camera.heard[1]
    assert heard.target == (
        "/axis-cgi/param.cgi?action=list&group=A.B%2CImage.I0.Text%20%C3%BC%2F%26%25"
    )
    assert is_proof(heard.proof, "GET", heard.target)


def test_inside_tls_basic_is_all_that_os_12_offers(new_camera: NewCamera) -> None:
    """vapix.md, Auth: 12.11 recommended policy: HTTPS -> `Basic realm="AXIS_<SERIAL>"` ONLY."""
    camera = new_camera("https")
    camera.will_say(challenge(BASIC), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    pair = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
    assert camera.heard[1].proof == f"Basic {pair}"


def test_in_the_clear_basic_gets_no_password(new_camera: NewCamera, transcript: Transcript) -> None:
    """vapix.md, Auth: negotiate, Basic only over TLS; policy values Basic and Basic_Digest."""
    camera = new_camera("http")
    camera.will_say(challenge(BASIC))
    with camera.session() as session, transcript.refusal(errors.SignInUnsafe):
        firmwaremanagement.status(session)
    assert [each.proof for each in camera.heard] == [None]


@pytest.mark.parametrize("offers", [(DIGEST, BASIC), (BASIC, DIGEST), (f"{BASIC}, {DIGEST}",)])
def test_digest_is_taken_where_both_are_offered(camera: Scripted, offers: tuple[str, ...]) -> None:
    """vapix.md, Auth: policy value Basic_Digest offers both."""
    camera.will_say(challenge(*offers), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    assert is_proof(camera.heard[1].proof, "POST", firmwaremanagement.PATH)


def test_of_several_hashes_the_first_known_is_taken(camera: Scripted) -> None:
    """vapix.md, Auth: digest stays in OS 13; RFC 7616 lets a camera offer several of it."""
    unknown, better = (
        f'Digest realm="{REALM}", nonce="{NONCE}", algorithm={name}, qop="auth"'
        for name in ("SHA-512-256", "SHA-256")
    )
    camera.will_say(challenge(unknown, better, DIGEST), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    assert is_proof(camera.heard[1].proof, "POST", firmwaremanagement.PATH, hashed="sha256")


@pytest.mark.parametrize(
    ("realm", "trouble"),
    [
        ("AXIS_ACCC8E999999", errors.WrongSerial),
        ("AXIS_", errors.NotAxis),
        ("router", errors.NotAxis),
        ("AXIS_ACCC8E012345 ", errors.NotAxis),
    ],
)
@pytest.mark.parametrize("offer", ['Digest realm="{}", nonce="n", qop="auth"', 'Basic realm="{}"'])
def test_the_realm_is_held_against_the_serial_before_a_password_leaves(
    new_camera: NewCamera,
    transcript: Transcript,
    offer: str,
    realm: str,
    trouble: type[CameraTrouble],
) -> None:
    """vapix.md, Auth: the realm carries the serial: identity check before sending a password."""
    camera = new_camera("https")
    camera.will_say(challenge(offer.format(realm)))
    with camera.session() as session, transcript.refusal(trouble):
        firmwaremanagement.status(session)
    assert [each.proof for each in camera.heard] == [None]


def test_the_serial_in_the_realm_may_be_written_small(camera: Scripted) -> None:
    """vapix.md, Auth: the realm carries the serial."""
    camera.will_say(challenge(DIGEST.replace(SERIAL, SERIAL.lower())), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    assert camera.heard[1].proof is not None


@pytest.mark.parametrize(
    "offers", [('Bearer realm="x"',), ('OpenID realm="x"',), ("Negotiate",), ()]
)
def test_other_ways_to_sign_in_are_named_unsupported(
    camera: Scripted, transcript: Transcript, offers: tuple[str, ...]
) -> None:
    """vapix.md, Auth: virtual hosts can change type (Basic/Digest/OpenID)."""
    camera.will_say(challenge(*offers))
    with camera.session() as session, transcript.refusal(errors.Unsupported):
        firmwaremanagement.status(session)


def test_a_password_that_is_refused_is_not_tried_again(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md, param.cgi: password throttling blocks who tries too often."""
    camera.will_say(camera.challenge, camera.challenge)
    with camera.session() as session, transcript.refusal(errors.CredentialsRefused):
        firmwaremanagement.status(session)
    assert len([each for each in camera.heard if each.proof]) == 1


def test_an_old_nonce_is_replaced_without_giving_up_the_password(new_camera: NewCamera) -> None:
    """vapix.md, Auth: Digest nonces grow stale."""
    camera = new_camera("http")
    newer = DIGEST.replace(NONCE, "newer")
    camera.will_say(challenge(DIGEST), challenge(f"{newer}, stale=true"), STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    assert 'nonce="newer"' in str(camera.heard[2].proof)


def test_an_old_nonce_that_is_never_new_enough_is_not_followed_for_ever(
    new_camera: NewCamera, transcript: Transcript
) -> None:
    """vapix.md, Auth: Digest nonces grow stale."""
    camera = new_camera("http")
    camera.will_say(*[challenge(f"{DIGEST}, stale=true")] * 9)
    with camera.session() as session, transcript.refusal(errors.CredentialsRefused):
        firmwaremanagement.status(session)
    assert len(camera.heard) <= 4


def test_each_use_of_a_nonce_is_counted(new_camera: NewCamera) -> None:
    """vapix.md, Auth: `qop="auth"`."""
    camera = new_camera("http")
    camera.will_say(challenge(DIGEST), STATUS, STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
        firmwaremanagement.status(session)
    assert [re.findall(r"nc=(\d+)", str(each.proof)) for each in camera.heard] == [
        [],
        ["00000001"],
        ["00000002"],
    ]


def test_a_long_body_waits_for_the_challenge(camera: Scripted) -> None:
    """vapix.md, multipart: Digest doubles the upload if the 401 comes after the body: probe."""
    image = b"i" * 300_000
    camera.will_say(camera.challenge, says({"data": {"firmwareVersion": "12.9.57"}}))
    with camera.session() as session:
        firmwaremanagement.upgrade(
            session, io.BytesIO(image), len(image), rollback_minutes=30, sent=lambda _size: None
        )
    assert [each.body.count(image) for each in camera.heard] == [0, 1]


def test_an_upload_asks_anew_how_to_sign_in(new_camera: NewCamera) -> None:
    """vapix.md, multipart: a nonce that is stale by then would cost the whole upload."""
    camera = new_camera("http")
    newer = DIGEST.replace(NONCE, "newer")
    camera.will_say(challenge(DIGEST), STATUS, challenge(newer), says({"data": {}}))
    with camera.session() as session:
        firmwaremanagement.status(session)
        firmwaremanagement.upgrade(
            session, io.BytesIO(b"i"), 1, rollback_minutes=30, sent=lambda _size: None
        )
    assert 'nonce="newer"' in str(camera.heard[3].proof)


def test_without_credentials_nothing_is_signed(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md 1: anonymous -> HTTP 401."""
    camera.will_say(camera.challenge, camera.challenge)
    with (
        camera.session(credentials=None) as session,
        transcript.refusal(errors.CredentialsRefused),
    ):
        firmwaremanagement.status(session)
    assert {each.proof for each in camera.heard} == {None}


def test_with_an_unknown_serial_nothing_is_signed(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md, Discovery: IP scan: POST basicdeviceinfo, 401 realm AXIS_<serial>."""
    camera.will_say(camera.challenge, camera.challenge)
    with (
        camera.session(serial=None) as session,
        transcript.refusal(errors.CredentialsRefused),
    ):
        firmwaremanagement.status(session)
    assert {each.proof for each in camera.heard} == {None}


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "411 Length Required"])
def test_a_form_does_not_go_to_who_asks_nobody_to_sign_in(
    camera: Scripted, transcript: Transcript, status: str
) -> None:
    """vapix.md, Auth: the realm is the identity check; here there is none to check."""
    camera.will_say(page("Hello", status))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        pwdgrp.set_password(session, ROOT)
    assert [each.body for each in camera.heard] == [b""]


def test_a_form_does_not_go_to_another_camera(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md, Auth: the realm carries the serial."""
    camera.will_say(challenge(DIGEST.replace(SERIAL, "ACCC8E999999")))
    with camera.session() as session, transcript.refusal(errors.WrongSerial):
        param.update(session, {"Network.Secret": OTHER_SECRET})
    assert [each.body for each in camera.heard] == [b""]


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Error: initial admin user must be created first.", ()),
        ("Unauthorized", ("Axis-Setup: vapix",)),
    ],
)
def test_a_camera_without_a_user_says_that_and_not_that_the_password_is_wrong(
    camera: Scripted, transcript: Transcript, text: str, headers: tuple[str, ...]
) -> None:
    """vapix.md, pwdgrp.cgi: HTTP 401 "Error: initial admin user must be created first."."""
    camera.will_say(challenge("Negotiate", text=text, headers=headers))
    with camera.session() as session, transcript.refusal(errors.SetupNeeded):
        firmwaremanagement.status(session)


def test_a_camera_that_repeats_the_password_is_not_quoted(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 1: error{code,message}; its text is shown to people, so no secret may be in it."""
    error = {"code": 400, "message": f"bad Authorization for {USER}:{SECRET}!"}
    camera.will_say(camera.challenge, says({"method": "status", "error": error}))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        firmwaremanagement.status(session)
    assert caught.value.words == "The camera answered 400: bad Authorization for root:...!"


def test_anonymous_questions_stay_anonymous_after_signing_in(camera: Scripted) -> None:
    """vapix.md 2: systemready.cgi and getAllUnrestrictedProperties are anonymous."""
    ready = says({"data": {"systemready": "yes"}})
    camera.will_say(camera.challenge, STATUS, ready)
    with camera.session() as session:
        firmwaremanagement.status(session)
        systemready.read(session)
    assert camera.heard[2].proof is None


def test_pictures_are_asked_for_as_somebody(camera: Scripted) -> None:
    """vapix.md, Auth: unauthenticated first also where there is nothing to hold back."""
    camera.will_say(camera.challenge, reply(b"\xff\xd8\xff-", "image/jpeg"))
    with camera.session() as session:
        assert snapshot.take(session) == b"\xff\xd8\xff-"
    assert [(each.method, each.body) for each in camera.heard] == [("POST", b""), ("GET", b"")]
    assert [each.proof is None for each in camera.heard] == [True, False]


@pytest.mark.parametrize(
    ("first", "trouble"),
    [
        (challenge(DIGEST.replace(SERIAL, "ACCC8E999999")), errors.WrongSerial),
        (page("Hello"), errors.AnswerUnreadable),
    ],
)
def test_another_camera_s_pictures_are_not_shown_even_where_everybody_may_see_them(
    camera: Scripted, transcript: Transcript, first: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md, Auth: the realm carries the serial; devices.md 2: wrong serial."""
    camera.will_say(first, reply(b"\xff\xd8\xff-", "image/jpeg"))
    with camera.session() as session, transcript.refusal(trouble):
        snapshot.take(session)
    assert len(camera.heard) == 1


def test_who_is_asked_for_json_is_told_that_it_is_json(camera: Scripted) -> None:
    """vapix.md 1: the envelope {apiVersion?, context?, method, params?}."""
    camera.will_say(camera.challenge, STATUS)
    with camera.session() as session:
        firmwaremanagement.status(session)
    heard = camera.heard[1]
    assert heard.headers["content-type"] == "application/json"
    assert json.loads(heard.body) == {"apiVersion": "1.0", "method": "status"}


def test_the_realm_alone_tells_who_an_unknown_camera_is(camera: Scripted) -> None:
    """vapix.md, Discovery: 401 realm AXIS_<serial> = Axis device."""
    camera.will_say(camera.challenge, camera.challenge)
    with camera.session(serial=None, credentials=None) as session:
        assert basicdeviceinfo.shown(session).serial == SERIAL


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """vapix.md, Auth: passwords are the camera's and nobody else's."""
    transcript.require_no_secret()
