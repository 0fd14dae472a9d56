"""Who a camera is, whether it is up, and what it says it can do."""

from __future__ import annotations

from typing import Any

import pytest

from services.devices.vapix import apidiscovery, basicdeviceinfo, errors, systemready
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.look import look
from services.devices.vapix.systemready import PassphrasePolicy, Readiness
from tests.unit.devices.vapix.scripted import (
    DIGEST,
    NOT_FOUND,
    SERIAL,
    Scripted,
    Transcript,
    challenge,
    says,
)

UNRESTRICTED = {
    "Brand": "AXIS",
    "BuildDate": "Jul 08 2026 12:25",
    "HardwareID": "8F0.3",
    "ProdFullName": "AXIS P3265-V Dome Camera",
    "ProdNbr": "P3265-V",
    "ProdShortName": "AXIS P3265-V",
    "ProdType": "Dome Camera",
    "ProdVariant": "22mm",
    "SerialNumber": SERIAL,
    "Version": "12.11.77",
    "WebURL": "https://www.axis.com",
}
ALL = {
    **UNRESTRICTED,
    "Architecture": "aarch64",
    "Soc": "Axis Artpec-8",
    "SocSerialNumber": "00000000-00000000-442C2402-52AD01C0",
}
UNKNOWN_METHOD = says(
    {
        "apiVersion": "1.0",
        "error": {
            "code": 2004,
            "message": "JSON semantic error: Unknown method 'getAllUnrestrictedProperties'",
        },
    }
)


def properties(values: dict[str, Any]) -> bytes:
    """Without "method", as cameras answer."""
    return says({"apiVersion": "1.3", "data": {"propertyList": values}})


def readiness(version: str, **data: str) -> bytes:
    return says({"apiVersion": version, "method": "systemready", "data": data})


# basicdeviceinfo.cgi


def test_a_camera_is_recognized_before_it_is_signed_in_to(camera: Scripted) -> None:
    """vapix.md 2, basicdeviceinfo: unrestricted anonymous, getAllProperties for operators."""
    camera.will_say(properties(UNRESTRICTED), camera.challenge, properties(ALL))
    with camera.session() as session:
        found = basicdeviceinfo.read(session)
    assert (found.serial, found.product, found.full_name, found.variant) == (
        SERIAL,
        "P3265-V",
        "AXIS P3265-V Dome Camera",
        "22mm",
    )
    assert (found.hardware_id, found.soc, str(found.version)) == (
        "8F0.3",
        "Axis Artpec-8",
        "12.11.77",
    )
    assert [each.body and each.json["method"] for each in camera.heard] == [
        "getAllUnrestrictedProperties",
        b"",
        "getAllProperties",
    ]
    assert [each.proof is not None for each in camera.heard] == [False, False, True]


@pytest.mark.parametrize("first", [UNKNOWN_METHOD, NOT_FOUND, challenge(DIGEST)])
def test_a_camera_that_tells_nobody_is_recognized_by_its_realm(
    camera: Scripted, first: bytes
) -> None:
    """vapix.md 2, basicdeviceinfo: 2004 on 8.45; factory-default units answer 401."""
    camera.will_say(first, camera.challenge, camera.challenge, properties(ALL))
    with camera.session() as session:
        assert basicdeviceinfo.read(session).serial == SERIAL
    # To a request that says nothing old cameras answer without asking who asks.
    assert [each.json["method"] for each in camera.heard if each.body] == [
        "getAllUnrestrictedProperties",
        "getAllProperties",
        "getAllProperties",
    ]


@pytest.mark.parametrize("place", ["first", "realm", "last"])
def test_another_camera_is_found_out_wherever_it_gives_itself_away(
    camera: Scripted, transcript: Transcript, place: str
) -> None:
    """devices.md 2: a serial that differs from the one given is refused."""
    other = {"SerialNumber": "ACCC8E999999"}
    replies = {
        "first": [properties({**UNRESTRICTED, **other})],
        "realm": [UNKNOWN_METHOD, challenge('Digest realm="AXIS_ACCC8E999999", nonce="n"')],
        "last": [properties(UNRESTRICTED), camera.challenge, properties({**ALL, **other})],
    }
    camera.will_say(*replies[place])
    with camera.session() as session, transcript.refusal(errors.WrongSerial):
        basicdeviceinfo.read(session)
    signed = [each for each in camera.heard if each.proof]
    assert len(signed) == (1 if place == "last" else 0)


