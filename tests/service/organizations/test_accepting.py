"""Accepting an invitation: by whom, until when, and what it gives (INV-6 to INV-10, I11, I12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.access import Role
from contracts.caller import Level
from services.organizations.models import Organization
from tests.service.organizations.guests import BOB, invited, link, of, resent, row, token_of
from tests.service.organizations.inside import entries, granted, membership, outcome_as
from tests.service.organizations.world import Home, MakeWorld, World

OUTSIDE = "invitation-over"


@pytest.fixture
def home(peopled: World) -> Home:
    return peopled.home(peopled.person("ada@example.com"))


@pytest.fixture
def bob(peopled: World) -> UUID:
    return peopled.person("Bob@example.com")


def refused(world: World, code: str, who: UUID, token: str) -> None:
    """And nothing has changed but the count of tries, and what the audit keeps of the wrong hands."""
    without = ("audit",) if code == "not-invited" else ("throttle",)
    before = world.dump(without=without)
    assert world.refused("accept_invitation", who, token=token) == code
    assert world.dump(without=without) == before


def test_who_reads_the_mail_sees_what_it_is_for(peopled: World, home: Home) -> None:
    """INV-3; nobody has to be signed in, and nothing is used up."""
    sent = invited(peopled, home, requested_role="operator")
    before = peopled.dump(without=("throttle",))
    for _ in range(2):
        assert peopled.ask("look_up_invitation", None, token=token_of(peopled, sent)) == {
            "organization_name": "Analytical Engines",
            "email": BOB,
            "role": "viewer",
            "requested_role": "operator",
            "expires_at": sent["expires_at"],
        }
    assert peopled.dump(without=("throttle",)) == before


@pytest.mark.parametrize(
    ("requested", "pending"), [("viewer", None), ("operator", Role.OPERATOR), ("admin", Role.ADMIN)]
)
def test_every_acceptance_gives_exactly_viewer(
    peopled: World, home: Home, bob: UUID, requested: str, pending: Role | None
) -> None:
    """INV-6, INV-7, I11."""
    pier = peopled.folder(home, "Pier")
    sent = invited(peopled, home, requested_role=requested, folder_ids=[pier])
    epoch, records = peopled.changes(home.id)
    joined = peopled.ask("accept_invitation", bob, token=token_of(peopled, sent))
    assert (joined["id"], joined["role"]) == (str(home.id), "viewer")
    found = membership(peopled, home, bob)
    assert found is not None
    assert (found.role, found.requested_role) == (Role.VIEWER, pending)
    folders = set() if requested == "admin" else {pier}
    assert granted(peopled, home, bob) == folders
    assert peopled.changes(home.id) == (epoch + 1, records + 1)
    kept = row(peopled, sent)
    assert (kept.status, kept.accepted_by) == ("accepted", bob)
    entry = entries(peopled, home)[-1]
    assert (entry.action, entry.account_id, entry.object_id) == ("user_joined", bob, bob)
    assert entry.after == {
        "invitation_id": sent["id"],
        "role": "viewer",
        "requested_role": pending and pending.value,
        "folder_ids": [str(folder) for folder in folders],
    }


@pytest.mark.parametrize("requested", ["viewer", "operator", "admin"])
def test_the_chosen_role_is_given_where_the_setting_says_so(
    make_world: MakeWorld, requested: str
) -> None:
    """INV-8; an admin keeps no grants."""
    world = make_world(beside=("identity",), invitation_role_policy="as_chosen")
    home, bob = world.home(), world.person(BOB)
    sent = invited(world, home, requested_role=requested)
    assert world.ask("accept_invitation", bob, token=token_of(world, sent))["role"] == requested
    found = membership(world, home, bob)
    assert found is not None
    assert (found.role, found.requested_role) == (Role(requested), None)
    assert granted(world, home, bob) == (set() if requested == "admin" else {home.root})


def test_what_was_changed_while_it_waited_counts(peopled: World, home: Home, bob: UUID) -> None:
    pier = peopled.folder(home, "Pier")
    sent = invited(peopled, home, requested_role="operator")
    peopled.ask(
        "update_invitation",
        home.owner,
        **of(home, sent),
        requested_role="viewer",
        folder_ids=[str(pier)],
    )
    peopled.ask("accept_invitation", bob, token=token_of(peopled, sent))
    assert granted(peopled, home, bob) == {pier}
    found = membership(peopled, home, bob)
    assert found is not None
    assert found.requested_role is None


def test_only_the_account_of_the_address_accepts(peopled: World, home: Home, bob: UUID) -> None:
    """I12: whoever else holds the link, the inviter too, gets nothing."""
    token = link(peopled, home)
    for somebody in (peopled.person("eve@example.com"), uuid4(), home.owner):
        refused(peopled, "not-invited", somebody, token)
    assert peopled.refused("accept_invitation", None, token=token) == "unauthenticated"
    assert peopled.outcome("accept_invitation", bob, token=token) == "done"


def test_an_address_without_an_account_is_nobodys_yet(peopled: World, home: Home) -> None:
    """INV-4, INV-10: registering it comes first."""
    token = link(peopled, home, "carol@example.com")
    refused(peopled, "not-invited", peopled.person("eve@example.com"), token)
    carol = peopled.person("carol@example.com")
    assert peopled.outcome("accept_invitation", carol, token=token) == "done"


@pytest.mark.parametrize("level", [Level.TOKEN, Level.MANAGE])
def test_only_a_person_accepts(peopled: World, home: Home, bob: UUID, level: Level) -> None:
    """J4: neither a program of theirs nor the Manage area."""
    token = link(peopled, home)
    code = outcome_as(peopled, "accept_invitation", bob, level=level, token=token)
    assert code == ("person-required" if level is Level.TOKEN else "manage-session")
    assert membership(peopled, home, bob) is None


def test_it_works_once(peopled: World, home: Home, bob: UUID) -> None:
    """I12; also after the member was removed, who starts with no old grants (I10)."""
    token = link(peopled, home)
    peopled.ask("accept_invitation", bob, token=token)
    refused(peopled, OUTSIDE, bob, token)
    peopled.leaves(home, bob)
    refused(peopled, OUTSIDE, bob, token)
    pier = peopled.folder(home, "Pier")
    peopled.ask("accept_invitation", bob, token=link(peopled, home, folder_ids=[pier]))
    assert granted(peopled, home, bob) == {pier}


def test_a_member_does_not_become_one_again(peopled: World, home: Home, bob: UUID) -> None:
    """INV-10: who came in meanwhile, under another address, stays as they are."""
    token = link(peopled, home)
    peopled.joins(home, Role.OPERATOR, account=bob)
    refused(peopled, "already-member", bob, token)


def test_it_ends_at_its_very_moment(peopled: World, home: Home, bob: UUID) -> None:
    """INV-10: seven days."""
    token = link(peopled, home)
    peopled.suite.clock.advance(timedelta(days=7))
    refused(peopled, OUTSIDE, bob, token)
    token = link(peopled, home)
    peopled.suite.clock.advance(timedelta(days=7, seconds=-1))
    assert peopled.outcome("accept_invitation", bob, token=token) == "done"


def test_only_the_last_link_of_several_works(peopled: World, home: Home, bob: UUID) -> None:
    """Security 2.9, INV-10: sent again, superseded, revoked."""
    first = invited(peopled, home)
    tokens = [token_of(peopled, first)]
    peopled.suite.clock.advance(timedelta(seconds=1))
    resent(peopled, home, first)
    tokens.append(token_of(peopled, first))
    second = invited(peopled, home)
    tokens.append(token_of(peopled, second))
    peopled.ask("revoke_invitation", home.owner, **of(home, second))
    last = link(peopled, home)
    for token, code in zip(tokens, ("invitation-not-found", OUTSIDE, OUTSIDE), strict=True):
        refused(peopled, code, bob, token)
    assert peopled.outcome("accept_invitation", bob, token=last) == "done"


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 200, "'; --", "\u202e"])
def test_a_token_that_is_none_is_not_found(peopled: World, bob: UUID, token: str) -> None:
    refused(peopled, "invitation-not-found", bob, token)


@pytest.mark.parametrize("token", ["", "x" * 201, None, {"x": 1}, 7])
def test_what_cannot_be_a_token_is_refused(peopled: World, bob: UUID, token: Any) -> None:
    assert peopled.refused("accept_invitation", bob, token=token) == "invalid-request"
    assert peopled.refused("look_up_invitation", None, token=token) == "invalid-request"


def test_folders_that_are_gone_are_left_out(peopled: World, home: Home, bob: UUID) -> None:
    """INV-10; none left: a member without folders."""
    pier, quay = peopled.folder(home, "Pier"), peopled.folder(home, "Quay")
    peopled_token = link(peopled, home, folder_ids=[pier, quay])
    peopled.deletes(pier)
    peopled.ask("accept_invitation", bob, token=peopled_token)
    assert granted(peopled, home, bob) == {quay}
    carol = peopled.person("carol@example.com")
    token = link(peopled, home, "carol@example.com", folder_ids=[quay])
    peopled.deletes(quay)
    assert peopled.ask("accept_invitation", carol, token=token)["role"] == "viewer"
    assert granted(peopled, home, carol) == set()
    assert peopled.all("list_folders", carol, organization_id=home.id) == []


@pytest.mark.parametrize("requested", ["viewer", "admin"])
def test_the_inviter_still_has_to_be_able_to_invite(
    peopled: World, home: Home, bob: UUID, requested: str
) -> None:
    """INV-10, security 2.9: asked again at acceptance, even where nothing revoked it."""
    admin = peopled.joins(home, Role.ADMIN)
    token = token_of(peopled, invited(peopled, home, who=admin, requested_role=requested))
    for role in (Role.VIEWER, Role.OPERATOR):
        peopled.sets_role(home, admin, role)
        refused(peopled, OUTSIDE, bob, token)
        assert peopled.refused("look_up_invitation", None, token=token) == OUTSIDE
    peopled.leaves(home, admin)
    refused(peopled, OUTSIDE, bob, token)
    peopled.joins(home, Role.OWNER, account=admin)
    assert peopled.outcome("accept_invitation", bob, token=token) == "done"


def test_invitations_of_who_is_removed_or_demoted_end_with_it(
    peopled: World, home: Home, bob: UUID
) -> None:
    """USR-6: for good, whatever the inviter becomes afterwards; others' stay."""
    demoted, removed = (peopled.joins(home, Role.ADMIN, account=peopled.person()) for _ in range(2))
    emails = ("one@example.com", "two@example.com")
    tokens = [
        token_of(peopled, invited(peopled, home, email, who=who))
        for email, who in zip(emails, (demoted, removed), strict=True)
    ]
    others = link(peopled, home)
    member = {"organization_id": home.id, "account_id": demoted}
    peopled.ask("set_role", home.owner, **member, role="operator")
    peopled.ask("set_role", home.owner, **member, role="admin")
    peopled.ask("remove_member", home.owner, organization_id=home.id, account_id=removed)
    for email, token in zip(emails, tokens, strict=True):
        refused(peopled, OUTSIDE, peopled.person(email), token)
    assert peopled.outcome("accept_invitation", bob, token=others) == "done"


