"""Upgrading a camera: what it takes, what it refuses, how it goes down and comes back."""

import json
import threading

import pytest
import requests

from simulator.image import CUSTOM_SIGNED, UNSIGNED, image_bytes
from tests.simulator.conftest import MakeCamera
from tests.simulator.probe import TIMEOUT, Probe, until

ON_TRIAL = {"autoCommit": "never", "autoRollback": "30"}


def test_an_accepted_image_is_answered_with_its_version_and_counted(camera: Probe) -> None:
    image = image_bytes(camera.model, "12.9.57", size=500_000)
    answered = camera.upload(image).json()
    assert answered == {
        "apiVersion": "1.5",
        "context": "up",
        "method": "upgrade",
        "data": {"firmwareVersion": "12.9.57"},
    }
    camera.boots_into("12.9.57")
    counters = camera.counters()
    assert counters["uploads_started"] == 1
    assert counters["uploads_completed"] == 1
    assert counters["upgrades_accepted"] == 1
    assert counters["bytes"] == len(image)
    assert counters["reboots"] == 1


def test_the_camera_lingers_refuses_and_comes_back_with_another_boot_id(
    make_camera: MakeCamera,
) -> None:
    camera = make_camera(boot_seconds=1.0, linger_seconds=0.5)
    before = camera.readiness()
    assert before is not None
    camera.upgrade("12.9.57")
    assert camera.readiness() == {**before, "uptime": (camera.readiness() or {})["uptime"]}
    until(lambda: camera.readiness() is None)
    until(lambda: (camera.readiness() or {}).get("systemready") == "no")
    until(lambda: (camera.readiness() or {}).get("systemready") == "yes")
    after = camera.readiness() or {}
    assert after["bootid"] != before["bootid"]
    assert int(after["uptime"]) < 60 < int(before["uptime"])


def test_10_12_has_no_boot_id_but_goes_down(make_camera: MakeCamera) -> None:
    camera = make_camera("M3106-L", "10.12.213", boot_seconds=1.0)
    camera.upgrade("10.12.240")
    until(lambda: camera.readiness() is None)
    until(camera.readiness)
    assert (camera.readiness() or {}).keys() == {"systemready", "needsetup"}
    camera.boots_into("10.12.240")


def test_readiness_can_be_waited_for(make_camera: MakeCamera) -> None:
    camera = make_camera(boot_seconds=1.5)
    camera.firmware("reboot")
    until(lambda: (camera.readiness() or {}).get("systemready") == "no")
    asked = {"apiVersion": "1.1", "method": "systemready", "params": {"timeout": 9}}
    assert camera.post("systemready", asked).json()["data"]["systemready"] == "yes"


def test_an_idle_camera_says_little_of_its_firmware(camera: Probe) -> None:
    assert camera.status().keys() == {"activeFirmwareVersion", "activeFirmwarePart"}


