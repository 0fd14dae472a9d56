"""Numbers that an installation sets, in what they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from chassis import caller as assertions
from contracts.caller import Caller
from services.identity.domain.settings import IdentitySettings
from services.identity.models import Throttle
from tests.service.identity.surfer import ADA, Surfer, app_of
from tests.service.identity.town import PASSWORD, MakeTown, Town


def vouched(town: Town, token: str) -> Caller:
    """The caller, as every service reads it from identity's word."""
    word = town.ask("introspect", token=token)["assertion"]
    keys = town.ask("public_keys")["keys"]
    return assertions.verify(
        word,
        lambda key_id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[key_id])),
        town.clock.now(),
    )


@pytest.mark.parametrize("seconds", [60, 120, 3600])
def test_credentials_are_fresh_as_long_as_it_is_set(make_town: MakeTown, seconds: int) -> None:
    """Security 2.7: in identity, and by its word in every other service."""
    town = make_town(step_up_within=seconds, session_idle=2 * 3600)
    token = town.signs_in(town.newcomer(ADA))
    expires_at = (town.clock.now() + timedelta(days=1)).isoformat()
    outcomes = []
    for name, passed in (("early", seconds), ("late", 1)):
        town.clock.advance(timedelta(seconds=passed))
        given = {"name": name, "scopes": ["device:read"], "expires_at": expires_at}
        outcomes.append(town.outcome("create_api_token", token, **given))
        try:
            vouched(town, token).require_step_up(town.clock.now())
        except Exception as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append("fresh")
    assert outcomes == ["done", "fresh", "step-up-required", "StepUpRequired"]


def test_a_session_says_until_when_they_are_fresh(make_town: MakeTown) -> None:
    town = make_town(step_up_within=180)
    session = town.ask("get_session", town.signs_in(town.newcomer(ADA)))
    entered, until = (
        datetime.fromisoformat(session[name]) for name in ("authenticated_at", "fresh_until")
    )
    assert until - entered == timedelta(seconds=180)


@pytest.mark.parametrize("seconds", [30, 600])
def test_pages_ask_for_credentials_once_however_short_they_are_fresh(
    make_town: MakeTown, seconds: int
) -> None:
    town = make_town(step_up_within=seconds)
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    surfer.signs_in(town)
    town.clock.advance(timedelta(seconds=seconds))
    assert surfer.open("/account/email").path == "/account/credentials/email"
    assert surfer.press("CONTINUE", password=PASSWORD).path == "/account/email"


@pytest.mark.parametrize("seconds", [20, 60])
def test_identitys_word_lives_as_long_as_it_is_set(make_town: MakeTown, seconds: int) -> None:
    """Security 2.6."""
    town = make_town(assertion_life=seconds)
    token = town.signs_in(town.newcomer(ADA))
    answer = town.ask("introspect", token=token)
    until = town.clock.now() + timedelta(seconds=seconds)
    assert datetime.fromisoformat(answer["expires_at"]) == until
    assert vouched(town, token).account_id
    keys = town.ask("public_keys")["keys"]
    key = {
        name: Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)) for name, raw in keys.items()
    }
    late = until + assertions.LEEWAY
    with pytest.raises(assertions.AssertionRefused):
        assertions.verify(answer["assertion"], key.__getitem__, late)


@pytest.mark.parametrize(
    "number",
    [
        {"assertion_life": timedelta(seconds=61)},
        {"assertion_life": timedelta(seconds=19)},
        {"step_up_within": timedelta()},
        {"step_up_within": timedelta(days=1, seconds=1)},
        {"totp_telling_steps": -1},
    ],
)
def test_numbers_that_break_a_promise_are_refused(number: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="identity\\."):
        IdentitySettings(**number)  # type: ignore[arg-type]


def test_a_count_is_kept_for_the_longest_window_there_is(make_town: MakeTown) -> None:
    """Security 2.2: a window of a week is one."""
    town = make_town(limit_codes_per_account="50/604800")
    ada = town.newcomer(ADA)
    town.completes(ada, "123456", "email")
    kept = []
    for days in (6, 2):
        town.clock.advance(timedelta(days=days))
        town.suite.run_job("identity", "drop_outdated")
        with town.suite.databases["identity"].reading() as session:
            keys = session.scalars(select(Throttle.key)).all()
        kept.append(any(key.startswith("second:") for key in keys))
    assert kept == [True, False]


def test_wrong_passwords_in_a_row_are_kept_as_long_as_it_is_set(make_town: MakeTown) -> None:
    town = make_town(password_failures_kept=86_400 * 3)
    town.newcomer(ADA)
    town.outcome("sign_in", email=ADA, password="a wrong guess")
    kept = []
    for days in (2, 2):
        town.clock.advance(timedelta(days=days))
        town.suite.run_job("identity", "drop_outdated")
        with town.suite.databases["identity"].reading() as session:
            keys = session.scalars(select(Throttle.key)).all()
        kept.append(any(key.startswith("password:") and "/" not in key for key in keys))
    assert kept == [True, False]


def test_where_everybody_has_an_app_passwords_are_as_short_as_it_is_set(
    make_town: MakeTown,
) -> None:
    """Security 2.1."""
    least = [
        make_town(mfa_policy="totp_required", **more).ask("get_password_rule")["least"]
        for more in ({}, {"password_min_with_mfa": 12}, {"password_min_with_mfa": 20})
    ]
    assert least == [8, 12, 15]
    assert all(one < other for one, other in pairwise(least))
