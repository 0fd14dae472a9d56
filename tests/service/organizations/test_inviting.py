"""Inviting: who may, what is asked for, and what becomes of an invitation that waits (INV-1 to 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import Role
from tests.service.organizations.guests import BOB, invited, of, resent, row, token_of, wish
from tests.service.organizations.inside import entries
from tests.service.organizations.world import Home, MakeWorld, World

DAY = timedelta(days=1)


@pytest.fixture
def home(peopled: World) -> Home:
    return peopled.home(peopled.person("ada@example.com"))


def refused(world: World, home: Home, code: str, **wanted: Any) -> None:
    """And nothing has changed."""
    before = world.dump()
    assert world.refused("invite", home.owner, **wish(world, home, **wanted)) == code
    assert world.dump() == before


def listed(world: World, home: Home, status: str | None = None) -> list[str]:
    chosen: dict[str, Any] = {} if status is None else {"status": status}
    found = world.all("list_invitations", home.owner, organization_id=home.id, **chosen)
    return [each["email"] for each in found]


def test_the_answer_says_what_is_given_and_what_was_asked_for(peopled: World, home: Home) -> None:
    """INV-7: viewer at acceptance, whatever was chosen; no token, no account (INV-10)."""
    folder = peopled.folder(home, "Pier")
    sent = invited(peopled, home, requested_role="operator", folder_ids=[folder])
    now = peopled.suite.clock.now()
    assert sent == {
        "id": sent["id"],
        "email": BOB,
        "role": "viewer",
        "requested_role": "operator",
        "folder_ids": [str(folder)],
        "status": "pending",
        "invited_by": str(home.owner),
        "created_at": now.isoformat(),
        "expires_at": (now + 7 * DAY).isoformat(),
    }
    assert peopled.ask("get_invitation", home.owner, **of(home, sent)) == sent
    [entry] = [each for each in entries(peopled, home) if each.action == "user_invited"]
    assert entry.object_id == row(peopled, sent).id
    assert entry.after == {
        "email": BOB,
        "requested_role": "operator",
        "folder_ids": [str(folder)],
    }


def test_the_chosen_role_is_given_where_the_setting_says_so(make_world: MakeWorld) -> None:
    """INV-8."""
    world = make_world(beside=("identity",), invitation_role_policy="as_chosen", invitation_days=30)
    home = world.home()
    sent = invited(world, home, requested_role="admin")
    assert (sent["role"], sent["requested_role"]) == ("admin", "admin")
    assert sent["expires_at"] == (world.suite.clock.now() + 30 * DAY).isoformat()


def test_an_address_with_an_account_and_one_without_are_answered_alike(
    peopled: World, home: Home
) -> None:
    """Security 2.8."""
    peopled.person("known@example.com")
    known = invited(peopled, home, "known@example.com")
    unknown = invited(peopled, home, "unknown@example.com")
    for each in (known, unknown):
        del each["id"], each["email"]
    assert known == unknown


def test_nobody_is_invited_as_owner(peopled: World, home: Home) -> None:
    """INV-9."""
    refused(peopled, home, "owner-not-invitable", requested_role="owner")


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_operators_and_viewers_are_invited_to_folders(
    peopled: World, home: Home, role: str
) -> None:
    """INV-2, INV-11."""
    refused(peopled, home, "folders-required", requested_role=role, folder_ids=[])


def test_folders_are_ignored_for_an_admin(peopled: World, home: Home) -> None:
    """INV-11: also those that are none."""
    sent = invited(peopled, home, requested_role="admin", folder_ids=[home.root, uuid4()])
    assert sent["folder_ids"] == []


def test_only_folders_of_the_organization_that_are_there(peopled: World, home: Home) -> None:
    """INV-11, security 2.8: unknown, another organization's, deleted."""
    gone = peopled.folder(home, "Gone")
    peopled.deletes(gone)
    other = peopled.home(home.owner)
    for folder in (uuid4(), other.root, gone):
        refused(peopled, home, "folder-not-found", folder_ids=[home.root, folder])


def test_a_folder_is_named_once(peopled: World, home: Home) -> None:
    """As where folders are granted to a member."""
    refused(peopled, home, "invalid-request", folder_ids=[home.root, home.root])
    sent = invited(peopled, home)
    twice = {**of(home, sent), "folder_ids": [str(home.root)] * 2}
    assert peopled.refused("update_invitation", home.owner, **twice) == "invalid-request"


