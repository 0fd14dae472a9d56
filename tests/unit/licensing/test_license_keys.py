"""License keys: their form, and what is read of what people type (M6)."""

from __future__ import annotations

import random
import traceback
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.licensing import KeyStatus
from services.licensing.domain import license_key
from services.licensing.domain.license_key import (
    ALPHABET,
    BODY,
    KeyAlreadyRedeemed,
    KeyExpired,
    KeyMalformed,
    KeyRevoked,
    KeyWrongProduct,
    check_symbols,
    new_key,
    read,
    shown,
)

bodies = st.text(alphabet=ALPHABET, min_size=BODY, max_size=BODY)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("Z" * 23, "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3F"),
        ("ABCDEFGHJKMNPQRSTVWXYZ0", "ABCDE-FGHJK-MNPQR-STVWX-YZ0W6"),
    ],
)
def test_keys_of_known_bodies_end_in_their_known_check_symbols(body: str, key: str) -> None:
    assert shown(body + check_symbols(body)) == key


def test_every_mistyped_symbol_of_a_thousand_keys_is_noticed() -> None:
    draw = random.Random(2025)
    for _ in range(1_000):
        key = new_key(draw.randrange)
        for place, symbol in enumerate(key):
            for other in ALPHABET:
                if other != symbol:
                    assert not _fits(key[:place] + other + key[place + 1 :])


def test_every_swap_of_neighbors_in_a_thousand_keys_is_noticed() -> None:
    draw = random.Random(2026)
    for _ in range(1_000):
        key = new_key(draw.randrange)
        for place in range(len(key) - 1):
            if key[place] != key[place + 1]:
                swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
                assert not _fits(swapped)


def _fits(key: str) -> bool:
    # What `read` compares, without the exceptions that would make 800,000 tries slow.
    return check_symbols(key[:BODY]) == key[BODY:]


@given(body=bodies, data=st.data())
def test_case_blanks_hyphens_and_look_alikes_do_not_matter(body: str, data: st.DataObject) -> None:
    key = body + check_symbols(body)
    typed = ""
    for symbol in key:
        typed += data.draw(st.sampled_from(["", " ", "-", "\u2013", "\u00a0", "\t"]))
        looks = {"0": "0oO", "1": "1iIlL"}.get(symbol, symbol + symbol.lower())
        typed += data.draw(st.sampled_from(looks))
    assert read(typed) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3",
        "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3FF",
        "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3U",
        "ＺＺＺＺＺ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3F",
        "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3F\0",
        "ß" * 25,
    ],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(KeyMalformed) as refused:
        read(text)
    if text:
        assert text not in "".join(traceback.format_exception_only(refused.value))


def test_u_is_never_taken_for_v() -> None:
    body = "V" * BODY
    with pytest.raises(KeyMalformed):
        read("U" * BODY + check_symbols(body))


TODAY = date(2025, 3, 10)


def _require(
    status: KeyStatus = KeyStatus.ISSUED,
    *,
    product: str = "camera-manager",
    redeem_before: date | None = None,
    own: bool = False,
) -> None:
    license_key.require_redeemable(
        status=status,
        key_product="camera-manager",
        redeem_before=redeem_before,
        redeemed_by_own=(uuid4(), TODAY) if own else None,
        product=product,
        today=TODAY,
    )


def test_an_issued_key_of_the_product_may_be_redeemed() -> None:
    _require()
    _require(redeem_before=date(2025, 3, 11))


def test_a_used_key_tells_its_own_organization_who_used_it_and_others_nothing() -> None:
    with pytest.raises(KeyAlreadyRedeemed) as told:
        _require(KeyStatus.REDEEMED, own=True)
    assert set(told.value.facts) == {"redeemed_by", "redeemed_on"}
    with pytest.raises(KeyAlreadyRedeemed) as untold:
        _require(KeyStatus.REDEEMED)
    assert untold.value.facts == {}


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"status": KeyStatus.REVOKED}, KeyRevoked),
        ({"product": "site-health"}, KeyWrongProduct),
        ({"redeem_before": TODAY}, KeyExpired),
    ],
)
def test_a_key_that_may_not_be_redeemed_says_why(
    arguments: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        _require(**arguments)  # type: ignore[arg-type]
