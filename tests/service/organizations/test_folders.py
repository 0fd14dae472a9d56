"""Folders get other names (FLD-8)."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

import pytest

from contracts.access import Role
from tests.service.organizations.inside import entries
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def renamed(
    world: World, home: Home, folder: UUID, name: str, who: UUID | None = None
) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "rename_folder", who or home.owner, organization_id=home.id, folder_id=folder, name=name
    )
    return answer


def refused(world: World, home: Home, folder: UUID, name: str, who: UUID | None = None) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused(
        "rename_folder", who or home.owner, organization_id=home.id, folder_id=folder, name=name
    )
    assert world.dump(without=("audit",)) == before
    return code


def test_a_folder_gets_another_name_for_everybody(world: World, home: Home) -> None:
    """FLD-8, I14: composed and trimmed; the epoch rises by one, with one audit entry."""
    site = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER, site)
    roof = world.folder(home, "Roof", site)
    answer = renamed(world, home, site, unicodedata.normalize("NFD", "  Café "))
    assert (answer["name"], answer["id"]) == ("Café", str(site))
    seen = world.ask("get_folder", viewer, organization_id=home.id, folder_id=roof)
    assert [step["name"] for step in seen["path"]] == ["Default folder", "Café"]
    entry = entries(world, home)[-1]
    assert (entry.action, entry.object_id, entry.account_id) == ("folder_renamed", site, home.owner)
    assert (entry.before, entry.after) == ({"name": "Site"}, {"name": "Café"})
    name, data = world.suite.waiting("organizations")[-1]
    assert (name, data) == ("access_changed", {"organization_id": str(home.id), "epoch": 4})


def test_the_default_folder_may_be_renamed(world: World, home: Home) -> None:
    answer = renamed(world, home, home.root, "Sites", world.joins(home, Role.ADMIN))
    assert (answer["name"], answer["is_default"]) == ("Sites", True)


def test_the_same_name_changes_nothing_and_other_capitals_do(world: World, home: Home) -> None:
    """FLD-8: its own name is no other folder's."""
    site = world.folder(home, "Site")
    before = world.dump()
    assert renamed(world, home, site, " Site ")["name"] == "Site"
    assert world.dump() == before
    assert renamed(world, home, site, "SITE")["name"] == "SITE"
    assert entries(world, home)[-1].after == {"name": "SITE"}


def test_a_name_differs_from_those_of_its_siblings_only(world: World, home: Home) -> None:
    """FLD-8: in more than capitals."""
    site, other = world.folder(home, "Straße"), world.folder(home, "Other")
    below = world.folder(home, "Below", site)
    assert refused(world, home, other, "STRASSE") == "folder-name-taken"
    assert refused(world, home, site, "other") == "folder-name-taken"
    assert renamed(world, home, below, "strasse")["name"] == "strasse"
    world.deletes(other)
    assert renamed(world, home, site, "other")["name"] == "other"


@pytest.mark.parametrize("name", ["   ", "a\nb", "x" * 65, "\u202eevil", "\u200b"])
def test_a_name_that_folders_cannot_have(world: World, home: Home, name: str) -> None:
    """FLD-8."""
    assert refused(world, home, world.folder(home, "Site"), name) == "name-refused"


def test_who_may_not_see_it_does_not_find_it_and_who_may_not_manage_is_refused(
    world: World, home: Home
) -> None:
    """Chapter 13, ACS-3."""
    site = world.folder(home, "Site")
    foreign = world.home()
    for role in (Role.OPERATOR, Role.VIEWER):
        member = world.joins(home, role, site)
        assert refused(world, home, site, "Mine", member) == "not-permitted"
    assert refused(world, home, site, "Mine", foreign.owner) == "organization-not-found"
    assert refused(world, home, foreign.root, "Mine") == "folder-not-found"
    world.deletes(site)
    assert refused(world, home, site, "Back") == "folder-not-found"


def test_of_two_folders_renamed_to_one_name_at_once_one_gets_it(world: World, home: Home) -> None:
    """FLD-8, M5.8."""

    def renaming(folder: UUID, name: str) -> Any:
        return lambda: world.outcome(
            "rename_folder", home.owner, organization_id=home.id, folder_id=folder, name=name
        )

    for number in range(10):
        one, two = (world.folder(home, f"{side} {number}") for side in ("One", "Two"))
        outcomes = at_once(renaming(one, f"Site {number}"), renaming(two, f"SITE {number}"))
        assert sorted(outcomes) == ["done", "folder-name-taken"]
