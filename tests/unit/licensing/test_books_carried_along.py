"""What a command knows of the books after it posted, without reading them again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.licensing import LicenseKind
from services.licensing.domain.allocation import allocate
from services.licensing.domain.books import Account, Books
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Reason,
    allocation,
    redemption,
    wallet_of,
)
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import LicenseType, ProductNotRegistered, RegisteredProduct
from services.licensing.domain.wallet import Lot, expiry
from tests.unit.licensing.positions import START, day, lot

PRODUCT = "camera-manager"
POOL = AccountName(PRODUCT, "core", AccountKind.COMPENSATION)
YEAR = AccountName(PRODUCT, "core", AccountKind.YEAR, "0")
DAYS = st.dates(START, date(2026, 2, 28))


def books(*, devices: int = 0, started_on: date | None = START) -> Books:
    types = (LicenseType("core", LicenseKind.SUBSCRIPTION),)
    product = RegisteredProduct(PRODUCT, "Camera Manager", "core", types, START, started_on)
    return Books(
        organization_id=UUID(int=1),
        time_zone="UTC",
        anchor=START,
        devices=devices,
        products={PRODUCT: product},
        accounts={},
        settled={},
    )


def with_lots(before: Books, *lots: Lot) -> Books:
    postings = [redemption(PRODUCT, bought) for bought in lots]
    return before.with_accounts(before.changed(postings, PRODUCT, lots))


def allocated(before: Books, seats: int, today: date) -> Books:
    plan = allocate(
        before.position(PRODUCT, today),
        {"core": seats},
        year_index=None,
        today=today,
        allow_surplus=True,
        charge_grace_when_late=False,
    )
    returned = [
        Lot(UUID(int=99), line.type, line.returned, today, line.returned_expires_on, "compensation")
        for line in plan.lines
        if line.returned
    ]
    postings = allocation(PRODUCT, plan, returned)
    return before.with_accounts(before.changed(postings, PRODUCT, returned))


@given(bought=st.integers(1, 50), seats=st.integers(1, 50), today=DAYS)
def test_whatever_is_allocated_the_books_balance_and_nothing_is_lost(
    bought: int, seats: int, today: date
) -> None:
    """I1 to I5."""
    seats = min(seats, bought)
    after = allocated(with_lots(books(), lot(bought)), seats, today)
    balances = {name: account.balance for name, account in after.accounts.items()}
    assert sum(balances.values()) == 0
    assert all(
        balance >= 0 for name, balance in balances.items() if name.kind is not AccountKind.SUPPLIER
    )
    assert 0 <= balances.get(POOL, 0) < TICKS_PER_LICENSE
    assert after.accounts[YEAR].seats == seats
    position = after.position(PRODUCT, today)
    assert position.seats == {0: {"core": seats}}
    assert sum(held.licenses for held in position.lots) * TICKS_PER_LICENSE == sum(
        balance for name, balance in balances.items() if name.kind is AccountKind.WALLET
    )


def test_accounts_keep_their_ids_and_new_ones_get_their_own() -> None:
    first = with_lots(books(), lot(3))
    after = with_lots(first, lot(4, number=2))
    supplier = AccountName(PRODUCT, "core", AccountKind.SUPPLIER)
    assert after.accounts[supplier].id == first.accounts[supplier].id
    assert after.accounts[supplier].balance == -7 * TICKS_PER_LICENSE
    assert len({account.id for account in after.accounts.values()}) == 3


def test_a_lot_that_is_used_up_is_no_longer_in_the_wallet() -> None:
    after = allocated(with_lots(books(), lot(2), lot(5, number=2)), 3, START)
    assert [(held.id.int, held.licenses) for held in after.position(PRODUCT, START).lots] == [
        (2, 4)
    ]


def test_expired_lots_and_ended_years_are_due_on_their_day_and_once() -> None:
    """D-7, I6."""
    before = allocated(with_lots(books(), lot(3)), 1, START)
    assert before.passed(date(2026, 2, 28)).postings == []
    assert [posting.reason for posting in before.passed(date(2026, 3, 1)).postings] == [
        Reason.YEAR_ENDED
    ]
    late = before.passed(expiry(START)).postings
    assert {posting.reason for posting in late} == {Reason.YEAR_ENDED, Reason.LOT_EXPIRED}
    after = before.with_accounts(before.changed(late, PRODUCT, ()))
    assert after.passed(expiry(START)).postings == []
    assert after.accounts[YEAR].balance == 0
    assert after.accounts[wallet_of(PRODUCT, "core", UUID(int=1))].balance == 0
    # A year's seats stay on record when what they were worth is consumed.
    assert after.accounts[YEAR].seats == 1


def test_years_are_told_apart() -> None:
    before = books().with_accounts({YEAR: Account(balance=0, seats=4)})
    assert before.position(PRODUCT, day("12-31")).seats_of("core") == 4
    assert before.position(PRODUCT, date(2026, 3, 1)).seats_of("core") == 0


def test_need_is_what_devices_count_for() -> None:
    assert books(devices=7).position(PRODUCT, START).need == {"core": 7}


def test_an_unregistered_product_has_no_position() -> None:
    with pytest.raises(ProductNotRegistered):
        books().position("site-health", START)
