"""What coming renewals need and what will be there for them, held against doing it (R29, R42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.licensing import LicenseKind
from services.licensing.domain.allocation import allocate
from services.licensing.domain.books import Account, Books, Usage
from services.licensing.domain.effect import effect_of, with_effect
from services.licensing.domain.forecast import Due, forecast
from services.licensing.domain.ledger import AccountKind, AccountName, wallet_of
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import LicenseType, RegisteredProduct
from services.licensing.domain.standing import Position, least_by_type
from services.licensing.domain.wallet import InsufficientWallet, Lot
from tests.unit.licensing.positions import START, day, lot, on, position

CODE = "camera-manager"


def dues(at: Position, today: date = START, *, charge: bool = False) -> list[tuple[int, ...]]:
    """Needed, seats, wallet, owned and short of each renewal, of the one type there is."""
    found = forecast(on(today, at), today, charge_grace_when_late=charge)
    return [
        (due.needed, due.seats, due.wallet, due.owned, due.short)
        for renewal in found
        for due in renewal.dues
    ]


def test_each_renewal_takes_what_it_lacks_from_what_the_ones_before_left() -> None:
    """R42: twelve needed each year, thirty in the wallet."""
    assert dues(position(need=12, seats=12, wallet=30)) == [
        (12, 0, 30, 30, 0),
        (12, 0, 18, 18, 0),
        (12, 0, 6, 6, 6),
        (12, 0, 0, 0, 12),
        (12, 0, 0, 0, 12),
    ]


def test_seats_of_a_year_are_used_before_the_wallet() -> None:
    at = replace(
        position(need=12, wallet=5), seats={0: {"core": 12}, 1: {"core": 10}}, settled={0: START}
    )
    assert dues(at)[:3] == [(12, 10, 5, 15, 0), (12, 0, 3, 3, 9), (12, 0, 0, 0, 12)]


def test_the_current_year_comes_first() -> None:
    """R19: what it lacks is allocated before a year ahead is."""
    assert dues(position(need=12, wallet=20))[0] == (12, 0, 8, 8, 4)
    assert dues(position(need=12, wallet=7))[0] == (12, 0, 0, 0, 12)


def test_growth_within_its_limit_takes_nothing_before_the_renewal() -> None:
    """R29, R30: beyond it the least top-up is taken at once."""
    assert dues(position(need=20, seats=10, wallet=5))[0] == (20, 0, 5, 5, 15)
    assert dues(position(need=25, seats=10, wallet=5))[0] == (25, 0, 2, 2, 23)


@pytest.mark.parametrize(("charge", "wallet"), [(False, 6), (True, 5)])
def test_what_a_late_allocation_gives_back_is_there_for_the_next_year(
    charge: bool, wallet: int
) -> None:
    """E3, R25."""
    at = position(need=12, wallet=12)
    assert dues(at, day("08-31"), charge=charge)[0] == (12, 0, wallet, wallet, 12 - wallet)


def test_licenses_that_expired_by_then_are_not_there() -> None:
    """D-7: what expires first is used first."""
    old = lot(6, opened_on=date(2021, 6, 1), number=2)
    at = position(need=2, seats=2, lots=[lot(3), old])
    # Six last until June 2026: of them two are used in March, and four are gone a year later.
    assert [row[2] for row in dues(at)] == [9, 3, 1, 0, 0]
    at = position(need=2, seats=2, lots=[lot(3), lot(1, opened_on=date(2021, 3, 1), number=2)])
    assert dues(at)[0] == (2, 0, 3, 3, 0)


def test_there_is_a_renewal_for_each_year_that_can_be_licensed_in_advance() -> None:
    """R27, D-14, E7."""
    leap = date(2024, 2, 29)
    at = position(need=1, anchor=leap, started_on=leap)
    found = forecast(on(leap, at), leap, charge_grace_when_late=False)
    assert [str(renewal.year.starts_on) for renewal in found] == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
        "2029-02-28",
    ]


def test_nothing_is_foreseen_without_a_subscription() -> None:
    assert dues(position(need=3, wallet=9, started_on=None)) == []
    assert dues(position(need=3, wallet=9, anchor=None, started_on=None)) == []
    assert dues(replace(position(need=3, seats=3), is_archived=True)) == []


@st.composite
def customers(draw: st.DrawFn) -> Books:
    """Started, with two types of licenses, some of them old, and seats in some years."""
    kinds = ("core", "universal")
    accounts: dict[AccountName, Account] = {}
    for number in range(draw(st.integers(0, 6))):
        kind, licenses = draw(st.sampled_from(kinds)), draw(st.integers(1, 20))
        opened_on = START - timedelta(draw(st.integers(0, 1800)))
        held = Lot(
            UUID(int=number + 100),
            kind,
            licenses,
            opened_on,
            opened_on.replace(year=opened_on.year + 5, day=min(opened_on.day, 28)),
            "key",
        )
        name = wallet_of(CODE, kind, held.id)
        accounts[name] = Account(balance=licenses * TICKS_PER_LICENSE, lot=held)
    for year in range(draw(st.integers(0, 4))):
        for kind in kinds:
            name = AccountName(CODE, kind, AccountKind.YEAR, str(year))
            seats = draw(st.integers(0, 12))
            accounts[name] = Account(balance=seats * TICKS_PER_LICENSE, seats=seats)
    types = tuple(LicenseType(kind, LicenseKind.SUBSCRIPTION) for kind in kinds)
    product = RegisteredProduct(CODE, "Camera Manager", "core", types, START, START)
    books = Books(
        organization_id=UUID(int=1),
        time_zone="UTC",
        anchor=START,
        devices=draw(st.integers(0, 12)),
        products={CODE: product},
        accounts=accounts,
        settled={},
        swept_on=START,
        usage=(Usage(CODE, "universal", draw(st.integers(0, 12))),),
    )
    for one in books.settling(START):
        books = books.with_settled(one.product, one.year, one.on)
    return books


def allocated(books: Books, wanted: dict[str, int], today: date, *, charge: bool) -> Books:
    plan = allocate(
        books.position(CODE, today),
        wanted,
        year_index=None,
        today=today,
        allow_surplus=True,
        charge_grace_when_late=charge,
    )
    effect = effect_of(books, CODE, plan, today=today, new_id=uuid4)
    return with_effect(books, CODE, effect)


@settings(max_examples=200)
@given(books=customers(), later=st.integers(0, 364), charge=st.booleans())
def test_a_renewal_is_short_where_doing_it_fails(books: Books, later: int, charge: bool) -> None:
    """R23, R42: the forecast against allocating on each renewal day what the year lacks."""
    today = START + timedelta(later)
    books = books.advanced(today)
    foreseen = forecast(books.position(CODE, today), today, charge_grace_when_late=charge)
    assert len(foreseen) == 5
    for renewal in foreseen:
        assert all(due.owned == due.seats + due.wallet for due in renewal.dues)
        assert all(due.short == max(0, due.needed - due.owned) for due in renewal.dues)
    try:
        lacking = least_by_type(books.position(CODE, today))
        books = allocated(books, lacking, today, charge=charge) if lacking else books
    except InsufficientWallet:
        return
    for renewal in foreseen:
        books = books.advanced(renewal.year.starts_on)
        at = books.position(CODE, renewal.year.starts_on)
        assert {due.type: due.seats for due in renewal.dues} == {
            kind: at.seats_of(kind) for kind in at.need
        }
        wanted = {due.type: lacks for due in renewal.dues if (lacks := _lacks(due))}
        if not wanted:
            continue
        is_short = any(due.short for due in renewal.dues)
        try:
            books = allocated(books, wanted, renewal.year.starts_on, charge=charge)
        except InsufficientWallet:
            assert is_short
            return
        assert not is_short


def _lacks(due: Due) -> int:
    return max(0, due.needed - due.seats)
