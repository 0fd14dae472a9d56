"""What identity tells other services: whose an address is, and who accounts are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.errors import TooMany
from tests.service.identity.town import Town


def account_of(town: Town, email: str) -> str:
    """The id of a newcomer."""
    token = town.signs_in(town.newcomer(email))
    return str(town.ask("get_account", token)["account_id"])


def described(town: Town, *accounts: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ask("describe_accounts", account_ids=list(accounts))["items"]
    return found


@pytest.mark.parametrize("email", ["Ada@example.com", "ADA@EXAMPLE.COM", "ada@example.com"])
def test_an_address_is_compared_as_accounts_are(town: Town, email: str) -> None:
    """ACC-2: capitals make no other address; written it is as it was typed."""
    ada = account_of(town, "Ada@example.com")
    assert town.ask("identify_address", email=email) == {
        "email": email,
        "email_key": "ada@example.com",
        "account_id": ada,
    }


def test_an_address_that_was_registered_and_not_verified_is_nobodys(town: Town) -> None:
    """INV-10: only a verified address makes an account."""
    email = "eve@example.com"
    town.ask("register_account", email=email, password="a very unusual sentence")
    assert town.ask("identify_address", email=email)["account_id"] is None


def test_a_disabled_account_keeps_its_address(town: Town) -> None:
    ada = account_of(town, "ada@example.com")
    town.suite.instance("identity").disable_account("ada@example.com", why="a test")
    assert town.ask("identify_address", email="ada@example.com")["account_id"] == ada
    assert [each["account_id"] for each in described(town, ada)] == [ada]


@pytest.mark.parametrize("email", ["", "ada", "ada@example.com\n", "a@b@example.com", None, 7])
def test_what_is_no_address_is_refused(town: Town, email: Any) -> None:
    assert town.outcome("identify_address", email=email) == "invalid-request"


def test_accounts_are_described_without_those_that_are_not_there(town: Town) -> None:
    """Each once, whatever is asked twice; nothing that is not needed to name a member."""
    accounts = [account_of(town, f"guest{number}@example.com") for number in range(2)]
    found = described(town, *accounts, str(uuid4()), accounts[0])
    assert [each["account_id"] for each in found] == [
        str(each) for each in sorted(map(UUID, accounts))
    ]
    assert {tuple(each) for each in found} == {("account_id", "email", "is_verified")}
    assert {each["email"] for each in found} == {"guest0@example.com", "guest1@example.com"}
    assert described(town) == []
    assert described(town, str(uuid4())) == []


def test_no_more_accounts_are_described_at_once_than_a_page_holds(town: Town) -> None:
    assert described(town, *(str(uuid4()) for _ in range(200))) == []
    more = [str(uuid4()) for _ in range(201)]
    assert town.outcome("describe_accounts", account_ids=more) == "invalid-request"


def request(town: Town, email: str = "bob@example.com", **more: Any) -> dict[str, Any]:
    """What `write_invitation` takes."""
    return {
        "mail_id": str(uuid4()),
        "organization_id": str(uuid4()),
        "email": email,
        "invited_by": str(uuid4()),
        "organization_name": "Analytical Engines",
        "token": "x" * 43,
        "expires_at": (town.clock.now() + timedelta(days=7)).isoformat(),
        **more,
    }


def test_no_mail_is_written_about_an_invitation_that_is_over(town: Town) -> None:
    town.ask("write_invitation", **request(town, expires_at=town.clock.now().isoformat()))
    assert town.mails() == []


def test_nobodys_mailbox_is_flooded_with_invitations(town: Town) -> None:
    """From however many organizations; a repetition counts once."""
    for number in range(10):
        wanted = request(town, ("bob@example.com", "BOB@example.com")[number % 2])
        for _ in range(2):
            town.ask("write_invitation", **wanted)
    town.clock.advance(timedelta(minutes=20))
    waits = request(town)
    with pytest.raises(TooMany) as full:
        town.ask("write_invitation", **waits)
    assert full.value.facts["retry_after"] == "2400"
    town.ask("write_invitation", **request(town, "eve@example.com"))
    assert sorted(mail.to.casefold() for mail in town.mails()) == [
        *["bob@example.com"] * 10,
        "eve@example.com",
    ]
    town.clock.advance(timedelta(seconds=2399))
    assert town.outcome("write_invitation", **waits) == "throttled"
    town.clock.advance(timedelta(seconds=1))
    town.ask("write_invitation", **waits)
    assert len(town.mails()) == 12


def test_one_organization_keeps_no_other_from_inviting(town: Town) -> None:
    """USR-1: whoever invites somebody again and again uses up their own share only."""
    busy = str(uuid4())

    def writes(organization_id: str, email: str = "bob@example.com") -> str:
        return town.outcome(
            "write_invitation", **request(town, email, organization_id=organization_id)
        )

    assert [writes(busy) for _ in range(40)] == ["done"] * 3 + ["throttled"] * 37
    assert writes(busy, "BOB@example.com") == "throttled"
    assert writes(busy, "eve@example.com") == "done", "another address is another count"
    for _ in range(23):
        town.clock.advance(timedelta(hours=1))
        for _ in range(5):
            writes(busy)
    assert [mail.to for mail in town.mails()].count("bob@example.com") == 5, "in a day"
    assert writes(str(uuid4())) == "done"
