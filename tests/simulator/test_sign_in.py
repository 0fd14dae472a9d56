"""Who is let in, and what the camera offers to those who are not."""

import hashlib
import http.client
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import requests
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import Probe, until

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


STATUS = {"apiVersion": "1.0", "method": "status"}


def test_digest_lets_the_administrator_in(camera: Probe) -> None:
    answered = camera.post("firmwaremanagement", STATUS, auth=camera.digest)
    assert answered.status_code == 200
    assert answered.history[0].status_code == 401


def test_the_challenge_over_http_names_the_serial_number(camera: Probe) -> None:
    answered = camera.post("firmwaremanagement", STATUS)
    assert answered.status_code == 401
    challenge = answered.headers["WWW-Authenticate"]
    assert challenge.startswith(f'Digest realm="AXIS_{camera.serial}", nonce="')
    assert challenge.endswith('", algorithm=MD5, qop="auth"')


def test_os_12_offers_nothing_but_basic_over_tls(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    answered = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=camera.digest)
    assert answered.status_code == 401
    assert answered.headers["WWW-Authenticate"] == f'Basic realm="AXIS_{camera.serial}"'
    answered = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=camera.basic)
    assert answered.status_code == 200


@pytest.mark.parametrize("version", ["10.12.240", "11.11.148"])
def test_older_cameras_offer_digest_over_tls(make_camera: MakeCamera, version: str) -> None:
    camera = make_camera("M3106-L", version)
    answered = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=camera.basic)
    assert answered.headers["WWW-Authenticate"].startswith("Digest ")
    answered = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=camera.digest)
    assert answered.status_code == 200


def test_basic_is_not_accepted_in_the_clear(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    assert camera.post("firmwaremanagement", STATUS, auth=camera.basic).status_code == 401


def test_the_policy_decides_what_is_offered(camera: Probe) -> None:
    update = {"action": "update", "root.Network.HTTP.AuthenticationPolicy": "Basic_Digest"}
    assert camera.post("param", auth=camera.digest, data=update).text == "OK"
    answered = camera.post("firmwaremanagement", STATUS)
    assert "Digest " in answered.headers["WWW-Authenticate"]
    assert "Basic " in answered.headers["WWW-Authenticate"]
    assert camera.post("firmwaremanagement", STATUS, auth=camera.basic).status_code == 200


def test_a_wrong_password_is_counted_and_a_missing_one_is_not(camera: Probe) -> None:
    camera.post("firmwaremanagement", STATUS)
    assert camera.counters()["sign_in_failures"] == 0
    wrong = HTTPDigestAuth(camera.user, "wrong")
    assert camera.post("firmwaremanagement", STATUS, auth=wrong).status_code == 401
    assert camera.counters()["sign_in_failures"] == 1


def test_a_strange_nonce_with_the_right_password_is_stale(camera: Probe) -> None:
    realm, target, nonce = f"AXIS_{camera.serial}", "/axis-cgi/firmwaremanagement.cgi", "b2xk"
    first = md5(f"{camera.user}:{realm}:{camera.password}")
    response = md5(f"{first}:{nonce}:{md5(f'POST:{target}')}")
    header = (
        f'Digest username="{camera.user}", realm="{realm}", nonce="{nonce}", '
        f'uri="{target}", response="{response}"'
    )
    answered = camera.post("firmwaremanagement", STATUS, headers={"Authorization": header})
    assert answered.status_code == 401
    assert "stale=true" in answered.headers["WWW-Authenticate"]
    assert camera.counters()["sign_in_failures"] == 0


@pytest.mark.parametrize(
    "header",
    [
        "Digest",
        "Digest username=root",
        "Digest ,,,=",
        "Basic !!!",
        "Basic",
        "Bearer x",
        "Digest nc",
    ],
)
def test_a_broken_authorization_is_only_refused(camera: Probe, header: str) -> None:
    answered = camera.post("firmwaremanagement", STATUS, headers={"Authorization": header})
    assert answered.status_code == 401


def test_too_many_wrong_passwords_block_the_address(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    wrong = HTTPBasicAuth(camera.user, "wrong")

    def blocked() -> bool:
        tried = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=wrong)
        return tried.status_code == 403

    until(blocked)
    right = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=camera.basic)
    assert right.status_code == 403


