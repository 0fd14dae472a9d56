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


def test_a_portal_in_between_answers_everything_with_a_page(camera: Probe) -> None:
    camera.faults(html_instead=True)
    for api in ("systemready", "firmwaremanagement", "nothing"):
        answered = camera.post(api, {"method": "status"})
        assert answered.status_code == 200
        assert answered.headers["Content-Type"].startswith("text/html")
    camera.faults(html_instead=None)
    assert camera.readiness() is not None


def test_every_answer_can_be_late(camera: Probe) -> None:
    camera.faults(answer_delay_seconds=0.3)
    url = f"{camera.http}/axis-cgi/systemready.cgi"
    with pytest.raises(requests.Timeout):
        camera.session.post(url, json={"method": "systemready"}, timeout=0.1)
    assert camera.readiness() is not None


def test_an_answer_is_lost_and_what_was_asked_for_is_done(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", autoCommit="never", autoRollback="30")
    camera.status()
    camera.faults(answers_lost=1)
    with pytest.raises(requests.ConnectionError):
        camera.session.post(
            f"{camera.http}/axis-cgi/param.cgi", data={"action": "list"}, timeout=TIMEOUT
        )
    assert camera.told()["faults"] == {}
    signed_in = camera.digest
    camera.post("firmwaremanagement", {"method": "status"}, auth=signed_in)
    camera.faults(answers_lost=1)
    with pytest.raises(requests.ConnectionError):
        camera.post("firmwaremanagement", {"method": "commit"}, auth=signed_in)
    assert camera.counters()["commits"] == 1
    assert camera.status()["isCommited"] is True


def test_a_throttled_camera_keeps_everybody_out(camera: Probe) -> None:
    camera.faults(throttled=True)
    assert camera.post("systemready", {"method": "systemready"}).status_code == 403
    every = {"method": "getAllProperties"}
    assert camera.post("basicdeviceinfo", every, auth=camera.digest).status_code == 403
    camera.faults(throttled=None)
    assert camera.readiness() is not None


def test_a_camera_restarts_again_and_again_until_it_is_mended(camera: Probe) -> None:
    camera.faults(reboot_loop=True)
    until(lambda: camera.counters()["reboots"] >= 3)
    camera.faults(reboot_loop=None)
    camera.boots_into("11.11.148")
    boot_id = camera.told()["boot_id"]
    assert (camera.readiness() or {})["bootid"] == boot_id


def test_a_new_firmware_may_bring_the_loop_with_it(camera: Probe) -> None:
    camera.upgrade("12.9.57", autoCommit="never", autoRollback="30")
    camera.faults(reboot_loop=True)
    until(lambda: camera.counters()["reboots"] >= 2)
    assert camera.told()["version"] == "12.9.57"
    camera.power_cycle()
    camera.faults(reboot_loop=None)
    camera.boots_into("11.11.148")


def test_the_reset_button_makes_a_camera_new(camera: Probe) -> None:
    camera.faults(slow_bytes_per_second=50_000)
    image = image_bytes(camera.model, "12.9.57", size=2_000_000)
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
        answered = camera.session.post(f"{camera.control}/reset-button", timeout=TIMEOUT)
        assert answered.status_code == 200
        uploading.join(TIMEOUT)
    assert broken
    until(lambda: (camera.readiness() or {}).get("needsetup") == "yes")
    assert camera.told()["version"] == "11.11.148"
    assert camera.told()["user"] is None
    assert camera.counters()["factory_defaults"] == 1


def test_what_was_asked_for_is_counted_by_api(camera: Probe) -> None:
    camera.status()
    camera.post("nothing", {})
    seen = camera.told()["requests_by_api"]
    # One request to be challenged, and one that is signed.
    assert seen == {"/axis-cgi/firmwaremanagement.cgi": 2}


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
    [
        {"tired": True},
        {"offline": 1},
        {"offline": "yes"},
        {"slow_bytes_per_second": 0},
        {"slow_bytes_per_second": 0.5},
        {"answer_delay_seconds": -1},
        {"answer_delay_seconds": True},
        {"stream_breaks_after": 0},
        [],
    ],
)
def test_a_fault_that_does_not_exist_is_refused(camera: Probe, faults: object) -> None:
    answered = camera.session.post(f"{camera.control}/faults", json=faults, timeout=TIMEOUT)
    assert answered.status_code == 400
    assert "error" in answered.json()
    assert camera.told()["faults"] == {}
