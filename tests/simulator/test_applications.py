"""Applications: listed, commanded, uploaded, and what firmware does to them (vapix.md, 2)."""

from xml.etree import ElementTree

import pytest

from simulator.applications import package
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import Probe, until


def installed(camera: Probe) -> dict[str, dict[str, str]]:
    answered = camera.post("applications/list", auth=camera.digest)
    assert answered.headers["Content-Type"].startswith("text/xml")
    reply = ElementTree.fromstring(answered.text)
    assert reply.get("result") == "ok"
    return {entry.attrib["Name"]: dict(entry.attrib) for entry in reply}


def command(camera: Probe, action: str, name: str) -> str:
    answered = camera.post(
        "applications/control", auth=camera.digest, params={"action": action, "package": name}
    )
    assert answered.status_code == 200
    return answered.text.strip()


def upload(camera: Probe, content: bytes, field: str = "packfil") -> str:
    files = {field: ("some.eap", content, "application/octet-stream")}
    answered = camera.post("applications/upload", auth=camera.digest, files=files)
    assert answered.status_code == 200
    return answered.text.strip()


def switched(camera: Probe, name: str, value: str) -> str:
    wanted = {"action": "set", "name": name, "value": value}
    return camera.post("applications/config", auth=camera.digest, data=wanted).text


def test_what_came_with_the_camera_is_listed(camera: Probe) -> None:
    vmd = installed(camera)["vmd"]
    assert vmd["Status"] == "Running"
    expected = {"Name", "NiceName", "Vendor", "Version", "ApplicationID", "License"}
    assert expected | {"Status", "ConfigurationPage"} <= vmd.keys()


def test_a_command_that_makes_no_difference_is_refused_by_number(camera: Probe) -> None:
    assert command(camera, "start", "vmd") == "Error: 6"
    assert command(camera, "stop", "vmd") == "OK"
    assert command(camera, "stop", "vmd") == "Error: 7"
    assert command(camera, "restart", "vmd") == "OK"
    assert installed(camera)["vmd"]["Status"] == "Running"
    assert command(camera, "start", "nothing") == "Error: 4"
    assert command(camera, "remove", "vmd") == "OK"
    assert "vmd" not in installed(camera)


@pytest.mark.parametrize("field", ["packfil", "file"])
def test_a_package_is_installed_whatever_its_part_is_called(camera: Probe, field: str) -> None:
    assert upload(camera, package("counter", "1.2.3"), field) == "OK"
    counter = installed(camera)["counter"]
    assert (counter["Version"], counter["Status"]) == ("1.2.3", "Stopped")
    assert command(camera, "start", "counter") == "OK"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"garbage", 1),
        (package("counter", "1.2.3", architecture="mips"), 5),
        (package("counter", "1.2.3", signed=False), 2),
    ],
)
def test_a_package_is_refused_by_number(make_camera: MakeCamera, content: bytes, code: int) -> None:
    camera = make_camera("P3265-V", "12.9.57")
    assert upload(camera, content) == f"Error: {code}"
    assert "counter" not in installed(camera)


@pytest.mark.parametrize(
    ("version", "at_first", "has_switch"),
    [("10.12.240", "OK", False), ("11.11.148", "OK", True), ("12.9.57", "Error: 2", True),
     ("13.0.41", "Error: 2", False)],
)  # fmt: skip
def test_unsigned_packages_are_taken_less_and_less(
    make_camera: MakeCamera, version: str, at_first: str, has_switch: bool
) -> None:
    camera = make_camera("P3265-V", version)
    unsigned = package("counter", "1.2.3", signed=False)
    assert upload(camera, unsigned) == at_first
    flipped = "false" if at_first == "OK" else "true"
    answered = switched(camera, "AllowUnsigned", flipped)
    if not has_switch:
        assert 'result="error"' in answered
        assert upload(camera, unsigned) == at_first
        return
    assert f'name="AllowUnsigned" value="{flipped}"' in answered
    assert upload(camera, unsigned) == ("Error: 2" if at_first == "OK" else "OK")


def test_a_rollback_leaves_applications_alone(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", autoCommit="never", autoRollback="30")
    upload(camera, package("counter", "1.2.3"))
    camera.firmware("rollback")
    camera.boots_into("11.11.148")
    assert "counter" in installed(camera)


def test_a_factory_default_restores_what_came_with_the_camera(camera: Probe) -> None:
    upload(camera, package("counter", "1.2.3"))
    command(camera, "remove", "vmd")
    camera.firmware("factoryDefault")
    until(lambda: (camera.readiness() or {}).get("needsetup") == "yes")
    first = {"action": "add", "grp": "users", "sgrp": "viewer:operator:admin:ptz"}
    camera.post("pwdgrp", data={**first, "user": "root", "pwd": camera.password})
    assert set(installed(camera)) == {"vmd", "objectanalytics"}


@pytest.mark.parametrize(("signed", "comes_up_with"), [(True, "13.0.41"), (False, "12.11.77")])
def test_os_13_goes_back_where_an_unsigned_application_is(
    make_camera: MakeCamera, signed: bool, comes_up_with: str
) -> None:
    camera = make_camera("P3265-V", "12.11.77")
    switched(camera, "AllowUnsigned", "true")
    assert upload(camera, package("counter", "1.2.3", signed=signed)) == "OK"
    camera.upgrade("13.0.41")
    until(lambda: camera.counters()["reboots"] == 1)
    camera.boots_into(comes_up_with)
    assert camera.counters()["rollbacks"] == (comes_up_with == "12.11.77")


def test_applications_are_for_administrators(camera: Probe) -> None:
    for api in ("applications/list", "applications/control", "applications/upload"):
        assert camera.post(api, data={}).status_code == 401
