"""Deleted accounts: every membership ends, and no organization is left without an owner (OWN-4)."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from chassis import caller as assertions
from contracts.access import TOKEN_SCOPES, Role
from contracts.caller import Caller, Level
from contracts.errors import Refusal
from contracts.identity import AccountDeleted
from services.organizations.models import AuditEntry, FolderGrant, Membership, Organization
from services.organizations.operate import carry_out
from tests.service.organizations.test_races import Attempt, at_once
from tests.service.organizations.world import Home, World

ALONE = timedelta(minutes=2)


def told(world: World, account: UUID, event: UUID | None = None) -> None:
    """Identity's word that the account is gone, as it comes off the bus."""
    body = {"event_id": str(event or uuid4()), "data": AccountDeleted(account).to_json()}
    world.suite.instance("organizations").account_deleted(body)


def memberships(world: World, account: UUID) -> int:
    with world.database.reading() as session:
        found = session.scalars(select(Membership).where(Membership.account_id == account)).all()
        return len(found)


def releasing(world: World, account: UUID) -> Attempt:
    return lambda: world.outcome("release_account", account)


def audit(world: World, home: Home) -> list[AuditEntry]:
    with world.database.reading() as session:
        rows = select(AuditEntry).where(AuditEntry.organization_id == home.id)
        return list(session.scalars(rows.order_by(AuditEntry.seq)))


def sees(world: World, home: Home, account: UUID) -> str:
    return world.outcome("get_organization", account, organization_id=home.id)


def test_a_released_account_is_a_member_nowhere_from_the_next_request_on(world: World) -> None:
    """USR-6, ACS-5, I10."""
    home, other = world.home(), world.home()
    site = world.folder(home, "Site")
    bob = world.joins(home, Role.VIEWER, site)
    world.joins(other, Role.OWNER, account=bob)
    world.ask("release_account", bob)
    assert sees(world, home, bob) == "organization-not-found"
    assert world.refused_scope(home, bob, "folder:read") == "organization-not-found"
    assert memberships(world, bob) == 0
    assert sees(world, other, other.owner) == "done"
    with world.database.reading() as session:
        assert session.scalars(select(FolderGrant)).all() == []


def test_each_ended_membership_raises_the_epoch_and_leaves_one_audit_entry(world: World) -> None:
    """I14."""
    home = world.home()
    bob = world.joins(home, Role.OPERATOR)
    world.ask("release_account", bob)
    name, data = world.suite.waiting("organizations")[-1]
    assert (name, data) == ("access_changed", {"organization_id": str(home.id), "epoch": 2})
    entry = audit(world, home)[-1]
    assert (entry.action, entry.object_id, entry.account_id) == ("user_removed", bob, bob)
    assert (entry.before, entry.reason) == ({"role": "operator"}, "account deleted")
    assert (entry.ip, entry.user_agent) == ("192.0.2.10", "tests")
    assert len(audit(world, home)) == 2


def test_a_second_release_finds_nothing_to_do(world: World) -> None:
    home = world.home()
    bob = world.joins(home, Role.ADMIN)
    world.ask("release_account", bob)
    before = world.dump()
    world.ask("release_account", bob)
    assert world.dump() == before


def test_the_last_owner_is_refused_and_nothing_ends(world: World) -> None:
    """OWN-4: all memberships stay, those that might end included."""
    bob = uuid4()
    own, second = world.home(bob), world.home(bob)
    world.joins(second, Role.ADMIN)
    shared = world.home(bob)
    world.joins(shared, Role.OWNER)
    world.joins(world.home(), Role.ADMIN, account=bob)
    before = world.dump()
    with pytest.raises(Refusal) as refused:
        world.ask("release_account", bob)
    assert refused.value.code == "last-owner"
    named = set(refused.value.facts["organization_ids"].split(", "))
    assert named == {str(own.id), str(second.id)}
    assert refused.value.facts["organizations"] == "2"
    assert world.dump() == before


def test_an_archived_organization_holds_nobody_back(world: World) -> None:
    bob = uuid4()
    world.archived(world.home(bob))
    world.ask("release_account", bob)
    assert memberships(world, bob) == 0


def test_of_two_last_owners_who_leave_at_once_one_stays(world: World) -> None:
    """M5.8: the organization's row is the lock."""
    for _ in range(20):
        home = world.home()
        bob = world.joins(home, Role.OWNER)
        outcomes = at_once(releasing(world, home.owner), releasing(world, bob))
        assert Counter(outcomes) == {"done": 1, "last-owner": 1}


