"""The commands before the firmware API (vapix.md, 1, legacy)."""

import pytest
import requests

from simulator.image import image_bytes
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe, until


def commanded(camera: Probe, name: str) -> requests.Response:
    url = f"{camera.http}/axis-cgi/{name}.cgi"
    return camera.session.get(url, auth=camera.digest, timeout=TIMEOUT)


def upgrade(camera: Probe, version: str, **query: str) -> requests.Response:
    files = {"any": ("fw.bin", image_bytes(camera.model, version), "application/octet-stream")}
    return camera.post("firmwareupgrade", auth=camera.digest, files=files, params=query)


def test_a_restart_is_answered_in_html_and_happens(camera: Probe) -> None:
    answered = commanded(camera, "restart")
    assert answered.status_code == 200
    assert answered.headers["Content-Type"].startswith("text/html")
    until(lambda: camera.counters()["reboots"] == 1)
    camera.boots_into("11.11.148")


@pytest.mark.parametrize(
    ("name", "address"), [("factorydefault", "192.168.0.17"), ("hardfactorydefault", None)]
)
def test_only_a_hard_default_forgets_the_address(
    camera: Probe, name: str, address: str | None
) -> None:
    change = {"root.Network.IPAddress": "192.168.0.17", "root.Network.HostName": "attic"}
    camera.post("param", auth=camera.digest, data={"action": "update", **change})
    assert commanded(camera, name).status_code == 200
    until(lambda: (camera.readiness() or {}).get("needsetup") == "yes")
    first = {"action": "add", "grp": "users", "sgrp": "viewer:operator:admin:ptz"}
    camera.post("pwdgrp", data={**first, "user": "root", "pwd": camera.password})
    told = camera.call("network_settings", "getNetworkInfo")["data"]
    addresses = told["devices"][0]["IPv4"]["addresses"]
    assert addresses[0]["address"] == (address or "192.168.0.90")
    assert told["system"]["hostname"]["hostname"] != "attic"


def test_an_image_is_taken_and_commits_itself(camera: Probe) -> None:
    assert "will now be upgraded" in upgrade(camera, "12.9.57").text
    camera.boots_into("12.9.57")
    until(lambda: camera.told()["firmware"]["committed"])
    assert camera.counters()["uploads_completed"] == 1


def test_a_refusal_is_a_page_with_status_200(camera: Probe) -> None:
    answered = upgrade(camera, "11.11.90")
    assert answered.status_code == 200
    assert "Error: Downgrade is only allowed" in answered.text
    assert "Error" in camera.post("firmwareupgrade", auth=camera.digest, data=b"x").text


def test_with_a_factory_default_even_an_older_one_is_taken(camera: Probe) -> None:
    upgrade(camera, "11.11.90", type="factorydefault")
    camera.boots_into("11.11.90")
    assert (camera.readiness() or {})["needsetup"] == "yes"


def test_an_old_camera_hangs_up_instead_of_an_answer(make_camera: MakeCamera) -> None:
    camera = make_camera("P3375-LV", "9.80.3.9")
    with pytest.raises(requests.ConnectionError):
        upgrade(camera, "10.12.240")
    camera.boots_into("10.12.240")


@pytest.mark.parametrize(
    "name", ["restart", "factorydefault", "hardfactorydefault", "firmwareupgrade"]
)
def test_os_13_knows_none_of_them(make_camera: MakeCamera, name: str) -> None:
    assert commanded(make_camera("P1467-LE", "13.0.41"), name).status_code == 404


def test_none_of_them_is_for_strangers(camera: Probe) -> None:
    for name in ("restart", "hardfactorydefault", "firmwareupgrade"):
        answered = camera.session.get(f"{camera.http}/axis-cgi/{name}.cgi", timeout=TIMEOUT)
        assert answered.status_code == 401
    assert camera.told()["state"] == "ready"
