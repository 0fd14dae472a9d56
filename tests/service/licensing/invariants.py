"""What holds of a customer's books after whatever was done (M4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from services.licensing.models import AccountRow, AllocationRow, WithdrawalRow
from tests.service.licensing.customer import Customer

LICENSE = 365 * 366


def hold(customer: Customer) -> None:
    """I1 to I9, of all its products."""
    assert customer.books_balance()  # I1, I2, I8
    assert customer.seats_are_what_was_allocated()
    assert customer.has_intact_history()  # I9
    accounts = _accounts(customer)
    for account in accounts:
        if account.kind in ("wallet", "system", "expired", "external:supplier"):
            assert account.balance % LICENSE == 0, account.kind  # I3
        if account.kind == "compensation":
            assert 0 <= account.balance < LICENSE  # I4
    moved = _moved(customer)
    pool = sum(account.balance for account in accounts if account.kind == "compensation")
    assert moved["to pool"] - moved["from pool"] == pool  # I5
    for product in {account.product for account in accounts}:
        _years_hold_what_seats_are_worth(customer, product, accounts)  # I6
    supplied = sum(account.balance for account in accounts if account.kind == "external:supplier")
    assert moved["supplied"] == -supplied  # I7


def _years_hold_what_seats_are_worth(
    customer: Customer, product: str, accounts: list[AccountRow]
) -> None:
    overview = customer.overview(product=product)
    if overview["year"] is None:
        return
    index = overview["year"]["index"]
    years = _years(overview["year"]["starts_on"], index)
    worth: Counter[tuple[str, int]] = Counter()
    for table, sign in ((AllocationRow, 1), (WithdrawalRow, -1)):
        for code, year, seats, since in _seats(customer, product, table):
            if year >= index:
                first, renewal = years[year]
                assert first <= since < renewal
                tick = LICENSE // (renewal - first).days
                worth[code, year] += sign * seats * (renewal - since).days * tick
    for account in accounts:
        is_year = account.product == product and account.kind == "year"
        # Years that are over hold nothing, once a command has swept them.
        if is_year and int(account.ref) >= index:
            assert account.balance == worth[account.type, int(account.ref)]


def _seats(
    customer: Customer, product: str, table: type[AllocationRow | WithdrawalRow]
) -> Sequence[tuple[str, int, int, date]]:
    with customer.suite.kits["licensing"].db.reading() as session:
        found = session.execute(
            select(table.type, table.year, table.seats, table.effective_from).where(
                table.organization_id == customer.id, table.product == product
            )
        )
        return [(row.type, row.year, row.seats, row.effective_from) for row in found]


def _years(starts_on: str, index: int) -> Mapping[int, tuple[date, date]]:
    first = date.fromisoformat(starts_on)
    ahead = [first.replace(year=first.year + n) for n in range(8)]
    return {index + n: (ahead[n], ahead[n + 1]) for n in range(7)}


def _accounts(customer: Customer) -> list[AccountRow]:
    with customer.suite.kits["licensing"].db.reading() as session:
        return list(
            session.scalars(select(AccountRow).where(AccountRow.organization_id == customer.id))
        )


def _moved(customer: Customer) -> Counter[str]:
    kinds = {account.id: account.kind for account in _accounts(customer)}
    moved: Counter[str] = Counter()
    for entry in customer.entries():
        moved["to pool"] += entry.ticks * (kinds[entry.credit_id] == "compensation")
        moved["from pool"] += entry.ticks * (kinds[entry.debit_id] == "compensation")
        moved["supplied"] += entry.ticks * (kinds[entry.debit_id] == "external:supplier")
        moved["supplied"] -= entry.ticks * (kinds[entry.credit_id] == "external:supplier")
    return moved
