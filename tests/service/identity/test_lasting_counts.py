"""Counts that neither time nor another address nor another way in gets around (security 2.2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA, NEW = "ada@example.com", "ada@new.example"


def test_a_stopped_account_is_opened_by_a_new_password_only(make_town: MakeTown) -> None:
    """The hard stop does not lapse, however long nobody tries."""
    town = make_town(password_failures_free=3, password_failures_most=3)
    town.newcomer(ADA)
    for _ in range(3):
        town.outcome("sign_in", email=ADA, password="a wrong guess")
    town.clock.advance(timedelta(days=400))
    town.suite.run_job("identity", "drop_outdated")
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "sign-in-refused"
    town.ask("request_password_reset", email=ADA)
    link = town.mails(ADA)[-1].token
    town.ask("reset_password", token=link, new_password="another unusual sentence")
    assert town.outcome("sign_in", email=ADA, password="another unusual sentence") == "done"


def test_an_account_takes_its_failures_along_to_another_address(town: Town) -> None:
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    town.ask("request_email_change", token, email=NEW)
    link = town.mails(NEW)[-1].token
    for _ in range(5):
        town.outcome("sign_in", email=ADA, password="a wrong guess")
    town.ask("confirm_email_change", token=link)
    assert town.outcome("sign_in", email=NEW, password=PASSWORD) == "sign-in-refused"
    town.clock.advance(timedelta(seconds=31))
    assert town.outcome("sign_in", email=NEW, password=PASSWORD) == "done"


def test_what_was_guessed_before_there_was_an_account_locks_nobody_out(town: Town) -> None:
    for _ in range(6):
        town.outcome("sign_in", email=ADA, password="a wrong guess")
    ada = town.newcomer(ADA)
    assert town.outcome("sign_in", email=ADA, password=ada.password) == "done"
    other = town.newcomer("ben@example.com")
    token = town.signs_in(other)
    town.ask("request_email_change", token, email=NEW)
    link = town.mails(NEW)[-1].token
    for _ in range(6):
        town.outcome("sign_in", email=NEW, password="a wrong guess")
    town.ask("confirm_email_change", token=link)
    assert town.outcome("sign_in", email=NEW, password=PASSWORD) == "done"


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("complete_sign_in", {"method": "totp", "code": "123456"}),
        ("open_manage", {"method": "totp", "code": "123456"}),
        ("send_sign_in_code", {}),
    ],
)
def test_every_login_post_counts_by_address_also_for_no_sign_in(
    town: Town, operation: str, given: dict[str, str]
) -> None:
    """30 a minute."""
    outcomes = [
        town.outcome(operation, sign_in="nobody-began-this", ip="203.0.113.5", **given)
        for _ in range(31)
    ]
    assert outcomes == ["sign-in-over"] * 30 + ["throttled"]


def test_the_day_has_ten_mailed_codes(town: Town) -> None:
    """EM-2: one a minute, five an hour, ten a day."""
    ada = town.newcomer(ADA)
    outcomes = []
    for _ in range(12):
        town.clock.advance(timedelta(minutes=31))
        outcomes.append(town.outcome("send_sign_in_code", sign_in=town.begins(ada)))
    assert outcomes == ["done"] * 10 + ["throttled"] * 2


def test_an_hour_has_fifty_wrong_passwords_from_one_address(town: Town) -> None:
    outcomes = []
    for number in range(60):
        town.clock.advance(timedelta(seconds=8))
        outcomes.append(
            town.outcome(
                "sign_in", email=f"{number}@example.com", password="a guess", ip="203.0.113.5"
            )
        )
    assert outcomes == ["sign-in-refused"] * 50 + ["throttled"] * 10


def test_refusals_of_what_somebody_may_not_do_are_recorded(town: Town) -> None:
    """Security 2.10: authz_fail."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    manage = town.manages(ada, token)
    town.outcome("require_operator", token)
    town.outcome("get_manage", token)
    town.outcome("list_sessions", manage)
    reasons = [entry.reason for entry in town.audit() if entry.action == "authz_fail"]
    assert reasons == ["operator-only", "manage-required", "manage-session"]