@pytest.mark.parametrize("version", ["8.45.4.5", "9.80.3.9", "11.11.192", "13.0.41"])
def test_versions_of_three_and_of_four_numbers_are_read(camera: Scripted, version: str) -> None:
    """vapix.md, release model: version major.minor.build(.patch)."""
    values = {**UNRESTRICTED, "Version": version}
    camera.will_say(properties(values))
    with camera.session(serial=None, credentials=None) as session:
        assert str(basicdeviceinfo.shown(session).version) == version


def test_a_camera_nobody_knows_yet_is_asked_who_it_is(camera: Scripted) -> None:
    """devices.md 2: discover; vapix.md, Discovery: IP scan: POST basicdeviceinfo."""
    camera.will_say(properties(UNRESTRICTED))
    with camera.session(serial=None, credentials=None) as session:
        found = basicdeviceinfo.shown(session)
    assert (found.serial, found.product, str(found.version)) == (SERIAL, "P3265-V", "12.11.77")


def test_a_camera_that_is_another_brand_s_is_none(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md, Discovery: 401 realm AXIS_<serial> = Axis device."""
    camera.will_say(NOT_FOUND, challenge('Basic realm="IP Camera"'))
    with (
        camera.session(serial=None, credentials=None) as session,
        transcript.refusal(errors.NotAxis),
    ):
        basicdeviceinfo.shown(session)


@pytest.mark.parametrize("values", [{}, {"SerialNumber": ""}, {"SerialNumber": 7}])
def test_who_does_not_say_its_serial_is_not_recognized(
    camera: Scripted, transcript: Transcript, values: dict[str, Any]
) -> None:
    """vapix.md 2, basicdeviceinfo: SerialNumber (12 hex)."""
    camera.will_say(properties(values))
    with camera.session() as session, transcript.refusal(errors.NotAxis):
        basicdeviceinfo.read(session)


def test_a_property_that_is_not_there_leaves_its_place_empty(camera: Scripted) -> None:
    """vapix.md 2, basicdeviceinfo: ProdVariant "22mm"|""; unrestricted lacks Soc."""
    bare = {name: ALL[name] for name in ("SerialNumber", "ProdNbr", "Version")}
    camera.will_say(properties(bare), camera.challenge, properties(bare))
    with camera.session() as session:
        found = basicdeviceinfo.read(session)
    assert (found.variant, found.soc, found.hardware_id) == ("", "", "")


def test_what_cannot_be_shown_is_left_out(camera: Scripted) -> None:
    """vapix.md 2, basicdeviceinfo: texts of a device go on to people and tables."""
    values = {**UNRESTRICTED, "ProdFullName": "AXIS\x00\u202e P3265-V\n" + "x" * 500}
    camera.will_say(properties(values))
    with camera.session(serial=None, credentials=None) as session:
        name = basicdeviceinfo.shown(session).full_name
    assert name.startswith("AXIS P3265-Vx")
    assert len(name) < 130


# systemready.cgi


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (NOT_FOUND, Readiness(is_ready=True)),
        (
            readiness("1.2", systemready="yes", needsetup="no"),
            Readiness(is_ready=True),
        ),
        (
            readiness("1.4", systemready="no", needsetup="no", uptime="12", bootid="b-1"),
            Readiness(is_ready=False, uptime=12, boot_id="b-1"),
        ),
        (
            readiness(
                "1.5",
                systemready="yes",
                needsetup="yes",
                uptime="117",
                bootid="b-2",
                previewmode="7200",
                passphrasepolicy="none",
            ),
            Readiness(
                is_ready=True,
                needs_setup=True,
                uptime=117,
                boot_id="b-2",
                preview_seconds=7200,
                passphrase_policy=PassphrasePolicy.NONE,
            ),
        ),
    ],
    ids=["before 9.50", "10.12", "11.11", "12.11"],
)
def test_each_release_tells_what_it_can_of_its_readiness(
    camera: Scripted, answer: bytes, expected: Readiness
) -> None:
    """vapix.md 2, systemready: 404 before 9.50; 10.12 without bootid; 12 with a policy."""
    camera.will_say(answer)
    with camera.session() as session:
        assert systemready.read(session) == expected
    assert camera.heard[0].proof is None


@pytest.mark.parametrize(
    ("word", "policy"),
    [
        ("length", PassphrasePolicy.LENGTH),
        ("complex", PassphrasePolicy.COMPLEX),
        ("yet to come", None),
    ],
)
def test_what_a_camera_asks_of_passwords_is_read(
    camera: Scripted, word: str, policy: PassphrasePolicy | None
) -> None:
    """vapix.md 2, systemready: passphrasepolicy none/length/complex."""
    camera.will_say(readiness("1.5", systemready="yes", passphrasepolicy=word))
    with camera.session() as session:
        assert systemready.read(session).passphrase_policy is policy


def test_numbers_that_are_none_are_not_told(camera: Scripted) -> None:
    """vapix.md 2, systemready: data strings: uptime "s"."""
    camera.will_say(readiness("1.5", systemready="yes", uptime="-1", previewmode="soon", bootid=""))
    with camera.session() as session:
        assert systemready.read(session) == Readiness(is_ready=True)


@pytest.mark.parametrize("code", [1000, 9000])
def test_readiness_that_is_refused_is_named_so(
    camera: Scripted, transcript: Transcript, code: int
) -> None:
    """vapix.md 2, systemready: errors 1000, 9000."""
    camera.will_say(says({"apiVersion": "1.4", "error": {"code": code, "message": "No"}}))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        systemready.read(session)
    assert isinstance(caught.value, errors.ApiRefused)
    assert caught.value.code == code


def test_a_camera_answers_a_long_poll_within_the_time_it_is_given(camera: Scripted) -> None:
    """vapix.md 2, systemready: params.timeout (s, long-poll), shorter than we wait."""
    camera.will_say(readiness("1.4", systemready="yes"))
    with camera.session() as session:
        systemready.read(session)
    assert camera.heard[0].json["params"] == {"timeout": 1}


def test_a_camera_that_is_not_ready_is_not_asked_for_more(camera: Scripted) -> None:
    """vapix.md 1, timing: systemready no -> yes; a glance needs the password only when ready."""
    camera.will_say(readiness("1.4", systemready="no", uptime="3", bootid="b"))
    with camera.session() as session:
        seen = look(session)
    assert (seen.is_ready, seen.version, seen.boot_id, seen.uptime) == (False, None, "b", 3)
    assert len(camera.heard) == 1


def test_a_lingering_camera_shows_its_old_boot(camera: Scripted) -> None:
    """vapix.md 1, timing: after an accepted reboot the device keeps answering yes for seconds."""
    status = says({"data": {"activeFirmwareVersion": "12.9.57", "isCommited": False}})
    ready = readiness("1.5", systemready="yes", uptime="86400", bootid="old")
    camera.will_say(ready, camera.challenge, status)
    with camera.session() as session:
        seen = look(session)
    assert (seen.is_ready, seen.boot_id, seen.is_on_trial) == (True, "old", True)


# apidiscovery.cgi


def test_an_api_may_be_listed_in_several_major_versions(camera: Scripted) -> None:
    """vapix.md 2, apidiscovery: 47-75 entries, same id may repeat with another major; status?."""
    entries = [
        {"id": "fwmgr", "version": "1.4", "name": "Firmware Management API", "docLink": "x"},
        {"id": "param-cgi", "version": "1.0", "name": "Legacy Parameter Handling"},
        {"id": "recording-group", "version": "1.1", "name": "Recording Group"},
        {"id": "recording-group", "version": "2.0-beta", "name": "Recording Group"},
        {"id": "oak", "version": "1.0", "name": "OAK", "status": "official"},
        {"version": "1.0"},
        "nonsense",
    ]
    camera.will_say(camera.challenge, says({"method": "getApiList", "data": {"apiList": entries}}))
    with camera.session() as session:
        apis = apidiscovery.read(session)
    assert [api.id for api in apis.listed] == [
        "fwmgr",
        "param-cgi",
        "recording-group",
        "recording-group",
        "oak",
    ]
    assert apis.has("recording-group")
    assert apis.has("recording-group", major=2)
    assert not apis.has("fwmgr", major=2)
    assert not apis.has("basic-device-info")
    assert apis.listed[4].status == "official"


def test_a_list_that_lags_behind_keeps_nobody_from_asking(camera: Scripted) -> None:
    """vapix.md 2, systemready: 12.9/12.11 -> 1.5, while apidiscovery still says 1.4."""
    listed = {"apiList": [{"id": "systemready", "version": "1.4", "name": "Systemready API"}]}
    newer = readiness("1.5", systemready="yes", passphrasepolicy="length")
    camera.will_say(camera.challenge, says({"data": listed}), newer)
    with camera.session() as session:
        assert apidiscovery.read(session).has("systemready")
        assert systemready.read(session).passphrase_policy is PassphrasePolicy.LENGTH
    assert camera.heard[2].json["apiVersion"] == "1.0"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [(NOT_FOUND, errors.Unsupported), (says({"data": []}), errors.AnswerUnreadable)],
)
def test_without_discovery_nothing_is_listed(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, apidiscovery."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        apidiscovery.read(session)


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
