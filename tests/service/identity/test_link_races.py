"""What two hands may do at once with passwords, addresses and the links in mails.

On PostgreSQL; on SQLite all writers take turns.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from contracts.errors import Refusal
from services.identity.models import Account, PasswordReset
from tests.service.identity.test_identity_races import RUNS, at_once
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

MANY = "100000/60"
FEW = 10


@pytest.fixture
def town(make_town: MakeTown) -> Town:
    return make_town(
        postgresql=True,
        mfa_policy="optional",
        limit_password_resets_per_email=MANY,
        limit_email_changes_per_account=MANY,
    )


def signed_in(town: Town, email: str, password: str = PASSWORD) -> str:
    town.clock.advance(timedelta(seconds=1))
    sign_in = town.begins(Person(email, password))
    return str(town.ask("complete_sign_in", sign_in=sign_in)["token"])


def reset_link(town: Town, email: str) -> str:
    town.clock.advance(timedelta(seconds=1))
    town.ask("request_password_reset", email=email)
    return town.mails(email)[-1].token


def change_link(town: Town, email: str, new: str) -> str:
    town.ask("request_email_change", signed_in(town, email), email=new)
    return town.mails(new)[-1].token


def resetting(town: Town, token: str, password: str) -> str:
    return town.outcome("reset_password", token=token, new_password=password)


def confirming(town: Town, token: str) -> str:
    return town.outcome("confirm_email_change", token=token)


def changing(town: Town, token: str, old: str, new: str) -> str:
    return town.outcome("change_password", token, current_password=old, new_password=new)


def beginning(town: Town, person: Person, begun: list[str]) -> str:
    """Keeps what it got in ``begun``."""
    try:
        begun.append(town.begins(person))
    except Refusal as refusal:
        return refusal.code
    return "done"


def passwords_of(town: Town, email: str, candidates: list[str]) -> list[str]:
    """Those that the account takes."""
    return [
        each for each in candidates if town.outcome("sign_in", email=email, password=each) == "done"
    ]


def test_of_parallel_uses_of_a_reset_link_exactly_one_sets_the_password(town: Town) -> None:
    """Security 2.5: 30 runs; the loser's password counts nowhere."""
    town.newcomer("ada@example.com")
    for number in range(RUNS):
        token = reset_link(town, "ada@example.com")
        wanted = [f"odd sentence {number} of hand {hand}" for hand in range(3)]
        outcomes = at_once(*(partial(resetting, town, token, each) for each in wanted))
        assert Counter(outcomes) == {"done": 1, "reset-refused": 2}
        winner = wanted[outcomes.index("done")]
        assert passwords_of(town, "ada@example.com", wanted) == [winner]


def test_of_two_reset_links_of_an_account_one_is_used(town: Town) -> None:
    """The others die with it."""
    town.newcomer("ada@example.com")
    for number in range(FEW):
        tokens = [reset_link(town, "ada@example.com") for _ in range(2)]
        new = f"odd sentence {number}, once again"
        outcomes = at_once(*(partial(resetting, town, token, new) for token in tokens))
        assert Counter(outcomes) == {"done": 1, "reset-refused": 1}


def test_of_parallel_uses_of_an_address_link_exactly_one_counts(town: Town) -> None:
    """Security 2.5: 30 runs, and one mail to each address."""
    town.newcomer("0@example.com")
    for number in range(RUNS):
        new = f"{number + 1}@example.com"
        token = change_link(town, f"{number}@example.com", new)

        outcomes = at_once(*([partial(confirming, town, token)] * 3))
        assert Counter(outcomes) == {"done": 1, "email-change-refused": 2}
        assert sum("was changed" in mail.subject for mail in town.mails(new)) == 1


def test_of_two_accounts_that_want_one_address_one_gets_it(town: Town) -> None:
    """ACC-2: 30 runs."""
    holders = ["ada@example.com", "eve@example.com"]
    for email in holders:
        town.newcomer(email)
    for number in range(RUNS):
        wanted = f"wanted-{number}@example.com"
        tokens = [change_link(town, email, wanted) for email in holders]
        outcomes = at_once(*(partial(confirming, town, token) for token in tokens))
        assert Counter(outcomes) == {"done": 1, "email-change-refused": 1}
        holders[outcomes.index("done")] = wanted
        with town.suite.databases["identity"].reading() as session:
            assert sorted(session.scalars(select(Account.email))) == sorted(holders)


def test_an_address_is_registered_or_taken_over_but_not_both(town: Town) -> None:
    """ACC-2: and neither waits for the other in a circle."""
    email = "ada@example.com"
    town.newcomer(email)
    for number in range(FEW):
        wanted = f"wanted-{number}@example.com"
        town.ask("register_account", email=wanted, password=PASSWORD)
        verification = town.mails(wanted)[-1].token
        change = change_link(town, email, wanted)
        outcomes = at_once(
            partial(town.outcome, "verify_email", token=verification, password=PASSWORD),
            partial(confirming, town, change),
        )
        assert outcomes in (
            ["done", "email-change-refused"],
            ["verification-refused", "done"],
        )
        email = wanted if outcomes[1] == "done" else email


def test_a_sign_in_beside_a_change_of_password_never_outlives_it(town: Town) -> None:
    """Whoever knew the old password has nothing in their hands afterwards."""
    ada = town.newcomer("ada@example.com")
    password = ada.password
    for number in range(FEW):
        token = signed_in(town, ada.email, password)
        new = f"odd sentence number {number}"
        begun: list[str] = []
        begin = partial(beginning, town, Person(ada.email, password), begun)
        outcomes = at_once(begin, partial(changing, town, token, password, new), begin)
        assert outcomes[1] == "done"
        for secret in begun:
            assert town.outcome("complete_sign_in", sign_in=secret) == "sign-in-over"
        password = new


def test_of_two_changes_with_one_password_one_counts(town: Town) -> None:
    ada = town.newcomer("ada@example.com")
    password = ada.password
    for number in range(FEW):
        tokens = [signed_in(town, ada.email, password) for _ in range(2)]
        wanted = [f"odd sentence {number} of hand {hand}" for hand in range(2)]
        outcomes = at_once(
            *(
                partial(changing, town, token, password, new)
                for token, new in zip(tokens, wanted, strict=True)
            )
        )
        assert outcomes.count("done") == 1
        password = wanted[outcomes.index("done")]
        assert passwords_of(town, ada.email, wanted) == [password]


def test_no_reset_link_goes_to_an_address_that_is_being_given_up(town: Town) -> None:
    """Else who holds the old mailbox could still take over the account."""
    email = "0@example.com"
    town.newcomer(email)
    for number in range(FEW):
        new = f"{number + 1}@example.com"
        token = change_link(town, email, new)
        outcomes = at_once(
            partial(confirming, town, token),
            partial(town.outcome, "request_password_reset", email=email),
        )
        assert outcomes == ["done", "done"]
        with town.suite.databases["identity"].reading() as session:
            assert session.scalars(select(PasswordReset)).all() == []
        email = new