def test_two_accounts_that_share_many_organizations_do_not_wait_in_a_circle(world: World) -> None:
    for _ in range(5):
        ada, bob = uuid4(), uuid4()
        for _ in range(6):
            home = world.home()
            world.joins(home, Role.ADMIN, account=ada)
            world.joins(home, Role.ADMIN, account=bob)
        outcomes = at_once(releasing(world, ada), releasing(world, bob))
        assert outcomes == ["done", "done"]


@pytest.mark.parametrize(
    ("level", "scopes", "minutes", "code"),
    [
        (Level.AAL2, None, 11, "step-up-required"),
        (Level.TOKEN, frozenset(TOKEN_SCOPES), 0, "person-required"),
        (Level.MANAGE, None, 0, "manage-session"),
    ],
)
def test_only_a_person_with_fresh_credentials_is_released(
    world: World, level: Level, scopes: frozenset[str] | None, minutes: int, code: str
) -> None:
    """J4, security 2.7: asked of the assertion, whatever identity let through."""
    suite, now = world.suite, world.suite.clock.now()
    home = world.home()
    caller = Caller(home.owner, uuid4(), level, now - timedelta(minutes=minutes), scopes)
    assertion = assertions.issue(suite._signing, suite.key_id, caller, now)
    with pytest.raises(Refusal) as refused:
        suite.bus.call(
            "organizations", "release_account", {}, {"request_id": "x", "caller": assertion}
        )
    assert refused.value.code == code
    assert sees(world, home, home.owner) == "done"


def test_a_membership_that_appeared_meanwhile_ends_with_the_account(world: World) -> None:
    """An assertion outlives its account by up to a minute."""
    home = world.home()
    bob = world.joins(home, Role.ADMIN)
    event = uuid4()
    told(world, bob, event)
    assert sees(world, home, bob) == "organization-not-found"
    entry = audit(world, home)[-1]
    assert (entry.action, entry.account_id, entry.acting_as) == (
        "user_removed",
        None,
        "organizations",
    )
    before = world.dump()
    told(world, bob, event)
    told(world, bob)
    assert world.dump(without=("inbox",)) == {k: v for k, v in before.items() if k != "inbox"}


def test_what_an_assertion_began_after_the_word_came_ends_once_none_is_left(world: World) -> None:
    bob = uuid4()
    told(world, bob)
    late = world.home(bob)
    world.suite.run_job("organizations", "sweep_deleted_accounts")
    assert sees(world, late, bob) == "done"
    world.suite.clock.advance(ALONE)
    world.suite.run_job("organizations", "sweep_deleted_accounts")
    assert memberships(world, bob) == 0
    again = world.home(bob)
    world.suite.run_job("organizations", "sweep_deleted_accounts")
    assert sees(world, again, bob) == "done"


def test_an_organization_with_nobody_left_is_archived(world: World) -> None:
    """Decision 0010."""
    home = world.home()
    told(world, home.owner)
    with world.database.reading() as session:
        organization = session.get_one(Organization, home.id)
        assert organization.status.value == "archived"
        assert organization.archived_at == world.suite.clock.now()
        assert organization.access_epoch == 3
    assert [entry.action for entry in audit(world, home)][1:] == ["user_removed", "org_archived"]


def test_members_without_an_owner_are_left_alone_and_operators_are_told(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Decision 0010, OWN-5: nobody rises by somebody else's leaving."""
    home, kit = world.home(), world.suite.kits["organizations"]
    admin = world.joins(home, Role.ADMIN)
    with caplog.at_level(logging.ERROR):
        told(world, home.owner)
    assert [record.getMessage() for record in caplog.records] == [
        f"organization {home.id} has members and no owner"
    ]
    assert sees(world, home, admin) == "done"
    assert audit(world, home)[-1].action == "owner_missing"
    assert carry_out(kit, "ownerless") == 0
    assert capsys.readouterr().out.split() == [str(home.id)]

    assert carry_out(kit, "appoint-owner", home.id, uuid4(), reason="ticket 7") == 1
    assert carry_out(kit, "appoint-owner", home.id, admin, reason="ticket 7") == 0
    assert world.ask("get_organization", admin, organization_id=home.id)["role"] == "owner"
    entry = audit(world, home)[-1]
    assert (entry.action, entry.acting_as, entry.account_id) == ("owner_changed", "operator", None)
    assert (entry.before, entry.after) == ({"role": "admin"}, {"role": "owner"})
    assert entry.reason is not None
    assert entry.reason.endswith(": ticket 7")
    assert (
        carry_out(kit, "appoint-owner", home.id, world.joins(home, Role.VIEWER), reason="ticket 8")
        == 1
    )
    assert carry_out(kit, "appoint-owner", uuid4(), admin, reason="ticket 9") == 1
    assert "has an owner" in capsys.readouterr().err
    assert carry_out(kit, "ownerless") == 0
    assert capsys.readouterr().out == ""
