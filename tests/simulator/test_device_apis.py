"""Network, clock, owner key, certificates: what a camera tells of its surroundings (vapix.md, 2)."""

import json
import ssl
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from requests.auth import HTTPDigestAuth

from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe

APIS = [
    ("network_settings", "getNetworkInfo"),
    ("time", "getDateTimeInfo"),
    ("ntp", "getNTPInfo"),
    ("oak", "getOAK"),
]


def rest(camera: Probe, path: str, *, method: str = "GET") -> requests.Response:
    return camera.session.request(
        method, f"{camera.http}/config/{path}", auth=camera.digest, timeout=TIMEOUT
    )


def data(camera: Probe, path: str) -> Any:
    answered = rest(camera, path).json()
    assert answered["status"] == "success"
    return answered["data"]


def test_the_network_says_what_the_parameters_say(camera: Probe) -> None:
    change = {"root.Network.BootProto": "none", "root.Network.IPAddress": "192.168.0.17"}
    camera.post("param", auth=camera.digest, data={"action": "update", **change})
    told = camera.call("network_settings", "getNetworkInfo")["data"]
    assert told["system"]["hostname"]["hostname"] == f"axis-{camera.serial.lower()}"
    assert told["system"].keys() == {"hostname", "resolver", "globalProxies"}
    (device,) = told["devices"]
    assert device["macAddress"].replace(":", "").upper() == camera.serial
    assert device["wired"]["8021X"]["enabled"] is False
    assert device["IPv4"]["configurationMode"] == "static"
    assert device["IPv4"]["addresses"][0]["address"] == "192.168.0.17"
    assert device["IPv4"]["addresses"][0]["prefixLength"] == 24


def test_the_clock_is_told_by_both_apis_and_the_older_one_is_not_gone(
    make_camera: MakeCamera,
) -> None:
    camera = make_camera("P1467-LE", "13.0.41")
    told = camera.call("time", "getDateTimeInfo")["data"]
    assert told["dateTime"].endswith("Z")
    assert told["maxYearSupported"] == 2069
    newer = data(camera, "rest/time/v2")
    assert newer["time"]["dateTime"][:16] >= told["dateTime"][:16]
    assert data(camera, "rest/time/v2/timeZone")["activeTimeZone"] == told["posixTimeZone"]
    assert camera.call("ntp", "getNTPInfo")["data"]["client"]["synced"] is True


def test_the_owner_key_is_that_of_the_sheet_in_the_box(camera: Probe) -> None:
    assert camera.call("oak", "getOAK")["data"] == {"oak": camera.told()["owner_key"]}
    camera.faults(no_internet=True)
    assert camera.call("oak", "getOAK")["error"]["code"] == 1100


@pytest.mark.parametrize(("api", "method"), APIS)
def test_the_newer_apis_refuse_with_the_same_codes(camera: Probe, api: str, method: str) -> None:
    def code(content: object, **more: Any) -> int:
        answered = camera.post(api, content, auth=camera.digest, **more)
        assert answered.status_code == 200
        found: int = answered.json()["error"]["code"]
        return found

    assert code({"apiVersion": "2.0", "method": method}) == 4001
    assert code({"apiVersion": "1.0", "method": "dance"}) == 4000
    assert code([]) == 2000
    assert code(None, data=json.dumps({"method": method})) == 2000
    versions = camera.post(api, {"method": "getSupportedVersions"}, auth=camera.digest).json()
    assert versions["data"] == {"apiVersions": [versions["apiVersion"]]}


@pytest.mark.parametrize(("api", "method"), APIS)
def test_none_of_them_answers_a_stranger(camera: Probe, api: str, method: str) -> None:
    assert camera.post(api, {"method": method}).status_code == 401


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_the_certificates_are_those_of_the_factory_and_the_one_over_tls(
    make_camera: MakeCamera,
) -> None:
    camera = make_camera("P3265-V", "12.11.77")
    listed = {
        entry["alias"]: x509.load_pem_x509_certificate(entry["certificate"].encode())
        for entry in data(camera, "rest/cert/v1/certificates")
    }
    for kind, bits in (("ECC-P256", 256), ("RSA-2048", 2048), ("RSA-4096", 4096)):
        certificate = listed.pop(f"Axis device ID {kind} (802.1AR)")
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        assert key.key_size == bits
        assert camera.serial.lower() in certificate.subject.rfc4514_string()
    host, _, port = camera.https.removeprefix("https://").partition(":")
    for other in (False, True):
        camera.faults(other_certificate=other)
        shown = ssl.get_server_certificate((host, int(port)))
        (own,) = (
            entry["certificate"]
            for entry in data(camera, "rest/cert/v1/certificates")
            if entry["alias"] in listed
        )
        assert x509.load_pem_x509_certificate(own.encode()) == x509.load_pem_x509_certificate(
            shown.encode()
        )


def test_one_certificate_is_found_by_its_alias(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.11.77")
    alias = "Axis device ID ECC-P256 (802.1AR)"
    found = data(camera, f"rest/cert/v1/certificates/{alias}")
    assert (found["alias"], found["keystore"]) == (alias, "SE0")
    refused = rest(camera, "rest/cert/v1/certificates/none")
    assert refused.status_code == 404
    assert refused.json()["status"] == "error"


@pytest.mark.parametrize(
    ("version", "apis"),
    [
        ("11.5.64", None),
        ("11.8.60", set()),
        ("11.11.192", {"cert"}),
        ("12.9.57", {"cert", "time"}),
    ],
)
def test_the_rest_apis_came_one_after_the_other(
    make_camera: MakeCamera, version: str, apis: set[str] | None
) -> None:
    camera = make_camera("P3265-V", version)
    answered = rest(camera, "discover")
    if apis is None:
        assert answered.status_code == 404
        assert answered.headers["Content-Type"].startswith("text/html")
        return
    assert answered.json()["apis"].keys() == apis
    for name in ("cert/v1", "time/v2"):
        is_served = name.partition("/")[0] in apis
        assert rest(camera, f"rest/{name}").status_code == (200 if is_served else 404)


def test_the_rest_apis_are_read_only_here_and_not_for_strangers(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    assert rest(camera, "rest/cert/v1", method="POST").status_code == 405
    stranger = camera.session.get(f"{camera.http}/config/rest/cert/v1", timeout=TIMEOUT)
    assert stranger.status_code == 401
    wrong = HTTPDigestAuth(camera.user, "wrong")
    assert (
        camera.session.get(
            f"{camera.http}/config/discover", auth=wrong, timeout=TIMEOUT
        ).status_code
        == 401
    )


def test_answers_carry_the_headers_of_a_camera(make_camera: MakeCamera) -> None:
    for version, is_hardened in (("11.11.148", False), ("12.11.77", True)):
        answered = make_camera("P3265-V", version).post("firmwaremanagement", {"method": "status"})
        assert answered.headers["Server"].startswith("Apache/")
        assert ("X-Content-Type-Options" in answered.headers) is is_hardened
