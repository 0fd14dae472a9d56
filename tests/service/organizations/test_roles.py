"""Roles: who gives which to whom, from when on they hold, and what they leave behind."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from contracts.access import Permission, Role, may
from contracts.caller import Level
from contracts.errors import Refusal
from contracts.invitations import InvitationStatus
from services.identity.models import Account
from tests.service.organizations.guests import PASSWORD
from tests.service.organizations.inside import (
    asked_for,
    entries,
    granted,
    invitation_of,
    membership,
    outcome_as,
    role,
    status,
)
from tests.service.organizations.world import Home, World

ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)
BELOW_OWNER = ROLES[1:]


def gives(world: World, home: Home, who: UUID, whom: UUID, wanted: Role) -> str:
    return world.outcome(
        "set_role", who, organization_id=home.id, account_id=whom, role=wanted.value
    )


def given(world: World, home: Home, whom: UUID, wanted: Role) -> Any:
    return world.ask(
        "set_role", home.owner, organization_id=home.id, account_id=whom, role=wanted.value
    )


def known(world: World, home: Home, held: Role) -> UUID:
    """A new member with an account of a verified address."""
    return world.joins(home, held, account=world.person())


@pytest.mark.parametrize("actor", ROLES)
def test_each_role_gives_what_it_may_and_nothing_else(peopled: World, actor: Role) -> None:
    """OWN-5, USR-7, I11, I14: every present and wanted role; what is refused changes nothing."""
    world = peopled
    home = world.home()
    who = known(world, home, actor)
    for present, wanted in product(ROLES, ROLES):
        whom = known(world, home, present)
        touches_owner = Role.OWNER in {present, wanted}
        is_allowed = actor is Role.OWNER or (actor is Role.ADMIN and not touches_owner)
        before = world.dump(without=("audit",))
        epoch, records = world.changes(home.id)
        outcome = gives(world, home, who, whom, wanted)
        assert outcome == ("done" if is_allowed else "not-permitted"), (present, wanted)
        assert role(world, home, whom) is (wanted if is_allowed else present)
        if not is_allowed:
            assert world.dump(without=("audit",)) == before
            assert entries(world, home)[-1].action == "authz_fail"
            # In the same minute the same refusal would only be counted.
            world.suite.clock.advance(timedelta(minutes=1))
        elif present is not wanted:
            assert world.changes(home.id) == (epoch + 1, records + 1)


@pytest.mark.parametrize("held", ROLES)
def test_nobody_raises_themselves(peopled: World, held: Role) -> None:
    """USR-7, I11."""
    world = peopled
    home = world.home()
    who = known(world, home, held)
    for wanted in ROLES:
        if wanted.rank > held.rank:
            assert gives(world, home, who, who, wanted) == "not-permitted"
    assert role(world, home, who) is held


def test_an_admin_may_step_down(world: World) -> None:
    """USR-7."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    assert gives(world, home, admin, admin, Role.VIEWER) == "done"
    assert gives(world, home, admin, admin, Role.ADMIN) == "not-permitted"


@pytest.mark.parametrize("held", [Role.ADMIN, Role.OWNER])
def test_no_program_steps_down_for_its_owner(peopled: World, held: Role) -> None:
    """As leaving; what it may do to others it may still do."""
    world = peopled
    home = world.home()
    who = known(world, home, held)
    program = world.program(who, has_authenticator=True)
    before = world.dump(without=("audit",))
    for wanted in ROLES:
        asked = {"organization_id": home.id, "account_id": who, "role": wanted}
        expected = "person-required"
        if held is Role.ADMIN and wanted is Role.OWNER:
            expected = "not-permitted"
        assert world.refused("set_role", program, **asked) == expected, wanted
    assert world.dump(without=("audit",)) == before
    other = world.joins(home, Role.VIEWER)
    asked = {"organization_id": home.id, "account_id": other, "role": Role.OPERATOR}
    assert world.outcome("set_role", program, **asked) == "done"


