"""An organization that lets in only who signed in with an authenticator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.access import Role
from contracts.caller import Caller, Level
from contracts.organizations import AuditResult
from services.identity.models import TotpActive
from tests.service.identity.town import Person, Town
from tests.service.organizations.guests import BOB, link
from tests.service.organizations.inside import entries
from tests.service.organizations.test_archiving import everything
from tests.service.organizations.world import Home, World

NEEDED = "authenticator-required"
WEAK = (Level.AAL1, Level.AAL1_EMAIL)


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def sets(
    world: World, home: Home, needed: bool, who: UUID | str | Caller | None = None
) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(
        "set_policy",
        who or home.owner,
        organization_id=home.id,
        members_need_authenticator=needed,
    )
    return answer


def refused(world: World, home: Home, needed: bool, who: UUID | Caller) -> str:
    """The code, after looking that nothing has changed but the record of a refusal (I14)."""
    before = world.dump(without=("audit",))
    code = world.refused(
        "set_policy", who, organization_id=home.id, members_need_authenticator=needed
    )
    assert world.dump(without=("audit",)) == before
    return code


def gets(world: World, home: Home, who: UUID | str | Caller) -> str:
    return world.outcome("get_organization", who, organization_id=home.id)


# Setting it


def test_an_owner_sets_it_and_takes_it_back(world: World, home: Home) -> None:
    """I14: each is one change with one record."""
    assert sets(world, home, True)["members_need_authenticator"] is True
    assert sets(world, home, False)["members_need_authenticator"] is False
    asked, taken_back = entries(world, home)[1:]
    assert (asked.action, asked.account_id) == ("org_policy_changed", home.owner)
    assert asked.before == {"members_need_authenticator": False}
    assert asked.after == taken_back.before == {"members_need_authenticator": True}
    name, data = world.suite.waiting("organizations")[-1]
    assert (name, data) == ("access_changed", {"organization_id": str(home.id), "epoch": 3})


def test_to_what_it_is_already_changes_nothing(world: World, home: Home) -> None:
    before = world.dump()
    sets(world, home, False)
    assert world.dump() == before


def test_only_an_owner_says_so(world: World, home: Home) -> None:
    """Chapter 13; who asks for what is not JSON's true or false is refused, too."""
    for role in (Role.ADMIN, Role.OPERATOR, Role.VIEWER):
        assert refused(world, home, True, world.joins(home, role)) == "not-permitted"
    assert refused(world, home, True, world.home().owner) == "organization-not-found"
    asked = {"organization_id": home.id, "members_need_authenticator": "true"}
    assert world.refused("set_policy", home.owner, **asked) == "invalid-request"


def test_with_fresh_credentials_and_an_authenticator_of_their_own(world: World, home: Home) -> None:
    """Security 2.7; nobody shuts themselves out."""
    assert refused(world, home, True, world.session(home.owner, minutes=11)) == "step-up-required"
    for level in WEAK:
        assert refused(world, home, True, world.session(home.owner, level)) == NEEDED
    program = world.program(home.owner, has_authenticator=True)
    assert refused(world, home, True, program) == "person-required"
    sets(world, home, True, world.session(home.owner, minutes=10))


# What it does


@pytest.mark.parametrize("level", WEAK)
def test_without_an_authenticator_nothing_is_answered(
    world: World, home: Home, level: Level
) -> None:
    """Whatever the role: what other services ask, too."""
    member = world.joins(home, Role.VIEWER, home.root)
    admin = world.joins(home, Role.ADMIN)
    sets(world, home, True)
    before = world.dump(without=("audit",))
    for account in (home.owner, admin):
        for method, asked in everything(home, member).items():
            of_owners = method in ("archive_organization", "set_policy")
            expected = "not-permitted" if of_owners and account == admin else NEEDED
            caller = world.session(account, level)
            assert world.refused(method, caller, **asked) == expected, method
    assert gets(world, home, world.session(member, level)) == NEEDED
    assert world.dump(without=("audit",)) == before


def test_with_an_authenticator_everything_is_as_before(world: World, home: Home) -> None:
    member = world.joins(home, Role.VIEWER, home.root)
    sets(world, home, True)
    assert gets(world, home, world.session(member)) == "done"
    assert gets(world, home, world.program(member, has_authenticator=True)) == "done"
    assert gets(world, home, world.program(member)) == NEEDED


def test_it_holds_for_the_next_request_and_for_one_organization(world: World, home: Home) -> None:
    """USR-3: no session has to end first."""
    other = world.home()
    ada = world.joins(home, Role.ADMIN)
    world.joins(other, Role.VIEWER, account=ada)
    weak = world.session(ada, Level.AAL1_EMAIL)
    assert gets(world, home, weak) == "done"
    sets(world, home, True)
    assert gets(world, home, weak) == NEEDED
    assert gets(world, other, weak) == "done"
    sets(world, home, False)
    assert gets(world, home, weak) == "done"


def test_outsiders_learn_nothing_of_it(world: World, home: Home) -> None:
    """404 before 403; and who lacks the right hears of that."""
    sets(world, home, True)
    stranger = world.session(world.home().owner, Level.AAL1)
    assert gets(world, home, stranger) == "organization-not-found"
    viewer = world.session(world.joins(home, Role.VIEWER), Level.AAL1)
    asked = {"organization_id": home.id, "name": "Mine"}
    assert world.refused("update_organization", viewer, **asked) == "not-permitted"


