"""Campaigns and the worker, with simulated cameras (specification, devices chapter 4)."""

from __future__ import annotations

import pytest

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