def test_invitations_of_an_archived_organization_are_over(
    peopled: World, home: Home, bob: UUID
) -> None:
    """ARC-4, I9; also where nothing revoked them."""
    token = link(peopled, home)
    peopled.archived(home)
    refused(peopled, OUTSIDE, bob, token)
    assert peopled.refused("look_up_invitation", None, token=token) == OUTSIDE
    other = peopled.home(home.owner)
    token = link(peopled, other)
    peopled.ask(
        "archive_organization",
        other.owner,
        organization_id=other.id,
        confirm_organization_id=str(other.id),
        understand_risk=True,
    )
    refused(peopled, OUTSIDE, bob, token)


def test_an_organization_that_needs_an_authenticator_is_joined_and_then_asks_for_it(
    peopled: World, home: Home, bob: UUID
) -> None:
    token = link(peopled, home)
    with peopled.database() as session:
        session.get_one(Organization, home.id).members_need_authenticator = True
    assert outcome_as(peopled, "accept_invitation", bob, level=Level.AAL1, token=token) == "done"
    found = peopled.all("list_organizations", bob)
    assert [each["id"] for each in found] == [str(home.id)]
    code = outcome_as(
        peopled, "list_folders", bob, level=Level.AAL1, organization_id=home.id, limit=50
    )
    assert code == "authenticator-required"


