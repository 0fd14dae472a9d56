"""Folders go with everything in them (FLD-3 to FLD-7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert, select

from chassis.rpc import ServiceFailed
from contracts.access import Role
from contracts.caller import Caller
from services.devices.models import ConnectedSystem
from services.organizations.domain import names
from services.organizations.models import (
    Folder,
    FolderDeletion,
    FolderGrant,
    InvitationFolder,
)
from tests.service.organizations.inside import entries, granted, invitation_of
from tests.service.organizations.test_races import at_once, creating
from tests.service.organizations.world import Home, MakeWorld, World


@pytest.fixture
def stocked(make_world: MakeWorld) -> World:
    """With devices beside it, who says what is in a folder."""
    return make_world(beside=("devices",))


def system(world: World, home: Home, folder: UUID) -> None:
    """A camera station in the folder."""
    with world.suite.databases["devices"]() as session:
        session.add(
            ConnectedSystem(
                id=uuid4(),
                organization_id=home.id,
                folder_id=folder,
                kind="camera_station",
                name="Gatehouse",
                address="192.0.2.7",
                state="managed",
                added_at=world.suite.clock.now(),
            )
        )


def request(home: Home, folder: UUID, key: str | None = None, **more: Any) -> dict[str, Any]:
    key = key or str(uuid4())
    asked = {"organization_id": home.id, "folder_id": folder, "idempotency_key": key}
    return {**asked, "confirm_risk": True, **more}


def deletes(
    world: World, home: Home, folder: UUID, who: UUID | Caller | None = None, **more: Any
) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "delete_folder", who or home.owner, **request(home, folder, **more)
    )
    return answer


def refused(
    world: World, home: Home, folder: UUID, who: UUID | Caller | None = None, **more: Any
) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused("delete_folder", who or home.owner, **request(home, folder, **more))
    assert world.dump(without=("audit",)) == before
    return code


def previewed(
    world: World, home: Home, folder: UUID, who: UUID | Caller | None = None
) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "preview_deletion", who or home.owner, organization_id=home.id, folder_id=folder
    )
    return answer


def visible(world: World, home: Home, who: UUID) -> set[str]:
    return {row["name"] for row in world.all("list_folders", who, organization_id=home.id)}


def test_the_box_must_be_ticked(world: World) -> None:
    """FLD-3, FLD-7."""
    home = world.home()
    site = world.folder(home, "Site")
    assert refused(world, home, site, confirm_risk=False) == "risk-not-confirmed"
    for other in ("true", 1, None):
        assert refused(world, home, site, confirm_risk=other) == "invalid-request"
    left_out = {"organization_id": home.id, "folder_id": site, "idempotency_key": "left-out"}
    assert world.refused("delete_folder", home.owner, **left_out) == "risk-not-confirmed"


def test_a_folder_goes_with_everything_below_it_and_all_grants(world: World) -> None:
    """FLD-4, FLD-5, I8: for the owner too, and nothing beside it changes."""
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    ben = world.joins(home, Role.VIEWER, site, mast, other)
    eve = world.joins(home, Role.OPERATOR, roof)
    answer = deletes(world, home, site)
    assert (answer["subfolders"], answer["grants"]) == (2, 3)
    assert visible(world, home, home.owner) == {"Default folder", "Other"}
    assert visible(world, home, ben) == {"Other"}
    assert visible(world, home, eve) == set()
    assert (granted(world, home, ben), granted(world, home, eve)) == ({other}, set())
    for who in (home.owner, ben, eve):
        for folder in (site, roof, mast):
            asked = {"organization_id": home.id, "folder_id": folder}
            assert world.refused("get_folder", who, **asked) == "folder-not-found"
            scoped = world.ask("check", who, **asked, permission="folder:read")
            assert not scoped["allowed"]


def test_a_deletion_is_one_change(world: World) -> None:
    """I14, M5.5: one id, one epoch, one record, one row by which operators find it."""
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    admin = world.joins(home, Role.ADMIN)
    before = len(entries(world, home))
    answer = deletes(world, home, site, admin)
    deletion_id, now = UUID(answer["deletion_id"]), world.suite.clock.now()
    assert answer["restorable_until"] == (now + timedelta(days=30)).isoformat()
    (entry,) = entries(world, home)[before:]
    assert (entry.action, entry.object_id, entry.account_id) == ("folder_deleted", site, admin)
    assert entry.before == {"name": "Site", "parent_id": str(home.root)}
    assert entry.after is not None
    assert (entry.after["deletion_id"], entry.after["folders"]) == (str(deletion_id), 2)
    (name, data), changed = world.suite.waiting("organizations")[-2:]
    assert (name, data["deletion_id"]) == ("folders_deleted", str(deletion_id))
    assert (set(data["folder_ids"]), data["deleted_at"]) == (
        {str(site), str(roof)},
        now.isoformat(),
    )
    assert changed == ("access_changed", {"organization_id": str(home.id), "epoch": 4})
    with world.database.reading() as session:
        deletion = session.get_one(FolderDeletion, deletion_id)
        assert (deletion.folder_id, deletion.folders, deletion.deleted_by) == (site, 2, admin)
        rows = session.scalars(select(Folder).where(Folder.deletion_id == deletion_id))
        assert {row.id for row in rows} == {site, roof}


def test_the_default_folder_is_never_deleted(world: World) -> None:
    """FLD-7."""
    home = world.home()
    world.folder(home, "Site")
    assert refused(world, home, home.root) == "default-folder-stays"
    asked = {"organization_id": home.id, "folder_id": home.root}
    assert world.refused("preview_deletion", home.owner, **asked) == "default-folder-stays"


def test_the_name_may_be_used_again_and_gives_no_old_access(world: World) -> None:
    """I8."""
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    viewer = world.joins(home, Role.VIEWER, site, roof)
    deletes(world, home, site)
    world.folder(home, "Roof", world.folder(home, "site"))
    assert visible(world, home, home.owner) == {"Default folder", "site", "Roof"}
    assert visible(world, home, viewer) == set()


def test_no_invitation_opens_it_any_more(world: World) -> None:
    """INV-10, I8: not even when it is restored."""
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    roof = world.folder(home, "Roof", site)
    invitation = invitation_of(world, home, home.owner)
    with world.database() as session:
        for folder in (roof, other):
            session.add(
                InvitationFolder(
                    invitation_id=invitation, folder_id=folder, organization_id=home.id
                )
            )
    deletes(world, home, site)
    with world.database.reading() as session:
        assert session.scalars(select(InvitationFolder.folder_id)).all() == [other]


def test_one_key_deletes_once_and_is_answered_alike(world: World) -> None:
    """D-24: also when the folder is long gone."""
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    first = deletes(world, home, site, key="delete-once")
    before = world.dump()
    assert deletes(world, home, site, key="delete-once") == first
    assert world.dump() == before
    assert refused(world, home, other, key="delete-once") == "idempotency-mismatch"
    assert refused(world, home, site) == "folder-not-found"


# What is in it


def test_the_preview_counts_what_would_go(stocked: World) -> None:
    """FLD-7: and what the deletion answers is the same."""
    home = stocked.home()
    site, other = stocked.folder(home, "Site"), stocked.folder(home, "Other")
    roof = stocked.folder(home, "Roof", site)
    stocked.joins(home, Role.VIEWER, site, roof, other)
    for folder in (site, roof, roof, other):
        system(stocked, home, folder)
    counts = {"subfolders": 1, "grants": 2, "devices": 0, "systems": 3}
    before = stocked.dump()
    assert previewed(stocked, home, site) == counts
    assert stocked.dump() == before
    answer = deletes(stocked, home, site)
    assert {name: answer[name] for name in counts} == counts


def test_what_cannot_be_counted_is_null(world: World) -> None:
    """FLD-7: devices are away."""
    home = world.home()
    site = world.folder(home, "Site")
    counts = {"subfolders": 0, "grants": 0, "devices": None, "systems": None}
    assert previewed(world, home, site) == counts


def test_with_something_in_it_credentials_are_entered_again(stocked: World) -> None:
    """Security 2.7: a system in a subfolder is enough, and no program may do it at all."""
    home = stocked.home()
    site = stocked.folder(home, "Site")
    system(stocked, home, stocked.folder(home, "Roof", site))
    old = stocked.session(home.owner, minutes=11)
    assert refused(stocked, home, site, old) == "step-up-required"
    assert refused(stocked, home, site, stocked.program(home.owner)) == "person-required"
    assert deletes(stocked, home, site, stocked.session(home.owner, minutes=10))["systems"] == 1


def test_an_empty_folder_needs_no_fresh_credentials(stocked: World) -> None:
    home = stocked.home()
    system(stocked, home, stocked.folder(home, "Full"))
    for who in (stocked.session(home.owner, minutes=600), stocked.program(home.owner)):
        folder = stocked.folder(home, "Empty")
        assert deletes(stocked, home, folder, who)["devices"] == 0


def test_what_could_not_be_counted_counts_as_something(world: World) -> None:
    """Security 2.7: devices are away."""
    home = world.home()
    site = world.folder(home, "Site")
    old = world.session(home.owner, minutes=11)
    assert refused(world, home, site, old) == "step-up-required"
    assert refused(world, home, site, world.program(home.owner)) == "person-required"
    assert deletes(world, home, site)["devices"] is None


def test_a_folder_that_came_in_while_devices_were_asked_was_not_counted(
    stocked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security 2.7: the count is of other folders than those that would go."""
    home = stocked.home()
    site, full = stocked.folder(home, "Site"), stocked.folder(home, "Full")
    system(stocked, home, full)
    call = stocked.suite.bus.call

    def moves_meanwhile(service: str, method: str, *rest: Any, **more: Any) -> Any:
        answer = call(service, method, *rest, **more)
        if method == "count_content":
            monkeypatch.undo()
            stocked.ask(
                "move_folder", home.owner, organization_id=home.id, folder_id=full, parent_id=site
            )
        return answer

    monkeypatch.setattr(stocked.suite.bus, "call", moves_meanwhile)
    old = stocked.session(home.owner, minutes=11)
    assert stocked.refused("delete_folder", old, **request(home, site)) == "step-up-required"
    assert visible(stocked, home, home.owner) == {"Default folder", "Site", "Full"}


