"""Removing members, one or many, and leaving."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from contracts.caller import Level
from contracts.errors import Refusal
from contracts.members import MEMBERS_MOST
from tests.service.organizations.inside import (
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


def removes(world: World, home: Home, who: UUID, *whom: UUID) -> str:
    """Several at once, as the trash can in the action menu does."""
    accounts = [str(account) for account in whom]
    return world.outcome("remove_members", who, organization_id=home.id, account_ids=accounts)


def removes_one(world: World, home: Home, who: UUID, whom: UUID) -> str:
    return world.outcome("remove_member", who, organization_id=home.id, account_id=whom)


def leaves(world: World, home: Home, who: UUID) -> str:
    return world.outcome("leave_organization", who, organization_id=home.id)


def sees(world: World, home: Home, who: UUID) -> str:
    return world.outcome("list_members", who, organization_id=home.id)


# Removing


def test_who_is_removed_is_out_from_the_next_request_on(world: World) -> None:
    """USR-4, USR-6, ACS-5, I10: the other organizations of the account stay as they are."""
    home, other = world.home(), world.home()
    site = world.folder(home, "Site")
    bob = world.joins(home, Role.OPERATOR, site)
    world.joins(other, Role.VIEWER, other.root, account=bob)
    assert removes_one(world, home, home.owner, bob) == "done"
    assert sees(world, home, bob) == "organization-not-found"
    assert world.refused_scope(home, bob, "video:live") == "organization-not-found"
    assert granted(world, home, bob) == set()
    assert granted(world, other, bob) == {other.root}
    assert sees(world, other, bob) == "done"
    # Whoever comes back starts anew (I10).
    world.joins(home, Role.VIEWER, account=bob)
    assert world.all("list_folders", bob, organization_id=home.id) == []


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("removed", ROLES)
def test_each_role_removes_whom_it_may(world: World, actor: Role, removed: Role) -> None:
    """USR-4, USR-5, OWN-5, I14: alone and among others; what is refused changes nothing."""
    home = world.home()
    who = world.joins(home, actor)
    whom, other = world.joins(home, removed), world.joins(home, Role.VIEWER)
    is_allowed = actor is Role.OWNER or (actor is Role.ADMIN and removed is not Role.OWNER)
    expected = "done" if is_allowed else "not-permitted"
    before = world.dump(without=("audit",))
    assert removes(world, home, who, other, whom) == expected
    if not is_allowed:
        assert world.dump(without=("audit",)) == before
        assert removes_one(world, home, who, whom) == expected
        assert world.dump(without=("audit",)) == before
    else:
        assert membership(world, home, whom) is None
        assert membership(world, home, other) is None
        again = world.joins(home, removed)
        assert removes_one(world, home, who, again) == "done"


def test_several_are_removed_by_one_change(world: World) -> None:
    """USR-5, I14: one epoch, one audit entry, one announcement, whoever they are."""
    home = world.home()
    site = world.folder(home, "Site")
    gone = {
        world.joins(home, Role.ADMIN): "admin",
        world.joins(home, Role.VIEWER, site): "viewer",
        world.joins(home, Role.OPERATOR, site, home.root): "operator",
    }
    stays = world.joins(home, Role.VIEWER, site)
    epoch, records = world.changes(home.id)
    announced = len(world.suite.waiting("organizations"))
    answer = world.ask(
        "remove_members",
        home.owner,
        organization_id=home.id,
        account_ids=[str(account) for account in gone],
    )
    assert answer == {"removed": 3}
    assert world.changes(home.id) == (epoch + 1, records + 1)
    assert len(world.suite.waiting("organizations")) == announced + 1
    last = entries(world, home)[-1]
    assert (last.action, last.account_id, last.result) == ("user_removed", home.owner, "done")
    assert (last.object_type, last.object_id) == ("organization", home.id)
    assert last.before == {"roles": {str(account): word for account, word in gone.items()}}
    assert all(membership(world, home, account) is None for account in gone)
    assert granted(world, home, stays) == {site}
    left = world.all("list_members", home.owner, organization_id=home.id)
    assert {each["account_id"] for each in left} == {str(home.owner), str(stays)}


def test_a_removal_is_recorded_with_what_the_member_was(world: World) -> None:
    """Security 2.10, I14."""
    home = world.home()
    bob = world.joins(home, Role.ADMIN)
    invitation_of(world, home, bob)
    epoch, records = world.changes(home.id)
    assert removes_one(world, home, home.owner, bob) == "done"
    assert world.changes(home.id) == (epoch + 1, records + 1)
    last = entries(world, home)[-1]
    assert (last.action, last.object_type, last.object_id) == ("user_removed", "account", bob)
    assert (last.before, last.after) == ({"role": "admin"}, {"invitations_revoked": 1})


def test_all_of_them_or_none(world: World) -> None:
    """USR-5: an account that is no member, or one of another organization, holds all back."""
    home, other = world.home(), world.home()
    bob, theirs = world.joins(home, Role.VIEWER), world.joins(other, Role.VIEWER)
    before = world.dump()
    for stranger in (uuid4(), theirs, other.owner):
        with pytest.raises(Refusal) as refused:
            world.ask(
                "remove_members",
                home.owner,
                organization_id=home.id,
                account_ids=[str(bob), str(stranger)],
            )
        assert refused.value.code == "member-not-found"
        assert refused.value.facts["account_ids"] == str(stranger)
        assert removes_one(world, home, home.owner, stranger) == "member-not-found"
    assert world.dump() == before


def test_nobody_is_named_twice_and_somebody_is_named(world: World) -> None:
    """USR-5."""
    home = world.home()
    bob = world.joins(home, Role.VIEWER)
    before = world.dump()
    assert removes(world, home, home.owner, bob, bob) == "invalid-request"
    assert removes(world, home, home.owner) == "invalid-request"
    many = [uuid4() for _ in range(MEMBERS_MOST + 1)]
    assert removes(world, home, home.owner, *many) == "invalid-request"
    assert world.dump() == before


def test_as_many_as_the_list_may_hold_go_at_once(world: World) -> None:
    """USR-5."""
    home = world.home()
    many = [world.joins(home, Role.VIEWER) for _ in range(MEMBERS_MOST)]
    assert removes(world, home, home.owner, *many) == "done"
    assert len(world.all("list_members", home.owner, organization_id=home.id)) == 1


def test_owners_are_never_all_removed(world: World) -> None:
    """OWN-4, USR-5, I1: an owner is left because nobody removes themselves."""
    home = world.home()
    second, viewer = world.joins(home, Role.OWNER), world.joins(home, Role.VIEWER)
    before = world.dump()
    assert removes(world, home, home.owner, viewer, second, home.owner) == "last-owner"
    assert removes(world, home, home.owner, viewer, home.owner) == "own-membership"
    assert world.dump() == before
    assert removes(world, home, home.owner, viewer, second) == "done"
    before = world.dump()
    assert removes(world, home, home.owner, home.owner) == "last-owner"
    assert removes_one(world, home, home.owner, home.owner) == "last-owner"
    assert world.dump() == before


def test_nobody_removes_themselves(world: World) -> None:
    """Who wants to go leaves: an admin who selects everybody is not out by that."""
    home = world.home()
    admin, viewer = world.joins(home, Role.ADMIN), world.joins(home, Role.VIEWER)
    before = world.dump()
    assert removes_one(world, home, admin, admin) == "own-membership"
    assert removes(world, home, admin, viewer, admin) == "own-membership"
    assert world.dump() == before


@pytest.mark.parametrize(
    ("level", "minutes", "code"),
    [(Level.AAL2, 11, "step-up-required"), (Level.TOKEN, 0, "person-required")],
)
def test_an_owner_is_removed_with_fresh_credentials_only(
    world: World, level: Level, minutes: int, code: str
) -> None:
    """Security 2.7: it takes the owner role; of others nothing like it is asked."""
    home = world.home()
    second, viewer = world.joins(home, Role.OWNER), world.joins(home, Role.VIEWER)

    def removing(whom: UUID) -> str:
        return outcome_as(
            world,
            "remove_member",
            home.owner,
            level=level,
            minutes=minutes,
            organization_id=home.id,
            account_id=whom,
        )

    assert (removing(second), removing(viewer)) == (code, "done")
    assert role(world, home, second) is Role.OWNER


def test_invitations_of_who_is_removed_are_revoked(world: World) -> None:
    """USR-6: by the same change, and of nobody else."""
    home = world.home()
    one, two = world.joins(home, Role.ADMIN), world.joins(home, Role.ADMIN)
    theirs = [invitation_of(world, home, one), invitation_of(world, home, two)]
    others = invitation_of(world, home, home.owner)
    assert removes(world, home, home.owner, one, two) == "done"
    assert [status(world, each) for each in theirs] == ["revoked", "revoked"]
    assert status(world, others) == "pending"
    last = entries(world, home)[-1]
    assert last.after == {"invitations_revoked": 2}


def test_invitations_of_a_deleted_account_are_revoked(world: World) -> None:
    """USR-6."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    invitation = invitation_of(world, home, admin)
    world.ask("release_account", admin)
    assert status(world, invitation) == "revoked"