def test_nothing_happens_while_identity_does_not_answer(
    peopled: World, home: Home, bob: UUID
) -> None:
    token = link(peopled, home)
    kit = peopled.suite.kits.pop("identity")
    refused(peopled, "service-unavailable", bob, token)
    peopled.suite.kits["identity"] = kit
    assert peopled.outcome("accept_invitation", bob, token=token) == "done"


def asked(world: World, token: str, ip: str, method: str = "look_up_invitation") -> str:
    try:
        world.suite.call("organizations", method, {"token": token}, ip=ip)
    except Exception as refusal:
        return str(getattr(refusal, "code", refusal))
    return "done"


def test_twenty_tokens_a_minute_are_tried_from_one_address(peopled: World, home: Home) -> None:
    """Security 2.2: counted before the token is looked at, right ones too, all ways together."""
    token = link(peopled, home)
    ip = "203.0.113.7"
    for number in range(20):
        method = ("look_up_invitation", "invited_address")[number % 2]
        assert asked(peopled, (token, "wrong")[number % 2], ip, method) == (
            "invitation-not-found" if number % 2 else "done"
        )
    for method in ("look_up_invitation", "invited_address"):
        assert asked(peopled, token, ip, method) == "too-many-invitation-tokens"
    assert asked(peopled, token, "203.0.113.8") == "done"
    peopled.suite.clock.advance(timedelta(seconds=59))
    assert asked(peopled, token, ip) == "too-many-invitation-tokens"
    peopled.suite.clock.advance(timedelta(seconds=1))
    assert asked(peopled, token, ip) == "done"


