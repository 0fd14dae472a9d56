"""Time-based one-time passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.totp import (
    PERIOD_SECONDS,
    ClockOff,
    CodeRefused,
    accepted_step,
    otpauth_uri,
    qr_svg,
    step_at,
    typed,
)

TELLING_STEPS = 10
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

moments = st.integers(1_577_836_800, 3_786_912_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)


@given(now=moments, offset=st.integers(0, PERIOD_SECONDS - 1))
def test_a_code_holds_for_its_thirty_seconds_and_names_its_step(now: datetime, offset: int) -> None:
    """TOTP-2."""
    begins = datetime.fromtimestamp(step_at(now) * PERIOD_SECONDS, UTC)
    code = pyotp.TOTP(KEY).at(begins)
    assert accepted_step(KEY, code, begins + timedelta(seconds=offset)) == step_at(begins)


@given(now=moments, drift=st.integers(0, 1), away=st.integers(-1, 1))
def test_the_step_of_a_code_is_its_own_and_not_that_of_its_arrival(
    now: datetime, drift: int, away: int
) -> None:
    """TOTP-3: else a code could be used again in the next step."""
    code = pyotp.TOTP(KEY).at(now + timedelta(seconds=PERIOD_SECONDS * away))
    try:
        step = accepted_step(KEY, code, now, drift)
    except CodeRefused:
        assert abs(away) > drift
    else:
        assert pyotp.TOTP(KEY).generate_otp(step) == code
        assert abs(step - step_at(now)) <= drift


@given(now=moments, away=st.integers(TELLING_STEPS + 1, 1000), ahead=st.booleans())
def test_a_code_of_a_far_time_is_a_wrong_one(now: datetime, away: int, ahead: bool) -> None:
    """Security 2.3: what a clock does not explain is a guess."""
    shift = timedelta(seconds=PERIOD_SECONDS * (away if ahead else -away))
    code = pyotp.TOTP(KEY).at(now + shift)
    near = {
        pyotp.TOTP(KEY).at(now + timedelta(seconds=PERIOD_SECONDS * step))
        for step in range(-TELLING_STEPS, TELLING_STEPS + 1)
    }
    if code not in near:
        with pytest.raises(CodeRefused) as refused:
            accepted_step(KEY, code, now)
        assert not isinstance(refused.value, ClockOff)


@given(now=moments, away=st.integers(2, TELLING_STEPS), ahead=st.booleans())
def test_a_code_of_a_near_time_says_that_the_clock_is_off(
    now: datetime, away: int, ahead: bool
) -> None:
    """Security 2.3, unless it happens to be right for now too."""
    shift = timedelta(seconds=PERIOD_SECONDS * (away if ahead else -away))
    code = pyotp.TOTP(KEY).at(now + shift)
    if code != pyotp.TOTP(KEY).at(now):
        with pytest.raises(ClockOff):
            accepted_step(KEY, code, now)


@given(now=moments, code=st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_a_code_is_accepted_only_where_an_app_shows_it(now: datetime, code: str) -> None:
    shown = {pyotp.TOTP(KEY).at(now + timedelta(seconds=30 * away)) for away in (-1, 0, 1)}
    try:
        accepted_step(KEY, code, now, drift=1)
    except CodeRefused:
        assert code not in shown
    else:
        assert code in shown


def test_drift_takes_the_steps_beside_the_present_one() -> None:
    now = datetime(2025, 3, 1, tzinfo=UTC)
    before = pyotp.TOTP(KEY).at(now - timedelta(seconds=30))
    assert accepted_step(KEY, before, now, drift=1) == step_at(now) - 1
    with pytest.raises(ClockOff):
        accepted_step(KEY, before, now)


@pytest.mark.parametrize("given_code", ["123456", " 123 456 ", "１２３４５６", "123-456", "¹23456"])
def test_full_width_digits_and_blanks_are_understood(given_code: str) -> None:
    """RC-8, for codes alike."""
    assert typed(given_code) == "123456"


@pytest.mark.parametrize("given_code", ["", "12345", "1234567", "12345a", "123456\0", "١٢٣٤٥٦"])
def test_what_cannot_be_a_code_is_refused(given_code: str) -> None:
    with pytest.raises(CodeRefused):
        typed(given_code)


def test_apps_get_issuer_and_address_with_the_setup_key() -> None:
    """TOTP-4 and TOTP-5."""
    uri = otpauth_uri(KEY, "ada@example.com", "Freehold")
    parsed = pyotp.parse_uri(uri)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.name, parsed.issuer) == (KEY, "ada@example.com", "Freehold")
    assert len(pyotp.random_base32()) == 32


def test_the_qr_code_is_one_svg_element_without_scripts() -> None:
    image = qr_svg(otpauth_uri(KEY, "ada@example.com", "Freehold"))
    assert image.startswith("<svg ")
    assert image.endswith("</svg>")
    assert "script" not in image
