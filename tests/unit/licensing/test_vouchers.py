"""Vouchers: licenses from suppliers without a connection (M6)."""

from __future__ import annotations

import base64
import json
import stat
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import make_voucher
from services.licensing.domain.signed_file import SignatureWrong
from services.licensing.domain.voucher import (
    Voucher,
    VoucherMalformed,
    VoucherTerms,
    is_meant,
    read,
)
from tests.unit.licensing.files import (
    KEY,
    OTHER_KEY,
    SUPPLIER,
    canonical,
    public,
    urlsafe,
    voucher,
    voucher_claims,
)

WHOLE = voucher()
codes = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)


def believed(text: str) -> Voucher:
    found = read(text)
    found.require_signed_by(public())
    return found


def _around(payload: bytes) -> str:
    """Signed, whatever it says."""
    enc = urlsafe(payload)
    return f"LIC1.{enc}.{urlsafe(KEY.sign(f'voucher/{enc}'.encode()))}"


@given(
    serial=st.from_regex(r"[!-~]{1,64}", fullmatch=True),
    product=codes,
    lines=st.dictionaries(codes, st.integers(1, 1_000_000), min_size=1, max_size=20),
    term_years=st.integers(1, 5),
    redeem_before=st.dates() | st.none(),
)
def test_a_voucher_says_what_its_supplier_signed(
    serial: str, product: str, lines: dict[str, int], term_years: int, redeem_before: date | None
) -> None:
    """M6."""
    text = voucher(
        serial=serial,
        product=product,
        lines=lines,
        term_years=term_years,
        redeem_before=redeem_before and redeem_before.isoformat(),
    )
    found = believed(text)
    assert (found.supplier_id, found.serial, found.product) == (SUPPLIER, serial, product)
    assert (found.lines, found.term_years) == (lines, term_years)
    assert found.redeem_before == redeem_before


def test_blanks_around_what_was_pasted_do_not_matter() -> None:
    assert believed(f"\r\n  {WHOLE}\u3000\n").serial == "AB-0001"


def test_a_character_changed_anywhere_is_refused() -> None:
    """M6: every place, by several characters, also such as decode alike."""
    for place, character in enumerate(WHOLE):
        for other in {chr(ord(character) ^ 1), "A", "-", ".", "=", "\n", "é"} - {character}:
            if place in (0, len(WHOLE) - 1) and other == "\n":
                continue  # What is cut is refused elsewhere.
            with pytest.raises((VoucherMalformed, SignatureWrong)):
                believed(WHOLE[:place] + other + WHOLE[place + 1 :])


@given(start=st.integers(0, len(WHOLE) - 1), length=st.integers(1, 60))
def test_a_voucher_with_a_part_cut_out_is_refused(start: int, length: int) -> None:
    with pytest.raises((VoucherMalformed, SignatureWrong)):
        believed(WHOLE[:start] + WHOLE[start + length :])


@given(st.text(max_size=100) | st.text("ABC.-_=", max_size=40).map("LIC1.".__add__))
def test_junk_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(VoucherMalformed):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.lower(),
        WHOLE.replace("LIC1", "LIC2"),
        WHOLE + "=",
        WHOLE + ".",
        WHOLE + "\0",
        WHOLE.replace(".", " . "),
        WHOLE + WHOLE,
        "LIC1." + "A" * 5_000 + "." + "A" * 86,
    ],
    ids=lambda text: text[-12:],
)
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(VoucherMalformed):
        read(text)


@pytest.mark.parametrize("name", sorted(voucher_claims()))
def test_a_claim_that_is_missing_or_of_another_kind_is_refused(name: str) -> None:
    several: tuple[Any, ...] = (..., [], {}, "", True, -1, 1.5, "x" * 100 + " ")
    for wrong in several:
        with pytest.raises(VoucherMalformed):
            read(voucher(**{name: wrong}))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("supplier_id", None),
        ("serial", None),
        ("serial", "two words"),
        ("serial", "x" * 65),
        ("serial", 17),
        ("product", "Camera"),
        ("lines", {"core": 0}),
        ("lines", {"core": 1_000_001}),
        ("lines", {"a" * 61: 1}),
        ("lines", {f"type-{number}": 1 for number in range(21)}),
        ("lines", [{"type": "core", "quantity": 1}]),
        ("term_years", 0),
        ("term_years", 6),
        ("term_years", "3"),
        ("redeem_before", "20260101"),
        ("redeem_before", "2026-W01-1"),
        ("redeem_before", "2026-02-30"),
        ("further", 1),
    ],
)
def test_a_claim_out_of_its_form_is_refused(name: str, wrong: Any) -> None:
    with pytest.raises(VoucherMalformed):
        read(voucher(**{name: wrong}))