def test_acceptance_is_counted_with_the_rest(peopled: World, home: Home, bob: UUID) -> None:
    """Security 2.2."""
    token = link(peopled, home)
    for _ in range(20):
        assert peopled.refused("accept_invitation", bob, token="wrong") == "invitation-not-found"
    before = peopled.dump()
    assert peopled.refused("accept_invitation", bob, token=token) == "too-many-invitation-tokens"
    assert peopled.dump() == before


def test_a_network_of_one_subscriber_is_one_address(peopled: World) -> None:
    """Else whoever has an IPv6 network guesses without end."""
    for number in range(20):
        asked(peopled, "wrong", f"2001:db8:0:1::{number:x}")
    assert asked(peopled, "wrong", "2001:db8:0:1:ffff::1") == "too-many-invitation-tokens"
    assert asked(peopled, "wrong", "2001:db8:0:2::1") == "invitation-not-found"


def test_no_address_of_a_visitor_stands_in_the_table(peopled: World) -> None:
    """And rows of windows that are over are dropped."""
    asked(peopled, "wrong", "203.0.113.7")
    [kept] = peopled.dump()["throttle"]
    assert "203.0.113.7" not in repr(kept)
    peopled.suite.clock.advance(timedelta(days=1, seconds=1))
    peopled.suite.run_job("organizations", "end_outdated_invitations")
    assert peopled.dump()["throttle"] == []
