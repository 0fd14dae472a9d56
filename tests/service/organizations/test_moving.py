"""Folders are put elsewhere in the tree, with everything below them (FLD-9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from contracts.access import Role
from tests.service.organizations.inside import entries
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, MakeWorld, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def moved(
    world: World, home: Home, folder: UUID, parent: UUID, who: UUID | None = None
) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "move_folder",
        who or home.owner,
        organization_id=home.id,
        folder_id=folder,
        parent_id=parent,
    )
    return answer


def moving(world: World, home: Home, folder: UUID, parent: UUID) -> Any:
    return lambda: world.outcome(
        "move_folder", home.owner, organization_id=home.id, folder_id=folder, parent_id=parent
    )


def refused(world: World, home: Home, folder: UUID, parent: UUID, who: UUID | None = None) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused(
        "move_folder",
        who or home.owner,
        organization_id=home.id,
        folder_id=folder,
        parent_id=parent,
    )
    assert world.dump(without=("audit",)) == before
    return code


def tree(world: World, home: Home) -> dict[str, tuple[int, list[str]]]:
    """Depth and path of each folder, as the owner sees them."""
    return {
        row["name"]: (row["depth"], [step["name"] for step in row["path"]])
        for row in world.all("list_folders", home.owner, organization_id=home.id)
    }


def visible(world: World, home: Home, who: UUID) -> set[str]:
    return {row["name"] for row in world.all("list_folders", who, organization_id=home.id)}


def test_a_folder_takes_everything_below_it_along(world: World, home: Home) -> None:
    """FLD-9, I2: paths and depths are those of the new place."""
    north, south = world.folder(home, "North"), world.folder(home, "South")
    city = world.folder(home, "City", south)
    site = world.folder(home, "Site", north)
    roof = world.folder(home, "Roof", site)
    world.folder(home, "Mast", roof)
    answer = moved(world, home, site, city)
    assert (answer["parent_id"], answer["depth"]) == (str(city), 3)
    assert [step["name"] for step in answer["path"]] == ["Default folder", "South", "City"]
    assert tree(world, home) == {
        "Default folder": (0, []),
        "North": (1, ["Default folder"]),
        "South": (1, ["Default folder"]),
        "City": (2, ["Default folder", "South"]),
        "Site": (3, ["Default folder", "South", "City"]),
        "Roof": (4, ["Default folder", "South", "City", "Site"]),
        "Mast": (5, ["Default folder", "South", "City", "Site", "Roof"]),
    }
    moved(world, home, site, home.root)
    assert tree(world, home)["Mast"][0] == 3


def test_a_move_is_recorded_and_announced_once(world: World, home: Home) -> None:
    """I14."""
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    before = len(entries(world, home))
    moved(world, home, site, other, world.joins(home, Role.ADMIN))
    (entry,) = entries(world, home)[before:]
    assert (entry.action, entry.object_id) == ("folder_moved", site)
    assert entry.before == {"parent_id": str(home.root)}
    assert entry.after == {"parent_id": str(other)}
    name, data = world.suite.waiting("organizations")[-1]
    assert (name, data) == ("access_changed", {"organization_id": str(home.id), "epoch": 4})


def test_inherited_access_follows_at_once_and_grants_stay(world: World, home: Home) -> None:
    """FLD-9, I7: and moving back gives everybody what they had."""
    north, south = world.folder(home, "North"), world.folder(home, "South")
    site = world.folder(home, "Site", north)
    roof = world.folder(home, "Roof", site)
    of_north = world.joins(home, Role.VIEWER, north)
    of_south = world.joins(home, Role.OPERATOR, south)
    of_roof = world.joins(home, Role.VIEWER, roof)
    people = (home.owner, of_north, of_south, of_roof)
    before = [visible(world, home, who) for who in people]
    moved(world, home, site, south)
    assert visible(world, home, of_north) == {"North"}
    assert visible(world, home, of_south) == {"South", "Site", "Roof"}
    assert visible(world, home, of_roof) == {"Roof"}
    assert visible(world, home, home.owner) == before[0]
    moved(world, home, site, north)
    assert [visible(world, home, who) for who in people] == before


def test_a_folder_is_never_put_into_itself_or_below_itself(world: World, home: Home) -> None:
    """FLD-9, I2."""
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    for parent in (site, roof, mast):
        assert refused(world, home, site, parent) == "folder-inside-itself"


def test_the_default_folder_stays(world: World, home: Home) -> None:
    """FLD-7."""
    site = world.folder(home, "Site")
    assert refused(world, home, home.root, site) == "default-folder-stays"
    assert refused(world, home, home.root, home.root) == "default-folder-stays"


def test_to_where_it_is_already_changes_nothing(world: World, home: Home) -> None:
    """I14: no change, and so no epoch and no record."""
    north = world.folder(home, "North")
    site = world.folder(home, "Site", north)
    before = world.dump()
    assert moved(world, home, site, north)["parent_id"] == str(north)
    assert world.dump() == before


def test_a_name_may_be_taken_by_the_new_siblings(world: World, home: Home) -> None:
    """FLD-8."""
    north, south = world.folder(home, "North"), world.folder(home, "South")
    site = world.folder(home, "Site", north)
    twin = world.folder(home, "SITE", south)
    assert refused(world, home, site, south) == "folder-name-taken"
    world.deletes(twin)
    assert moved(world, home, site, south)["parent_id"] == str(south)


def test_the_deepest_of_what_moves_stays_within_the_limit(make_world: MakeWorld) -> None:
    """FLD-8, FLD-9: what is deleted below it counts for nothing."""
    world = make_world(folder_depth=4)
    home = world.home()
    deep = world.folder(home, "Deep", world.folder(home, "Top"))
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    assert refused(world, home, site, deep) == "folder-too-deep"
    world.deletes(mast)
    assert moved(world, home, site, deep)["depth"] == 3
    assert tree(world, home)["Roof"][0] == 4


def test_a_full_folder_takes_no_other(make_world: MakeWorld) -> None:
    """FLD-8."""
    world = make_world(folders_per_folder=2)
    home = world.home()
    north = world.folder(home, "North")
    for name in ("One", "Two"):
        world.folder(home, name, north)
    site = world.folder(home, "Site", world.folder(home, "South"))
    assert refused(world, home, site, north) == "folder-full"


def test_a_full_organization_may_still_be_put_in_order(make_world: MakeWorld) -> None:
    """FLD-8: a move makes no folder."""
    world = make_world(folders_per_organization=3)
    home = world.home()
    north, site = world.folder(home, "North"), world.folder(home, "Site")
    assert moved(world, home, site, north)["depth"] == 2


def test_only_within_the_organization_and_by_who_manages_folders(world: World, home: Home) -> None:
    """FLD-9, chapter 13: neither folder may be another organization's."""
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    foreign = world.home(home.owner)
    lot = world.folder(foreign, "Lot")
    for folder, parent in ((site, foreign.root), (lot, other), (site, uuid4()), (uuid4(), other)):
        assert refused(world, home, folder, parent) == "folder-not-found"
    for role in (Role.OPERATOR, Role.VIEWER):
        member = world.joins(home, role, home.root)
        assert refused(world, home, site, other, member) == "not-permitted"
    assert refused(world, home, site, other, world.home().owner) == "organization-not-found"
    world.deletes(other)
    assert refused(world, home, site, other) == "folder-not-found"


def test_a_folder_fills_up_once_however_many_come(make_world: MakeWorld) -> None:
    """FLD-8, M5.8."""
    world = make_world(folders_per_folder=6)
    home = world.home()
    north, south = world.folder(home, "North"), world.folder(home, "South")
    for number in range(4):
        world.folder(home, f"Old {number}", north)
    sites = [world.folder(home, f"Site {number}", south) for number in range(4)]
    outcomes = at_once(*(moving(world, home, site, north) for site in sites))
    assert sorted(outcomes) == ["done", "done", "folder-full", "folder-full"]


def test_a_move_on_one_level_writes_one_folder(world: World, home: Home) -> None:
    """M1, M4: whatever is below it; another level is written to all of them at once."""
    north, south = world.folder(home, "North"), world.folder(home, "South")
    site = world.folder(home, "Site", north)
    for number in range(20):
        world.folder(home, f"Room {number}", site)
    written: list[int] = []

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if "UPDATE folder " in statement:
            written.append(cursor.rowcount)

    event.listen(world.database.engine, "after_cursor_execute", note)
    moved(world, home, site, south)
    assert written == [1]
    written.clear()
    moved(world, home, site, home.root)
    assert len(written) == 2
    assert tree(world, home)["Room 19"][0] == 2
