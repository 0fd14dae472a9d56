"""Leases: one winner for each step, and workers that are lost in the middle of one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.devices.domain.observation import Troubled
from services.devices.domain.trouble import Cause
from services.devices.models import UpgradeRow
from services.devices.queries import engine
from services.devices.worker import DevicesWorker
from tests.service.devices.cameras import Camera, until
from tests.service.devices.conftest import MakeSite
from tests.service.devices.site import Site

MODEL, OLD, NEW = "P3265-V", "11.11.192", "12.9.57"
LEASE = timedelta(seconds=60)


@pytest.fixture(params=["sqlite", "postgresql"])
def on_both(request: pytest.FixtureRequest, make_site: MakeSite) -> Site:
    databases = {}
    if request.param == "postgresql":
        databases["devices"] = request.getfixturevalue("postgres_database")("devices")
    return make_site(databases=databases)


def scheduled(site: Site, count: int, **release: Any) -> tuple[list[Camera], list[UUID]]:
    cameras = [site.cameras.camera(MODEL, OLD) for _ in range(count)]
    site.release(MODEL, NEW, **release)
    for camera in cameras:
        site.add(camera)
    campaign = site.campaign(model=MODEL)
    by_serial = {one["serial"]: UUID(one["id"]) for one in site.upgrades(campaign)}
    return cameras, [by_serial[camera.serial] for camera in cameras]


def test_of_workers_that_claim_at_once_one_wins_each_time(on_both: Site) -> None:
    """30 of 30 rounds."""
    database = on_both.suite.databases["devices"]
    _, (upgrade_id,) = scheduled(on_both, 1)
    for _ in range(30):
        now = on_both.suite.clock.now()
        start = threading.Barrier(4)

        def claim(now: Any = now, start: threading.Barrier = start) -> bool:
            start.wait()
            with database() as session:
                found = engine.claim(session, upgrade_id, uuid4(), now=now, lease=LEASE)
                return found is not None

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(lambda call: call(), [claim] * 4)) == 1
        on_both.suite.clock.advance(LEASE)


def test_sweeps_that_look_at_once_announce_each_upgrade_once(on_both: Site) -> None:
    database = on_both.suite.databases["devices"]
    _, ids = scheduled(on_both, 3)
    now = on_both.suite.clock.now()

    def sweep(_: int) -> list[UUID]:
        with database() as session:
            until_ = now + timedelta(seconds=30)
            return engine.announce_due(session, now, until=until_, limit=500)

    with ThreadPoolExecutor(4) as pool:
        announced = [one for batch in pool.map(sweep, range(4)) for one in batch]
    assert sorted(announced) == sorted(ids)


def test_whole_upgrades_work_on_both_databases(on_both: Site) -> None:
    cameras, _ = scheduled(on_both, 2)
    (campaign,) = on_both.ask("list_campaigns")["items"]

    def ended() -> bool:
        on_both.turn()
        return bool(
            on_both.ask("get_campaign", campaign_id=campaign["id"])["status"] == "completed"
        )

    until(ended)
    assert [camera.version for camera in cameras] == [NEW, NEW]
    found = on_both.ask("get_campaign", campaign_id=campaign["id"])
    assert found["states"] == {"succeeded": 2}


def killed_after(
    site: Site, upgrade_id: UUID, step: Callable[[DevicesWorker, Any], object]
) -> None:
    """Claims as a worker does, does ``step``, and is gone without a word."""
    worker: DevicesWorker = site.suite.instance("devices_worker")
    claim = worker._claim(upgrade_id)
    assert claim is not None
    step(worker, claim)


def observed(worker: DevicesWorker, claim: Any) -> object:
    return worker._observe(claim)


def brought_to_uploading(site: Site, upgrade_id: UUID) -> None:
    """Preflight alone; its nudge for the upload is thrown away."""
    site.suite.instance("devices_worker").step({"upgrade_id": str(upgrade_id)})
    site.suite.bus.nudges.clear()
    assert state(site, upgrade_id).state == "uploading"


def state(site: Site, upgrade_id: UUID) -> UpgradeRow:
    with site.suite.databases["devices"].reading() as session:
        return session.scalars(select(UpgradeRow).where(UpgradeRow.id == upgrade_id)).one()


def finished(site: Site, upgrade_id: UUID) -> UpgradeRow:
    def ended() -> bool:
        site.turn()
        return state(site, upgrade_id).finished_at is not None

    until(ended)
    return state(site, upgrade_id)


def test_a_worker_lost_after_the_whole_upload_has_it_not_sent_again(site: Site) -> None:
    (camera,), (upgrade_id,) = scheduled(site, 1)
    brought_to_uploading(site, upgrade_id)
    killed_after(site, upgrade_id, observed)
    site.suite.clock.advance(LEASE)
    row = finished(site, upgrade_id)
    assert (row.state, row.attempt) == ("succeeded", 1)
    assert (camera.uploads, camera.version, camera.is_on_trial) == (1, NEW, False)


def test_a_worker_lost_before_the_upload_is_replaced_once_the_camera_was_looked_at(
    site: Site,
) -> None:
    (camera,), (upgrade_id,) = scheduled(site, 1)
    brought_to_uploading(site, upgrade_id)
    killed_after(site, upgrade_id, lambda _worker, _claim: None)
    site.turn(timedelta(seconds=30))
    assert state(site, upgrade_id).state == "uploading", "the lease still runs"
    site.turn(timedelta(seconds=31))
    assert state(site, upgrade_id).state == "rebooting"
    row = finished(site, upgrade_id)
    assert (row.state, row.attempt, camera.uploads) == ("succeeded", 2, 1)


def test_a_worker_lost_at_any_other_step_costs_nothing(site: Site) -> None:
    (camera,), (upgrade_id,) = scheduled(site, 1)
    for expected in ("preflight", "rebooting", "verifying"):
        if expected == "rebooting":
            site.suite.instance("devices_worker").step({"upgrade_id": str(upgrade_id)})
            site.suite.instance("devices_worker").step({"upgrade_id": str(upgrade_id)})
            site.suite.clock.advance(timedelta(seconds=5))
            until(lambda: camera.version == NEW and camera.told["state"] == "ready")
        if expected == "verifying":
            site.suite.instance("devices_worker").step({"upgrade_id": str(upgrade_id)})
        killed_after(site, upgrade_id, observed)
        assert state(site, upgrade_id).state == expected
        site.suite.clock.advance(LEASE)
    row = finished(site, upgrade_id)
    assert (row.state, row.attempt) == ("succeeded", 1)
    assert (camera.uploads, camera.is_on_trial) == (1, False)


def test_who_lost_the_lease_changes_nothing_any_more(site: Site) -> None:
    _, (upgrade_id,) = scheduled(site, 1)
    late: DevicesWorker = site.suite.instance("devices_worker")
    claim = late._claim(upgrade_id)
    assert claim is not None
    site.suite.clock.advance(LEASE)
    other = site.suite.instance("devices_worker")._claim(upgrade_id)
    assert other is not None
    before = state(site, upgrade_id)
    late._record(claim, Troubled(Cause.CREDENTIALS_REFUSED))
    after = state(site, upgrade_id)
    assert (after.state, after.lease_owner) == (before.state, other.owner)


def test_a_long_upload_keeps_its_lease_and_shows_its_progress(make_site: MakeSite) -> None:
    site = make_site(lease_seconds=3)
    size = 3_000_000
    (camera,), (upgrade_id,) = scheduled(site, 1, size=size)
    brought_to_uploading(site, upgrade_id)
    camera.faults(slow_bytes_per_second=1_000_000)
    uploading = threading.Thread(
        target=site.suite.instance("devices_worker").step, args=({"upgrade_id": str(upgrade_id)},)
    )
    uploading.start()
    until(lambda: bool(state(site, upgrade_id).lease_owner))
    first = state(site, upgrade_id).lease_until
    assert first is not None
    site.suite.clock.advance(timedelta(seconds=2))
    until(lambda: (state(site, upgrade_id).lease_until or first) > first)
    until(lambda: state(site, upgrade_id).bytes_sent > 0)
    site.suite.clock.advance(timedelta(seconds=2))
    assert site.suite.instance("devices_worker")._claim(upgrade_id) is None
    uploading.join()
    camera.faults(slow_bytes_per_second=None)
    row = finished(site, upgrade_id)
    assert (row.state, row.attempt, camera.uploads) == ("succeeded", 1, 1)
    assert row.bytes_sent == row.bytes_total > size * 0.99


def test_an_upload_whose_lease_was_lost_stops(make_site: MakeSite) -> None:
    site = make_site()
    (camera,), (upgrade_id,) = scheduled(site, 1, size=24_000_000)
    brought_to_uploading(site, upgrade_id)
    camera.faults(slow_bytes_per_second=4_000_000)
    uploading = threading.Thread(
        target=site.suite.instance("devices_worker").step, args=({"upgrade_id": str(upgrade_id)},)
    )
    uploading.start()
    until(lambda: bool(camera.told["uploading"]))
    site.suite.clock.advance(LEASE * 2)
    taken_over = site.suite.instance("devices_worker")._claim(upgrade_id)
    assert taken_over is not None
    seen = site.suite.instance("devices_worker")._observe(taken_over)
    assert getattr(seen, "cause", None) is Cause.BUSY, "an upload under way is seen as such"
    uploading.join()
    assert camera.told["counters"]["uploads_completed"] == 0
    assert state(site, upgrade_id).lease_owner == taken_over.owner
