"""The alarm over all accounts: guesses spread too thin for any one throttle (security 2.2)."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from tests.service.identity.test_identity_races import at_once
from tests.service.identity.town import PASSWORD, MakeTown, Town

WINDOW = timedelta(minutes=5)


def alarms() -> float:
    return REGISTRY.get_sample_value("freehold_sign_in_alarms_total") or 0.0


def fails(town: Town, number: int) -> str:
    return town.outcome("sign_in", email=f"{number}@example.com", password="a wrong guess")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    return make_town(postgresql=request.param == "postgresql", alarm_failed_sign_ins="10/300")


def test_it_sounds_once_a_window_and_refuses_nobody(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    ada = town.newcomer()
    before = alarms()
    for number in range(9):
        fails(town, number)
    assert (alarms() - before, said(caplog)) == (0, [])
    for number in range(9, 25):
        assert fails(town, number) == "sign-in-refused"
    assert alarms() - before == 1
    assert said(caplog) == ["10 sign-ins failed within 300 seconds"]
    assert town.outcome("sign_in", email=ada.email, password=PASSWORD) == "done"

    town.clock.advance(WINDOW)
    for number in range(30, 41):
        fails(town, number)
    assert alarms() - before == 2
    assert len(said(caplog)) == 2


def test_few_failures_in_each_window_are_no_alarm(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    before = alarms()
    for number in range(30):
        if number % 9 == 0:
            town.clock.advance(WINDOW)
        fails(town, number)
    assert (alarms() - before, said(caplog)) == (0, [])


def test_wrong_codes_after_right_passwords_are_failures_too(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords that leaked elsewhere are tried with success, and only the second step fails."""
    before = alarms()
    for number in range(3):
        person = town.newcomer(f"{number}@example.com")
        sign_in = town.begins(person)
        town.ask("send_sign_in_code", sign_in=sign_in)
        for _ in range(4):
            given = {"sign_in": sign_in, "method": "email", "code": "000000"}
            assert town.outcome("complete_sign_in", **given) == "code-refused"
    assert alarms() - before == 1
    assert len(said(caplog)) == 1


def test_parallel_failures_are_counted_once_each(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    before = alarms()
    for start in (0, 6):
        at_once(*(lambda number=number: fails(town, number) for number in range(start, start + 6)))
    assert alarms() - before == 1
    assert said(caplog) == ["10 sign-ins failed within 300 seconds"]