@pytest.mark.parametrize(
    "payload",
    [
        canonical(voucher_claims()).replace(b'"term_years":3', b'"term_years":3,"term_years":3'),
        canonical(voucher_claims()).replace(b'"term_years":3', b'"term_years":3.0'),
        canonical(voucher_claims()) + b"\n",
        b"[" * 2_500,
        b"{}",
        b"[]",
    ],
    ids=lambda payload: payload[-24:],
)
def test_claims_that_can_be_written_otherwise_are_refused_though_signed(payload: bytes) -> None:
    with pytest.raises(VoucherMalformed):
        read(_around(payload))


def test_base64_that_decodes_alike_is_refused() -> None:
    """M6: a voucher has one form, so that one that was redeemed looks the same everywhere."""
    symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    again = WHOLE[:-1] + symbols[symbols.index(WHOLE[-1]) + 1]
    ends = [base64.urlsafe_b64decode(text.split(".")[2] + "==") for text in (WHOLE, again)]
    assert ends[0] == ends[1]
    with pytest.raises(VoucherMalformed):
        read(again)


@pytest.mark.parametrize("prefix", ["license/", "machine/", "", "voucher", "LIC1."])
def test_a_signature_of_another_kind_does_not_fit(prefix: str) -> None:
    """M6."""
    with pytest.raises(SignatureWrong):
        believed(voucher(prefix=prefix))


def test_only_the_suppliers_own_key_makes_its_vouchers() -> None:
    """M6."""
    with pytest.raises(SignatureWrong):
        believed(voucher(OTHER_KEY))
    with pytest.raises(SignatureWrong):
        read(WHOLE).require_signed_by(public(OTHER_KEY))


def test_a_voucher_is_told_from_a_license_key() -> None:
    assert is_meant(f" {WHOLE}")
    assert is_meant("LIC1.cut")
    assert not is_meant("LIC1A-BCDEF-GHJKM-NPQRS-TVWXY")


def test_neither_a_refusal_nor_a_value_lets_a_reader_redeem_it() -> None:
    """Who has all of a voucher has its licenses."""
    signature = WHOLE.split(".")[2]
    assert signature not in repr(read(WHOLE))
    assert repr(base64.urlsafe_b64decode(signature + "==")) not in repr(read(WHOLE))
    with pytest.raises(VoucherMalformed) as refused:
        read(WHOLE + "!")
    assert signature not in "".join(traceback.format_exception(refused.value))


# The program that stands for a supplier's own


def test_the_example_supplier_writes_vouchers_that_are_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M6."""
    who = [str(tmp_path / "supplier"), str(SUPPLIER)]
    make_voucher.main([*who, "--public-key"])
    key = capsys.readouterr().out.strip()
    wanted = "--product camera-manager --licenses core=10 universal=2 --years 3 --before 2026-12-31"
    serials = []
    for _ in range(2):
        make_voucher.main([*who, *wanted.split()])
        found = read(capsys.readouterr().out)
        found.require_signed_by(key)
        assert (found.supplier_id, found.product) == (SUPPLIER, "camera-manager")
        assert found.lines == {"core": 10, "universal": 2}
        assert (found.term_years, found.redeem_before) == (3, date(2026, 12, 31))
        serials.append(found.serial)
    assert serials == ["000001", "000002"]


def test_only_the_example_supplier_reads_its_key(tmp_path: Path) -> None:
    key = make_voucher.public_key(tmp_path / "supplier")
    assert stat.S_IMODE((tmp_path / "supplier" / "supplier.json").stat().st_mode) == 0o600
    assert make_voucher.public_key(tmp_path / "supplier") == key


def test_what_the_history_keeps_of_a_voucher_is_all_but_its_signature() -> None:
    """I11, security 2.6: whoever reads the history cannot redeem it."""
    found = read(WHOLE)
    claims = json.loads(json.dumps(found.claims()))
    told = VoucherTerms.of_claims(claims)
    assert vars(told) == {name: vars(found)[name] for name in vars(told)}
    assert WHOLE.rpartition(".")[2] not in str(claims)
    assert told.id == found.id != read(voucher(serial="AB-0002")).id
