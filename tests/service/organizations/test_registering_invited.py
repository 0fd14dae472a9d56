"""Registering the address that was invited (INV-4)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.errors import Refusal
from services.identity.models import Account, Audit, Registration, SessionRow
from tests.service.organizations.guests import (
    BOB,
    PASSWORD,
    invited,
    letters,
    link,
    of,
    text_of,
    token_of,
)
from tests.service.organizations.test_races import at_once
from tests.service.organizations.world import Home, World

STRANGERS = "the password of a stranger"


@pytest.fixture
def home(peopled: World) -> Home:
    return peopled.home(peopled.person("ada@example.com"))


def outcome(world: World, method: str, ip: str = "203.0.113.7", **payload: Any) -> str:
    """Of identity."""
    try:
        world.suite.call("identity", method, payload, ip=ip)
    except Refusal as refusal:
        return refusal.code
    return "done"


def registers(world: World, token: str, password: str = PASSWORD, **more: Any) -> str:
    return outcome(world, "register_invited", token=token, password=password, **more)


def rows(world: World, table: type[Any]) -> list[Any]:
    with world.suite.databases["identity"].reading() as session:
        return list(session.scalars(select(table)))


def account(world: World, email: str = BOB) -> Account | None:
    return next((each for each in rows(world, Account) if each.email_key == email), None)


def test_the_address_is_proven_and_the_account_can_be_signed_in_to(
    peopled: World, home: Home
) -> None:
    """INV-4: verified at once, no mail, no session; what the token is for goes on waiting."""
    token = link(peopled, home, "Bob@example.com")
    assert registers(peopled, token, language="ko") == "done"
    made = account(peopled)
    assert made is not None
    assert (made.email, made.language, made.is_operator) == ("Bob@example.com", "ko", False)
    assert made.verified_at == peopled.suite.clock.now()
    assert letters(peopled) == []
    assert rows(peopled, SessionRow) == []
    assert outcome(peopled, "sign_in", email=BOB, password=PASSWORD) == "done"
    assert peopled.outcome("accept_invitation", made.id, token=token) == "done"
    [entry] = [each for each in rows(peopled, Audit) if each.action == "user_created"]
    assert (entry.actor_account_id, entry.reason, entry.ip) == (
        made.id,
        "invitation",
        "203.0.113.7",
    )


def test_who_has_an_account_is_told_so_and_it_stays_as_it_is(peopled: World, home: Home) -> None:
    """INV-4; a second press of the button among them."""
    token = link(peopled, home)
    assert registers(peopled, token) == "done"
    assert registers(peopled, token) == "already-registered"
    assert registers(peopled, token, "another unusual sentence") == "already-registered"
    assert outcome(peopled, "sign_in", email=BOB, password=PASSWORD) == "done"


def test_what_a_stranger_registered_the_address_with_comes_to_nothing(
    peopled: World, home: Home
) -> None:
    """The stranger's password, link and language; who reads the mail chooses."""
    payload = {"email": BOB, "password": STRANGERS, "language": "ja"}
    assert outcome(peopled, "register_account", **payload) == "done"
    [mail] = letters(peopled, BOB)
    found = re.search(r"verify-email\?token=([\w-]+)", text_of(mail))
    assert found
    assert registers(peopled, link(peopled, home)) == "done"
    assert rows(peopled, Registration) == []
    made = account(peopled)
    assert made is not None
    assert made.language == "en"
    for secret in (STRANGERS, PASSWORD):
        code = outcome(peopled, "verify_email", token=found[1], password=secret)
        assert code == "verification-refused"
    assert outcome(peopled, "sign_in", email=BOB, password=STRANGERS) == "sign-in-refused"
    assert outcome(peopled, "sign_in", email=BOB, password=PASSWORD) == "done"


def test_what_strangers_guessed_before_locks_nobody_out(peopled: World, home: Home) -> None:
    for number in range(8):
        outcome(peopled, "sign_in", f"198.51.100.{number}", email=BOB, password="a wrong guess")
    assert registers(peopled, link(peopled, home)) == "done"
    assert outcome(peopled, "sign_in", email=BOB, password=PASSWORD) == "done"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-too-short"),
        ("x" * 129, "password-too-long"),
        ("passwordpassword", "password-breached"),
        ("Analytical ENGINES", "password-context"),
    ],
)
def test_a_password_is_as_good_as_everywhere(
    peopled: World, home: Home, password: str, code: str
) -> None:
    """Security 2.1; the link stays good."""
    token = link(peopled, home)
    assert registers(peopled, token, password) == code
    assert account(peopled) is None
    assert registers(peopled, token) == "done"


def test_only_a_link_that_works_registers(peopled: World, home: Home) -> None:
    """INV-10: unknown, revoked, too old, accepted."""
    assert registers(peopled, "x" * 43) == "invitation-not-found"
    sent = invited(peopled, home)
    revoked = token_of(peopled, sent)
    peopled.ask("revoke_invitation", home.owner, **of(home, sent))
    old = link(peopled, home)
    peopled.suite.clock.advance(timedelta(days=7))
    for token in (revoked, old):
        assert registers(peopled, token) == "invitation-over"
    assert account(peopled) is None


def test_twenty_a_minute_from_one_address(peopled: World, home: Home) -> None:
    """Security 2.2: counted by identity, and by organizations with what is looked up there."""
    token = link(peopled, home)
    for _ in range(19):
        registers(peopled, "wrong")
    looked_up = {"token": token}
    peopled.suite.call("organizations", "look_up_invitation", looked_up, ip="203.0.113.7")
    assert registers(peopled, token) == "too-many-invitation-tokens"
    assert registers(peopled, token) == "throttled"
    assert account(peopled) is None
    assert registers(peopled, token, ip="203.0.113.8") == "done"


def test_nothing_happens_while_organizations_do_not_answer(peopled: World, home: Home) -> None:
    token = link(peopled, home)
    kit = peopled.suite.kits.pop("organizations")
    assert registers(peopled, token) == "service-unavailable"
    peopled.suite.kits["organizations"] = kit
    assert registers(peopled, token) == "done"


def test_of_two_ways_to_the_account_one_wins(peopled: World, home: Home) -> None:
    """By the invitation's link, and by the registration's own, at once: nobody waits in a circle."""
    for number in range(30):
        email, ip = f"guest{number}@example.com", f"198.51.100.{number}"
        outcome(peopled, "register_account", ip, email=email, password=STRANGERS)
        found = re.search(r"verify-email\?token=([\w-]+)", text_of(letters(peopled, email)[-1]))
        assert found
        token, other = link(peopled, home, email), found[1]

        def invitation(token: str = token, ip: str = ip) -> str:
            return registers(peopled, token, ip=ip)

        def registration(other: str = other, ip: str = ip) -> str:
            return outcome(peopled, "verify_email", ip, token=other, password=STRANGERS)

        outcomes = at_once(invitation, registration)
        assert outcomes in (["done", "verification-refused"], ["already-registered", "done"])
        assert account(peopled, email) is not None