def test_a_role_holds_for_the_very_next_request(world: World) -> None:
    """USR-2, USR-3, I10."""
    home = world.home()
    member = world.joins(home, Role.VIEWER, home.root)

    def may(permission: str) -> str:
        return world.outcome(
            "resolve_scope", member, organization_id=home.id, permission=permission
        )

    assert (may("video:live"), may("recording:read")) == ("done", "not-permitted")
    shown = given(world, home, member, Role.OPERATOR)
    assert (shown["account_id"], shown["role"]) == (str(member), "operator")
    assert (may("recording:read"), may("folder:manage")) == ("done", "not-permitted")
    given(world, home, member, Role.ADMIN)
    assert may("folder:manage") == "done"
    given(world, home, member, Role.VIEWER)
    assert (may("video:live"), may("recording:read")) == ("done", "not-permitted")


@pytest.mark.parametrize("held", ROLES)
def test_the_role_says_what_and_the_grants_where(world: World, held: Role) -> None:
    """M3, M5.1, M5.2, OWN-2, ROLE-admin, ROLE-operator, ROLE-viewer, chapter 13.

    Of every permission in a granted folder, below it and beside it.
    """
    home = world.home()
    site, beside = world.folder(home, "Site"), world.folder(home, "Beside")
    roof = world.folder(home, "Roof", site)
    member = world.joins(home, held, site)
    for permission in Permission:
        for folder in (site, roof, beside):
            asked = {"organization_id": home.id, "permission": permission.value}
            if may(held, permission):
                answer = world.ask("check", member, **asked, folder_id=folder)
                assert answer["allowed"] is (held.rank >= Role.ADMIN.rank or folder != beside)
            else:
                assert world.refused("check", member, **asked, folder_id=folder) == "not-permitted"


def test_ownership_is_transferred_by_promoting_and_stepping_down(peopled: World) -> None:
    """OWN-3: several owners in between."""
    world = peopled
    home = world.home()
    heir = known(world, home, Role.VIEWER)
    given(world, home, heir, Role.OWNER)
    assert world.owners(home.id) == 2
    given(world, home, home.owner, Role.VIEWER)
    assert role(world, home, home.owner) is Role.VIEWER
    assert gives(world, home, home.owner, heir, Role.VIEWER) == "not-permitted"


@pytest.mark.parametrize("wanted", BELOW_OWNER)
def test_the_last_owner_stays_one(world: World, wanted: Role) -> None:
    """OWN-4, I1."""
    home = world.home()
    world.joins(home, Role.ADMIN)
    # Who owns something else is no owner here.
    other = world.home()
    world.joins(other, Role.OWNER)
    before = world.dump()
    with pytest.raises(Refusal) as refused:
        given(world, home, home.owner, wanted)
    assert refused.value.code == "last-owner"
    assert refused.value.facts["organization_ids"] == str(home.id)
    assert world.dump() == before


def test_only_a_member_becomes_owner(peopled: World) -> None:
    """OWN-6: with an account or without."""
    world = peopled
    home = world.home()
    for account in (world.person(), uuid4(), world.home().owner):
        assert gives(world, home, home.owner, account, Role.OWNER) == "member-not-found"


def test_only_who_has_an_account_becomes_owner(peopled: World) -> None:
    """OWN-6: identity knows none without a verified address."""
    world = peopled
    home = world.home()
    gone = world.joins(home, Role.ADMIN)
    before = world.dump()
    assert gives(world, home, home.owner, gone, Role.OWNER) == "account-not-verified"
    assert world.dump() == before
    assert gives(world, home, home.owner, known(world, home, Role.ADMIN), Role.OWNER) == "done"


def test_whose_address_is_not_proven_has_no_account(peopled: World) -> None:
    """OWN-6: so that whoever has one may become an owner."""
    identity = peopled.suite.databases["identity"]
    asked = {"email": "ada@example.com", "password": PASSWORD}
    peopled.suite.call("identity", "register_account", asked, ip="192.0.2.1")
    with identity.reading() as session:
        assert session.scalars(select(Account)).all() == []
    person = peopled.person()
    with pytest.raises(DBAPIError), identity() as session:
        session.execute(update(Account).where(Account.id == person).values(verified_at=None))


