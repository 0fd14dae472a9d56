"""Organizations get other names and notes, and an account has many of them (ORG-2, ORG-3, ORG-7)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from tests.service.organizations.inside import entries
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, MakeWorld, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def edited(world: World, home: Home, who: UUID | None = None, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "update_organization", who or home.owner, organization_id=home.id, **changes
    )
    return answer


def refused(world: World, home: Home, who: UUID | None = None, **changes: Any) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused(
        "update_organization", who or home.owner, organization_id=home.id, **changes
    )
    assert world.dump(without=("audit",)) == before
    return code


def test_name_and_notes_change_together_or_alone(world: World, home: Home) -> None:
    """ORG-7: what is not named stays."""
    viewer = world.joins(home, Role.VIEWER)
    both = edited(world, home, name=" Difference  Engines ", notes="One\r\ntwo\n")
    assert (both["name"], both["notes"]) == ("Difference  Engines", "One\ntwo")
    assert edited(world, home, name="Looms")["notes"] == "One\ntwo"
    assert edited(world, home, notes="")["name"] == "Looms"
    seen = world.ask("get_organization", viewer, organization_id=home.id)
    assert (seen["name"], seen["notes"], seen["role"]) == ("Looms", "", "viewer")


def test_each_change_is_recorded_as_what_it_is(world: World, home: Home) -> None:
    """I14, security 2.10."""
    admin = world.joins(home, Role.ADMIN)
    edited(world, home, admin, name="Looms", notes="North")
    edited(world, home, admin, notes="South")
    both, notes = entries(world, home)[1:]
    assert (both.action, both.account_id) == ("org_renamed", admin)
    assert both.before == {"name": "Analytical Engines", "notes": ""}
    assert both.after == {"name": "Looms", "notes": "North"}
    assert (notes.action, notes.after) == ("org_notes_changed", {"notes": "South"})
    name, data = world.suite.waiting("organizations")[-1]
    assert (name, data) == ("access_changed", {"organization_id": str(home.id), "epoch": 3})


def test_what_is_the_same_already_changes_nothing(world: World, home: Home) -> None:
    edited(world, home, notes="North")
    before = world.dump()
    edited(world, home)
    edited(world, home, name=" Analytical Engines", notes="North ")
    assert world.dump() == before


@pytest.mark.parametrize("notes", ["a\0b", "\u202eevil", "\x1b[31m", "\ud800"])
def test_notes_that_cannot_be_kept(world: World, home: Home, notes: str) -> None:
    assert refused(world, home, notes=notes) == "name-refused"


@pytest.mark.parametrize(
    "changes", [{"notes": "x" * 4001}, {"notes": None}, {"name": ""}, {"role": "owner"}]
)
def test_fields_that_are_not_as_they_must_be(
    world: World, home: Home, changes: dict[str, Any]
) -> None:
    assert refused(world, home, **changes) == "invalid-request"


def test_only_owners_and_admins_edit(world: World, home: Home) -> None:
    """Chapter 13."""
    assert refused(world, home, name=" ") == "name-refused"
    for role in (Role.OPERATOR, Role.VIEWER):
        assert refused(world, home, world.joins(home, role), name="Mine") == "not-permitted"
    assert refused(world, home, world.home().owner, name="Mine") == "organization-not-found"
    world.archived(home)
    assert refused(world, home, name="Late") == "organization-not-found"


# Many organizations


def test_an_account_has_a_role_of_its_own_in_each_of_many(world: World) -> None:
    """ORG-2, ORG-3: in the order in which it joined them, and one knows nothing of another."""
    ada = uuid4()
    homes = []
    for number in range(3):
        homes.append(world.home(ada, f"Customer {number}"))
        world.suite.clock.advance(timedelta(seconds=1))
    other = world.home()
    world.joins(other, Role.VIEWER, account=ada)
    listed = world.all("list_organizations", ada, limit=2)
    assert [(row["id"], row["role"]) for row in listed] == [
        *((str(home.id), "owner") for home in homes),
        (str(other.id), "viewer"),
    ]
    world.folder(homes[0], "Site")
    assert len(world.all("list_folders", ada, organization_id=homes[1].id)) == 1
    assert edited(world, homes[0], name="Same")["name"] == "Same"
    assert edited(world, homes[1], name="Same")["id"] == str(homes[1].id)


def creating(world: World, who: UUID) -> Any:
    return lambda: world.outcome(
        "create_organization", who, name="Engines", idempotency_key=str(uuid4())
    )


def test_what_one_account_creates_is_bounded(make_world: MakeWorld) -> None:
    """A setting: organizations that are archived, left, or of others do not count."""
    world = make_world(organizations_per_account=2)
    ada = uuid4()
    first, second = world.home(ada), world.home(ada)
    world.joins(world.home(), Role.OWNER, account=ada)
    before = world.dump()
    assert creating(world, ada)() == "too-many-organizations"
    assert world.dump() == before
    assert creating(world, uuid4())() == "done"
    world.archived(first)
    assert creating(world, ada)() == "done"
    assert creating(world, ada)() == "too-many-organizations"
    world.joins(second, Role.OWNER)
    world.leaves(second, ada)
    assert creating(world, ada)() == "done"


def test_the_bound_holds_however_many_come_at_once(make_world: MakeWorld) -> None:
    world = make_world(organizations_per_account=3)
    for _ in range(3):
        ada = uuid4()
        outcomes = at_once(*[creating(world, ada)] * 6)
        assert Counter(outcomes) == {"done": 3, "too-many-organizations": 3}
