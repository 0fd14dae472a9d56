"""Operators undo the deletion of folders, until it is forgotten (FLD-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select

from contracts.access import Role
from contracts.errors import Refusal
from services.organizations.models import (
    Folder,
    FolderDeletion,
    Organization,
)
from tests.service.organizations.inside import entries, granted
from tests.service.organizations.test_deleting import deletes, planted, visible
from tests.service.organizations.test_races import at_once, creating
from tests.service.organizations.world import Home, MakeWorld, World

DAYS = 30


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def gone(world: World, home: Home, folder: UUID) -> UUID:
    """The id of the deletion."""
    return UUID(deletes(world, home, folder)["deletion_id"])


def restores(world: World, deletion: UUID) -> Folder:
    found: Folder = world.suite.instance("organizations").restore_folders(deletion, why="ticket 7")
    return found


def refused(world: World, deletion: UUID) -> str:
    """The code, after looking that nothing at all has changed."""
    before = world.dump()
    with pytest.raises(Refusal) as refusal:
        restores(world, deletion)
    assert world.dump() == before
    return refusal.value.code


def forgets(world: World) -> None:
    world.suite.run_job("organizations", "forget_deletions")


def passes(world: World, **time: float) -> None:
    world.suite.clock.advance(timedelta(**time))


def depths(world: World, home: Home) -> dict[str, int]:
    rows = world.all("list_folders", home.owner, organization_id=home.id)
    return {row["name"]: row["depth"] for row in rows}


def test_everything_comes_back_but_the_grants(world: World, home: Home) -> None:
    """FLD-6, I8: who had access has to be granted it again."""
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    viewer = world.joins(home, Role.VIEWER, site, roof)
    deletion = gone(world, home, site)
    assert restores(world, deletion).id == site
    assert visible(world, home, home.owner) == {"Default folder", "Site", "Roof"}
    assert visible(world, home, viewer) == set()
    assert granted(world, home, viewer) == set()
    world.grant(home, viewer, site)
    assert visible(world, home, viewer) == {"Site", "Roof"}


def test_a_restoration_is_one_change(world: World, home: Home) -> None:
    """I14: told of, recorded with who and why, and the epoch rises."""
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    deletion = gone(world, home, site)
    before = len(entries(world, home))
    restores(world, deletion)
    (entry,) = entries(world, home)[before:]
    assert (entry.action, entry.object_id, entry.reason) == ("folder_restored", site, "ticket 7")
    assert entry.account_id is None
    assert entry.after == {"name": "Site", "deletion_id": str(deletion), "folders": 2}
    (name, data), changed = world.suite.waiting("organizations")[-2:]
    assert (name, data["deletion_id"]) == ("folders_restored", str(deletion))
    assert set(data["folder_ids"]) == {str(site), str(roof)}
    assert changed == ("access_changed", {"organization_id": str(home.id), "epoch": 5})


def test_a_name_that_was_taken_meanwhile_gets_a_number(world: World, home: Home) -> None:
    """FLD-8."""
    site = world.folder(home, "Site")
    world.folder(home, "Roof", site)
    deletion = gone(world, home, site)
    world.folder(home, "Roof", world.folder(home, "SITE"))
    world.folder(home, "Site (2)")
    assert restores(world, deletion).name == "Site (3)"
    assert entries(world, home)[-1].before == {"name": "Site"}
    long = world.folder(home, "x" * 64)
    deletion = gone(world, home, long)
    world.folder(home, "x" * 64)
    assert restores(world, deletion).name == "x" * 60 + " (2)"


def test_once_and_only_once(world: World, home: Home) -> None:
    deletion = gone(world, home, world.folder(home, "Site"))
    outcomes = at_once(*[lambda: _outcome(world, deletion)] * 3)
    assert sorted(outcomes) == ["deletion-undone", "deletion-undone", "done"]
    assert refused(world, deletion) == "deletion-undone"
    assert refused(world, uuid4()) == "deletion-not-found"


def _outcome(world: World, deletion: UUID) -> str:
    try:
        restores(world, deletion)
    except Refusal as refusal:
        return refusal.code
    return "done"


def test_what_was_restored_may_be_deleted_again(world: World, home: Home) -> None:
    site = world.folder(home, "Site")
    restores(world, gone(world, home, site))
    second = gone(world, home, site)
    restores(world, second)
    assert visible(world, home, home.owner) == {"Default folder", "Site"}


def test_a_folder_that_is_deleted_too_is_restored_first(world: World, home: Home) -> None:
    """Decision 0019: nothing comes back at another place than it was."""
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    of_mast = gone(world, home, mast)
    of_roof = gone(world, home, roof)
    of_site = gone(world, home, site)
    assert refused(world, of_mast) == "parent-deleted"
    with pytest.raises(Refusal) as refusal:
        restores(world, of_roof)
    assert refusal.value.facts["deletion_id"] == str(of_site)
    restores(world, of_site)
    assert visible(world, home, home.owner) == {"Default folder", "Site"}
    restores(world, of_roof)
    restores(world, of_mast)
    assert depths(world, home)["Mast"] == 3


def test_it_comes_back_where_its_parent_is_now(world: World, home: Home) -> None:
    """I2: with the depths of that place."""
    north, south = world.folder(home, "North"), world.folder(home, "South")
    site = world.folder(home, "Site", north)
    world.folder(home, "Roof", site)
    deletion = gone(world, home, site)
    world.ask("move_folder", home.owner, organization_id=home.id, folder_id=north, parent_id=south)
    restores(world, deletion)
    assert depths(world, home) == {
        "Default folder": 0,
        "South": 1,
        "North": 2,
        "Site": 3,
        "Roof": 4,
    }


def test_every_limit_holds_for_what_comes_back(make_world: MakeWorld) -> None:
    """FLD-8."""
    world = make_world(folder_depth=3, folders_per_folder=3, folders_per_organization=7)
    home = world.home()
    north, south = world.folder(home, "North"), world.folder(home, "South")
    site = world.folder(home, "Site", north)
    world.folder(home, "Roof", site)
    deletion = gone(world, home, site)
    asked = {"organization_id": home.id, "folder_id": north}
    world.ask("move_folder", home.owner, **asked, parent_id=south)
    assert refused(world, deletion) == "folder-too-deep"
    world.ask("move_folder", home.owner, **asked, parent_id=home.root)
    rooms = [world.folder(home, f"Room {number}", north) for number in range(3)]
    assert refused(world, deletion) == "folder-full"
    world.deletes(rooms[0])
    world.folder(home, "Other")
    assert refused(world, deletion) == "organization-full"
    world.deletes(rooms[1])
    restores(world, deletion)
    assert depths(world, home)["Roof"] == 3


def test_a_creation_at_the_same_moment_does_not_share_the_name(world: World, home: Home) -> None:
    """M5.8, FLD-8."""
    for number in range(10):
        name = f"Site {number}"
        deletion = gone(world, home, world.folder(home, name))

        def restoring(deletion: UUID = deletion) -> Any:
            return restores(world, deletion)

        made, _ = at_once(creating(world, home, name), restoring)
        assert made in ("done", "folder-name-taken")
    names = [row["name"] for row in world.all("list_folders", home.owner, organization_id=home.id)]
    assert len(names) == len({name.casefold() for name in names})


def test_not_while_the_organization_is_archived(world: World, home: Home) -> None:
    """ARC-4."""
    deletion = gone(world, home, world.folder(home, "Site"))
    world.archived(home)
    assert refused(world, deletion) == "organization-archived"


# Forgetting


def test_after_its_days_a_deletion_is_forgotten(world: World, home: Home) -> None:
    """FLD-6: its rows go, and those who keep what was in it are told."""
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    world.folder(home, "Mast", world.folder(home, "Roof", site))
    deletion = gone(world, home, site)
    epoch = world.suite.waiting("organizations")[-1][1]["epoch"]
    passes(world, days=DAYS, seconds=-1)
    before = world.dump()
    forgets(world)
    assert world.dump() == before
    passes(world, seconds=1)
    assert refused(world, deletion) == "deletion-over"
    forgets(world)
    assert refused(world, deletion) == "deletion-not-found"
    with world.database.reading() as session:
        assert set(session.scalars(select(Folder.id))) == {home.root, other}
        assert session.get_one(Organization, home.id).access_epoch == epoch
    entry = entries(world, home)[-1]
    assert (entry.action, entry.object_id) == ("deletion_forgotten", site)
    assert (entry.account_id, entry.acting_as) == (None, "organizations")
    assert entry.before == {"name": "Site", "deletion_id": str(deletion), "folders": 3}
    assert world.suite.waiting("organizations")[-1] == (
        "deletion_forgotten",
        {"organization_id": str(home.id), "deletion_id": str(deletion)},
    )
    before = world.dump()
    forgets(world)
    assert world.dump() == before


def test_what_was_restored_is_not_forgotten(world: World, home: Home) -> None:
    site = world.folder(home, "Site")
    restores(world, gone(world, home, site))
    passes(world, days=DAYS + 1)
    told = len(world.suite.waiting("organizations"))
    forgets(world)
    assert visible(world, home, home.owner) == {"Default folder", "Site"}
    assert len(world.suite.waiting("organizations")) == told
    with world.database.reading() as session:
        assert session.scalars(select(FolderDeletion)).all() == []


def test_thousands_are_removed_in_parts(world: World, home: Home) -> None:
    """So that nobody waits for it, and a stop in between leaves less to do."""
    site = world.folder(home, "Site")
    planted(world, home, site, 1200)
    gone(world, home, site)
    passes(world, days=DAYS)
    removed: list[int] = []

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE FROM folder "):
            removed.append(cursor.rowcount)

    event.listen(world.database.engine, "after_cursor_execute", note)
    forgets(world)
    assert removed == [500, 500, 200, 1]
    assert visible(world, home, home.owner) == {"Default folder"}


def test_two_replicas_forget_a_deletion_once(world: World, home: Home) -> None:
    site = world.folder(home, "Site")
    world.folder(home, "Roof", site)
    gone(world, home, site)
    passes(world, days=DAYS)
    at_once(lambda: forgets(world), lambda: forgets(world))
    acts = [entry.action for entry in entries(world, home)]
    assert acts.count("deletion_forgotten") == 1


def test_what_may_come_back_for_longer_keeps_the_folders_it_is_in(world: World, home: Home) -> None:
    """Where the days were made fewer between two deletions."""
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    of_roof = gone(world, home, roof)
    of_site = gone(world, home, site)
    with world.database() as session:
        session.get_one(FolderDeletion, of_roof).forget_at += timedelta(days=5)
    passes(world, days=DAYS)
    forgets(world)
    with world.database.reading() as session:
        assert session.get(FolderDeletion, of_site) is not None
    passes(world, days=5)
    forgets(world)
    forgets(world)
    with world.database.reading() as session:
        assert session.scalars(select(FolderDeletion)).all() == []
        assert session.scalars(select(Folder.id)).all() == [home.root]


def test_the_days_are_a_setting(make_world: MakeWorld) -> None:
    """FLD-6."""
    world = make_world(restore_days=2)
    home = world.home()
    deletion = gone(world, home, world.folder(home, "Site"))
    passes(world, days=2)
    assert refused(world, deletion) == "deletion-over"
    for days in (0, 3651):
        with pytest.raises(ValueError, match="limit"):
            make_world(restore_days=days)