def test_nobody_becomes_owner_while_accounts_cannot_be_asked(world: World) -> None:
    """OWN-6: nothing is taken for granted."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    before = world.dump()
    with pytest.raises(Refusal) as refused:
        given(world, home, admin, Role.OWNER)
    assert refused.value.code == "service-unavailable"
    assert "retry_after" in refused.value.facts
    assert world.dump() == before
    # Whoever may not is told so, whether identity is there or not.
    assert gives(world, home, admin, admin, Role.OWNER) == "not-permitted"
    assert gives(world, home, uuid4(), admin, Role.OWNER) == "organization-not-found"
    assert given(world, home, admin, Role.VIEWER)["email"] is None


@pytest.mark.parametrize(
    ("level", "minutes", "code"),
    [
        (Level.AAL2, 11, "step-up-required"),
        (Level.TOKEN, 0, "person-required"),
        (Level.AAL2, 10, "done"),
    ],
)
@pytest.mark.parametrize(
    ("present", "wanted"), [(Role.ADMIN, Role.OWNER), (Role.OWNER, Role.ADMIN)]
)
def test_the_owner_role_is_given_and_taken_with_fresh_credentials_only(
    peopled: World, level: Level, minutes: int, code: str, present: Role, wanted: Role
) -> None:
    """Security 2.7; and by no program."""
    world = peopled
    home = world.home()
    whom = known(world, home, present)
    outcome = outcome_as(
        world,
        "set_role",
        home.owner,
        level=level,
        minutes=minutes,
        organization_id=home.id,
        account_id=whom,
        role=wanted.value,
    )
    assert outcome == code
    assert role(world, home, whom) is (wanted if code == "done" else present)


def test_other_roles_need_no_fresh_credentials(world: World) -> None:
    home = world.home()
    whom = world.joins(home, Role.VIEWER)
    for level, minutes in ((Level.AAL2, 600), (Level.TOKEN, 0)):
        outcome = outcome_as(
            world,
            "set_role",
            home.owner,
            level=level,
            minutes=minutes,
            organization_id=home.id,
            account_id=whom,
            role="admin" if minutes else "operator",
        )
        assert outcome == "done"


@pytest.mark.parametrize("wanted", ROLES)
def test_whatever_is_given_answers_what_was_asked_for(peopled: World, wanted: Role) -> None:
    """INV-7, USR-2: also the role that the member has already."""
    world = peopled
    home = world.home()
    member = known(world, home, Role.VIEWER)
    asked_for(world, home, member, Role.OPERATOR)
    (listed,) = world.all("list_members", home.owner, organization_id=home.id, role="viewer")
    assert listed["elevation_pending"] == "operator"
    epoch, records = world.changes(home.id)
    assert given(world, home, member, wanted)["elevation_pending"] is None
    found = membership(world, home, member)
    assert found is not None
    assert (found.role, found.requested_role) == (wanted, None)
    assert world.changes(home.id) == (epoch + 1, records + 1)
    assert entries(world, home)[-1].before == {"role": "viewer", "requested_role": "operator"}


def test_the_role_that_is_there_already_changes_nothing(world: World) -> None:
    home = world.home()
    member = world.joins(home, Role.OPERATOR)
    before = world.dump()
    assert given(world, home, member, Role.OPERATOR)["role"] == "operator"
    assert world.dump() == before


@pytest.mark.parametrize(
    ("present", "wanted", "left"),
    [
        (Role.ADMIN, Role.OPERATOR, "revoked"),
        (Role.ADMIN, Role.VIEWER, "revoked"),
        (Role.OWNER, Role.VIEWER, "revoked"),
        (Role.OWNER, Role.ADMIN, "pending"),
        (Role.ADMIN, Role.ADMIN, "pending"),
    ],
)
def test_below_admin_ones_pending_invitations_are_revoked(
    world: World, present: Role, wanted: Role, left: str
) -> None:
    """USR-6: those of this member, in this organization, that still wait."""
    home = world.home()
    inviter = world.joins(home, present)
    mine = [invitation_of(world, home, inviter) for _ in range(2)]
    accepted = invitation_of(world, home, inviter, InvitationStatus.ACCEPTED)
    others = invitation_of(world, home, home.owner)
    elsewhere = world.home()
    world.joins(elsewhere, Role.ADMIN, account=inviter)
    foreign = invitation_of(world, elsewhere, inviter)
    given(world, home, inviter, wanted)
    assert [status(world, each) for each in mine] == [left, left]
    assert status(world, accepted) == "accepted"
    assert [status(world, others), status(world, foreign)] == ["pending", "pending"]
    if left == "revoked":
        last = entries(world, home)[-1]
        assert last.after is not None
        assert last.after["invitations_revoked"] == 2


def test_grants_sleep_while_the_role_sees_everything(peopled: World) -> None:
    """USR-8: kept and ignored above operator, and there again below."""
    world = peopled
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    member = world.joins(home, Role.VIEWER, site, account=world.person())

    def seen() -> set[str]:
        return {each["id"] for each in world.all("list_folders", member, organization_id=home.id)}

    for high in (Role.ADMIN, Role.OWNER):
        given(world, home, member, high)
        assert seen() == {str(home.root), str(site), str(other)}
        assert granted(world, home, member) == {site}
        given(world, home, member, Role.OPERATOR)
        assert seen() == {str(site)}


def test_an_admin_without_grants_sees_nothing_once_demoted(world: World) -> None:
    """USR-8."""
    home = world.home()
    world.folder(home, "Site")
    admin = world.joins(home, Role.ADMIN)
    given(world, home, admin, Role.VIEWER)
    assert world.all("list_folders", admin, organization_id=home.id) == []


def test_each_change_of_a_role_is_recorded_with_before_and_after(peopled: World) -> None:
    """I14, security 2.10."""
    world = peopled
    home = world.home()
    member = known(world, home, Role.VIEWER)
    for wanted, action in (
        (Role.OPERATOR, "privilege_permissions_changed"),
        (Role.OWNER, "owner_changed"),
        (Role.ADMIN, "owner_changed"),
        (Role.VIEWER, "privilege_permissions_changed"),
    ):
        before = role(world, home, member)
        epoch, records = world.changes(home.id)
        given(world, home, member, wanted)
        assert world.changes(home.id) == (epoch + 1, records + 1)
        last = entries(world, home)[-1]
        assert (last.action, last.result) == (action, "done")
        assert (last.account_id, last.object_type, last.object_id) == (
            home.owner,
            "account",
            member,
        )
        assert before is not None
        assert last.before == {"role": before.value, "requested_role": None}
        assert last.after is not None
        assert last.after["role"] == wanted.value
        assert world.suite.waiting("organizations")[-1] == (
            "access_changed",
            {"organization_id": str(home.id), "epoch": epoch + 1},
        )


def test_members_of_other_organizations_are_unknown_here(world: World) -> None:
    """Also to who is an owner there."""
    home, other = world.home(), world.home()
    theirs = world.joins(other, Role.VIEWER)
    before = world.dump()
    assert gives(world, home, home.owner, theirs, Role.ADMIN) == "member-not-found"
    assert gives(world, home, other.owner, home.owner, Role.VIEWER) == "organization-not-found"
    assert world.dump() == before
    world.archived(other)
    assert gives(world, other, other.owner, theirs, Role.ADMIN) == "organization-not-found"


@pytest.mark.parametrize("word", ["Owner", "superuser", "", None, 3])
def test_a_role_that_is_none_is_refused(world: World, word: object) -> None:
    home = world.home()
    member = world.joins(home, Role.VIEWER)
    code = world.refused(
        "set_role", home.owner, organization_id=home.id, account_id=member, role=word
    )
    assert code == "invalid-request"
