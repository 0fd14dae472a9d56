"""An address that a stranger registers first, with a password that the stranger knows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from services.identity.models import Account, Registration
from tests.service.identity.test_identity_races import at_once
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"
STRANGERS = "what the stranger chose"
NEW = "another rather odd sentence"


def registers(town: Town, password: str, email: str = ADA) -> str:
    """The token that is mailed to the address."""
    town.clock.advance(timedelta(seconds=1))
    town.ask("register_account", email=email, password=password)
    return town.mails(email)[-1].token


def verified(town: Town, token: str, password: str, **more: str) -> str:
    return town.outcome("verify_email", token=token, password=password, **more)


def chosen(town: Town, token: str, password: str) -> str:
    return town.outcome("reset_password", token=token, new_password=password)


def let_in(town: Town) -> list[str]:
    """With which of the three passwords one can sign in."""
    tried = {
        password: town.outcome("sign_in", email=ADA, password=password)
        for password in (STRANGERS, PASSWORD, NEW)
    }
    return [password for password, outcome in tried.items() if outcome == "done"]


def test_following_a_strangers_link_makes_no_account_with_the_strangers_password(
    town: Town,
) -> None:
    """ACC-2: who reads the mail does not know it, so it never counts."""
    token = registers(town, STRANGERS)
    assert verified(town, token, PASSWORD) == "verification-password-refused"
    assert let_in(town) == []


@pytest.mark.parametrize("is_first", [True, False])
def test_nobody_gets_the_password_of_another_registration(town: Town, *, is_first: bool) -> None:
    """ACC-2: whoever registered first or last."""
    tokens = {}
    for password in (STRANGERS, PASSWORD) if is_first else (PASSWORD, STRANGERS):
        tokens[password] = registers(town, password)
    assert verified(town, tokens[STRANGERS], PASSWORD) == "verification-password-refused"
    assert verified(town, tokens[PASSWORD], STRANGERS) == "verification-password-refused"
    assert let_in(town) == []
    assert verified(town, tokens[PASSWORD], PASSWORD) == "done"
    assert let_in(town) == [PASSWORD]
    assert verified(town, tokens[STRANGERS], STRANGERS) == "verification-refused"
    assert chosen(town, tokens[STRANGERS], NEW) == "reset-refused"
    assert let_in(town) == [PASSWORD]


def test_who_reads_the_mail_chooses_another_password_with_the_same_link(town: Town) -> None:
    token = registers(town, STRANGERS)
    assert chosen(town, token, NEW) == "done"
    assert let_in(town) == [NEW]
    for again in (verified(town, token, STRANGERS), verified(town, token, NEW)):
        assert again == "verification-refused"
    assert chosen(town, token, PASSWORD) == "reset-refused"
    created = next(entry for entry in town.audit() if entry.action == "user_created")
    assert created.reason == "new password"


def test_choosing_another_ends_all_that_was_registered(town: Town) -> None:
    first, second = registers(town, STRANGERS), registers(town, STRANGERS)
    assert chosen(town, second, NEW) == "done"
    assert verified(town, first, STRANGERS) == "verification-refused"
    with town.suite.databases["identity"].reading() as session:
        assert session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "password-too-short"),
        ("passwordpassword", "password-breached"),
        ("ada.lovelace-ada.lovelace", "password-context"),
    ],
)
def test_the_other_password_is_as_good_as_any(town: Town, password: str, code: str) -> None:
    """Security 2.1: and a refused one leaves the link good."""
    token = registers(town, STRANGERS, "ada.lovelace@example.com")
    assert chosen(town, token, password) == code
    assert chosen(town, token, NEW) == "done"


def test_a_wrong_password_leaves_the_link_good(town: Town) -> None:
    token = registers(town, PASSWORD)
    for _ in range(4):
        assert verified(town, token, "a wrong guess at it") == "verification-password-refused"
    assert verified(town, token, PASSWORD) == "done"


def test_the_same_characters_typed_another_way_are_the_password(town: Town) -> None:
    """Security 2.1: NFC."""
    token = registers(town, "cafe\u0301 au lait et croissants")
    assert verified(town, token, "caf\u00e9 au lait et croissants") == "done"


# Guessing: who can read a mail learns no password of who registered the address


def test_after_five_wrong_passwords_the_right_one_has_to_wait_and_reads_alike(town: Town) -> None:
    """Security 2.2: 5, then 30 s; by address, whatever link of it is used."""
    tokens = [registers(town, PASSWORD), registers(town, PASSWORD)]
    for number in range(5):
        guessed = verified(town, tokens[number % 2], "a wrong guess at it")
        assert guessed == "verification-password-refused"
    told = []
    for password in ("a wrong guess at it", PASSWORD):
        with pytest.raises(Exception) as refused:
            town.ask("verify_email", token=tokens[0], password=password)
        told.append((type(refused.value), refused.value.args, vars(refused.value)))
    assert told[0] == told[1]
    town.clock.advance(timedelta(seconds=31))
    assert verified(town, tokens[0], PASSWORD) == "done"


def test_an_address_of_the_network_has_ten_wrong_passwords_a_minute(town: Town) -> None:
    """Security 2.2: shared with those of sign-in."""
    tokens = [registers(town, PASSWORD, f"{number}@example.com") for number in range(6)]
    outcomes = [verified(town, tokens[n % 6], "a wrong guess", ip="203.0.113.9") for n in range(11)]
    assert outcomes == ["verification-password-refused"] * 10 + ["throttled"]
    signing_in = {"email": ADA, "password": PASSWORD, "ip": "203.0.113.9"}
    assert town.outcome("sign_in", **signing_in) == "throttled"
    assert verified(town, tokens[5], PASSWORD) == "done"


def test_right_passwords_are_not_held_against_their_address(town: Town) -> None:
    """Security 2.2."""
    for number in range(12):
        token = registers(town, PASSWORD, f"{number}@example.com")
        assert verified(town, token, PASSWORD, ip="203.0.113.9") == "done"


def test_strangers_at_the_sign_in_page_keep_nobody_from_verifying(town: Town) -> None:
    """And who has no link cannot count against the address."""
    token = registers(town, PASSWORD)
    for _ in range(6):
        town.outcome("sign_in", email=ADA, password="a wrong guess at it")
        verified(town, "x" * 43, "a wrong guess at it")
    assert verified(town, token, PASSWORD) == "done"
    assert let_in(town) == [PASSWORD]


def test_wrong_passwords_are_in_the_audit_without_the_address(town: Town) -> None:
    """Security 2.10."""
    token = registers(town, PASSWORD)
    for _ in range(6):
        verified(town, token, "a wrong guess at it")
    failed = [entry for entry in town.audit() if entry.action == "authn_login_fail"]
    assert Counter(entry.reason for entry in failed) == {"verification": 5, "locked": 1}
    assert {(entry.object_type, entry.actor_account_id) for entry in failed} == {("address", None)}
    assert not any("ada" in str(entry.object_id) for entry in failed)


# Two hands at once


@pytest.mark.parametrize("postgresql", [False, True])
def test_of_two_ways_to_use_a_link_one_works(make_town: MakeTown, *, postgresql: bool) -> None:
    """Security 2.5."""
    town = make_town(postgresql=postgresql)
    for number in range(6):
        email = f"{number}@example.com"
        token = registers(town, PASSWORD, email)
        outcomes = at_once(
            partial(verified, town, token, PASSWORD), partial(chosen, town, token, NEW)
        )
        assert Counter(outcomes) in (
            {"done": 1, "reset-refused": 1},
            {"done": 1, "verification-refused": 1},
        )
        right = PASSWORD if outcomes[0] == "done" else NEW
        assert town.outcome("sign_in", email=email, password=right) == "done"
    with town.suite.databases["identity"].reading() as session:
        assert len(session.scalars(select(Account)).all()) == 6
