"""Codes of authenticators: when they are good, and how many wrong ones are too many."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


@pytest.fixture
def manage(town: Town, ada: Person) -> str:
    """A Manage session of an account without any second factor."""
    return town.manages(ada, town.signs_in(ada))


# When they are good


def test_a_code_has_six_digits_however_they_are_typed(town: Town, ada: Person, manage: str) -> None:
    """TOTP-1: full-width digits and spaces are understood; what cannot be a code costs no try."""
    key = town.registers(manage)
    for text in ("12345", "1234567", "12345a", "①②③④⑤⑥ "):
        for _ in range(3):
            assert town.completes(ada, text) == "code-refused"
    code = town.next_code(key)
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert town.completes(ada, f" {wide[:3]} {wide[3:]}") == "done"


def test_a_code_is_good_for_its_thirty_seconds(town: Town, ada: Person, manage: str) -> None:
    """TOTP-2: to their last, and no longer."""
    key = town.registers(manage)
    code = town.next_code(key)
    town.clock.advance(STEP - timedelta(seconds=1))
    assert town.completes(ada, code) == "done"
    code = town.next_code(key)
    town.clock.advance(STEP)
    assert town.completes(ada, code) == "totp-out-of-sync"


def test_a_code_works_once_whatever_it_was_used_for(town: Town, ada: Person, manage: str) -> None:
    """TOTP-3: signing in, entering the Manage area both ways, REGISTER and step-up."""
    key = town.registers(manage)
    again = {"password": PASSWORD}
    sessions: list[str] = []

    def sign_in(code: str) -> str:
        return town.completes(ada, code)

    def open_manage(code: str) -> str:
        return town.opens(ada, code)

    def enter_manage(code: str) -> str:
        return town.outcome("enter_manage", sessions.pop(), **again, method="totp", code=code)

    def step_up(code: str) -> str:
        return town.outcome("step_up", sessions.pop(), **again, code=code)

    uses = (sign_in, open_manage, enter_manage, step_up)
    for first in uses:
        for second in uses:
            sessions[:] = [town.signs_in_with(ada, key) for _ in range(2)]
            code = town.next_code(key)
            assert first(code) == "done"
            assert second(code) == "code-used", (first.__name__, second.__name__)


def test_of_two_clocks_steps_only_the_later_is_taken_afterwards(make_town: MakeTown) -> None:
    """TOTP-3, J1: accepted steps strictly increase, also where a phone may be a step off."""
    town = make_town(totp_drift_steps=1)
    ada = town.newcomer(ADA)
    key = town.registers(town.manages(ada, town.signs_in(ada)))
    town.clock.advance(STEP * 3)
    app, now = pyotp.TOTP(key), town.clock.now()
    assert town.completes(ada, app.at(now - STEP)) == "done"
    assert town.completes(ada, app.at(now + STEP)) == "done"
    assert town.completes(ada, app.at(now)) == "code-used"


@pytest.mark.parametrize("away", [-11, -10, -1, 1, 10, 11])
def test_a_clock_that_is_off_is_named(town: Town, ada: Person, manage: str, away: int) -> None:
    """Security 2.3: within ten steps either way; it counts as a failure."""
    key = town.registers(manage)
    town.clock.advance(STEP * 20)
    code = pyotp.TOTP(key).at(town.clock.now() + STEP * away)
    expected = "totp-out-of-sync" if abs(away) <= 10 else "code-refused"
    for _ in range(5):
        assert town.completes(ada, code) == expected
    assert town.completes(ada, town.shown(key)) == "throttled"


def test_a_code_to_come_that_somebody_was_told_about_never_counts(town: Town) -> None:
    """Security 2.2, 2.3: who guessed it, and is told, has nothing in their hands."""
    ada = town.newcomer(ADA)
    key = town.registers(town.manages(ada, town.signs_in(ada)))
    guessed = pyotp.TOTP(key).at(town.clock.now() + STEP * 4)
    assert town.completes(ada, guessed) == "totp-out-of-sync"
    town.clock.advance(STEP * 4)
    assert guessed == town.shown(key)
    assert town.completes(ada, guessed) == "code-used"
    assert town.opens(ada, guessed) == "code-used"
    assert town.completes(ada, town.next_code(key)) == "done"


def test_one_step_to_come_is_told_about_at_a_time(town: Town) -> None:
    """Security 2.3: or a guesser would learn of each."""
    ada = town.newcomer(ADA)
    key = town.registers(town.manages(ada, town.signs_in(ada)))
    app, now = pyotp.TOTP(key), town.clock.now()
    away = {steps: app.at(now + STEP * steps) for steps in (3, 5, 8)}
    told = [town.completes(ada, away[steps]) for steps in (5, 3, 8, 5)]
    assert told == ["totp-out-of-sync", "code-refused", "code-refused", "totp-out-of-sync"]
    town.clock.advance(STEP * 3)
    assert town.completes(ada, away[3]) == "done"
    town.clock.advance(STEP * 3)
    assert town.completes(ada, app.at(now + STEP * 12)) == "totp-out-of-sync"


def test_past_steps_are_told_about_as_often_as_asked(town: Town) -> None:
    """Security 2.3: their codes are worth nothing, and cost nobody a step."""
    ada = town.newcomer(ADA)
    key = town.registers(town.manages(ada, town.signs_in(ada)))
    town.clock.advance(STEP * 20)
    app, now = pyotp.TOTP(key), town.clock.now()
    for steps in (1, 4, 10):
        assert town.completes(ada, app.at(now - STEP * steps)) == "totp-out-of-sync"
    assert town.completes(ada, town.shown(key)) == "done"


# Too many wrong codes


def test_a_hundred_wrong_codes_in_a_row_disable_the_authenticator(make_town: MakeTown) -> None:
    """Security 2.2: its owner is told, and registers another one with a recovery code."""
    town = make_town(limit_codes_per_account="1000000/60")
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    key, codes = town.registers(manage), town.issues(manage)
    token = town.signs_in_with(ada, key)
    wrong, sign_in = town.wrong(key), ""
    for number in range(100):
        if number % 10 == 0:
            sign_in = town.begins(ada)
        given = {"sign_in": sign_in, "method": "totp", "code": wrong}
        assert town.outcome("complete_sign_in", **given) == "code-refused"
    assert town.actions().count("mfa_totp_disabled") == 1
    assert "disabled" in town.mails(ADA)[-1].subject

    view = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert (view["methods"], view["manage_methods"]) == (["email"], ["recovery_code"])
    right = {"sign_in": view["sign_in"], "method": "totp", "code": town.next_code(key)}
    assert town.outcome("complete_sign_in", **right) == "method-not-offered"
    assert town.outcome("open_manage", **right) == "authenticator-disabled"
    again = {"password": PASSWORD, "code": town.shown(key)}
    assert town.outcome("step_up", token, **again) == "authenticator-disabled"
    assert town.outcome("step_up", token, password=PASSWORD) == "code-required"
    assert town.outcome("enter_manage", token, password=PASSWORD) == "code-required"

    manage = town.manages_from_sign_in(ada, codes[0], "recovery_code")
    assert town.ask("get_manage", manage)["authenticator"]["is_disabled"] is True
    town.clock.advance(STEP)
    new = town.registers(manage)
    assert town.completes(ada, town.next_code(new)) == "done"
    assert town.actions().count("mfa_totp_disabled") == 1


def test_only_wrong_codes_of_the_authenticator_in_a_row_disable_it(make_town: MakeTown) -> None:
    """Security 2.2: a right one ends the row; mailed and recovery codes have no part in it."""
    town = make_town(totp_failures_most=3, limit_codes_per_account="1000/60")
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    key, codes = town.registers(manage), town.issues(manage)
    for _ in range(3):
        for _ in range(2):
            assert town.completes(ada, town.wrong(key)) == "code-refused"
        assert town.completes(ada, "000000", "email") == "code-refused"
        assert town.completes(ada, town.next_code(key)) == "done"
    for _ in range(2):
        assert town.completes(ada, town.wrong(key)) == "code-refused"
    town.signs_in(ada)
    assert town.opens(ada, codes[0], "recovery_code") == "done"
    assert town.completes(ada, town.wrong(key)) == "code-refused"
    manage = town.manages_from_sign_in(ada, codes[1], "recovery_code")
    assert town.ask("get_manage", manage)["authenticator"]["is_disabled"] is True


def test_tries_of_every_kind_disable_it(make_town: MakeTown) -> None:
    """Security 2.2: in sign-in, at both doors of the Manage area, and in step-up."""
    town = make_town(totp_failures_most=4, limit_codes_per_account="1000/60")
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    wrong = town.wrong(key)
    again = {"password": PASSWORD, "code": wrong}
    tries = [
        town.completes(ada, wrong),
        town.opens(ada, wrong),
        town.outcome("enter_manage", token, **again, method="totp"),
        town.outcome("step_up", token, **again),
    ]
    assert tries == ["code-refused"] * 4
    assert town.outcome("step_up", token, **again) == "authenticator-disabled"
