"""What a recovery code is, and what people type for one."""

from __future__ import annotations

import hmac
import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain import recovery
from services.identity.domain.settings import RecoveryCodeFormat
from services.identity.domain.totp import CodeRefused

DIGITS8, BASE32_13 = RecoveryCodeFormat.DIGITS8, RecoveryCodeFormat.BASE32_13
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
BETWEEN = ("", " ", "  ", "-", "\u3000", "\u00a0", "－", "‐", "–", "−", "ー", "ｰ", "\t")
digits8 = st.integers(0, 10**8 - 1).map(lambda number: f"{number:08d}")


def test_a_batch_holds_ten_codes_of_eight_digits() -> None:
    """RC-1, RC-7."""
    codes = recovery.fresh(10, DIGITS8)
    assert len(set(codes)) == 10
    assert all(re.fullmatch("[0-9]{8}", code) for code in codes)


def test_codes_are_drawn_evenly_and_keep_their_leading_zeros(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RC-7: of all 10^8 numbers, and none twice."""
    bounds = []
    drawn = iter([7, 7, 10**8 - 1])

    def randbelow(bound: int) -> int:
        bounds.append(bound)
        return next(drawn)

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    assert recovery.fresh(2, DIGITS8) == ["00000007", "99999999"]
    assert set(bounds) == {10**8}


def test_the_long_form_has_65_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Security 2.4: 13 letters of five random bits each."""
    assert all(re.fullmatch("[A-Z2-7]{13}", code) for code in recovery.fresh(50, BASE32_13))
    monkeypatch.setattr(secrets, "token_bytes", lambda count: b"\xff" * count)
    assert recovery.fresh(1, BASE32_13) == ["7" * 13]


@given(digits8, st.booleans(), st.lists(st.sampled_from(BETWEEN), min_size=9, max_size=9))
def test_digits_of_any_width_with_spaces_and_hyphens_are_understood(
    code: str, is_wide: bool, between: list[str]
) -> None:
    """RC-8."""
    shown = code.translate(FULL_WIDTH) if is_wide else code
    text = between[8] + "".join(digit + gap for digit, gap in zip(shown, between, strict=False))
    assert recovery.typed(text, DIGITS8) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-" * 8,
        "1234567",
        "123456789",
        "1234567a",
        "1234567O",
        "12345678\x00",
        "1234\x005678",
        "١٢٣٤٥٦٧٨",
        "१२३४५६७८",
        "+1234567",
        "1234.678",
        "12345678\u200b",
        "12345678'--x",
    ],
)
def test_what_is_not_eight_digits_is_no_code(text: str) -> None:
    """RC-8: other scripts' digits are none of them."""
    with pytest.raises(CodeRefused):
        recovery.typed(text, DIGITS8)


@given(st.text(max_size=64))
def test_whatever_is_typed_is_a_code_or_refused(text: str) -> None:
    try:
        code = recovery.typed(text, DIGITS8)
    except CodeRefused:
        return
    assert re.fullmatch("[0-9]{8}", code)


@pytest.mark.parametrize(
    "text", ["abcd-efgh-2345-7", "ＡＢＣＤ ＥＦＧＨ ２３４５ ７", "ABCDEFGH23457"]
)
def test_the_long_form_is_typed_in_any_case_and_width(text: str) -> None:
    """RC-8."""
    assert recovery.typed(text, BASE32_13) == "ABCDEFGH23457"


@pytest.mark.parametrize("text", ["12345678", "ABCDEFGH2345", "ABCDEFGH234567", "ABCDEFGH2345O0"])
def test_each_form_takes_its_own_codes_only(text: str) -> None:
    with pytest.raises(CodeRefused, match="13"):
        recovery.typed(text, BASE32_13)


@given(st.integers(0, 9))
def test_every_digest_is_compared_wherever_the_right_one_stands(place: int) -> None:
    """Security 2.4: the time it takes tells nothing."""
    kept = [(f"{number:064x}", number) for number in range(10)]
    compared = 0
    compare = hmac.compare_digest

    def counting(one: str, other: str) -> bool:
        nonlocal compared
        compared += 1
        return compare(one, other)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hmac, "compare_digest", counting)
        assert recovery.matching(f"{place:064x}", kept) == place
        assert recovery.matching("f" * 64, kept) is None
    assert compared == 20


def test_three_left_are_few_and_four_are_not() -> None:
    """RC-9."""
    assert [recovery.are_few(left, 3) for left in (0, 3, 4)] == [True, True, False]
