"""The published examples of RFC 4226 and RFC 6238, and what an otpauth URI says to an app."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.settings import IdentitySettings
from services.identity.domain.totp import (
    PERIOD_SECONDS,
    CodeRefused,
    accepted_step,
    otpauth_uri,
    step_at,
)

# The secret of both appendices.
KEY = base64.b32encode(b"12345678901234567890").decode()

# RFC 4226, appendix D: counter and code.
RFC_4226 = list(
    enumerate(
        [
            *("755224", "287082", "359152", "969429", "338314"),
            *("254676", "287922", "162583", "399871", "520489"),
        ]
    )
)
# RFC 6238, appendix B, SHA-1: time, step in hex, and a code of eight digits; six are its end.
RFC_6238 = [
    (59, "0000000000000001", "94287082"),
    (1111111109, "00000000023523EC", "07081804"),
    (1111111111, "00000000023523ED", "14050471"),
    (1234567890, "000000000273EF07", "89005924"),
    (2000000000, "0000000003F940AA", "69279037"),
    (20000000000, "0000000027BC86AA", "65353130"),
]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("counter", "code"), RFC_4226)
def test_the_counters_of_rfc_4226_are_the_steps(counter: int, code: str) -> None:
    """TOTP-1, TOTP-2."""
    assert accepted_step(KEY, code, moment(counter * PERIOD_SECONDS)) == counter


@pytest.mark.parametrize(("counter", "code"), RFC_4226)
def test_a_code_of_rfc_4226_is_no_code_of_another_counter(counter: int, code: str) -> None:
    """TOTP-2: a past code is not accepted, nor one that is still to come."""
    for other, _ in RFC_4226:
        if other != counter:
            with pytest.raises(CodeRefused):
                accepted_step(KEY, code, moment(other * PERIOD_SECONDS))


@pytest.mark.parametrize(("seconds", "step", "code"), RFC_6238)
def test_the_moments_of_rfc_6238_accept_its_codes(seconds: int, step: str, code: str) -> None:
    """TOTP-1, TOTP-2."""
    now = moment(seconds)
    assert step_at(now) == int(step, 16)
    assert accepted_step(KEY, code[-6:], now) == int(step, 16)


@pytest.mark.parametrize(("seconds", "step", "code"), RFC_6238)
def test_a_code_of_rfc_6238_holds_for_its_step_to_the_last_moment(
    seconds: int, step: str, code: str
) -> None:
    """TOTP-2."""
    begins = moment(int(step, 16) * PERIOD_SECONDS)
    ends = begins + timedelta(seconds=PERIOD_SECONDS)
    last = ends - timedelta(milliseconds=1)
    assert accepted_step(KEY, code[-6:], begins) == accepted_step(KEY, code[-6:], last)
    for outside in (begins - timedelta(milliseconds=1), ends):
        with pytest.raises(CodeRefused):
            accepted_step(KEY, code[-6:], outside)


@given(
    issuer=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    address=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
)
def test_an_app_finds_issuer_and_address_apart_whatever_is_in_them(
    issuer: str, address: str
) -> None:
    """TOTP-5: label ``Issuer:e-mail``; the other parameters are the defaults."""
    parts = urlsplit(otpauth_uri(KEY, address, issuer))
    label = parts.path.removeprefix("/")
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert label.count(":") == 1
    assert [unquote(part) for part in label.split(":")] == [issuer, address]
    query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert query == {"secret": [KEY], "issuer": [issuer]}


@pytest.mark.parametrize("issuer", ["A & B", "100%", "Who?", "a+b", "カメラ", "a/b#c"])
@pytest.mark.parametrize("address", ["a&b?c%d@example.com", "ゆき@例え.jp", "a+b=c@example.com"])
def test_another_library_reads_the_same(issuer: str, address: str) -> None:
    """TOTP-5."""
    parsed = pyotp.parse_uri(otpauth_uri(KEY, address, issuer))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.issuer, parsed.name, parsed.secret) == (issuer, address, KEY)
    assert (parsed.digits, parsed.interval, parsed.digest().name) == (6, 30, "sha1")


def test_a_service_whose_name_apps_would_cut_is_refused() -> None:
    """TOTP-5: many apps take the first colon of the decoded label for the end of the issuer."""
    with pytest.raises(ValueError, match="service_name"):
        IdentitySettings(service_name="Town: cameras")