def test_a_trial_says_how_long_it_lasts_until_it_is_committed(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", **ON_TRIAL)
    status = camera.status()
    assert status["inactiveFirmwareVersion"] == "11.11.148"
    assert status["isCommited"] is False
    assert 0 < status["timeToRollback"] <= 1800
    assert "pendingCommit" not in status
    assert "T" in status["lastUpgradeAt"]
    for _ in range(2):
        assert camera.firmware("commit")["data"] == {"firmwareVersion": "12.9.57"}
    status = camera.status()
    assert status["isCommited"] is True
    assert "timeToRollback" not in status
    assert camera.counters()["commits"] == 1


def test_a_trial_that_nobody_commits_is_rolled_back(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", autoCommit="never", autoRollback="1")
    camera.boots_into("11.11.148")
    assert camera.status().keys() == {"activeFirmwareVersion", "activeFirmwarePart"}
    assert camera.counters()["rollbacks"] == 1


def test_without_options_an_upgrade_commits_itself_once_started(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57")
    assert camera.status()["isCommited"] is True


def test_stopping_the_automatisms_leaves_the_trial_open(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", **ON_TRIAL)
    assert camera.firmware("stopAuto")["data"] == {}
    status = camera.status()
    assert status["isCommited"] is False
    assert "timeToRollback" not in status


def test_a_rollback_on_request_is_one_step_only(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57")
    assert camera.firmware("rollback")["data"] == {}
    camera.boots_into("11.11.148")
    assert camera.error("rollback") == 404


def test_a_rollback_brings_the_settings_back(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", **ON_TRIAL)
    add = {"action": "add", "user": "joe", "pwd": "x", "grp": "users", "sgrp": "viewer"}
    camera.post("pwdgrp", auth=camera.digest, data=add)
    camera.firmware("rollback")
    camera.boots_into("11.11.148")
    told = camera.post("pwdgrp", auth=camera.digest, data={"action": "get"}).text
    assert "joe" not in told


def test_a_reboot_does_not_end_a_trial_and_a_power_cycle_does(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", **ON_TRIAL)
    camera.firmware("reboot")
    until(lambda: camera.counters()["reboots"] == 2)
    camera.boots_into("12.9.57")
    status = camera.status()
    assert status["isCommited"] is False
    assert "timeToRollback" in status
    camera.power_cycle()
    camera.boots_into("11.11.148")
    assert camera.counters()["power_cycles"] == 1


def test_a_power_cycle_of_committed_firmware_is_only_a_reboot(camera: Probe) -> None:
    before = camera.told()["boot_id"]
    camera.power_cycle()
    camera.boots_into("11.11.148")
    assert camera.told()["boot_id"] != before


def test_412_an_upgrade_waits_for_the_commit(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57", **ON_TRIAL)
    assert camera.upgrade("12.11.77")["error"]["code"] == 412
    assert camera.error("purge") == 412
    assert camera.status()["inactiveFirmwareVersion"] == "11.11.148"


def test_the_old_firmware_is_gone_as_soon_as_an_upgrade_starts(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57")
    assert camera.upload(b"garbage").json()["error"]["code"] == 421
    assert "inactiveFirmwareVersion" not in camera.status()
    assert camera.error("rollback") == 404


def test_a_purge_removes_the_old_firmware(camera: Probe) -> None:
    camera.upgrade_and_boot("12.9.57")
    assert camera.firmware("purge")["data"] == {}
    assert camera.error("rollback") == 404


@pytest.mark.parametrize(
    ("code", "image"),
    [
        (421, b""),
        (421, b"garbage" * 10_000),
        (421, image_bytes("P3265-V", "12.9.57")),
        (421, image_bytes("P3245-LV", "13.0.41")),
        (415, image_bytes("P3245-LV", "12.9.57", size=300_000)[:200_000]),
        (422, image_bytes("P3245-LV", "12.9.57", signing_domain=UNSIGNED)),
        (424, image_bytes("P3245-LV", "12.9.57", signing_domain=CUSTOM_SIGNED)),
        (410, image_bytes("P3245-LV", "11.11.116")),
        (409, image_bytes("P3245-LV", "11.11.90")),
    ],
)
def test_an_image_is_refused_by_code_and_nothing_changes(
    camera: Probe, code: int, image: bytes
) -> None:
    answered = camera.upload(image)
    assert answered.status_code == 200
    assert answered.json()["error"]["code"] == code
    assert camera.told()["state"] == "ready"
    assert camera.status()["activeFirmwareVersion"] == "11.11.148"
    assert camera.counters()["upgrades_accepted"] == 0


def test_the_texts_are_those_of_real_cameras(camera: Probe) -> None:
    assert camera.upload(b"garbage").json()["error"]["message"] == (
        "Firmware image does not match this device."
    )
    assert camera.upgrade("11.11.90")["error"]["message"] == (
        "Downgrade is only allowed if factoryDefault=hard is set."
    )


def test_an_older_version_needs_a_hard_factory_default(camera: Probe) -> None:
    assert camera.upgrade("11.11.90", factoryDefaultMode="soft")["error"]["code"] == 409
    options = {"factoryDefaultMode": "hard", "autoCommit": "started", "autoRollback": "never"}
    camera.upgrade_and_boot("11.11.90", **options)
    assert (camera.readiness() or {})["needsetup"] == "yes"


def test_the_same_version_is_installed_again(camera: Probe) -> None:
    before = camera.told()["boot_id"]
    camera.upgrade_and_boot("11.11.148")
    until(lambda: camera.told()["boot_id"] != before)


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_a_factory_default_removes_the_accounts_and_the_old_firmware(
    camera: Probe, mode: str
) -> None:
    camera.upgrade_and_boot("12.9.57")
    assert camera.firmware("factoryDefault", factoryDefaultMode=mode)["data"] == {}
    until(lambda: (camera.readiness() or {}).get("needsetup") == "yes")
    assert camera.told()["firmware"]["inactive"] is None
    assert (camera.readiness() or {})["previewmode"] == "7200"


def test_423_one_firmware_request_at_a_time(camera: Probe) -> None:
    camera.faults(slow_bytes_per_second=200_000)
    image = image_bytes(camera.model, "12.9.57", size=200_000)
    first: list[requests.Response] = []
    with Probe(camera.control.rpartition("/cameras/")[0], camera.told()) as other:
        upload = threading.Thread(target=lambda: first.append(other.upload(image)))
        upload.start()
        until(lambda: camera.told()["uploading"])
        for method in ("commit", "rollback", "purge", "reboot", "factoryDefault", "stopAuto"):
            assert camera.error(method) == 423
        assert camera.upload(image[:10_000]).json()["error"]["code"] == 423
        assert camera.status()["activeFirmwareVersion"] == "11.11.148"
        upload.join(TIMEOUT)
    assert first[0].json()["data"] == {"firmwareVersion": "12.9.57"}
    assert camera.counters()["uploads_started"] == 2
    assert camera.counters()["upgrades_accepted"] == 1


def test_a_camera_about_to_restart_is_busy(make_camera: MakeCamera) -> None:
    camera = make_camera(linger_seconds=5.0)
    camera.upgrade("12.9.57")
    assert camera.upgrade("12.9.57")["error"]["code"] == 423
    assert camera.status()["activeFirmwareVersion"] == "11.11.148"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"apiVersion": "2.0", "method": "status"}, 417),
        ({"apiVersion": "x", "method": "status"}, 417),
        ({"method": "dance"}, 405),
        ({"method": "upgrade"}, 400),
        ({"params": {}}, 400),
        ([], 400),
        ({"method": "factoryDefault", "params": {"factoryDefaultMode": "none"}}, 400),
        ({"method": "factoryDefault", "params": {"mode": "soft"}}, 400),
    ],
)
def test_a_request_that_is_not_understood_is_refused_with_200(
    camera: Probe, content: object, code: int
) -> None:
    answered = camera.post("firmwaremanagement", content, auth=camera.digest)
    assert answered.status_code == 200
    assert answered.json()["error"]["code"] == code


def test_the_camera_answers_with_its_own_version_and_the_given_context(camera: Probe) -> None:
    asked = {"apiVersion": "1.0", "context": "mine", "method": "getSupportedVersions"}
    answered = camera.post("firmwaremanagement", asked, auth=camera.digest).json()
    assert answered == {
        "apiVersion": "1.5",
        "context": "mine",
        "method": "getSupportedVersions",
        "data": {"apiVersions": ["1.5"]},
    }


REQUEST = json.dumps({"apiVersion": "1.0", "method": "upgrade"})


@pytest.mark.parametrize(
    "parts",
    [
        [("json", ("request.json", REQUEST, "application/json")), ("file", ("f", b"x"))],
        [("json", (None, REQUEST, "text/plain")), ("file", ("f", b"x"))],
        [("json", (None, REQUEST, "application/json"))],
        [("json", (None, "{", "application/json")), ("file", ("f", b"x"))],
        [("file", ("f", b"x", "application/octet-stream"))],
    ],
)
def test_a_form_that_is_not_in_order_is_refused(camera: Probe, parts: object) -> None:
    answered = camera.post("firmwaremanagement", auth=camera.digest, files=parts)
    assert answered.json()["error"]["code"] == 400
    assert camera.counters()["uploads_started"] == 0


def test_the_names_of_the_parts_do_not_matter(camera: Probe) -> None:
    answered = camera.post(
        "firmwaremanagement",
        auth=camera.digest,
        files=[
            ("data", (None, REQUEST, "application/json")),
            ("firmwareImage", ("any.bin", image_bytes(camera.model, "12.9.57"))),
        ],
    )
    assert answered.json()["data"] == {"firmwareVersion": "12.9.57"}


def test_a_body_of_unknown_length_is_not_taken(camera: Probe) -> None:
    camera.status()
    answered = requests.post(
        f"{camera.http}/axis-cgi/firmwaremanagement.cgi",
        data=iter([b"--x\r\n", b"--x--\r\n"]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        auth=camera.digest,
        timeout=TIMEOUT,
    )
    assert answered.status_code in (401, 411)


def test_multipart_rubbish_is_refused(camera: Probe) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"rubbish", b"--x\r\n", b"--x\r\nnonsense\r\n\r\n", b"--x--\r\n"):
        answered = camera.post("firmwaremanagement", auth=camera.digest, data=body, headers=headers)
        assert answered.status_code == 200, answered.text
        assert answered.json()["error"]["code"] == 400
    assert camera.told()["state"] == "ready"


def test_two_hops_lead_where_one_does_not(camera: Probe) -> None:
    assert camera.upgrade("13.0.41")["error"]["code"] == 421
    camera.upgrade_and_boot("12.11.77")
    camera.upgrade_and_boot("13.0.41")
    assert camera.counters()["uploads_started"] == 3