def test_it_is_listed_and_may_be_left_all_the_same(world: World, home: Home) -> None:
    member = world.joins(home, Role.VIEWER)
    sets(world, home, True)
    weak = world.session(member, Level.AAL1_EMAIL)
    (row,) = world.all("list_organizations", weak)
    assert (row["id"], row["members_need_authenticator"]) == (str(home.id), True)
    assert world.outcome("leave_organization", weak, organization_id=home.id) == "done"
    assert world.all("list_organizations", weak) == []


def test_the_list_says_no_more_than_that_it_is_there(world: World, home: Home) -> None:
    """Notes are the members' own words; as soon as an authenticator stands behind it, they come."""
    world.ask("update_organization", home.owner, organization_id=home.id, notes="Code 4711")
    member = world.joins(home, Role.VIEWER, home.root)
    open_one = world.home(member)
    world.ask("update_organization", member, organization_id=open_one.id, notes="Open")
    sets(world, home, True)
    told = (str(home.root), "Code 4711")
    weak = [world.session(member, level) for level in WEAK]
    for who, seen in (
        *((each, (None, "")) for each in (*weak, world.program(member))),
        (world.session(member), told),
        (world.program(member, has_authenticator=True), told),
    ):
        rows = {row["id"]: row for row in world.all("list_organizations", who)}
        listed = rows[str(home.id)]
        assert (listed["default_folder_id"], listed["notes"]) == seen
        assert rows[str(open_one.id)]["notes"] == "Open"
    sets(world, home, False)
    for each in weak:
        (listed,) = (x for x in world.all("list_organizations", each) if x["id"] == str(home.id))
        assert (listed["default_folder_id"], listed["notes"]) == told


@pytest.mark.parametrize("level", [*WEAK, Level.AAL2])
def test_who_accepts_an_invitation_sees_no_more_of_it_either(peopled: World, level: Level) -> None:
    home, bob = peopled.home(), peopled.person(BOB)
    peopled.ask("update_organization", home.owner, organization_id=home.id, notes="Code 4711")
    token = link(peopled, home)
    sets(peopled, home, True)
    seen = peopled.ask("accept_invitation", peopled.session(bob, level), token=token)
    told = (str(home.root), "Code 4711") if level is Level.AAL2 else (None, "")
    assert (seen["default_folder_id"], seen["notes"]) == told


def test_what_was_tried_without_one_is_recorded(world: World, home: Home) -> None:
    """Security 2.10: somebody may have no more than the password."""
    member = world.joins(home, Role.VIEWER, home.root)
    sets(world, home, True)
    before = len(entries(world, home))
    gets(world, home, world.session(member, Level.AAL1))
    (entry,) = entries(world, home)[before:]
    assert (entry.action, entry.account_id, entry.reason) == ("authz_fail", member, NEEDED)
    assert entry.result is AuditResult.REFUSED


# With identity beside it


class Neighborhood:
    """Somebody who belongs to an organization with the policy."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.town = Town(world.suite)
        self.ada: Person = self.town.newcomer()
        self.weak = self.town.signs_in(self.ada)
        self.account = UUID(self.town.ask("get_session", self.weak)["account_id"])
        self.home = world.home()
        world.joins(self.home, Role.VIEWER, self.home.root, account=self.account)
        sets(world, self.home, True)

    def program(self, token: str) -> str:
        expires_at = (self.town.clock.now() + timedelta(days=30)).isoformat()
        scopes = ["organization:read"]
        made = self.town.ask(
            "create_api_token", token, name="ci", scopes=scopes, expires_at=expires_at
        )
        return str(made["token"])

    def gets(self, token: str) -> str:
        return gets(self.world, self.home, token)


@pytest.fixture
def near(peopled: World) -> Neighborhood:
    return Neighborhood(peopled)


def test_registering_an_authenticator_opens_it_after_the_next_sign_in(near: Neighborhood) -> None:
    assert near.gets(near.weak) == NEEDED
    _key, strong = near.town.enrols(near.ada, near.weak)
    assert near.gets(strong) == "done"
    assert near.gets(near.weak) == NEEDED


def test_an_api_token_is_worth_what_its_owner_has_now(near: Neighborhood) -> None:
    """Looked up at each introspection, in both directions."""
    program = near.program(near.weak)
    assert near.gets(program) == NEEDED
    key, strong = near.town.enrols(near.ada, near.weak)
    assert near.gets(program) == "done"
    manage = near.town.manages(near.ada, strong, near.town.next_code(key))
    near.town.ask("remove_authenticator", manage)
    assert near.gets(program) == NEEDED


def test_removing_the_authenticator_closes_it_for_every_session(near: Neighborhood) -> None:
    key, strong = near.town.enrols(near.ada, near.weak)
    manage = near.town.manages(near.ada, strong, near.town.next_code(key))
    assert near.gets(strong) == "done"
    near.town.ask("remove_authenticator", manage)
    assert near.gets(strong) == NEEDED
    assert near.town.ask("get_session", strong)["level"] == "aal1"


def test_a_disabled_authenticator_stands_behind_no_token(near: Neighborhood) -> None:
    """Security 2.2: after too many wrong codes."""
    program = near.program(near.weak)
    near.town.enrols(near.ada, near.weak)
    assert near.gets(program) == "done"
    with near.world.suite.databases["identity"]() as session:
        session.get_one(TotpActive, near.account).disabled_at = near.town.clock.now()
    assert near.gets(program) == NEEDED
