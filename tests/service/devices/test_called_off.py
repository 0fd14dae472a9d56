"""Upgrades of devices that went with a folder, and of organizations that were archived."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.organizations import (
    DeletionForgotten,
    FoldersDeleted,
    OrganizationArchived,
    OrganizationRestored,
)
from services.devices.domain.observation import Troubled
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import ACTIVE
from services.devices.models import UpgradeLog
from tests.service.devices.stock import Stock

CANCELLED = ("scheduled", "waiting", "preflight", "uploading")
FINISHING = ("rebooting", "verifying")


def archived(stock: Stock, epoch: int) -> OrganizationArchived:
    return OrganizationArchived(stock.home.id, stock.suite.clock.now(), epoch)


def deleted(stock: Stock, folder: UUID, deletion: UUID | None = None) -> FoldersDeleted:
    now = stock.suite.clock.now()
    return FoldersDeleted(stock.home.id, deletion or uuid4(), (folder,), now)


def ended(stock: Stock, upgrade: UUID) -> tuple[str, str | None]:
    row = stock.upgraded(upgrade)
    return row.state, row.reason


def one_of_each(stock: Stock, folder: UUID) -> dict[str, UUID]:
    return {
        state: stock.upgrade(stock.devices(folder)[0], state) for state in CANCELLED + FINISHING
    }


def test_every_state_is_tried_here() -> None:
    assert set(CANCELLED + FINISHING) == {state.value for state in ACTIVE}


@pytest.mark.parametrize("reason", ["device_deleted", "organization_archived"])
def test_what_has_not_begun_to_send_is_cancelled_and_the_rest_finishes(
    stock: Stock, reason: str
) -> None:
    """FLD-4, ARC-4; up to the last byte of the upload (devices chapter 4)."""
    folder = stock.world.folder(stock.home, "Site")
    upgrades = one_of_each(stock, folder)
    sending = stock.upgrade(stock.devices(folder)[0], "uploading", held=True)
    elsewhere = stock.upgrade(stock.devices(uuid4(), organization_id=uuid4())[0])
    if reason == "device_deleted":
        stock.hear("devices", deleted(stock, folder))
    else:
        stock.hear("devices", archived(stock, 5))
    for state in CANCELLED:
        row = stock.upgraded(upgrades[state])
        assert (row.state, row.reason) == ("cancelled", reason), state
        assert (row.due_at, row.lease_owner) == (None, None)
        assert row.finished_at == stock.suite.clock.now()
    for state in FINISHING:
        assert ended(stock, upgrades[state]) == (state, None)
    assert stock.upgraded(sending).state == "uploading"
    if reason == "device_deleted":
        assert ended(stock, elsewhere) == ("scheduled", None)
    with stock.database.reading() as session:
        lines = session.scalars(select(UpgradeLog)).all()
    assert {line.state for line in lines} == {"cancelled"}


@pytest.mark.parametrize("reason", ["device_deleted", "organization_archived"])
def test_no_step_begins_that_was_scheduled_a_moment_too_late(stock: Stock, reason: str) -> None:
    """ARC-4: whoever claims an upgrade looks again."""
    folder = stock.world.folder(stock.home, "Site")
    device, other = stock.devices(folder, 2)
    event = deleted(stock, folder) if reason == "device_deleted" else archived(stock, 5)
    stock.hear("devices", event)
    late, running = stock.upgrade(device), stock.upgrade(other, "rebooting")
    worker = stock.suite.instance("devices_worker")
    assert worker._claim(late) is None
    assert ended(stock, late) == ("cancelled", reason)
    assert worker._claim(running) is not None, "past the point of no return it goes on"


def test_an_upload_that_a_worker_holds_is_not_retried_when_it_fails(stock: Stock) -> None:
    """FLD-4."""
    folder = stock.world.folder(stock.home, "Site")
    upgrade = stock.upgrade(stock.devices(folder)[0], "uploading")
    claim = stock.suite.instance("devices_worker")._claim(upgrade)
    stock.hear("devices", deleted(stock, folder))
    assert stock.upgraded(upgrade).state == "uploading"
    worker = stock.suite.instance("devices_worker")
    worker._record(claim, Troubled(Cause.NO_ANSWER))
    assert stock.upgraded(upgrade).state == "waiting"
    stock.suite.clock.advance(timedelta(hours=1))
    assert worker._claim(upgrade) is None
    assert ended(stock, upgrade) == ("cancelled", "device_deleted")


def test_what_a_worker_saw_of_a_cancelled_upgrade_is_not_recorded(stock: Stock) -> None:
    """One winner: the cancellation."""
    folder = stock.world.folder(stock.home, "Site")
    upgrade = stock.upgrade(stock.devices(folder)[0])
    worker = stock.suite.instance("devices_worker")
    claim = worker._claim(upgrade)
    stock.hear("devices", deleted(stock, folder))
    worker._record(claim, Troubled(Cause.CREDENTIALS_REFUSED))
    assert ended(stock, upgrade) == ("cancelled", "device_deleted")


def test_restored_devices_stay_without_their_cancelled_upgrades(stock: Stock) -> None:
    """FLD-6."""
    folder = stock.world.folder(stock.home, "Site")
    (device,) = stock.devices(folder)
    upgrade = stock.upgrade(device)
    stock.restores(stock.deletes(folder))
    assert stock.device(device).state == "managed"
    assert ended(stock, upgrade) == ("cancelled", "device_deleted")
    stock.upgrade(device)


def test_nothing_goes_on_without_a_password(stock: Stock) -> None:
    """FLD-6: whatever was still running when the days were over."""
    folder, deletion = stock.world.folder(stock.home, "Site"), uuid4()
    upgrade = stock.upgrade(stock.devices(folder)[0], "rebooting")
    stock.hear("devices", deleted(stock, folder, deletion))
    stock.hear("devices", DeletionForgotten(stock.home.id, deletion))
    assert ended(stock, upgrade) == ("cancelled", "device_deleted")


def test_an_archived_organization_starts_and_changes_nothing(stock: Stock) -> None:
    """ARC-4: the right was decided a moment before, by an organizations that has not archived."""
    (device,) = stock.devices(stock.home.root)
    (system,) = stock.systems(stock.home.root)
    other = stock.world.folder(stock.home, "Other")
    stock.hear("devices", archived(stock, 5))
    key = str(uuid4())
    asked: dict[str, dict[str, Any]] = {
        "start_campaign": {"device_ids": [device], "target": "12.9.57", "idempotency_key": key},
        "remove_device": {"device_id": device},
        "move_device": {"device_id": device, "folder_id": other},
        "update_system": {"system_id": system, "name": "Another"},
        "remove_system": {"system_id": system},
        "add_system": {
            "folder_id": other,
            "kind": "body_worn",
            "name": "Depot",
            "address": "192.0.2.9",
            "idempotency_key": key,
        },
    }
    for method, payload in asked.items():
        assert stock.refused(method, **payload) == "organization-not-found", method
    stock.hear("devices", OrganizationRestored(stock.home.id, 6))
    stock.ask("move_device", device_id=device, folder_id=other)


def test_news_of_archiving_count_by_their_epoch(stock: Stock) -> None:
    """ARC-4, M5.9."""
    (device,) = stock.devices(stock.home.root)
    stock.hear("devices", OrganizationRestored(stock.home.id, 8))
    upgrade = stock.upgrade(device)
    stock.hear("devices", archived(stock, 7))
    assert ended(stock, upgrade) == ("scheduled", None), "restored since"
    stock.hear("devices", archived(stock, 9))
    stock.hear("devices", OrganizationRestored(stock.home.id, 8), uuid4())
    assert ended(stock, upgrade) == ("cancelled", "organization_archived")
    other = stock.world.folder(stock.home, "Other")
    refused = stock.refused("move_device", device_id=device, folder_id=other)
    assert refused == "organization-not-found"


def test_a_deletion_and_a_move_at_once_leave_no_device_in_a_folder_that_is_gone(
    stock: Stock,
) -> None:
    """M5.8: 30 of 30 rounds."""
    for _ in range(30):
        folder = stock.world.folder(stock.home, f"Site {uuid4()}")
        (device,) = stock.devices(stock.home.root)
        event = deleted(stock, folder)

        def move(folder: UUID = folder, device: UUID = device) -> None:
            if stock.refused_or_done("move_device", device_id=device, folder_id=folder):
                assert stock.device(device).folder_id == stock.home.root

        def hear(event: FoldersDeleted = event) -> None:
            stock.hear("devices", event)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(move), pool.submit(hear)]:
                done.result()
        row = stock.device(device)
        assert (row.folder_id, row.state) in {(folder, "removed"), (stock.home.root, "managed")}