def test_the_throttle_can_be_switched_off(make_camera: MakeCamera) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    switch = "root.System.PreventDoSAttack.ActivatePasswordThrottling"
    camera.post("param", auth=camera.digest, data={"action": "update", switch: "off"})
    wrong = HTTPBasicAuth(camera.user, "wrong")
    for _ in range(40):
        tried = camera.post("firmwaremanagement", STATUS, base=camera.https, auth=wrong)
        assert tried.status_code == 401


def test_the_certificate_belongs_to_the_camera(make_camera: MakeCamera) -> None:
    seen = set()
    for camera in (make_camera(), make_camera()):
        host, _, port = camera.https.removeprefix("https://").partition(":")
        seen.add(ssl.get_server_certificate((host, int(port))))
        first = ssl.get_server_certificate((host, int(port)))
        assert first in seen
        camera.faults(other_certificate=True)
        assert ssl.get_server_certificate((host, int(port))) != first
    assert len(seen) == 2


def test_a_body_sent_without_being_asked_for_is_taken_before_the_challenge(camera: Probe) -> None:
    answered = camera.post("firmwaremanagement", data=b"x" * 3_000_000)
    assert answered.status_code == 401
    assert camera.counters()["bytes_discarded"] == 3_000_000


def test_a_client_that_waits_is_challenged_before_its_body(camera: Probe) -> None:
    host, _, port = camera.http.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /axis-cgi/firmwaremanagement.cgi HTTP/1.1\r\nHost: camera\r\n"
            b"Content-Type: application/json\r\nContent-Length: 3000000\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 401
        assert response.headers["Connection"] == "close"
    assert camera.counters()["bytes_discarded"] == 0


def test_the_account_may_do_what_its_role_says(camera: Probe) -> None:
    add = {"action": "add", "user": "watch", "pwd": "look", "grp": "users", "sgrp": "viewer"}
    camera.post("pwdgrp", auth=camera.digest, data=add)
    viewer = HTTPDigestAuth("watch", "look")
    assert camera.post("param", auth=viewer, data={"action": "list"}).status_code == 200
    assert camera.post("firmwaremanagement", STATUS, auth=viewer).status_code == 401
    every = {"method": "getAllProperties"}
    assert camera.post("basicdeviceinfo", every, auth=viewer).status_code == 401


def test_another_camera_at_the_address_shows_itself_in_the_realm(camera: Probe) -> None:
    camera.faults(other_serial="ACCC8E000001")
    answered = camera.post("firmwaremanagement", STATUS)
    assert 'realm="AXIS_ACCC8E000001"' in answered.headers["WWW-Authenticate"]
    assert camera.call("basicdeviceinfo", "getAllProperties")["data"]["propertyList"][
        "SerialNumber"
    ] == ("ACCC8E000001")


@pytest.mark.parametrize("version", ["11.11.148", "12.9.57"])
@pytest.mark.parametrize("secure", [False, True])
def test_curl_finds_out_by_itself(
    make_camera: MakeCamera, tmp_path: Path, version: str, secure: bool
) -> None:
    camera = make_camera("P3265-V", version)
    curl = shutil.which("curl")
    url = f"{camera.https if secure else camera.http}/axis-cgi/firmwaremanagement.cgi"
    image = tmp_path / "image.bin"
    image.write_bytes(bytes(3_000_000))
    if curl is None:
        # The same errand by the libraries that are always there.
        scheme = camera.basic if secure and version.startswith("12") else camera.digest
        assert requests.post(url, json=STATUS, auth=scheme, verify=False, timeout=10).ok
        return
    done = subprocess.run(
        [
            *(curl, "--silent", "--insecure", "--anyauth", "--noproxy", "*"),
            *("--user", f"{camera.user}:{camera.password}"),
            *("--form", 'json={"apiVersion":"1.0","method":"upgrade"};type=application/json'),
            *("--form", f"file=@{image}", url),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert '"code": 421' in done.stdout
    assert camera.counters()["bytes"] == 3_000_000
