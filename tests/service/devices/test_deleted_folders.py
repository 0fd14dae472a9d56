"""What goes with a deleted folder, and what its restoration brings back (FLD-4 to FLD-6)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.organizations import DeletionForgotten, FoldersDeleted, FoldersRestored
from services.devices.models import Audit
from tests.service.devices.stock import PASSWORD, Stock


def site(stock: Stock) -> tuple[UUID, UUID]:
    """A folder with another one in it."""
    top = stock.world.folder(stock.home, "Site")
    return top, stock.world.folder(stock.home, "Floor", top)


def deleted(stock: Stock, deletion_id: UUID, *folders: UUID) -> FoldersDeleted:
    return FoldersDeleted(stock.home.id, deletion_id, folders, stock.suite.clock.now())


def restored(stock: Stock, deletion_id: UUID, *folders: UUID) -> FoldersRestored:
    return FoldersRestored(stock.home.id, deletion_id, folders)


def test_devices_and_systems_go_with_their_folders_and_come_back_without_grants(
    stock: Stock,
) -> None:
    """FLD-4, FLD-5, FLD-6, I8."""
    top, floor = site(stock)
    viewer = stock.world.joins(stock.home, Role.VIEWER, top)
    gone = {*stock.counted(top, 2), *stock.counted(floor, 3)}
    (system,) = stock.systems(floor)
    stays = set(stock.counted(stock.home.root, 1))
    assert stock.listed(as_=viewer) == gone

    deletion = stock.deletes(top)
    assert stock.listed() == stays
    assert stock.listed(as_=viewer) == set()
    assert stock.system(system).state == "removed"
    assert stock.need() == 1
    for device in gone:
        assert stock.refused("get_device", device_id=device) == "device-not-found"

    stock.restores(deletion)
    assert stock.listed() == gone | stays
    assert stock.system(system).state == "managed"
    assert stock.need() == 6
    assert stock.listed(as_=viewer) == set(), "grants do not come back"


def test_who_was_granted_a_folder_reads_nothing_from_the_moment_it_goes(stock: Stock) -> None:
    """M5: before devices has heard anything."""
    top, _ = site(stock)
    viewer = stock.world.joins(stock.home, Role.VIEWER, top)
    (device,) = stock.devices(top)
    stock.deletes(top, delivered=False)
    assert stock.device(device).state == "managed", "it has not heard"
    assert stock.listed(as_=viewer) == set()
    assert stock.refused("get_device", as_=viewer, device_id=device) == "device-not-found"


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_who_sees_every_folder_reads_nothing_of_a_deleted_one_either(
    stock: Stock, role: Role
) -> None:
    """I8: before devices has heard anything, after a part of it, and after all."""
    top, floor = site(stock)
    who = stock.world.joins(stock.home, role)
    (device,), (other,), (stays,) = (
        stock.devices(top),
        stock.devices(floor),
        stock.devices(stock.home.root),
    )
    (system,) = stock.systems(floor)
    deletion = stock.deletes(top, delivered=False)
    scope = {"organization_id": stock.home.id, "permission": "device:read"}

    def nothing_is_read() -> None:
        assert stock.listed(as_=who) == {stays}
        for one in (device, other):
            assert stock.refused("get_device", as_=who, device_id=one) == "device-not-found"
            assert stock.refused("remove_device", as_=who, device_id=one) == "device-not-found"
        assert stock.refused("get_system", as_=who, system_id=system) == "system-not-found"
        assert stock.ask("list_systems", as_=who)["items"] == []
        (model,) = stock.ask("list_device_models", as_=who)["items"]
        assert model["count"] == 1
        assert stock.ask("list_devices", as_=who, folder_id=top)["items"] == []
        moved = stock.ask("move_devices", device_ids=[device], folder_id=stock.home.root)
        assert moved["items"] == [{"id": str(device), "result": "not_found"}]

    assert stock.device(device).state == "managed", "it has not heard"
    found = stock.world.ask("resolve_scope", who, **scope)
    assert set(found["without_folder_ids"]) == {str(top), str(floor)}
    nothing_is_read()
    # Another part of it is heard first.
    stock.hear("devices", deleted(stock, deletion, floor))
    nothing_is_read()
    stock.suite.deliver()
    nothing_is_read()
    assert stock.device(device).state == "removed"


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_what_was_done_to_devices_of_a_deleted_folder_goes_with_it(
    stock: Stock, role: Role
) -> None:
    """I8: from the first moment, and also when nobody can bring it back any more."""
    top, floor = site(stock)
    (went,), (by_hand,), (stays,) = (
        stock.devices(floor),
        stock.devices(floor),
        stock.devices(stock.home.root),
    )
    campaign = stock.campaign()
    hidden = [
        stock.upgrade(went, "succeeded"),
        stock.upgrade(went, "failed", campaign=campaign),
        stock.upgrade(by_hand, "succeeded"),
    ]
    seen = [
        stock.upgrade(stays, "failed"),
        stock.upgrade(stays, "succeeded", campaign=campaign),
    ]
    stock.ask("remove_device", device_id=by_hand)
    who = stock.world.joins(stock.home, role, stock.home.root)

    def read() -> dict[str, Any]:
        upgrades = stock.ask("list_upgrades", as_=who)["items"]
        campaigns = stock.ask("list_campaigns", as_=who)["items"]
        for one in campaigns:
            assert stock.ask("get_campaign", as_=who, campaign_id=one["id"]) == one
        logs = [
            upgrade
            for upgrade in (*seen, *hidden)
            if stock.refused_or_done("get_upgrade", as_=who, upgrade_id=upgrade) is None
        ]
        of_campaign = stock.ask("list_campaign_upgrades", as_=who, campaign_id=campaign)["items"]
        return {
            "upgrades": {UUID(one["id"]) for one in upgrades},
            "logs": set(logs),
            "campaigns": len(campaigns),
            "states": next(one["states"] for one in campaigns if one["id"] == str(campaign)),
            "of the campaign": {UUID(one["id"]) for one in of_campaign},
        }

    before = read()
    assert (before["upgrades"], before["logs"]) == ({*seen, *hidden}, {*seen, *hidden})
    assert (before["campaigns"], before["states"]) == (4, {"succeeded": 1, "failed": 1})
    left = {
        "upgrades": set(seen),
        "logs": set(seen),
        "campaigns": 2,
        "states": {"succeeded": 1},
        "of the campaign": {seen[1]},
    }
    deletion = stock.deletes(top, delivered=False)
    assert read() == left, "devices has not heard"
    stock.suite.deliver()
    assert read() == left
    stock.restores(deletion)
    assert read() == before
    deletion = stock.deletes(top)
    stock.suite.clock.advance(timedelta(days=30))
    stock.suite.run_job("organizations", "forget_deletions")
    stock.suite.deliver()
    assert read() == left
    stock.hear("devices", restored(stock, deletion, top, floor))
    assert read() == left, "a restoration that comes too late"


def test_a_scope_names_deleted_folders_only_as_long_as_devices_has_not_heard(
    stock: Stock,
) -> None:
    """I8: a scope does not grow with every deletion of the last thirty days."""
    top, _ = site(stock)
    deletion = stock.deletes(top)
    scope = {"organization_id": stock.home.id, "permission": "device:read"}
    assert stock.world.ask("resolve_scope", stock.home.owner, **scope)["without_folder_ids"] == []
    stock.restores(deletion)
    assert stock.world.ask("resolve_scope", stock.home.owner, **scope)["without_folder_ids"] == []


def test_passwords_stay_sealed_until_nobody_can_restore_them(stock: Stock) -> None:
    """FLD-6."""
    top, _ = site(stock)
    (device,) = stock.devices(top)
    (system,) = stock.systems(top)
    deletion = stock.deletes(top)
    sealed = stock.device(device).sealed_password
    assert sealed is not None
    assert PASSWORD not in sealed
    stock.suite.clock.advance(timedelta(days=30))
    stock.suite.run_job("organizations", "forget_deletions")
    stock.suite.deliver()
    row = stock.device(device)
    assert (row.state, row.sealed_password, row.deletion_id) == ("removed", None, None)
    assert stock.system(system).deletion_id is None
    # Whatever still comes of the deletion changes nothing.
    stock.hear("devices", restored(stock, deletion, top))
    assert stock.device(device).state == "removed"


def test_the_password_of_a_restored_device_opens(stock: Stock) -> None:
    """FLD-6."""
    top, _ = site(stock)
    (device,) = stock.devices(top)
    upgrade = stock.upgrade(device, "rebooting")
    stock.restores(stock.deletes(top))
    claim = stock.suite.instance("devices_worker")._claim(upgrade)
    assert claim.credentials.password == PASSWORD


def test_each_part_counts_once_and_in_any_order(stock: Stock) -> None:
    """M5.9."""
    top, floor = site(stock)
    first, second = stock.counted(top, 2), stock.counted(floor, 2)
    deletion, event_id = uuid4(), uuid4()
    for _ in range(2):
        stock.hear("devices", deleted(stock, deletion, floor), event_id)
        stock.suite.deliver()
    assert stock.states(second) == ["removed", "removed"]
    assert (stock.states(first), stock.need()) == (["managed", "managed"], 2)
    # The same part under another id, as an operator's replay would not even do it.
    stock.hear("devices", deleted(stock, deletion, floor, top))
    stock.hear("devices", deleted(stock, deletion, floor, top))
    stock.suite.deliver()
    assert (stock.states(first), stock.need()) == (["removed", "removed"], 0)


def test_a_restoration_heard_before_the_deletion_leaves_everything_where_it_is(
    stock: Stock,
) -> None:
    """M5.9: order is not promised."""
    top, floor = site(stock)
    devices = [*stock.counted(top), *stock.counted(floor)]
    deletion = uuid4()
    stock.hear("devices", restored(stock, deletion, top, floor))
    stock.hear("devices", deleted(stock, deletion, floor))
    stock.hear("devices", deleted(stock, deletion, top))
    stock.suite.deliver()
    assert stock.states(devices) == ["managed", "managed"]
    assert stock.need() == 2


def test_a_restoration_between_two_parts_brings_back_what_went_and_spares_the_rest(
    stock: Stock,
) -> None:
    """M5.9."""
    top, floor = site(stock)
    devices = [*stock.counted(top), *stock.counted(floor)]
    deletion = uuid4()
    stock.hear("devices", deleted(stock, deletion, top))
    stock.hear("devices", restored(stock, deletion, floor))
    stock.hear("devices", deleted(stock, deletion, floor))
    stock.hear("devices", restored(stock, deletion, top))
    stock.suite.deliver()
    assert stock.states(devices) == ["managed", "managed"]
    assert stock.need() == 2


def test_what_a_later_deletion_took_does_not_come_back_with_an_earlier_one(stock: Stock) -> None:
    """M5.9: deleted, restored, deleted again, and heard in the worst order."""
    top, _ = site(stock)
    (device,) = stock.counted(top)
    earlier, later = uuid4(), uuid4()
    stock.hear("devices", deleted(stock, earlier, top))
    stock.hear("devices", deleted(stock, later, top))
    stock.hear("devices", restored(stock, earlier, top))
    stock.suite.deliver()
    assert (stock.device(device).state, stock.need()) == ("removed", 0)
    stock.hear("devices", restored(stock, later, top))
    stock.suite.deliver()
    assert (stock.device(device).state, stock.need()) == ("managed", 1)


@pytest.mark.parametrize("happened", ["D", "DR", "DRD", "DRDR", "DRDRD"])
def test_in_whatever_order_news_arrive_what_happened_last_counts(
    stock: Stock, happened: str
) -> None:
    """M5.9: folders deleted and restored by turns, each in two parts, and some of it twice."""
    chance = random.Random(happened)
    for _ in range(4):
        folders = [stock.world.folder(stock.home, str(uuid4())) for _ in range(2)]
        devices = [stock.counted(folder)[0] for folder in folders]
        before = stock.need()
        (system,) = stock.systems(folders[0])
        news: list[FoldersDeleted | FoldersRestored] = []
        for turn in happened:
            if turn == "D":
                deletion = uuid4()
            tell = deleted if turn == "D" else restored
            news += [tell(stock, deletion, folder) for folder in folders]
        news += chance.sample(news, len(news) // 2)
        chance.shuffle(news)
        for event in news:
            stock.hear("devices", event)
        told = stock.suite._take("devices")
        chance.shuffle(told)
        for row in told:
            stock.suite._distribute("devices", row)
        is_gone = happened.endswith("D")
        assert stock.states(devices) == ["removed" if is_gone else "managed"] * 2, news
        assert stock.system(system).state == stock.device(devices[0]).state
        assert stock.need() == (before - 2 if is_gone else before), told


def test_a_part_that_comes_after_the_last_day_is_removed_for_good(stock: Stock) -> None:
    """FLD-6: no password outlives the days of restoration."""
    top, _ = site(stock)
    (device,) = stock.counted(top)
    deletion = uuid4()
    stock.hear("devices", DeletionForgotten(stock.home.id, deletion))
    stock.hear("devices", deleted(stock, deletion, top))
    stock.suite.deliver()
    row = stock.device(device)
    assert (row.state, row.sealed_password, row.deletion_id) == ("removed", None, None)
    assert stock.need() == 0


def test_licensing_follows_whatever_it_hears_first(stock: Stock) -> None:
    """M5.9: devices go and come back, and licensing hears it backwards."""
    top, _ = site(stock)
    devices = stock.devices(top, 2)
    deletion = uuid4()
    stock.hear("devices", deleted(stock, deletion, top))
    stock.hear("devices", restored(stock, deletion, top))
    news = [row for row in stock.suite._take("devices") if row.name != "folders_emptied"]
    assert [row.name for row in news] == ["devices_deleted", "devices_restored"]
    for row in reversed(news):
        stock.suite._distribute("devices", row)
    assert stock.need() == len(devices)
    # A device that was removed by hand stays so, whatever is still under way.
    stock.ask("remove_device", device_id=devices[0])
    removal = stock.suite._take("devices")
    for row in (*removal, *reversed(news)):
        row.event_id = uuid4()
        stock.suite._distribute("devices", row)
    assert stock.need() == 1


def test_a_serial_number_is_free_at_once_and_its_new_place_outlasts_a_restoration(
    stock: Stock,
) -> None:
    """FLD-6; a serial number is managed once (devices chapter 2)."""
    top, floor = site(stock)
    serial = stock.serial()
    (device,) = stock.counted(top, serial=serial)
    (other,) = stock.counted(floor)
    upgrade = stock.upgrade(device, "rebooting")
    deletion = stock.deletes(top)
    assert stock.upgraded(upgrade).state == "rebooting"
    (elsewhere,) = stock.devices(uuid4(), serial=serial, organization_id=uuid4())
    stock.restores(deletion)
    assert stock.listed() == {other}
    assert stock.need() == 1
    row = stock.device(device)
    assert (row.state, row.sealed_password, row.deletion_id) == ("removed", None, None)
    assert stock.device(elsewhere).state == "managed"
    assert stock.upgraded(upgrade).state == "cancelled", "it has no password any more"
    with stock.database.reading() as session:
        (entry,) = session.scalars(select(Audit).where(Audit.action == "device_not_restored"))
    assert (entry.object_id, entry.organization_id) == (device, stock.home.id)
    assert (entry.account_id, entry.acting_as, entry.reason) == (None, "devices", "device-exists")
    assert entry.before == {"serial": serial, "deletion_id": str(deletion)}


def test_of_a_serial_number_that_went_twice_with_one_deletion_the_later_comes_back(
    stock: Stock,
) -> None:
    """Its camera was added to a folder of the second part, after the first had freed it."""
    top, floor = site(stock)
    serial, deletion = stock.serial(), uuid4()
    (first,) = stock.devices(top, serial=serial)
    stock.hear("devices", deleted(stock, deletion, top))
    stock.suite.clock.advance(timedelta(seconds=1))
    (second,) = stock.devices(floor, serial=serial)
    stock.hear("devices", deleted(stock, deletion, floor))
    stock.hear("devices", restored(stock, deletion, top, floor))
    assert stock.states([first, second]) == ["removed", "managed"]


@pytest.mark.parametrize("removed_first", [True, False])
def test_what_was_removed_by_hand_does_not_come_back(stock: Stock, removed_first: bool) -> None:
    """FLD-6: only what went with the folder."""
    top, _ = site(stock)
    device, other = stock.counted(top, 2)
    if removed_first:
        stock.ask("remove_device", device_id=device)
    deletion = stock.deletes(top)
    if not removed_first:
        assert stock.refused("remove_device", device_id=device) == "device-not-found"
    stock.restores(deletion)
    assert stock.listed() == ({other} if removed_first else {device, other})


def test_nothing_is_added_to_a_folder_that_is_known_to_be_gone(stock: Stock) -> None:
    """FLD-4: the right was decided a moment before the folder went."""
    top, _ = site(stock)
    (device,) = stock.devices(stock.home.root)
    stock.hear("devices", deleted(stock, uuid4(), top))
    wanted: dict[str, Any] = {
        "folder_id": top,
        "kind": "body_worn",
        "name": "Depot",
        "address": "192.0.2.9:8443",
        "idempotency_key": str(uuid4()),
    }
    assert stock.refused("add_system", **wanted) == "folder-not-found"
    assert stock.refused("move_device", device_id=device, folder_id=top) == "folder-not-found"
    assert stock.device(device).folder_id == stock.home.root


def test_more_devices_go_at_once_than_a_statement_changes(stock: Stock) -> None:
    """M4: each event speaks of hundreds, and none of a device by itself."""
    top, floor = site(stock)
    stock.devices(top, 6_000, sealed_password=None)
    stock.devices(floor, 6_000, sealed_password=None)
    deletion = uuid4()
    stock.hear("devices", deleted(stock, deletion, top, floor))
    assert stock.listed() == set()
    news = [facts for name, facts in stock.suite.waiting("devices") if name == "devices_deleted"]
    gone = [device for facts in news for device in facts["device_ids"]]
    assert (len(news), len(gone), len(set(gone))) == (24, 12_000, 12_000)
    stock.hear("devices", restored(stock, deletion, top, floor))
    assert stock.ask("count_content", folder_ids=[top, floor])["devices"] == 12_000
