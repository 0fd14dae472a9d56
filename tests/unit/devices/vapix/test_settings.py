"""Parameters, network, clock, certificates, applications and the owner's key of a camera."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.devices.vapix import (
    applications,
    certificates,
    errors,
    networksettings,
    oak,
    param,
    timeservice,
)
from services.devices.vapix.errors import CameraTrouble
from services.devices.vapix.networksettings import Interface
from services.devices.vapix.session import Session
from tests.unit.devices.vapix.scripted import (
    NOT_FOUND,
    OTHER_SECRET,
    SECRET,
    Scripted,
    Transcript,
    page,
    reply,
    says,
)


def plain(text: str) -> bytes:
    return reply(text, "text/plain")


# param.cgi


@pytest.mark.parametrize("root", ["root.", ""])
def test_parameters_have_one_name_in_whichever_form_they_come(camera: Scripted, root: str) -> None:
    """vapix.md 2, param.cgi: keys echo the form asked (`root.Network.SSH.Enabled`)."""
    camera.will_say(camera.challenge, plain(f"{root}Network.SSH.Enabled=no\r\n"))
    with camera.session() as session:
        found = param.read(session, [f"{root}Network.SSH"])
    assert (found.values, found.missing) == ({"Network.SSH.Enabled": "no"}, ())


def test_a_group_that_is_missing_does_not_hide_the_others(camera: Scripted) -> None:
    """vapix.md 2, param.cgi: missing group = HTTP 200 line "# Error: ...", mixed with good lines."""
    answer = (
        "root.HTTPS.Enabled=yes\r\n"
        "# Error: Error -1 getting param in group 'Network.Filter'\r\n"
        # On 12.11 the group after an error came without its root.
        "System.WebInterfaceDisabled=no\r\n"
        "root.Brand.ProdFullName=AXIS P3265-V = Dome\r\n\r\n"
    )
    camera.will_say(camera.challenge, plain(answer))
    groups = ["HTTPS.Enabled", "root.Network.Filter", "System.WebInterfaceDisabled", "Brand.*"]
    with camera.session() as session:
        found = param.read(session, groups)
    assert found.values == {
        "HTTPS.Enabled": "yes",
        "System.WebInterfaceDisabled": "no",
        "Brand.ProdFullName": "AXIS P3265-V = Dome",
    }
    assert found.missing == ("Network.Filter",)


def test_nothing_but_missing_groups_is_an_answer_too(camera: Scripted) -> None:
    """vapix.md 2, param.cgi: missing group = HTTP 200."""
    camera.will_say(camera.challenge, plain("# Error: Error -1 getting param in group 'Audio'\n"))
    with camera.session() as session:
        found = param.read(session, ["Audio"])
    assert (found.values, found.missing) == ({}, ("Audio",))


def test_passwords_come_masked(camera: Scripted) -> None:
    """vapix.md 2, param.cgi: passwords masked "******"."""
    camera.will_say(camera.challenge, plain("root.Network.DynDNS.Password=******\n"))
    with camera.session() as session:
        assert param.read(session, ["Network"]).values == {"Network.DynDNS.Password": param.MASKED}


def test_many_parameters_are_more_than_a_usual_answer(camera: Scripted) -> None:
    """vapix.md 2, param.cgi: a whole group may be long."""
    lines = "".join(f"root.Image.I{number}.Text={'x' * 90}\n" for number in range(5000))
    camera.will_say(camera.challenge, plain(lines))
    with camera.session() as session:
        assert len(param.read(session, ["Image"]).values) == 5000


@pytest.mark.parametrize("answer", [page("Error"), plain("Something went wrong")])
def test_an_error_page_is_no_parameters(
    camera: Scripted, transcript: Transcript, answer: bytes
) -> None:
    """vapix.md 2: HTML errors with HTTP 200."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        param.read(session, ["Brand"])


def test_an_update_says_ok_and_travels_in_the_body(camera: Scripted) -> None:
    """vapix.md 2, param.cgi: action=update&root.X=v -> "OK"."""
    camera.will_say(camera.challenge, plain("OK"))
    with camera.session() as session:
        param.update(session, {"Network.HostName": "gate & door", "root.A.B": OTHER_SECRET})
    heard = camera.heard[1]
    assert heard.target == "/axis-cgi/param.cgi"
    assert heard.form == {
        "action": "update",
        "root.Network.HostName": "gate & door",
        "root.A.B": OTHER_SECRET,
    }


