"""Campaigns and the worker, with simulated cameras (specification, devices chapter 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import Role
from tests.service.devices.cameras import Camera
from tests.service.devices.conftest import MakeSite
from tests.service.devices.site import Site


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("M3106-L", "10.12.240", "11.11.148"),
        ("P3245-LV", "11.11.148", "11.11.192"),
        ("M1137 Mk II", "12.9.57", "12.11.77"),
        ("P1467-LE", "12.11.77", "13.0.41"),
    ],
)
def test_a_camera_is_brought_to_the_recommended_version(
    site: Site, scheme: str, model: str, old: str, new: str
) -> None:
    camera = site.cameras.camera(model, old)
    site.release(model, new)
    device = site.add(camera, scheme=scheme)
    assert device["recommended_version"] == new

    campaign = site.campaign(model=model)
    upgrade = site.finish(campaign)

    assert (upgrade["state"], upgrade["attempt"]) == ("succeeded", 1), upgrade
    assert (camera.version, camera.uploads, camera.is_on_trial) == (new, 1, False)
    assert site.ask("get_device", device_id=device["id"])["version"] == new
    assert site.ask("get_campaign", campaign_id=campaign["id"])["status"] == "completed"
    assert site.suite.waiting("devices")[-1][0] == "device_upgraded"


MODEL, OLD, NEW = "P3265-V", "11.11.192", "12.9.57"


@pytest.fixture
def camera(site: Site) -> Camera:
    made = site.cameras.camera(MODEL, OLD)
    site.release(MODEL, NEW)
    site.add(made)
    return made


def test_an_offline_camera_is_waited_for_and_then_upgraded(site: Site, camera: Camera) -> None:
    camera.faults(offline=True)
    campaign = site.campaign(model=MODEL)
    site.turn()
    waiting = site.upgrade(campaign)
    assert (waiting["state"], waiting["reason"]) == ("waiting", "unreachable")
    assert site.ask("list_devices")["items"][0]["reachability"] == "offline"
    camera.faults(offline=None)
    assert site.finish(campaign)["state"] == "succeeded"
    assert site.ask("list_devices")["items"][0]["reachability"] == "online"


def test_a_lost_answer_is_decided_by_the_version_and_nothing_is_sent_twice(
    site: Site, camera: Camera
) -> None:
    camera.faults(answer_lost=1)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["attempt"]) == ("succeeded", 1)
    assert (camera.uploads, camera.version, camera.is_on_trial) == (1, NEW, False)


def test_a_broken_upload_is_repeated_as_often_as_its_attempts_say(site: Site) -> None:
    camera = site.cameras.camera(MODEL, OLD)
    # More than the sockets in between can hold, so that some of it was never sent.
    site.release(MODEL, NEW, size=24_000_000)
    site.add(camera)
    camera.faults(drop_after_bytes=200_000)
    campaign = site.campaign(model=MODEL)
    site.turn()
    waiting = site.upgrade(campaign)
    assert (waiting["state"], waiting["attempt"]) == ("waiting", 1)
    camera.faults(drop_after_bytes=None)
    upgrade = site.finish(campaign)
    assert (upgrade["state"], upgrade["attempt"], camera.uploads) == ("succeeded", 2, 2)


def test_a_firmware_that_does_not_boot_is_reported_as_rolled_back(
    site: Site, camera: Camera
) -> None:
    camera.faults(boot_fails=1)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["reason"]) == (
        "rolled_back",
        "came_back_with_the_old_version",
    )
    assert (camera.version, camera.uploads) == (OLD, 1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (409, "older_version"),
        (410, "version_revoked"),
        (412, "uncommitted"),
        (415, "image_invalid"),
        (421, "image_of_another_device"),
        (422, "signature_missing"),
        (424, "signer_unknown"),
    ],
)
def test_a_refused_image_waits_for_a_person(
    site: Site, camera: Camera, code: int, reason: str
) -> None:
    camera.faults(upgrade_error=code)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["reason"], camera.uploads) == ("failed", reason, 1)
    assert str(code) in upgrade["log"][-1]["text"], "the device has its own words"


@pytest.mark.parametrize("code", [423, 500])
def test_a_busy_or_failing_camera_is_tried_again(site: Site, camera: Camera, code: int) -> None:
    camera.faults(upgrade_error=code, upgrade_error_times=2)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["attempt"], camera.uploads) == ("succeeded", 3, 3)


def test_changed_credentials_end_the_upgrade_without_a_second_guess(
    site: Site, camera: Camera
) -> None:
    before = camera.told["counters"]["sign_in_failures"]
    camera.faults(refuse_sign_in=True)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["reason"]) == ("failed", "credentials_refused")
    assert camera.told["counters"]["sign_in_failures"] == before + 1
    assert site.ask("list_devices")["items"][0]["reachability"] == "credentials_refused"


def test_another_camera_at_the_address_gets_no_password_and_no_image(
    site: Site, camera: Camera
) -> None:
    camera.faults(other_serial="ACCC8E000001")
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["reason"]) == ("failed", "wrong_serial")
    assert (camera.uploads, camera.told["counters"]["sign_in_failures"]) == (0, 0)


def test_a_changed_certificate_ends_the_upgrade(site: Site) -> None:
    camera = site.cameras.camera(MODEL, OLD)
    site.release(MODEL, NEW)
    site.add(camera, scheme="https")
    camera.faults(other_certificate=True)
    upgrade = site.finish(site.campaign(model=MODEL))
    assert (upgrade["state"], upgrade["reason"]) == ("failed", "certificate_changed")
    assert camera.uploads == 0


def test_a_camera_that_never_comes_back_fails_after_long_patience(
    site: Site, camera: Camera
) -> None:
    camera.faults(never_back=True)
    campaign = site.campaign(model=MODEL)
    site.turn()
    camera.until_state("down")
    site.turn(timedelta(minutes=40))
    assert site.upgrade(campaign)["state"] == "rebooting"
    site.turn(timedelta(minutes=10))
    upgrade = site.upgrade(campaign)
    assert (upgrade["state"], upgrade["reason"]) == ("failed", "never_came_back")


def test_a_silent_camera_is_no_answer(make_site: MakeSite) -> None:
    site = make_site(answer_timeout_seconds=0.3)
    camera = site.cameras.camera(MODEL, OLD)
    site.release(MODEL, NEW)
    site.add(camera)
    camera.faults(silent=True)
    campaign = site.campaign(model=MODEL)
    site.turn()
    upgrade = site.upgrade(campaign)
    assert (upgrade["state"], upgrade["reason"]) == ("waiting", "no_answer")
    camera.faults(silent=None)


def test_devices_that_need_nothing_are_skipped_with_the_reason(site: Site) -> None:
    site.release(MODEL, NEW)
    new = site.add(site.cameras.camera(MODEL, NEW))
    old = site.add(site.cameras.camera(MODEL, OLD))
    other = site.add(site.cameras.camera("M3106-L", "10.12.240"))
    ids = [new["id"], old["id"], other["id"]]
    campaign = site.campaign(device_ids=ids, target=NEW)
    reasons = {one["device_id"]: one["reason"] for one in site.upgrades(campaign)}
    assert reasons == {
        new["id"]: "already_installed",
        old["id"]: None,
        other["id"]: "incompatible",
    }
    assert campaign["states"] == {"skipped": 2, "scheduled": 1}

    again = site.campaign(device_ids=[old["id"]])
    (skipped,) = site.upgrades(again)
    assert (skipped["state"], skipped["reason"]) == ("skipped", "already_upgrading")
    assert again["status"] == "completed"


def test_a_device_stays_while_it_is_upgraded(site: Site, camera: Camera) -> None:
    (device,) = site.ask("list_devices")["items"]
    campaign = site.campaign(model=MODEL)
    assert site.refused("remove_device", device_id=device["id"]) == "device-upgrading"
    site.finish(campaign)
    site.ask("remove_device", device_id=device["id"])
    # The tasks remember it.
    assert [one["serial"] for one in site.ask("list_upgrades")["items"]] == [camera.serial]


def test_a_campaign_says_for_whom(site: Site, camera: Camera) -> None:
    key = str(uuid4())
    both: dict[str, Any] = {"model": MODEL, "device_ids": [str(uuid4())]}
    neither: dict[str, Any] = {}
    for payload in (neither, both):
        refused = site.refused("start_campaign", idempotency_key=key, **payload)
        assert refused == "campaign-unclear"
    unknown: dict[str, Any] = {"device_ids": [str(uuid4())], "idempotency_key": key}
    assert site.refused("start_campaign", **unknown) == "device-not-found"
    nobody: dict[str, Any] = {"model": "Q9999", "idempotency_key": key}
    assert site.refused("start_campaign", **nobody) == "nothing-to-upgrade"
    first = site.ask("start_campaign", model=MODEL, idempotency_key=key)
    assert site.ask("start_campaign", model=MODEL, idempotency_key=key) == first
    assert len(site.ask("list_upgrades")["items"]) == 1


def test_who_may_upgrade(site: Site, camera: Camera) -> None:
    """Permission device:upgrade: owner and admin; tasks show what one may see (DEV-3)."""
    folder = site.world.folder(site.home, "Elsewhere")
    operator = site.world.joins(site.home, Role.OPERATOR, folder)
    asked: dict[str, Any] = {"model": MODEL, "idempotency_key": str(uuid4())}
    assert site.refused("start_campaign", as_=operator, **asked) == "not-permitted"
    assert site.refused("start_campaign", as_=uuid4(), **asked) == "organization-not-found"
    campaign = site.campaign(model=MODEL)
    assert site.ask("list_upgrades", as_=operator)["items"] == []
    assert site.ask("list_campaigns", as_=operator)["items"] == []
    refused = site.refused("get_campaign", as_=operator, campaign_id=campaign["id"])
    assert refused == "campaign-not-found"
    (upgrade,) = site.upgrades(campaign)
    refused = site.refused("get_upgrade", as_=operator, upgrade_id=upgrade["id"])
    assert refused == "upgrade-not-found"
    seeing = site.world.joins(site.home, Role.OPERATOR, site.home.root)
    assert len(site.ask("list_upgrades", as_=seeing, status="ongoing")["items"]) == 1
    assert site.ask("list_upgrades", as_=seeing, status="completed")["items"] == []


def test_nudges_lost_doubled_or_late_change_nothing(site: Site, camera: Camera) -> None:
    campaign = site.campaign(model=MODEL)
    site.suite.run_job("devices", "announce_due")
    site.suite.bus.nudges["devices.steps"].clear()
    site.turn(timedelta(seconds=1))
    assert site.upgrade(campaign)["state"] == "scheduled", "announced once, not each second"

    (upgrade,) = site.upgrades(campaign)
    for _ in range(5):
        site.suite.bus.post("devices.steps", {"upgrade_id": upgrade["id"]})
    site.suite.work()
    assert site.finish(campaign)["attempt"] == 1
    for _ in range(5):
        site.suite.bus.post("devices.steps", {"upgrade_id": upgrade["id"]})
    site.suite.bus.post("devices.steps", {"upgrade_id": str(uuid4())})
    site.suite.work()
    assert camera.uploads == 1
