"""What operators do for a person who has to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.service.identity.test_operating import entries, operates
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"
WRONG = "a wrong guess at it"


def forgets(town: Town, email: str = ADA) -> int:
    return operates(town, "forget-failures", email, "ticket 7")


def guesses(town: Town, number: int, email: str = ADA) -> None:
    for _ in range(number):
        town.outcome("sign_in", email=email, password=WRONG)


def test_who_had_to_wait_for_strangers_signs_in_at_once(town: Town) -> None:
    """Security 2.2."""
    ada = town.newcomer(ADA)
    guesses(town, 6)
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    assert forgets(town) == 0
    assert town.begins(ada)


def test_codes_count_from_the_beginning(town: Town) -> None:
    """Security 2.2: of all second factors, and those that are mailed."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=2))
    for _ in range(5):
        assert town.completes(ada, town.wrong(key)) == "code-refused"
    town.ask("send_sign_in_code", sign_in=town.begins(ada))
    for _ in range(5):
        town.outcome("step_up", token, password=WRONG)
    assert town.outcome("step_up", token, password=PASSWORD) == "throttled"
    assert town.completes(ada, town.next_code(key)) == "throttled"
    assert forgets(town) == 0
    assert town.completes(ada, town.shown(key)) == "done"
    assert town.outcome("send_sign_in_code", sign_in=town.begins(ada)) == "done"
    assert town.outcome("step_up", token, password=PASSWORD) == "code-required"


def test_what_too_many_failures_closed_stays_closed(make_town: MakeTown) -> None:
    """63B-4: only a reset opens a password, and only new ones replace what was disabled."""
    town = make_town(
        password_failures_most=5, totp_failures_most=3, limit_codes_per_account="1000/60"
    )
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(3):
        town.completes(ada, town.wrong(key))
    guesses(town, 5)
    town.clock.advance(timedelta(hours=2))
    assert forgets(town) == 0
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    town.ask("request_password_reset", email=ADA)
    link = town.mails(ADA)[-1].token
    assert town.outcome("reset_password", token=link, new_password=PASSWORD) == "done"
    assert town.ask("sign_in", email=ADA, password=PASSWORD)["methods"] == ["email"]


def test_nothing_else_changes(town: Town) -> None:
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    guesses(town, 6)
    forgets(town)
    assert town.outcome("get_account", token) == "done"
    assert len(town.mails(ADA)) == 2


def test_other_accounts_wait_as_before(town: Town) -> None:
    town.newcomer(ADA)
    town.newcomer("eve@example.com")
    guesses(town, 6)
    guesses(town, 6, "eve@example.com")
    forgets(town)
    assert town.outcome("sign_in", email="eve@example.com", password=PASSWORD) == "sign-in-refused"


def test_it_is_in_the_audit(town: Town) -> None:
    """Security 2.10."""
    ada = town.newcomer(ADA)
    guesses(town, 3)
    forgets(town)
    (entry,) = entries(town, "authn_failures_forgotten")
    assert entry.actor_account_id is None
    assert entry.acting_as == "operator"
    assert entry.reason.endswith("ticket 7")
    assert entry.before["wrong_passwords_in_a_row"] == 3
    assert ada.email not in str(vars(entry))


def test_where_nothing_was_counted_nothing_happens(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    town.newcomer(ADA)
    assert forgets(town) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert entries(town, "authn_failures_forgotten") == []
    assert forgets(town, "nobody@example.com") == 1