def test_members_of_an_ownerless_organization_can_be_removed(world: World) -> None:
    """Decision 0010: that it has no owner is nothing that a removal of others makes worse."""
    home = world.home()
    admin, viewer = world.joins(home, Role.ADMIN), world.joins(home, Role.VIEWER)
    world.leaves(home, home.owner)
    assert removes_one(world, home, admin, viewer) == "done"


# Leaving


@pytest.mark.parametrize("held", ROLES)
def test_every_member_may_leave(world: World, held: Role) -> None:
    """USR-7, I10, I14."""
    home = world.home()
    member = world.joins(home, held, home.root)
    epoch, records = world.changes(home.id)
    assert leaves(world, home, member) == "done"
    assert sees(world, home, member) == "organization-not-found"
    assert granted(world, home, member) == set()
    assert world.changes(home.id) == (epoch + 1, records + 1)
    last = entries(world, home)[-1]
    assert (last.action, last.account_id) == ("user_left", member)
    assert (last.object_type, last.object_id) == ("account", member)
    assert last.before == {"role": held.value}
    before = world.dump()
    assert leaves(world, home, member) == "organization-not-found"
    assert world.dump() == before


def test_the_last_owner_does_not_leave(world: World) -> None:
    """OWN-4, USR-7, I1."""
    home = world.home()
    world.joins(home, Role.ADMIN)
    before = world.dump()
    assert leaves(world, home, home.owner) == "last-owner"
    assert world.dump() == before
    world.joins(home, Role.OWNER)
    assert leaves(world, home, home.owner) == "done"


