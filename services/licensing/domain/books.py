"""Books: all that an organization holds, read once and carried along by the command it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services.licensing.domain.allocation import ProductNotRegistered
from services.licensing.domain.calendar import Calendar, civil_day
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Posting,
    Reason,
    expired,
    wallet_of,
    year_ended,
)
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.standing import Position
from services.licensing.domain.wallet import Lot


@dataclass(frozen=True)
class RegisteredProduct:
    """A product of the catalogue as the organization has it."""

    code: str
    name: str
    counts_devices_as: str | None
    types: tuple[str, ...]
    registered_on: date
    started_on: date | None


@dataclass(frozen=True)
class Account:
    """``seats`` are what a year's account was given; ``lot`` is what a wallet's account holds."""

    id: UUID = field(default_factory=uuid4)
    balance: int = 0
    seats: int = 0
    lot: Lot | None = None

    def moved(self, ticks: int, seats: int) -> Account:
        balance = self.balance + ticks
        lot = self.lot and replace(self.lot, licenses=balance // TICKS_PER_LICENSE)
        return Account(self.id, balance, self.seats + seats, lot)


@dataclass(frozen=True)
class Books:
    """Accounts of lots that are used up are left out; ``settled`` are (product, year) pairs."""

    organization_id: UUID
    time_zone: str
    anchor: date | None
    devices: int
    products: Mapping[str, RegisteredProduct]
    accounts: Mapping[AccountName, Account]
    settled: frozenset[tuple[str, int]]
    is_archived: bool = False

    @property
    def calendar(self) -> Calendar | None:
        return Calendar(self.anchor) if self.anchor else None

    def today(self, now: datetime) -> date:
        return civil_day(now, self.time_zone)

    def position(self, product: str, today: date) -> Position:
        """:raises ProductNotRegistered: the organization has not registered the product."""
        if product not in self.products:
            raise ProductNotRegistered("Register the product to the organization first.")
        calendar = self.calendar
        year = str(calendar.year_of(today).index) if calendar else None
        known = self.products[product]
        seats: dict[str, int] = {}
        pool: dict[str, int] = {}
        lots: list[Lot] = []
        for name, account in self.accounts.items():
            if name.product != product:
                continue
            if name.kind is AccountKind.YEAR and name.ref == year:
                seats[name.type] = account.seats
            elif name.kind is AccountKind.COMPENSATION:
                pool[name.type] = account.balance
            elif account.lot is not None and account.balance:
                lots.append(account.lot)
        return Position(
            product=product,
            is_archived=self.is_archived,
            name=known.name,
            counts_devices_as=known.counts_devices_as,
            registered_on=known.registered_on,
            calendar=calendar,
            started_on=known.started_on,
            need={
                kind: self.devices if kind == known.counts_devices_as else 0 for kind in known.types
            },
            seats=seats,
            settled=frozenset(index for code, index in self.settled if code == product),
            lots=tuple(lots),
            pool=pool,
        )

    def due(self, today: date) -> Sequence[Posting]:
        """What time alone has moved by today: lots past their last day, years past their end.

        Each command posts it first, so that its outcome never depends on when a job last ran.
        """
        calendar = self.calendar
        postings: list[Posting] = []
        for name, account in self.accounts.items():
            if account.balance <= 0:
                continue
            if account.lot is not None and account.lot.expires_on <= today:
                postings.append(expired(name, account.balance, account.lot.expires_on))
            elif name.kind is AccountKind.YEAR and calendar is not None:
                renews_on = calendar.year(int(name.ref)).renews_on
                if renews_on <= today:
                    postings.append(year_ended(name, account.balance, renews_on))
        return postings

    def changed(
        self, postings: Iterable[Posting], product: str, lots: Iterable[Lot]
    ) -> Mapping[AccountName, Account]:
        """The accounts that postings touch, as they are afterwards; new ones among them.

        :param lots: new ones of the product, which the postings fill.
        """
        opened = {wallet_of(product, lot.type, lot.id): lot for lot in lots}
        after: dict[AccountName, Account] = {}

        def move(name: AccountName, ticks: int, seats: int) -> None:
            before = after.get(name) or self.accounts.get(name) or Account(lot=opened.get(name))
            after[name] = before.moved(ticks, seats)

        for posting in postings:
            brought = posting.ticks // TICKS_PER_LICENSE if _brings_seats(posting) else 0
            move(posting.debit, -posting.ticks, 0)
            move(posting.credit, posting.ticks, brought)
        return dict(sorted(after.items()))

    def with_accounts(self, changed: Mapping[AccountName, Account]) -> Books:
        return replace(self, accounts={**self.accounts, **changed})

    def with_settled(self, product: str, year: int) -> Books:
        return replace(self, settled=self.settled | {(product, year)})

    def with_start(self, product: str, on: date, anchor: date, time_zone: str) -> Books:
        started = replace(self.products[product], started_on=on)
        return replace(
            self, anchor=anchor, time_zone=time_zone, products={**self.products, product: started}
        )


def _brings_seats(posting: Posting) -> bool:
    # A license leaves the wallet whole: what it is worth in the year is corrected afterwards.
    return posting.reason is Reason.ALLOCATED
