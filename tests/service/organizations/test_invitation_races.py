"""What two connections may do at once to an invitation (M5.8, I12): 30 of 30 right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from contracts.access import Role
from contracts.invitations import InvitationStatus
from services.organizations.models import Invitation
from tests.service.organizations.guests import PASSWORD, invited, link, of, token_of, wish
from tests.service.organizations.inside import granted, role, status
from tests.service.organizations.test_races import at_once, overtaken
from tests.service.organizations.world import Home, MakeWorld, World

RUNS = 30
OVER = "invitation-over"


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """All tests come from one IP address, and many mails are sent."""
    return make_world(
        beside=("identity",), invitation_tokens_per_ip="100000/60", invitations_per_day=100_000
    )


@pytest.fixture
def home(world: World) -> Home:
    return world.home(world.person())


class Guest:
    """Somebody with an account who is invited."""

    def __init__(self, world: World, home: Home, **wanted: Any) -> None:
        self.world, self.home = world, home
        self.email = f"{uuid4().hex}@example.com"
        self.account = world.person(self.email)
        self.invitation = invited(world, home, self.email, **wanted)
        self.id = UUID(self.invitation["id"])
        self.token = token_of(world, self.invitation)

    def accepting(self) -> Callable[[], str]:
        return partial(self.world.outcome, "accept_invitation", self.account, token=self.token)

    def doing(self, method: str, **more: Any) -> Callable[[], str]:
        """By the owner, to the invitation."""
        return partial(
            self.world.outcome, method, self.home.owner, **of(self.home, self.invitation), **more
        )

    @property
    def role(self) -> Role | None:
        return role(self.world, self.home, self.account)


def test_accepted_or_revoked_and_never_both(world: World, home: Home) -> None:
    """INV-5, I12."""
    for _ in range(RUNS):
        guest = Guest(world, home)
        accepted, revoked = at_once(guest.accepting(), guest.doing("revoke_invitation"))
        assert sorted([accepted, revoked]) == ["done", OVER]
        assert (guest.role is Role.VIEWER) == (accepted == "done")
        assert status(world, guest.id) == ("accepted" if accepted == "done" else "revoked")


def test_accepted_once(world: World, home: Home) -> None:
    """I12: a double click, two devices."""
    for _ in range(RUNS):
        guest = Guest(world, home)
        epoch, records = world.changes(home.id)
        outcomes = at_once(*[guest.accepting()] * 3)
        assert sorted(outcomes) == ["done", OVER, OVER]
        assert world.changes(home.id) == (epoch + 1, records + 1)
        assert guest.role is Role.VIEWER


def test_accepted_or_sent_again_and_never_both(world: World, home: Home) -> None:
    """Security 2.9: once the old link is dead, nobody comes in with it."""
    for _ in range(RUNS):
        guest = Guest(world, home)
        accepted, again = at_once(
            guest.accepting(), guest.doing("resend_invitation", idempotency_key=str(uuid4()))
        )
        assert (accepted, again) in [("done", OVER), ("invitation-not-found", "done")]
        assert (guest.role is Role.VIEWER) == (accepted == "done")
        assert status(world, guest.id) == ("accepted" if accepted == "done" else "pending")


def test_accepted_or_superseded_and_never_both(world: World, home: Home) -> None:
    """INV-10."""
    for _ in range(RUNS):
        guest = Guest(world, home)
        wanted = wish(world, home, guest.email)
        accepted, sent = at_once(
            guest.accepting(), partial(world.outcome, "invite", home.owner, **wanted)
        )
        assert (accepted, sent) in [("done", "already-member"), (OVER, "done")]
        assert status(world, guest.id) == ("accepted" if accepted == "done" else "superseded")


def test_what_was_changed_at_the_same_time_counts_or_is_refused(world: World, home: Home) -> None:
    """INV-10: no mixture of both."""
    for _ in range(RUNS):
        guest = Guest(world, home, requested_role="operator")
        accepted, changed = at_once(
            guest.accepting(), guest.doing("update_invitation", requested_role="admin")
        )
        assert accepted == "done"
        assert changed in ("done", OVER)
        folders = set() if changed == "done" else {home.root}
        assert granted(world, home, guest.account) == folders


def test_archived_while_somebody_comes_in(world: World) -> None:
    """ARC-4, I9."""
    for _ in range(RUNS):
        home = world.home(world.person())
        guest = Guest(world, home)
        accepted, archived = at_once(
            guest.accepting(),
            partial(
                world.outcome,
                "archive_organization",
                home.owner,
                organization_id=home.id,
                confirm_organization_id=str(home.id),
                understand_risk=True,
            ),
        )
        assert archived == "done"
        assert accepted in ("done", OVER)
        assert (guest.role is Role.VIEWER) == (accepted == "done")


# What is decided under the lock, and not by what was so when the request came

Change = Callable[[Guest, UUID, Session], None]


def revoke(guest: Guest, _inviter: UUID, session: Session) -> None:
    session.get_one(Invitation, guest.id).status = InvitationStatus.REVOKED


def accept(guest: Guest, _inviter: UUID, session: Session) -> None:
    session.get_one(Invitation, guest.id).status = InvitationStatus.ACCEPTED


def demote(guest: Guest, inviter: UUID, session: Session) -> None:
    guest.world.change_role(session, guest.home, inviter, Role.OPERATOR)


def remove(guest: Guest, inviter: UUID, session: Session) -> None:
    guest.world.end_membership(session, guest.home, inviter)


def archive(guest: Guest, _inviter: UUID, session: Session) -> None:
    guest.world.archive(session, guest.home)


@pytest.mark.parametrize("make_world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", [revoke, demote, remove, archive])
def test_nobody_comes_in_by_what_is_over_when_they_have_the_lock(
    world: World, change: Change
) -> None:
    """USR-6, INV-5, INV-10, I11, I12: what ends the invitation comes first."""
    for _ in range(RUNS):
        home = world.home(world.person())
        admin = world.joins(home, Role.ADMIN)
        guest = Guest(world, home, who=admin)
        epoch, records = world.changes(home.id)
        ends = partial(change, guest, admin)
        assert overtaken(world, home, guest.accepting(), ends) == OVER
        assert guest.role is None
        assert world.changes(home.id) == (epoch, records)


@pytest.mark.parametrize("make_world", ["postgresql"], indirect=True)
def test_what_is_accepted_is_neither_revoked_nor_changed_nor_sent_again(world: World) -> None:
    """INV-5, I12, security 2.9: the acceptance comes first."""
    home = world.home(world.person())
    for number in range(RUNS):
        guest = Guest(world, home)
        method, more = (
            ("revoke_invitation", {}),
            ("update_invitation", {"requested_role": "admin"}),
            ("resend_invitation", {"idempotency_key": str(uuid4())}),
        )[number % 3]
        epoch, records = world.changes(home.id)
        attempt = guest.doing(method, **more)
        accepted = partial(accept, guest, home.owner)
        assert overtaken(world, home, attempt, accepted) == OVER
        assert status(world, guest.id) == "accepted"
        assert world.changes(home.id) == (epoch, records)


def test_a_folder_deleted_at_the_same_time_is_granted_to_nobody(world: World, home: Home) -> None:
    """INV-10, I8."""
    for number in range(RUNS):
        pier = world.folder(home, f"Pier {number}")
        guest = Guest(world, home, folder_ids=[pier])
        accepted, deleted = at_once(
            guest.accepting(),
            partial(
                world.outcome,
                "delete_folder",
                home.owner,
                organization_id=home.id,
                folder_id=pier,
                confirm_risk=True,
                idempotency_key=str(uuid4()),
            ),
        )
        assert (accepted, deleted) == ("done", "done")
        assert granted(world, home, guest.account) == set()


def test_of_two_invitations_of_one_address_one_waits(world: World, home: Home) -> None:
    """INV-10."""
    admin = world.joins(home, Role.ADMIN)
    for number in range(RUNS):
        email = f"guest{number}@example.com"
        outcomes = at_once(
            *(
                partial(world.outcome, "invite", who, **wish(world, home, email))
                for who in (home.owner, admin)
            )
        )
        assert outcomes == ["done", "done"]
    found = world.all("list_invitations", home.owner, organization_id=home.id)
    assert len(found) == len({each["email"] for each in found}) == RUNS


def test_one_key_sent_twice_at_once_invites_once(world: World, home: Home) -> None:
    """D-24."""
    for number in range(RUNS):
        wanted = wish(world, home, f"guest{number}@example.com")
        first, second = at_once(*[partial(world.ask, "invite", home.owner, **wanted)] * 2)
        assert first == second
    assert len(world.dump()["invitation_mail"]) == RUNS


def test_no_more_mails_than_allowed_whoever_sends_them(make_world: MakeWorld) -> None:
    """Security 2.2: counted under the organization's lock."""
    world = make_world(beside=("identity",), invitations_per_day=3)
    for _ in range(5):
        home = world.home(world.person())
        outcomes = at_once(
            *(
                partial(
                    world.outcome, "invite", home.owner, **wish(world, home, f"g{each}@example.com")
                )
                for each in range(6)
            )
        )
        assert Counter(outcomes) == {"done": 3, "too-many-invitations": 3}


def test_parallel_guesses_count_as_many_as_they_are(make_world: MakeWorld) -> None:
    """Security 2.2."""
    world = make_world(beside=("identity",))
    home = world.home(world.person())
    token = link(world, home)
    for _ in range(5):
        outcomes = at_once(*[partial(world.outcome, "look_up_invitation", None, token="wrong")] * 6)
    assert Counter(outcomes) == {"too-many-invitation-tokens": 6}
    assert world.refused("look_up_invitation", None, token=token) == "too-many-invitation-tokens"


def test_registered_once(world: World, home: Home) -> None:
    """INV-4: a double click."""

    def registering(token: str, ip: str) -> str:
        try:
            payload = {"token": token, "password": PASSWORD}
            world.suite.call("identity", "register_invited", payload, ip=ip)
        except Exception as refusal:
            return str(getattr(refusal, "code", refusal))
        return "done"

    for number in range(RUNS):
        token = link(world, home, f"guest{number}@example.com")
        outcomes = at_once(*[partial(registering, token, f"203.0.113.{number}")] * 2)
        assert sorted(outcomes) == ["already-registered", "done"]