def test_a_member_is_not_invited(peopled: World, home: Home) -> None:
    """INV-10; found by the address, however it is written."""
    bob = peopled.person(BOB)
    peopled.joins(home, Role.VIEWER, account=bob)
    refused(peopled, home, "already-member", email="BOB@Example.com")


@pytest.mark.parametrize(
    "email", ["bob", "bob@", "b\nob@example.com", "bob@example.com\r\nBcc: eve@example.com", ""]
)
def test_only_addresses_are_invited(peopled: World, home: Home, email: str) -> None:
    refused(peopled, home, "invalid-request", email=email)


def test_the_same_key_invites_once(peopled: World, home: Home) -> None:
    """D-24; also where identity does not answer the second time."""
    wanted = wish(peopled, home)
    sent = peopled.ask("invite", home.owner, **wanted)
    before = peopled.dump()
    kit = peopled.suite.kits.pop("identity")
    assert peopled.ask("invite", home.owner, **wanted) == sent
    assert peopled.dump() == before
    wanted["email"] = "eve@example.com"
    assert peopled.refused("invite", home.owner, **wanted) == "idempotency-mismatch"
    peopled.suite.kits["identity"] = kit


def test_nothing_happens_while_identity_does_not_answer(peopled: World, home: Home) -> None:
    kit = peopled.suite.kits.pop("identity")
    refused(peopled, home, "service-unavailable")
    peopled.suite.kits["identity"] = kit


def test_a_new_invitation_takes_the_place_of_the_one_that_waits(peopled: World, home: Home) -> None:
    """INV-10: one pending for each organization and address, however it is written."""
    first = invited(peopled, home)
    token = token_of(peopled, first)
    second = invited(peopled, home, "Bob@EXAMPLE.com", requested_role="admin")
    assert listed(peopled, home) == ["Bob@EXAMPLE.com"]
    assert listed(peopled, home, "superseded") == [BOB]
    assert entries(peopled, home)[-1].before == {"superseded": first["id"]}
    assert peopled.refused("look_up_invitation", None, token=token) == "invitation-over"
    other = peopled.home(home.owner)
    invited(peopled, other)
    assert row(peopled, second).status == "pending"


def test_one_whose_time_was_over_is_not_superseded(peopled: World, home: Home) -> None:
    """INV-10: expired before anything else happened to it."""
    first = invited(peopled, home)
    peopled.suite.clock.advance(7 * DAY)
    invited(peopled, home)
    assert listed(peopled, home, "expired") == [BOB]
    assert listed(peopled, home, "superseded") == []
    assert row(peopled, first).ended_at == row(peopled, first).expires_at


def test_it_is_over_at_its_very_moment_whether_the_job_has_run_or_not(
    peopled: World, home: Home
) -> None:
    """INV-10: an expired one waits for nobody."""
    sent = invited(peopled, home)
    token = token_of(peopled, sent)
    peopled.suite.clock.advance(7 * DAY - timedelta(seconds=1))
    peopled.suite.run_job("organizations", "end_outdated_invitations")
    assert listed(peopled, home) == [BOB]
    assert peopled.outcome("look_up_invitation", None, token=token) == "done"
    peopled.suite.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        assert listed(peopled, home) == []
        assert listed(peopled, home, "expired") == [BOB]
        seen = peopled.ask("get_invitation", home.owner, **of(home, sent))
        assert seen["status"] == "expired"
        assert peopled.refused("look_up_invitation", None, token=token) == "invitation-over"
        for method, more in (
            ("update_invitation", {"requested_role": "admin"}),
            ("resend_invitation", {"idempotency_key": str(uuid4())}),
            ("revoke_invitation", {}),
        ):
            code = peopled.refused(method, home.owner, **of(home, sent), **more)
            assert code == "invitation-over"
        peopled.suite.run_job("organizations", "end_outdated_invitations")
    assert row(peopled, sent).status == "expired"


