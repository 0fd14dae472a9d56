"""What the audit keeps of refusals: who tried what without the right, and never a flood of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.access import Role
from contracts.caller import Caller
from contracts.organizations import AuditResult
from services.organizations.models import AuditEntry, Throttle
from tests.service.organizations.guests import BOB, invited, token_of
from tests.service.organizations.inside import entries
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def refusals(world: World, home: Home) -> list[AuditEntry]:
    """Oldest first."""
    return [each for each in entries(world, home) if each.result is AuditResult.REFUSED]


def reasons(world: World, home: Home) -> list[str | None]:
    return [each.reason for each in refusals(world, home)]


def pries(world: World, home: Home, who: UUID | Caller) -> None:
    assert world.refused("list_audit_entries", who, organization_id=home.id) == "not-permitted"


# How often


def test_whoever_asks_again_and_again_leaves_one_record_in_a_minute(
    world: World, home: Home
) -> None:
    """Security 2.10: the audit is kept for good, so nobody fills it; nothing is lost either."""
    viewer = world.joins(home, Role.VIEWER)
    for _ in range(40):
        pries(world, home, viewer)
    (first,) = refusals(world, home)
    assert (first.account_id, first.reason, first.after) == (viewer, "audit:read", None)
    world.suite.clock.advance(timedelta(seconds=59))
    pries(world, home, viewer)
    assert len(refusals(world, home)) == 1
    world.suite.clock.advance(timedelta(seconds=1))
    pries(world, home, viewer)
    assert [each.after for each in refusals(world, home)] == [None, {"only_counted": 40}]
    world.suite.clock.advance(timedelta(minutes=1))
    pries(world, home, viewer)
    assert [each.after for each in refusals(world, home)] == [None, {"only_counted": 40}, None]


def test_one_record_hides_no_other(world: World, home: Home) -> None:
    """Another account, another permission, another organization: each is told of."""
    viewer, other = world.joins(home, Role.VIEWER), world.joins(home, Role.VIEWER)
    elsewhere = world.home()
    world.joins(elsewhere, Role.VIEWER, account=viewer)
    for _ in range(3):
        pries(world, home, viewer)
        pries(world, home, other)
        pries(world, elsewhere, viewer)
        world.refused("update_organization", viewer, organization_id=home.id, name="Mine")
    told = {(each.account_id, each.reason) for each in refusals(world, home)}
    assert told == {
        (viewer, "audit:read"), (other, "audit:read"), (viewer, "organization:edit")
    }  # fmt: skip
    assert len(refusals(world, home)) == 3
    assert len(refusals(world, elsewhere)) == 1


def test_of_many_at_once_one_is_recorded_and_all_are_counted(world: World, home: Home) -> None:
    viewer = world.joins(home, Role.VIEWER)
    at_once(*[partial(pries, world, home, viewer)] * 8)
    assert len(refusals(world, home)) == 1
    world.suite.clock.advance(timedelta(minutes=1))
    at_once(*[partial(pries, world, home, viewer)] * 8)
    assert [each.after for each in refusals(world, home)] == [None, {"only_counted": 7}]


def test_what_is_counted_goes_when_nobody_has_tried_for_long(world: World, home: Home) -> None:
    pries(world, home, world.joins(home, Role.VIEWER))
    world.suite.clock.advance(timedelta(days=2))
    world.suite.run_job("organizations", "end_outdated_invitations")
    with world.database.reading() as session:
        assert session.scalars(select(Throttle)).all() == []


# What


@pytest.mark.parametrize(
    ("method", "payload"),
    [
        ("archive_organization", {"confirm_organization_id": "x", "understand_risk": True}),
        ("set_policy", {"members_need_authenticator": True}),
        ("leave_organization", {}),
    ],
)
def test_who_owns_without_fresh_credentials_is_recorded(
    world: World, home: Home, method: str, payload: dict[str, Any]
) -> None:
    """Security 2.7, 2.10: a stolen session tries just this."""
    world.joins(home, Role.OWNER)
    stale = world.session(home.owner, minutes=11)
    before = world.dump(without=("audit",))
    code = world.refused(method, stale, organization_id=home.id, **payload)
    assert code == "step-up-required"
    assert world.dump(without=("audit",)) == before
    (entry,) = refusals(world, home)
    assert (entry.action, entry.account_id) == ("authz_fail", home.owner)
    assert (entry.reason, entry.session_id) == ("step-up-required", stale.session_id)


def test_a_token_that_reaches_for_the_owner_role_is_recorded(world: World, home: Home) -> None:
    """Its owner is known to be an owner by then."""
    other = world.joins(home, Role.OWNER)
    asked = {"organization_id": home.id, "account_id": other, "role": "viewer"}
    assert world.refused("set_role", world.program(home.owner), **asked) == "person-required"
    assert reasons(world, home) == ["person-required"]


def test_what_no_token_may_do_is_refused_before_anything_is_read(world: World, home: Home) -> None:
    """Nobody knows then whether its owner is a member, and no record tells it."""
    before = world.dump()
    for who in (home.owner, uuid4()):
        code = world.refused("leave_organization", world.program(who), organization_id=home.id)
        assert code == "person-required"
    assert world.dump() == before


def test_an_outsider_leaves_nothing(world: World, home: Home) -> None:
    before = world.dump()
    for who in (world.session(uuid4()), world.session(uuid4(), minutes=11)):
        assert world.refused("leave_organization", who, organization_id=home.id)
    assert world.dump() == before


def test_a_link_in_the_wrong_hands_is_recorded(peopled: World) -> None:
    """INV-10: somebody has the link of an invitation that is not theirs."""
    home, eve = peopled.home(), peopled.person()
    invitation = invited(peopled, home, BOB)
    for _ in range(3):
        token = token_of(peopled, invitation)
        assert peopled.refused("accept_invitation", eve, token=token) == "not-invited"
    (entry,) = refusals(peopled, home)
    assert (entry.action, entry.account_id, entry.reason) == ("authz_fail", eve, "not-invited")
    assert (entry.object_type, entry.object_id) == ("invitation", UUID(invitation["id"]))
