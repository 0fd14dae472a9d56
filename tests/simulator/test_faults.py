"""What can be wrong with a camera, and that it goes away again."""

import threading
import time

import pytest
import requests

from simulator.image import image_bytes
from tests.simulator.probe import TIMEOUT, Probe, until


def test_an_offline_camera_refuses_connections_until_it_is_back(camera: Probe) -> None:
    camera.faults(offline=True)
    assert camera.told()["state"] == "offline"
    assert camera.readiness() is None
    camera.faults(offline=None)
    assert camera.readiness() is not None


def test_a_lost_answer_still_upgrades(camera: Probe) -> None:
    camera.faults(answer_lost=1)
    with pytest.raises(requests.ConnectionError):
        camera.upgrade("12.9.57")
    camera.boots_into("12.9.57")
    assert camera.told()["faults"] == {}
    assert camera.counters()["upgrades_accepted"] == 1


def test_a_connection_that_breaks_leaves_the_camera_ready_for_the_next(camera: Probe) -> None:
    camera.faults(drop_after_bytes=100_000)
    with pytest.raises(requests.ConnectionError):
        camera.upload(image_bytes(camera.model, "12.9.57", size=3_000_000))
    until(lambda: not camera.told()["uploading"])
    counters = camera.counters()
    assert (counters["uploads_started"], counters["uploads_completed"]) == (1, 0)
    camera.faults(drop_after_bytes=None)
    camera.upgrade_and_boot("12.9.57")


@pytest.mark.parametrize("code", [409, 410, 412, 415, 421, 422, 423, 424, 500])
def test_any_error_can_be_ordered_for_some_times(camera: Probe, code: int) -> None:
    camera.faults(upgrade_error=code, upgrade_error_times=1)
    assert camera.upgrade("12.9.57")["error"]["code"] == code
    camera.upgrade_and_boot("12.9.57")


def test_a_firmware_that_does_not_boot_comes_back_as_the_old_one(camera: Probe) -> None:
    camera.faults(boot_fails=1)
    camera.upgrade("12.9.57")
    until(lambda: camera.counters()["reboots"] == 1)
    camera.boots_into("11.11.148")
    assert camera.counters()["rollbacks"] == 1


def test_a_stuck_camera_listens_and_never_gets_ready(camera: Probe) -> None:
    camera.faults(stuck=True)
    camera.upgrade("12.9.57")
    until(lambda: (camera.readiness() or {}).get("systemready") == "no")
    camera.faults(stuck=None)
    camera.power_cycle()
    camera.boots_into("11.11.148")


def test_a_camera_that_stays_away_returns_by_a_power_cycle(camera: Probe) -> None:
    camera.faults(never_back=True)
    camera.firmware("reboot")
    until(lambda: camera.told()["state"] == "down")
    camera.faults(never_back=None)
    camera.power_cycle()
    camera.boots_into("11.11.148")


def test_a_silent_camera_takes_the_request_and_says_nothing(camera: Probe) -> None:
    camera.faults(silent=True)
    with pytest.raises(requests.Timeout):
        camera.session.post(f"{camera.http}/axis-cgi/systemready.cgi", json={}, timeout=0.2)
    camera.faults(silent=None)
    assert camera.readiness() is not None


def test_every_request_can_be_answered_with_one_status(camera: Probe) -> None:
    camera.faults(http_status=503)
    assert camera.post("systemready", {}).status_code == 503
    camera.faults(http_status=None)
    assert camera.readiness() is not None


def test_a_changed_password_is_refused(camera: Probe) -> None:
    camera.faults(refuse_sign_in=True)
    asked = {"method": "status"}
    assert camera.post("firmwaremanagement", asked, auth=camera.digest).status_code == 401
    assert camera.counters()["sign_in_failures"] == 1


def test_a_slow_camera_takes_its_time(camera: Probe) -> None:
    camera.faults(slow_bytes_per_second=400_000)
    began = time.monotonic()
    camera.upload(image_bytes(camera.model, "12.9.57", size=200_000))
    assert time.monotonic() - began > 0.4


def test_a_power_cut_in_the_middle_of_an_upload_changes_nothing(camera: Probe) -> None:
    camera.faults(slow_bytes_per_second=100_000)
    image = image_bytes(camera.model, "12.9.57", size=3_000_000)
    broken: list[requests.ConnectionError] = []

    def upload(other: Probe) -> None:
        try:
            other.upload(image)
        except requests.ConnectionError as error:
            broken.append(error)

    with Probe(camera.control.rpartition("/cameras/")[0], camera.told()) as other:
        uploading = threading.Thread(target=upload, args=(other,))
        uploading.start()
        until(lambda: camera.counters()["bytes"] > 0)
        camera.power_cycle()
        uploading.join(TIMEOUT)
    assert broken
    camera.boots_into("11.11.148")
    assert not camera.told()["uploading"]
    assert camera.counters()["upgrades_accepted"] == 0
    camera.faults(slow_bytes_per_second=None)
    camera.upgrade_and_boot("12.9.57")


@pytest.mark.parametrize(
    "faults",
    [{"tired": True}, {"offline": 1}, {"offline": "yes"}, {"slow_bytes_per_second": 0}, []],
)
def test_a_fault_that_does_not_exist_is_refused(camera: Probe, faults: object) -> None:
    answered = camera.session.post(f"{camera.control}/faults", json=faults, timeout=TIMEOUT)
    assert answered.status_code == 400
    assert "error" in answered.json()
    assert camera.told()["faults"] == {}