def test_an_update_that_is_refused_repeats_no_value(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2, param.cgi: errors come with HTTP 200, and with the value in them."""
    words = f"# Error: Error setting 'root.Network.DynDNS.Password' to '{OTHER_SECRET}'!\n"
    camera.will_say(camera.challenge, plain(words))
    with camera.session() as session, transcript.refusal(errors.ParametersRefused) as caught:
        param.update(session, {"Network.DynDNS.Password": OTHER_SECRET})
    assert OTHER_SECRET not in caught.value.words


def test_an_update_that_is_answered_with_a_page_is_none(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2: HTML errors with HTTP 200."""
    camera.will_say(camera.challenge, page("Busy"))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        param.update(session, {"A": "B"})


# network_settings.cgi

NETWORK = {
    "system": {
        "hostname": {"useDhcpHostname": True, "hostname": "axis-accc8e012345"},
        "resolver": {"nameServers": ["10.0.0.2", "10.0.0.3"]},
        "globalProxies": {"httpProxy": "", "httpsProxy": "http://proxy:3128", "noProxy": ""},
    },
    "devices": [
        {
            "name": "eth0",
            "macAddress": "ac:cc:8e:01:23:45",
            "link": True,
            "state": "up",
            "wired": {"8021X": {"enabled": True, "status": "Authorized"}},
            "IPv4": {
                "configurationMode": "dhcp",
                "addresses": [{"address": "10.0.0.48", "prefixLength": 24}],
                "defaultRouter": "10.0.0.138",
            },
            "IPv6": {"enabled": True, "addresses": [{"address": "fe80::1", "prefixLength": 64}]},
        },
        "nonsense",
    ],
}


def test_how_a_camera_is_connected_is_read(camera: Scripted) -> None:
    """vapix.md 2, network_settings.cgi getNetworkInfo; the device answers with ITS version."""
    camera.will_say(
        camera.challenge, says({"apiVersion": "1.38", "method": "getNetworkInfo", "data": NETWORK})
    )
    with camera.session() as session:
        found = networksettings.read(session)
    assert (found.hostname, found.name_servers) == ("axis-accc8e012345", ("10.0.0.2", "10.0.0.3"))
    assert found.has_proxy
    assert found.interfaces == (
        Interface(
            name="eth0",
            mac_address="ac:cc:8e:01:23:45",
            has_link=True,
            is_up=True,
            ipv4_mode="dhcp",
            addresses=("10.0.0.48/24", "fe80::1/64"),
            router="10.0.0.138",
            has_8021x=True,
        ),
    )
    assert camera.heard[1].json == {"apiVersion": "1.0", "method": "getNetworkInfo"}


def test_an_older_camera_tells_less_of_its_network(camera: Scripted) -> None:
    """vapix.md 2, apidiscovery: network-settings 1.15 on 10.12 against 1.37 on 12.9."""
    data = {"system": {}, "devices": [{"name": "eth0", "IPv4": {"addresses": [{"address": "x"}]}}]}
    camera.will_say(camera.challenge, says({"apiVersion": "1.15", "data": data}))
    with camera.session() as session:
        found = networksettings.read(session)
    assert (found.hostname, found.has_proxy) == ("", False)
    assert (found.interfaces[0].addresses, found.interfaces[0].is_up) == (("x",), False)


def test_a_version_that_is_not_served_has_a_code(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md 2, network_settings: error 4001 "The specified version is not supported"."""
    error = {"code": 4001, "message": "The specified version is not supported"}
    camera.will_say(camera.challenge, says({"apiVersion": "1.38", "error": error}))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        networksettings.read(session)
    assert isinstance(caught.value, errors.ApiRefused)
    assert caught.value.code == 4001


# time.cgi and /config/rest/time/v2

CLOCK = {
    "dateTime": "2026-10-07T16:24:01Z",
    "localDateTime": "2026-10-07T18:24:01+02:00",
    "maxYearSupported": 2069,
    "posixTimeZone": "CET-1CEST,M3.5.0,M10.5.0/3",
    "dstEnabled": True,
}


def test_the_clock_is_read_the_old_way(camera: Scripted) -> None:
    """vapix.md 2, time.cgi: getDateTimeInfo."""
    answer = {"apiVersion": "1.1", "data": {**CLOCK, "timeZone": "Europe/Stockholm"}}
    camera.will_say(camera.challenge, says(answer))
    with camera.session() as session:
        found = timeservice.read(session)
    assert found.at == datetime(2026, 10, 7, 16, 24, 1, tzinfo=UTC)
    assert (found.zone, found.posix_zone) == ("Europe/Stockholm", "CET-1CEST,M3.5.0,M10.5.0/3")


def test_a_clock_that_was_given_a_rule_has_no_zone(camera: Scripted) -> None:
    """vapix.md 2, time.cgi: posixTimeZone, dstEnabled (12.11), and no timeZone."""
    camera.will_say(camera.challenge, says({"apiVersion": "1.1", "data": CLOCK}))
    with camera.session() as session:
        assert timeservice.read(session).zone == ""


def test_where_the_old_way_is_gone_the_clock_is_read_the_new_way(camera: Scripted) -> None:
    """vapix.md 2, time.cgi: deprecated in OS 13 for REST /config/rest/time/v2."""
    kept = {
        "time": {"dateTime": "2026-10-07T16:24:23Z", "localDateTime": "2026-10-07T18:24:23+02:00"},
        "timeZone": {
            "activeTimeZone": "CET-1CEST,M3.5.0,M10.5.0/3",
            "iana": {"posixTimeZone": None, "timeZone": "Europe/Vienna"},
        },
    }
    camera.will_say(camera.challenge, NOT_FOUND, says({"status": "success", "data": kept}))
    with camera.session() as session:
        found = timeservice.read(session)
    assert (found.zone, found.posix_zone) == ("Europe/Vienna", "CET-1CEST,M3.5.0,M10.5.0/3")
    assert found.at == datetime(2026, 10, 7, 16, 24, 23, tzinfo=UTC)
    assert (camera.heard[2].method, camera.heard[2].target) == ("GET", "/config/rest/time/v2")


def test_a_camera_that_does_not_know_the_time_is_not_understood(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2, time.cgi: dateTime."""
    camera.will_say(camera.challenge, says({"data": {"dateTime": "yesterday"}}))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        timeservice.read(session)


# /config/rest/cert/v1

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_certificates_are_listed_with_where_their_keys_are(camera: Scripted) -> None:
    """vapix.md 2, certificates: REST cert/v1; factory "Axis device ID ... (802.1AR)"; SE0."""
    kept = [
        {
            "alias": "Axis device ID ECC-P256 (802.1AR)",
            "certificate": PEM,
            "keystore": "SE0",
        },
        {"alias": "ours", "certificate": "not a certificate", "keystore": "TEE0"},
        {"certificate": PEM},
        "nonsense",
    ]
    camera.will_say(camera.challenge, says({"status": "success", "data": kept}))
    with camera.session() as session:
        factory, ours = certificates.listed(session)
    assert (factory.is_factory_made, factory.pem, factory.keystore) == (True, PEM, "SE0")
    assert (ours.is_factory_made, ours.pem, ours.alias) == (False, "", "ours")
    assert camera.heard[1].target == "/config/rest/cert/v1/certificates"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (
            reply(
                '{"status":"error","error":{"code":1,"message":"Resource not found"}}',
                status="404 Not Found",
            ),
            errors.Unsupported,
        ),
        (
            reply('{"status":"error","error":{"code":5,"message":"No"}}', status="400 Bad Request"),
            errors.ApiRefused,
        ),
        (says({"status": "error", "error": {"code": 5, "message": "No"}}), errors.ApiRefused),
        (says({"status": "success", "data": {}}), errors.AnswerUnreadable),
        (says({"status": "?", "data": []}), errors.AnswerUnreadable),
        (page("Error"), errors.AnswerUnreadable),
        (page("Error", "400 Bad Request"), errors.RequestRefused),
        (page("Error", "500 Internal Server Error"), errors.ServerFailed),
        (reply("{", status="500 Internal Server Error"), errors.AnswerUnreadable),
    ],
    ids=range(9),
)
def test_certificates_that_are_not_told_have_a_cause(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, certificates: /config/discover lists REST APIs (11.8+); before, 404."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        certificates.listed(session)


# applications/list.cgi

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<reply result="ok">
 <application Name="vmd" NiceName="AXIS Video Motion Detection" Vendor="Axis Communications"
  Version="4.5-8" ApplicationID="143440" License="None" Status="Running"
  ConfigurationPage="local/vmd/config.html" SignatureStatus="Signed"><Resources/>
  <CompatibleOsVersions><VersionRange><Min>12</Min></VersionRange></CompatibleOsVersions>
 </application>
 <application Name="lpv" NiceName="Plates &amp; more" Vendor="Somebody" Version="1.0"
  License="Missing" Status="Stopped"/>
</reply>"""


def xml(text: str) -> bytes:
    return reply(text, "text/xml")


def test_applications_are_listed_with_what_they_say_of_themselves(camera: Scripted) -> None:
    """vapix.md 2, applications/: list.cgi XML <reply result="ok"><application .../></reply>."""
    camera.will_say(camera.challenge, xml(LIST))
    with camera.session() as session:
        first, second = applications.listed(session)
    assert (first.name, first.version, first.application_id) == ("vmd", "4.5-8", "143440")
    assert (first.is_running, first.configuration_page) == (True, "local/vmd/config.html")
    assert (second.nice_name, second.is_running, second.application_id) == (
        "Plates & more",
        False,
        "",
    )


def test_a_camera_without_applications_has_none(camera: Scripted) -> None:
    """vapix.md 2, applications/: list.cgi."""
    camera.will_say(camera.challenge, xml('<reply result="ok"/>'))
    with camera.session() as session:
        assert applications.listed(session) == ()


BOMB = (
    '<!DOCTYPE reply [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + ']><reply result="ok"><application Name="&a9;"/></reply>'
)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (xml('<reply result="error"/>'), errors.RequestRefused),
        (page("Error"), errors.AnswerUnreadable),
        (xml("<html><body>Well-formed, and no list</body></html>"), errors.AnswerUnreadable),
        (xml('<reply result="ok"><application Name="cut'), errors.AnswerUnreadable),
        (xml(BOMB), errors.AnswerUnreadable),
        (
            xml('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><reply>&e;</reply>'),
            errors.AnswerUnreadable,
        ),
        (xml("<reply>" + "<a>" * 500 + "</a>" * 500 + "</reply>"), errors.AnswerUnreadable),
        (xml("<reply>" + "<a/>" * 5000 + "</reply>"), errors.AnswerUnreadable),
        (xml(""), errors.AnswerUnreadable),
        (NOT_FOUND, errors.Unsupported),
    ],
    ids=range(10),
)
def test_a_list_of_applications_that_is_none_has_a_cause(
    camera: Scripted, transcript: Transcript, answer: bytes, trouble: type[CameraTrouble]
) -> None:
    """vapix.md 2, applications/: what answers may be anything, also XML made to do harm."""
    camera.will_say(camera.challenge, answer)
    with camera.session() as session, transcript.refusal(trouble):
        applications.listed(session)


# oak.cgi


def test_the_owner_s_key_is_told_to_who_asks_and_to_nobody_else(
    camera: Scripted, transcript: Transcript
) -> None:
    """vapix.md 2, oak.cgi getOAK: data.oak; a secret like a password (DEV-8)."""
    camera.will_say(camera.challenge, says({"apiVersion": "1.0", "data": {"oak": OTHER_SECRET}}))
    with camera.session() as session:
        key = oak.read(session)
    assert key.secret == OTHER_SECRET
    transcript.add(repr(key), str(key))


def test_a_camera_without_internet_has_no_key(camera: Scripted, transcript: Transcript) -> None:
    """vapix.md 2, oak.cgi: error 1100 when the device has no direct internet (no proxy)."""
    camera.will_say(camera.challenge, says({"error": {"code": 1100, "message": "Failed"}}))
    with camera.session() as session, transcript.refusal(errors.ApiRefused) as caught:
        oak.read(session)
    assert isinstance(caught.value, errors.ApiRefused)
    assert caught.value.code == oak.NO_INTERNET


@pytest.mark.parametrize("data", [{}, {"oak": ""}, {"oak": 5}])
def test_a_key_that_is_none_is_not_given_on(
    camera: Scripted, transcript: Transcript, data: dict[str, Any]
) -> None:
    """vapix.md 2, oak.cgi: data.oak."""
    camera.will_say(camera.challenge, says({"data": data}))
    with camera.session() as session, transcript.refusal(errors.AnswerUnreadable):
        oak.read(session)


# All of them

READS: list[Callable[[Session], object]] = [
    lambda session: param.read(session, ["Brand"]),
    networksettings.read,
    timeservice.read,
    certificates.listed,
    applications.listed,
    oak.read,
]


@pytest.mark.parametrize("read", READS, ids=range(len(READS)))
def test_each_api_tells_a_refused_password_from_everything_else(
    camera: Scripted, transcript: Transcript, read: Callable[[Session], object]
) -> None:
    """vapix.md, Auth: 401, not 403, to an account that may not."""
    camera.will_say(camera.challenge, camera.challenge)
    with camera.session() as session, transcript.refusal(errors.CredentialsRefused):
        read(session)
    assert SECRET.encode() not in b"".join(each.body for each in camera.heard)


@pytest.mark.parametrize("read", READS, ids=range(len(READS)))
def test_each_api_is_told_busy_by_the_protection_against_too_many_requests(
    camera: Scripted, transcript: Transcript, read: Callable[[Session], object]
) -> None:
    """vapix.md 2, param.cgi: System.PreventDoSAttack: 20 pages/1 s, block 10 s."""
    camera.will_say(camera.challenge, page("Forbidden", "403 Forbidden"))
    with camera.session() as session, transcript.refusal(errors.Busy):
        read(session)


def test_nothing_said_in_this_file_holds_a_secret(transcript: Transcript) -> None:
    """devices.md 2: credentials are never in a log, an event or an exception."""
    transcript.require_no_secret()
