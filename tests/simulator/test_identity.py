"""What a camera says of itself."""

import pytest
import requests

from simulator import profiles
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe

ANONYMOUS = {"apiVersion": "1.2", "context": "c1", "method": "getAllUnrestrictedProperties"}


@pytest.mark.parametrize("model", sorted(profiles.BY_PROD_NBR))
def test_everybody_may_know_who_the_camera_is(make_camera: MakeCamera, model: str) -> None:
    camera = make_camera(model, "12.9.57")
    answered = camera.post("basicdeviceinfo", ANONYMOUS).json()
    assert answered.keys() == {"apiVersion", "context", "data"}
    known = answered["data"]["propertyList"]
    assert (known["ProdNbr"], known["SerialNumber"]) == (model, camera.serial)
    assert known["Brand"] == "AXIS"
    assert known["Version"] == "12.9.57"
    assert not known.keys() & {"Architecture", "Soc", "SocSerialNumber"}


def test_all_properties_are_for_those_who_signed_in(camera: Probe) -> None:
    assert camera.post("basicdeviceinfo", {"method": "getAllProperties"}).status_code == 401
    known = camera.call("basicdeviceinfo", "getAllProperties")["data"]["propertyList"]
    assert known["Soc"] == "Axis Artpec-7"
    asked = camera.call("basicdeviceinfo", "getProperties", propertyList=["Soc", "Version"])
    assert asked["data"]["propertyList"] == {"Soc": known["Soc"], "Version": known["Version"]}


def test_an_unknown_property_is_refused(camera: Probe) -> None:
    refused = camera.call("basicdeviceinfo", "getProperties", propertyList=["Taste"])["error"]
    assert refused == {"code": 1000, "message": "Property not supported: Taste"}


def test_the_address_of_the_maker_is_secure_from_12_on(make_camera: MakeCamera) -> None:
    for version, address in (("11.11.192", "http://"), ("12.9.57", "https://")):
        told = make_camera("P3265-V", version).post("basicdeviceinfo", ANONYMOUS).json()
        assert told["data"]["propertyList"]["WebURL"].startswith(address)


def test_an_old_camera_does_not_know_the_anonymous_method(make_camera: MakeCamera) -> None:
    camera = make_camera("P3375-LV", "8.45.4.5")
    refused = camera.post("basicdeviceinfo", {**ANONYMOUS, "apiVersion": "1.0"}).json()["error"]
    assert refused["code"] == 2004
    assert "Unknown method 'getAllUnrestrictedProperties'" in refused["message"]


@pytest.mark.parametrize(
    ("version", "served", "members"),
    [
        ("9.80.3.9", "1.1", {"systemready", "needsetup"}),
        ("10.12.240", "1.2", {"systemready", "needsetup"}),
        ("11.11.192", "1.4", {"systemready", "needsetup", "uptime", "bootid"}),
        ("12.9.57", "1.5", {"systemready", "needsetup", "uptime", "bootid", "passphrasepolicy"}),
    ],
)
def test_readiness_says_more_with_every_release(
    make_camera: MakeCamera, version: str, served: str, members: set[str]
) -> None:
    camera = make_camera("P3265-V", version)
    asked = {"apiVersion": "1.0", "context": "c2", "method": "systemready"}
    answered = camera.post("systemready", asked).json()
    assert (answered["apiVersion"], answered["context"]) == (served, "c2")
    assert answered["data"].keys() == members
    assert (answered["data"]["systemready"], answered["data"]["needsetup"]) == ("yes", "no")


def test_before_9_50_there_is_no_readiness(make_camera: MakeCamera) -> None:
    assert make_camera("P3375-LV", "8.45.4.5").post("systemready", {}).status_code == 404


@pytest.mark.parametrize(
    ("version", "listed", "served"),
    [("10.12.240", "1.4", "1.4"), ("11.11.192", "1.4", "1.5"), ("12.11.77", "1.10", "1.10")],
)
def test_discovery_may_lag_behind_what_is_served(
    make_camera: MakeCamera, version: str, listed: str, served: str
) -> None:
    camera = make_camera("P3265-V", version)
    entries = camera.call("apidiscovery", "getApiList")["data"]["apiList"]
    assert {entry["id"]: entry["version"] for entry in entries}["fwmgr"] == listed
    assert camera.firmware("status")["apiVersion"] == served


@pytest.mark.parametrize(
    ("version", "served", "listed"),
    [("11.11.148", "1.33", "1.33"), ("12.9.57", "1.38", "1.37")],
)
def test_the_network_api_is_newer_than_the_list_says(
    make_camera: MakeCamera, version: str, served: str, listed: str
) -> None:
    camera = make_camera("P3265-V", version)
    entries = camera.call("apidiscovery", "getApiList")["data"]["apiList"]
    assert {entry["id"]: entry["version"] for entry in entries}["network-settings"] == listed
    assert camera.call("network_settings", "getNetworkInfo")["apiVersion"] == served


def test_the_list_is_long_and_names_some_apis_twice(make_camera: MakeCamera) -> None:
    lengths = []
    for version in ("10.12.240", "11.11.148", "12.11.77", "13.0.41"):
        entries = make_camera("P3265-V", version).call("apidiscovery", "getApiList")
        ids = [entry["id"] for entry in entries["data"]["apiList"]]
        lengths.append(len(ids))
        assert (ids.count("audio-device-control") == 2) is (version != "10.12.240")
    assert 47 <= min(lengths) < max(lengths) <= 75
    status = {entry["id"]: entry["status"] for entry in entries["data"]["apiList"]}
    assert (status["time-service"], status["ntp"]) == ("deprecated", "official")


def test_an_api_that_is_listed_and_not_simulated_is_not_found(camera: Probe) -> None:
    assert camera.post("streamprofile", {}, auth=camera.digest).status_code == 404


def test_before_its_setup_a_camera_may_keep_even_its_serial_number(
    make_camera: MakeCamera,
) -> None:
    camera = make_camera("P3265-V", "12.9.57", needs_setup=True)
    assert camera.post("basicdeviceinfo", ANONYMOUS).status_code == 200
    camera.faults(locked_until_setup=True)
    assert camera.post("basicdeviceinfo", ANONYMOUS).status_code == 401


def test_the_supported_versions_of_discovery_come_without_its_own(camera: Probe) -> None:
    asked = {"method": "getSupportedVersions"}
    assert camera.post("apidiscovery", asked).json() == {**asked, "data": {"apiVersions": ["1.1"]}}


def test_an_unknown_address_is_not_found(camera: Probe) -> None:
    assert camera.post("nothing", {}).status_code == 404
    assert requests.get(camera.http, timeout=TIMEOUT).status_code == 404


@pytest.mark.parametrize("api", ["basicdeviceinfo", "systemready", "apidiscovery"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"method": 1}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_request_is_answered_with_an_error(
    camera: Probe, api: str, body: bytes
) -> None:
    answered = camera.post(api, data=body)
    assert answered.status_code == 200
    assert "error" in answered.json()
