"""Staying signed in for longer, where the settings allow it (security 2.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.identity.models import SessionRow
from tests.harness import Suite
from tests.service.identity.surfer import ADA, Surfer, app_of
from tests.service.identity.test_password_changes import NEW, is_live
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

DAY = timedelta(days=1)


@pytest.fixture
def keeping(make_town: MakeTown) -> Town:
    return make_town(keep_signed_in=True)


def completes(town: Town, person: Person, *, keep: bool) -> dict[str, Any]:
    sign_in = town.begins(person)
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(person.email)[-1].code
    given: dict[str, Any] = {"sign_in": sign_in, "method": "email", "code": code}
    done: dict[str, Any] = town.ask("complete_sign_in", **given, keep_signed_in=keep)
    return done


def used_daily(town: Town, token: str, days: int) -> bool:
    """Whether it is live after so many days, looked in on every day."""
    for _ in range(days):
        town.clock.advance(DAY)
        if not is_live(town, token):
            return False
    return True


def test_nobody_is_kept_unless_the_installation_says_so(town: Town) -> None:
    """And who asks for it is told, and signs in without."""
    ada = town.newcomer(ADA)
    assert town.ask("get_sign_in_rule") == {"kept_seconds": None}
    sign_in = town.begins(ada)
    town.ask("send_sign_in_code", sign_in=sign_in)
    given = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    assert town.outcome("complete_sign_in", **given, keep_signed_in=True) == "keeping-not-allowed"
    assert town.outcome("complete_sign_in", **given, keep_signed_in=False) == "done"


def test_a_kept_session_lasts_thirty_days_and_no_longer(keeping: Town) -> None:
    ada = keeping.newcomer(ADA)
    started = completes(keeping, ada, keep=True)
    assert started["is_kept"] is True
    assert used_daily(keeping, started["token"], 29)
    assert not used_daily(keeping, started["token"], 1)


def test_unused_for_a_week_it_ends(keeping: Town) -> None:
    token = completes(keeping, keeping.newcomer(ADA), keep=True)["token"]
    keeping.clock.advance(7 * DAY - timedelta(minutes=1))
    assert is_live(keeping, token)
    keeping.clock.advance(7 * DAY)
    assert not is_live(keeping, token)


def test_who_does_not_ask_for_it_is_not_kept(keeping: Town) -> None:
    started = completes(keeping, keeping.newcomer(ADA), keep=False)
    assert started["is_kept"] is False
    keeping.clock.advance(timedelta(hours=1))
    assert not is_live(keeping, started["token"])


def test_both_numbers_are_settings(make_town: MakeTown) -> None:
    town = make_town(keep_signed_in=True, kept_session_life=3 * 86_400, kept_session_idle=86_400)
    assert town.ask("get_sign_in_rule") == {"kept_seconds": 3 * 86_400}
    ada = town.newcomer(ADA)
    unused = completes(town, ada, keep=True)["token"]
    town.clock.advance(DAY)
    assert not is_live(town, unused)
    used = completes(town, ada, keep=True)["token"]
    for _ in range(5):
        town.clock.advance(timedelta(hours=12))
        assert is_live(town, used)
    town.clock.advance(timedelta(hours=12))
    assert not is_live(town, used)


def test_a_manage_session_is_never_kept(make_town: MakeTown) -> None:
    """MAN-5: who has to enrol first gets a quarter of an hour for it."""
    town = make_town(keep_signed_in=True, mfa_policy="totp_required")
    started = completes(town, town.newcomer(ADA), keep=True)
    assert (started["level"], started["is_kept"]) == ("manage", False)
    town.clock.advance(timedelta(minutes=15))
    assert not is_live(town, started["token"])


@pytest.mark.parametrize("operation", ["step_up", "change_password"])
def test_who_was_kept_still_is_under_a_new_token(keeping: Town, operation: str) -> None:
    token = completes(keeping, keeping.newcomer(ADA), keep=True)["token"]
    given = {
        "step_up": {"password": PASSWORD},
        "change_password": {"current_password": PASSWORD, "new_password": NEW},
    }[operation]
    started = keeping.ask(operation, token, **given)
    assert started["is_kept"] is True
    assert used_daily(keeping, started["token"], 3)


def test_what_is_sensitive_asks_for_credentials_all_the_same(keeping: Town) -> None:
    """Security 2.7: within ten minutes, however long the session lasts."""
    token = completes(keeping, keeping.newcomer(ADA), keep=True)["token"]
    keeping.clock.advance(timedelta(minutes=11))
    outcome = keeping.outcome("request_email_change", token, email="lovelace@example.com")
    assert outcome == "step-up-required"


def test_kept_ones_are_dropped_when_they_are_over_and_not_before(keeping: Town) -> None:
    token = completes(keeping, keeping.newcomer(ADA), keep=True)["token"]
    counts = []
    for days in (6, 0, 1):
        keeping.clock.advance(days * DAY)
        keeping.suite.run_job("identity", "drop_outdated")
        with keeping.suite.databases["identity"].reading() as session:
            counts.append(len(session.scalars(select(SessionRow)).all()))
    assert counts == [1, 1, 0]
    assert not is_live(keeping, token)


def test_turning_it_off_ends_what_was_kept(make_town: MakeTown) -> None:
    """A day after it began, and unused for an hour, as any other."""
    town = make_town(keep_signed_in=True)
    ada = town.newcomer(ADA)
    token = completes(town, ada, keep=True)["token"]
    town.clock.advance(timedelta(hours=2))
    assert is_live(town, token)
    settings = {"identity": {"argon2_memory_kib": 64, "argon2_passes": 1}}
    off = Suite(
        town.suite.folder, services=("identity",), settings=settings, clock=town.suite.clock
    )
    try:
        without = Town(off)
        assert is_live(without, token)
        town.clock.advance(timedelta(hours=1, minutes=1))
        assert not is_live(without, token)
        assert is_live(town, token)
    finally:
        off.close()


# In a browser


def test_without_the_setting_there_is_no_box(town: Town) -> None:
    page = Surfer(app_of(town)).open("/sign-in")
    assert all(each["name"] != "keep_signed_in" for each in page.inputs)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "for 30 days"), ("ja", "30 日間"), ("ko", "30일 동안")],
)
def test_with_it_a_box_is_to_be_ticked(keeping: Town, language: str, words: str) -> None:
    page = Surfer(app_of(keeping), language).open("/sign-in")
    assert words in page.text
    assert "checked" not in page.input("keep_signed_in")


@pytest.mark.parametrize("keep", [True, False])
def test_the_browser_keeps_the_session_as_long_as_it_lasts(keeping: Town, *, keep: bool) -> None:
    surfer = Surfer(app_of(keeping))
    surfer.registers(keeping)
    surfer.open("/sign-in")
    ticked = {"keep_signed_in": "true"} if keep else {}
    surfer.press("SIGN IN", email=ADA, password=PASSWORD, **ticked)
    page = surfer.press("VERIFY", code=keeping.mails(ADA)[-1].code)
    assert page.path == "/account"
    cookie = surfer.client.get_cookie("freehold")
    assert cookie is not None
    kept_for = None if cookie.max_age is None else timedelta(seconds=cookie.max_age)
    assert kept_for == (30 * DAY if keep else None)


def test_a_refused_password_leaves_the_box_as_it_was(keeping: Town) -> None:
    surfer = Surfer(app_of(keeping))
    surfer.open("/sign-in")
    page = surfer.press("SIGN IN", email=ADA, password="x", keep_signed_in="true")
    assert "checked" in page.input("keep_signed_in")