def test_the_newest_are_listed_first_page_by_page(peopled: World, home: Home) -> None:
    for number in range(5):
        invited(peopled, home, f"guest{number}@example.com")
        peopled.suite.clock.advance(timedelta(seconds=number % 2))
    asked = {"organization_id": home.id}
    found = listed(peopled, home)
    # Two at a time are of one moment.
    assert [set(found[:1]), set(found[1:3]), set(found[3:])] == [
        {"guest4@example.com"},
        {"guest3@example.com", "guest2@example.com"},
        {"guest1@example.com", "guest0@example.com"},
    ]
    for limit in (1, 2, 5):
        pages = peopled.pages("list_invitations", home.owner, limit=limit, **asked)
        assert [each["email"] for page in pages for each in page] == found


def test_role_and_folders_change_while_it_waits_and_the_link_stays_good(
    peopled: World, home: Home
) -> None:
    """INV-2; security 2.9."""
    pier, quay = peopled.folder(home, "Pier"), peopled.folder(home, "Quay")
    sent = invited(peopled, home, folder_ids=[pier])
    token = token_of(peopled, sent)
    changed = peopled.ask(
        "update_invitation", home.owner, **of(home, sent), folder_ids=[str(pier), str(quay)]
    )
    assert changed == {**sent, "folder_ids": sorted([str(pier), str(quay)])}
    changed = peopled.ask("update_invitation", home.owner, **of(home, sent), requested_role="admin")
    assert changed == {**sent, "requested_role": "admin", "folder_ids": []}
    assert entries(peopled, home)[-1].action == "invitation_changed"
    for more, code in (
        ({"requested_role": "owner"}, "owner-not-invitable"),
        ({"requested_role": "operator"}, "folders-required"),
        ({"requested_role": "viewer", "folder_ids": [str(uuid4())]}, "folder-not-found"),
    ):
        before = peopled.dump()
        given: dict[str, Any] = {**of(home, sent), **more}
        assert peopled.refused("update_invitation", home.owner, **given) == code
        assert peopled.dump() == before
    assert peopled.outcome("look_up_invitation", None, token=token) == "done"


def test_a_change_to_what_it_is_already_changes_nothing(peopled: World, home: Home) -> None:
    """I14: no epoch, no record."""
    sent = invited(peopled, home)
    before = peopled.dump()
    same = {"requested_role": "viewer", "folder_ids": sent["folder_ids"]}
    assert peopled.ask("update_invitation", home.owner, **of(home, sent), **same) == sent
    assert peopled.ask("update_invitation", home.owner, **of(home, sent)) == sent
    assert peopled.dump() == before


def test_sent_again_it_has_another_link_and_all_its_days(peopled: World, home: Home) -> None:
    """Security 2.9: the old token is dead; the id stays."""
    sent = invited(peopled, home)
    old = token_of(peopled, sent)
    peopled.suite.clock.advance(3 * DAY)
    again = resent(peopled, home, sent)
    later = (peopled.suite.clock.now() + 7 * DAY).isoformat()
    assert again == {**sent, "expires_at": later}
    assert entries(peopled, home)[-1].action == "invitation_resent"
    new = token_of(peopled, sent)
    assert new != old
    assert peopled.refused("look_up_invitation", None, token=old) == "invitation-not-found"
    peopled.suite.clock.advance(7 * DAY - timedelta(seconds=1))
    assert peopled.outcome("look_up_invitation", None, token=new) == "done"


def test_the_same_key_sends_again_once(peopled: World, home: Home) -> None:
    """D-24."""
    sent = invited(peopled, home)
    wanted = {**of(home, sent), "idempotency_key": "again-and-again"}
    again = peopled.ask("resend_invitation", home.owner, **wanted)
    before = peopled.dump()
    assert peopled.ask("resend_invitation", home.owner, **wanted) == again
    assert peopled.dump() == before


def test_revoked_it_is_over(peopled: World, home: Home) -> None:
    """INV-5."""
    sent = invited(peopled, home)
    token = token_of(peopled, sent)
    assert peopled.ask("revoke_invitation", home.owner, **of(home, sent)) is None
    assert listed(peopled, home) == []
    assert listed(peopled, home, "revoked") == [BOB]
    assert entries(peopled, home)[-1].action == "invitation_revoked"
    assert peopled.refused("look_up_invitation", None, token=token) == "invitation-over"
    before = peopled.dump()
    code = peopled.refused("revoke_invitation", home.owner, **of(home, sent))
    assert code == "invitation-over"
    assert peopled.dump() == before


