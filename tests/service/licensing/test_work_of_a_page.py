"""What a page of systems costs: it grows with the page, not with the page times all there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.licensing.domain.books import Account
from services.licensing.domain.ledger import AccountName
from services.licensing.queries import standing, systems
from services.licensing.service.system_views import details
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import RECORDER, Site


class Counted(Mapping[AccountName, Account]):
    """Accounts that know how often one of them was looked at."""

    def __init__(self, accounts: Mapping[AccountName, Account]) -> None:
        self.accounts = accounts
        self.looks = 0

    def __getitem__(self, name: AccountName) -> Account:
        return self.accounts[name]

    def __len__(self) -> int:
        return len(self.accounts)

    def __iter__(self) -> Iterator[AccountName]:
        for name in self.accounts:
            self.looks += 1
            yield name


def test_the_accounts_are_gone_through_once_for_a_page(customer: Customer) -> None:
    site = Site(customer)
    for n in range(6):
        site.hardware(f"REC-{n}", tied=n + 1)
    today = customer.suite.clock.now().date()
    with customer.suite.kits["licensing"].db.reading() as session:
        books = standing.books(session, customer.id)
        assert books is not None
        rows = systems.systems(session, customer.id, RECORDER, removed=False, after=None, limit=10)
        for length in (1, 6):
            counted = Counted(books.accounts)
            page = details(
                session,
                replace(books, accounts=counted),
                books.products[RECORDER],
                rows[:length],
                today,
            )
            assert sum(len(system["licenses"]) for system in page) == length
            assert counted.looks == len(books.accounts)
