"""Registering an account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from services.identity.domain.password import sha1
from services.identity.models import Account, Audit, OutgoingMail, Registration
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"


def verified(town: Town, token: str, password: str = PASSWORD, **more: str) -> str:
    return town.outcome("verify_email", token=token, password=password, **more)


def test_an_address_is_an_account_once_its_link_was_followed(town: Town) -> None:
    """ACC-1, ACC-2: unverified it cannot sign in, and the refusal does not say why."""
    town.ask("register_account", email=ADA, password=PASSWORD)
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    town.ask("verify_email", token=town.mails(ADA)[-1].token, password=PASSWORD)
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"


def test_a_link_works_once(town: Town) -> None:
    """Security 2.5."""
    town.ask("register_account", email=ADA, password=PASSWORD)
    token = town.mails(ADA)[-1].token
    assert verified(town, token) == "done"
    assert verified(town, token) == "verification-refused"


def test_a_link_works_for_a_day(town: Town) -> None:
    """Security 2.5."""
    town.ask("register_account", email=ADA, password=PASSWORD)
    token = town.mails(ADA)[-1].token
    town.clock.advance(timedelta(hours=24))
    assert verified(town, token) == "verification-refused"


def test_registering_a_registered_address_looks_the_same_and_tells_its_owner(town: Town) -> None:
    """Security 2.8."""
    town.newcomer(ADA)
    answer = town.ask("register_account", email="ADA@example.com", password="another long phrase!")
    assert answer is None
    assert "already" in town.mails(ADA)[-1].subject
    assert town.outcome("sign_in", email=ADA, password="another long phrase!") == "sign-in-refused"


def test_addresses_differ_in_more_than_case(town: Town) -> None:
    """ACC-2."""
    town.newcomer("Ada@Example.com")
    assert town.outcome("sign_in", email="aDA@exAMPLE.com", password=PASSWORD) == "done"


def test_domains_that_only_look_alike_when_folded_have_an_account_each(town: Town) -> None:
    """ACC-2, IDNA 2008: whoever owns fass.de has nothing of faß.de."""
    town.newcomer("ada@fass.de")
    assert town.outcome("sign_in", email="ada@faß.de", password=PASSWORD) == "sign-in-refused"
    town.ask("request_password_reset", email="ada@faß.de")
    assert "Reset" not in town.mails("ada@fass.de")[-1].subject
    town.ask("register_account", email="ada@faß.de", password=PASSWORD)
    assert "Verify" in town.mails("ada@xn--fa-hia.de")[-1].subject


def test_a_domain_is_known_however_it_is_written(town: Town) -> None:
    """ACC-2."""
    town.ask("register_account", email="ada@bücher.example", password=PASSWORD)
    token = town.mails("ada@xn--bcher-kva.example")[-1].token
    assert verified(town, token) == "done"
    for domain in ("BÜCHER.example", "xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE"):
        assert town.outcome("sign_in", email=f"ada@{domain}", password=PASSWORD) == "done"


def test_a_mailbox_is_not_flooded_and_nobody_learns_of_it(town: Town) -> None:
    for _ in range(8):
        assert town.outcome("register_account", email=ADA, password=PASSWORD) == "done"
    assert len(town.mails(ADA)) == 5


def test_an_address_registers_twenty_times_a_minute_at_the_most(town: Town) -> None:
    """Security 2.2."""
    outcomes = [
        town.outcome(
            "register_account", email=f"a{n}@example.com", password=PASSWORD, ip="203.0.113.9"
        )
        for n in range(21)
    ]
    assert outcomes == ["done"] * 20 + ["throttled"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "password-too-short"),
        ("x1" * 65, "password-too-long"),
        ("passwordpassword", "password-breached"),
        ("freehold-freehold", "password-context"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(town: Town, password: str, code: str) -> None:
    """Security 2.1."""
    assert town.outcome("register_account", email=ADA, password=password) == code
    assert town.mails() == []


@pytest.mark.parametrize(
    ("password", "outcome"),
    [
        ("violet 7", "done"),
        ("violet7", "password-too-short"),
        ("Password1", "password-breached"),
        ("freehold", "password-context"),
    ],
)
def test_eight_characters_do_where_an_authenticator_is_always_asked_for(
    make_town: MakeTown, password: str, outcome: str
) -> None:
    """Security 2.1."""
    town = make_town(mfa_policy="totp_required")
    assert town.ask("get_password_rule") == {"least": 8, "most": 128}
    assert town.outcome("register_account", email=ADA, password=password) == outcome


def test_passwords_of_the_operators_own_list_are_refused(
    make_town: MakeTown, tmp_path: Path
) -> None:
    """Security 2.1: SHA-1 as published lists have it."""
    path = tmp_path / "hashes.txt"
    hashes = sorted(sha1(each) for each in (PASSWORD, "what somebody else had"))
    path.write_text("".join(f"{each}:42\n" for each in hashes))
    town = make_town(password_blocklist_file=str(path))
    assert town.outcome("register_account", email=ADA, password=PASSWORD) == "password-breached"
    outcome = town.outcome("register_account", email=ADA, password="what nobody had before")
    assert outcome == "done"


def test_mails_come_in_the_language_of_the_account(town: Town) -> None:
    for language, word in (("en", "Verify"), ("ja", "確認"), ("ko", "확인")):
        email = f"{language}@example.com"
        town.ask("register_account", email=email, password=PASSWORD, language=language)
        assert word in town.mails(email)[-1].subject


def test_links_lead_where_the_configuration_says(make_town: MakeTown) -> None:
    """Security 2.5: never where a Host header says."""
    town = make_town(link_base_url="https://cameras.example.com/")
    town.ask("register_account", email=ADA, password=PASSWORD)
    assert "https://cameras.example.com/verify-email?token=" in town.mails(ADA)[-1].text


@pytest.mark.parametrize(
    "email",
    [
        '"\x0b"@example.com',
        '"ada"@example.com',
        "=?utf-8?q?ada?=@example.com",
        "ŉ" * 200 + "@example.com",
        "\ufb2c" * 100 + "@example.com",
        "a" * 65 + "@example.com",
        "山" * 22 + "@example.com",
        "ada@" + ".".join(["山" * 18] * 4) + ".example" * 7 + ".com",
    ],
)
def test_an_address_that_mail_programs_read_as_another_is_refused(town: Town, email: str) -> None:
    assert town.outcome("register_account", email=email, password=PASSWORD) == "invalid-request"


def test_the_database_holds_neither_password_nor_link_nor_mail(town: Town) -> None:
    town.ask("register_account", email=ADA, password=PASSWORD)
    waiting = (town.suite.folder / "identity.sqlite").read_bytes()
    waiting += (town.suite.folder / "identity.sqlite-wal").read_bytes()
    token = town.mails(ADA)[-1].token
    assert PASSWORD.encode() not in waiting
    assert token.encode() not in waiting
    with town.suite.databases["identity"].reading() as session:
        assert session.scalars(select(OutgoingMail.sealed_body)).all() == [None]


def test_outdated_registrations_are_dropped(town: Town) -> None:
    town.ask("register_account", email=ADA, password=PASSWORD)
    town.clock.advance(timedelta(days=2))
    town.suite.run_job("identity", "drop_outdated")
    with town.suite.databases["identity"].reading() as session:
        assert session.scalars(select(Registration)).all() == []
        assert session.scalars(select(Account)).all() == []


@pytest.mark.parametrize("postgresql", [False, True])
def test_nobody_rewrites_the_audit(make_town: MakeTown, postgresql: bool) -> None:
    """Security 2.10."""
    town = make_town(postgresql=postgresql)
    town.newcomer(ADA)
    assert town.actions() == ["user_created"]
    with pytest.raises(DBAPIError), town.suite.databases["identity"]() as session:
        session.execute(update(Audit).values(reason="another"))