def test_each_change_is_announced_and_recorded_once(peopled: World, home: Home) -> None:
    """I14."""
    epoch, records = peopled.changes(home.id)
    sent = invited(peopled, home)
    peopled.ask("update_invitation", home.owner, **of(home, sent), requested_role="admin")
    resent(peopled, home, sent)
    peopled.ask("revoke_invitation", home.owner, **of(home, sent))
    assert peopled.changes(home.id) == (epoch + 4, records + 4)


OPERATIONS: dict[str, dict[str, Any]] = {
    "get_invitation": {},
    "update_invitation": {"requested_role": "admin"},
    "resend_invitation": {"idempotency_key": "a-fine-key"},
    "revoke_invitation": {},
}


@pytest.mark.parametrize("method", OPERATIONS)
def test_an_invitation_of_another_organization_is_not_there(
    peopled: World, home: Home, method: str
) -> None:
    """Security 2.8: neither under its own organization's id nor under the caller's."""
    sent = invited(peopled, home)
    foreign = peopled.home()
    before = peopled.dump()
    for asked, code in (
        ({**of(home, sent), "organization_id": foreign.id}, "invitation-not-found"),
        ({**of(foreign, sent), "invitation_id": uuid4()}, "invitation-not-found"),
        (of(home, sent), "organization-not-found"),
    ):
        assert peopled.refused(method, foreign.owner, **asked, **OPERATIONS[method]) == code
    assert peopled.dump() == before


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_operators_and_viewers_neither_invite_nor_see_invitations(
    peopled: World, home: Home, role: Role
) -> None:
    """Chapter 13, I13: 403, and the try is recorded."""
    sent = invited(peopled, home)
    member = peopled.joins(home, role, home.root)
    asked: dict[str, dict[str, Any]] = {
        **{method: {**of(home, sent), **more} for method, more in OPERATIONS.items()},
        "invite": wish(peopled, home, "eve@example.com"),
        "list_invitations": {"organization_id": home.id},
    }
    before = peopled.dump(without=("audit",))
    for method, payload in asked.items():
        assert peopled.refused(method, member, **payload) == "not-permitted"
        assert entries(peopled, home)[-1].action == "authz_fail"
    assert peopled.dump(without=("audit",)) == before


@pytest.mark.parametrize("role", ["admin", "operator", "viewer"])
def test_admins_invite_up_to_their_own_rank(peopled: World, home: Home, role: str) -> None:
    """USR-7, security 2.9."""
    admin = peopled.joins(home, Role.ADMIN)
    sent = invited(peopled, home, who=admin, requested_role=role)
    assert sent["invited_by"] == str(admin)
    assert peopled.outcome("revoke_invitation", admin, **of(home, sent)) == "done"


def test_an_organization_sends_fifty_mails_in_a_day(make_world: MakeWorld) -> None:
    """Security 2.2: those sent again count, those revoked stay counted."""
    world = make_world(beside=("identity",), invitations_per_day=3)
    home, other = world.home(), world.home()
    first = invited(world, home)
    world.ask("revoke_invitation", home.owner, **of(home, first))
    world.suite.clock.advance(timedelta(hours=1))
    second = invited(world, home)
    resent(world, home, second)
    before = world.dump()
    again = {**of(home, second), "idempotency_key": str(uuid4())}
    assert world.refused("invite", home.owner, **wish(world, home)) == "too-many-invitations"
    assert world.refused("resend_invitation", home.owner, **again) == "too-many-invitations"
    assert world.dump() == before
    invited(world, other)
    # The first of them leaves the window; only then, and only one more.
    world.suite.clock.advance(timedelta(hours=23) - timedelta(seconds=1))
    assert world.refused("invite", home.owner, **wish(world, home)) == "too-many-invitations"
    world.suite.clock.advance(timedelta(seconds=1))
    world.suite.run_job("organizations", "end_outdated_invitations")
    resent(world, home, second)
    assert world.refused("invite", home.owner, **wish(world, home)) == "too-many-invitations"


def test_fifty_is_what_an_installation_lets_by_itself(peopled: World, home: Home) -> None:
    """Security 2.2."""
    for number in range(50):
        invited(peopled, home, f"guest{number}@example.com")
    refused(peopled, home, "too-many-invitations")