def test_invitations_of_who_leaves_are_revoked(world: World) -> None:
    """USR-6, INV-10."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    invitation = invitation_of(world, home, admin)
    assert leaves(world, home, admin) == "done"
    assert status(world, invitation) == "revoked"


@pytest.mark.parametrize(
    ("held", "level", "minutes", "code"),
    [
        (Role.OWNER, Level.AAL2, 11, "step-up-required"),
        (Role.ADMIN, Level.AAL2, 11, "done"),
        (Role.OWNER, Level.AAL1, 0, "done"),
        (Role.VIEWER, Level.TOKEN, 0, "person-required"),
        (Role.VIEWER, Level.MANAGE, 0, "manage-session"),
    ],
)
def test_who_leaves_is_a_person_and_an_owner_one_with_fresh_credentials(
    world: World, held: Role, level: Level, minutes: int, code: str
) -> None:
    """Security 2.7: the owner role is never given up unproved."""
    home = world.home()
    member = world.joins(home, held)
    outcome = outcome_as(
        world, "leave_organization", member, level=level, minutes=minutes, organization_id=home.id
    )
    assert outcome == code
    assert (role(world, home, member) is None) is (code == "done")


def test_whoever_lacks_the_authenticator_that_is_asked_for_may_leave(world: World) -> None:
    """And do nothing else there."""
    home = world.home()
    member = world.joins(home, Role.VIEWER)
    world.ask("set_policy", home.owner, organization_id=home.id, members_need_authenticator=True)

    def weakly(method: str) -> str:
        return outcome_as(world, method, member, level=Level.AAL1, organization_id=home.id)

    assert weakly("list_members") == "authenticator-required"
    assert weakly("leave_organization") == "done"
    assert weakly("leave_organization") == "organization-not-found"


def test_outsiders_neither_remove_nor_leave(world: World) -> None:
    home, other = world.home(), world.home()
    bob = world.joins(home, Role.VIEWER)
    archived = world.archived(world.home())
    asked: list[tuple[str, Home, UUID, dict[str, Any]]] = [
        ("remove_member", home, other.owner, {"account_id": bob}),
        ("remove_members", home, other.owner, {"account_ids": [str(bob)]}),
        ("leave_organization", home, other.owner, {}),
        ("leave_organization", archived, archived.owner, {}),
    ]
    before = world.dump()
    for method, where, who, payload in asked:
        code = world.refused(method, who, organization_id=where.id, **payload)
        assert code == "organization-not-found"
    assert world.dump() == before