# By whom


def test_only_who_manages_folders_deletes_or_previews(world: World) -> None:
    """Chapter 13, ACS-3: before the box is looked at, too."""
    home, foreign = world.home(), world.home()
    site = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER, site)
    operator = world.joins(home, Role.OPERATOR, site)
    expected = {
        viewer: "not-permitted",
        operator: "not-permitted",
        foreign.owner: "organization-not-found",
        uuid4(): "organization-not-found",
    }
    for who, code in expected.items():
        assert refused(world, home, site, who) == code
        assert refused(world, home, site, who, confirm_risk=False) == code
        asked = {"organization_id": home.id, "folder_id": site}
        assert world.refused("preview_deletion", who, **asked) == code
    for folder in (foreign.root, uuid4()):
        assert refused(world, home, folder) == "folder-not-found"
        asked = {"organization_id": home.id, "folder_id": folder}
        assert world.refused("preview_deletion", home.owner, **asked) == "folder-not-found"
    assert entries(world, foreign)[1:] == []


# At once


def test_of_two_deletions_at_once_one_finds_the_folder(world: World) -> None:
    """M5.8; with one key both are the same."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    for number in range(10):
        site = world.folder(home, f"Site {number}")

        def deleting(who: UUID, site: UUID = site) -> Any:
            return lambda: world.outcome("delete_folder", who, **request(home, site))

        outcomes = at_once(deleting(home.owner), deleting(admin))
        assert sorted(outcomes) == ["done", "folder-not-found"]
        twice = world.folder(home, f"Twice {number}")

        def repeated(twice: UUID = twice) -> Any:
            return deletes(world, home, twice, key=f"{twice}")

        first, second = at_once(repeated, repeated)
        assert first == second
    with world.database.reading() as session:
        assert len(session.scalars(select(FolderDeletion)).all()) == 20


def test_nothing_is_made_in_a_folder_that_is_going(world: World) -> None:
    """M5.8, I2: either it goes too, or it is not made."""
    home = world.home()
    for number in range(10):
        site = world.folder(home, f"Site {number}")
        inside = Home(home.id, site, home.owner)

        def deleting(site: UUID = site) -> Any:
            return deletes(world, home, site)

        made, gone = at_once(creating(world, inside, "Roof"), deleting)
        assert (made, gone["subfolders"]) in (("done", 1), ("folder-not-found", 0))
    assert visible(world, home, home.owner) == {"Default folder"}


def test_thousands_of_folders_go_with_few_statements(world: World) -> None:
    """M5.5: told of in parts of at most 500."""
    home = world.home()
    site = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER)
    rooms = planted(world, home, site, 1200)
    for room in rooms[:3]:
        world.grant(home, viewer, room)
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(world.database.engine, "after_cursor_execute", note)
    answer = deletes(world, home, site)
    assert (answer["subfolders"], answer["grants"]) == (1200, 3)
    assert len(asked) < 30
    parts = [
        data["folder_ids"]
        for name, data in world.suite.waiting("organizations")
        if name == "folders_deleted"
    ]
    assert [len(part) for part in parts] == [500, 500, 201]
    told = {UUID(folder) for part in parts for folder in part}
    assert told == {site, *rooms}
    with world.database.reading() as session:
        assert session.scalars(select(FolderGrant)).all() == []


def planted(world: World, home: Home, parent: UUID, number: int) -> list[UUID]:
    """So many folders in one."""
    ids = [uuid4() for _ in range(number)]
    with world.database() as session:
        session.execute(
            insert(Folder),
            [
                {
                    "id": each,
                    "organization_id": home.id,
                    "parent_id": parent,
                    "name": f"Room {place}",
                    "name_key": names.key(f"Room {place}"),
                    "depth": 2,
                    "is_root": False,
                }
                for place, each in enumerate(ids)
            ],
        )
    return ids


def test_a_failure_halfway_leaves_everything_as_it_was(world: World) -> None:
    """I14: one transaction."""
    home = world.home()
    site = world.folder(home, "Site")
    world.joins(home, Role.VIEWER, site)
    before = world.dump()

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT INTO audit" in statement:
            raise RuntimeError("the disk is full")

    event.listen(world.database.engine, "before_cursor_execute", fail)
    with pytest.raises(ServiceFailed):
        deletes(world, home, site)
    assert world.dump() == before
