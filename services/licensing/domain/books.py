"""Books: all that an organization holds, read once and carried along by the command it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from services.licensing.domain.calendar import Calendar, civil_day
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Posting,
    expired,
    wallet_of,
    year_ended,
)
from services.licensing.domain.outlook import later
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import Coterm, ProductNotRegistered, RegisteredProduct
from services.licensing.domain.standing import Position, covers, is_within_growth, running
from services.licensing.domain.wallet import Lot


@dataclass(frozen=True)
class Usage:
    """What systems need of one type, those that reserved licenses for a while apart (D-16, D-19).

    ``net`` is what is reported less what the systems hold themselves.
    """

    product: str
    type: str
    net: int
    reserved: int = 0
    reserved_until: date | None = None

    def on(self, day: date) -> int:
        is_reserved = self.reserved_until is not None and day < self.reserved_until
        return max(self.net, self.reserved) if is_reserved else self.net


@dataclass(frozen=True)
class Settled:
    """A year whose need its seats cover from a day on (D-12)."""

    product: str
    year: int
    on: date


@dataclass(frozen=True)
class Passed:
    """What time alone has brought about."""

    postings: Sequence[Posting]
    settled: Sequence[Settled]

    def __bool__(self) -> bool:
        return bool(self.postings or self.settled)


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
    """Accounts of lots that are used up are left out; ``settled`` has the day by (product, year).

    Until ``swept_on``, inclusive, all that time alone brings about is in them. ``usage`` is what
    systems need, beside ``devices``. ``last_number`` is that of the history's last entry.
    """

    organization_id: UUID
    time_zone: str
    anchor: date | None
    devices: int
    products: Mapping[str, RegisteredProduct]
    accounts: Mapping[AccountName, Account]
    settled: Mapping[tuple[str, int], date]
    is_archived: bool = False
    swept_on: date | None = None
    usage: tuple[Usage, ...] = ()
    last_number: int = 0

    def calendar_of(self, product: RegisteredProduct) -> Calendar | None:
        """The years that the product counts in: the organization's, or its own (D-4)."""
        own = product.coterm is Coterm.PRODUCT
        anchor = product.started_on if own else self.anchor
        return Calendar(anchor) if anchor else None

    def today(self, now: datetime) -> date:
        return civil_day(now, self.time_zone)

    def need(self, product: RegisteredProduct, day: date) -> Mapping[str, int]:
        """D-16: managed devices where the product counts them, and what its systems need."""
        need = dict.fromkeys(product.needed_types, 0)
        if product.counts_devices_as in need:
            need[product.counts_devices_as] = self.devices
        for usage in self.usage:
            if usage.product == product.code and usage.type in need:
                need[usage.type] += usage.on(day)
        return need

    def seats(self, product: str) -> Mapping[int, Mapping[str, int]]:
        seats: dict[int, dict[str, int]] = {}
        for name, account in self.accounts.items():
            if name.product == product and name.kind is AccountKind.YEAR:
                seats.setdefault(int(name.ref), {})[name.type] = account.seats
        return seats

    def position(self, product: str, today: date) -> Position:
        """:raises ProductNotRegistered: the organization has not registered the product."""
        if product not in self.products:
            raise ProductNotRegistered("Register the product to the organization first.")
        known = self.products[product]
        calendar = self.calendar_of(known)
        pool: dict[str, int] = {}
        lots: list[Lot] = []
        for name, account in self.accounts.items():
            if name.product != product:
                continue
            if name.kind is AccountKind.COMPENSATION:
                pool[name.type] = account.balance
            elif account.lot is not None and account.balance:
                lots.append(account.lot)
        return Position(
            product=known,
            is_archived=self.is_archived,
            calendar=calendar,
            year=calendar.year_of(today) if calendar else None,
            need=self.need(known, today),
            seats=self.seats(product),
            settled={index: on for (code, index), on in self.settled.items() if code == product},
            lots=tuple(lots),
            pool=pool,
            easing={day: self.need(known, day) for day in self._reserved_until(product, today)},
            has_systems=any(usage.product == product for usage in self.usage),
        )

    def _reserved_until(self, product: str, today: date) -> set[date]:
        ends = {usage.reserved_until for usage in self.usage if usage.product == product}
        return {day for day in ends if day is not None and day > today}

    def passed(self, today: date) -> Passed:
        """What time alone has moved by today: lots past their last day, years begun and ended.

        Each command posts it first, so that its outcome never depends on when a job last ran.
        """
        return Passed(self._ended(today), self._begun(today))

    def advanced(self, today: date) -> Books:
        """The same books on a later day, for whoever only reads them."""
        passed = self.passed(today)
        after = self.with_accounts(self.changed(passed.postings, "", ()))
        settled = {(one.product, one.year): one.on for one in passed.settled}
        return replace(after, settled={**settled, **self.settled}, swept_on=today)

    def settling(self, today: date) -> Sequence[Settled]:
        """The running years that the need of today leaves covered."""
        found = (self._settling(product, today) for product in self.products.values())
        return [settled for settled in found if settled]

    def exceeding(self, today: date) -> Mapping[str, bool]:
        """Each product's answer to whether its growth is above what the year's seats allow."""
        exceeding = {}
        for code in self.products:
            position = self.position(code, today)
            now = running(position)
            seats = position.seats_in(now.year.index) if now else {}
            exceeding[code] = bool(
                now and now.is_settled and not is_within_growth(position.need, seats)
            )
        return exceeding

    def _ended(self, today: date) -> Sequence[Posting]:
        postings: list[Posting] = []
        for name, account in self.accounts.items():
            if account.balance <= 0:
                continue
            if account.lot is not None and account.lot.expires_on <= today:
                postings.append(expired(name, account.balance, account.lot.expires_on))
            elif name.kind is AccountKind.YEAR:
                calendar = self.calendar_of(self.products[name.product])
                assert calendar is not None
                renews_on = calendar.year(int(name.ref)).renews_on
                if renews_on <= today:
                    postings.append(year_ended(name, account.balance, renews_on))
        return sorted(postings, key=lambda posting: (posting.effective_on, posting.debit))

    def _begun(self, today: date) -> Sequence[Settled]:
        """Need is the same on all days since the last sweep, but for reservations that ended."""
        if self.swept_on is None or today <= self.swept_on or self.is_archived:
            return []
        settled: list[Settled] = []
        for product in self.products:
            before = self.position(product, self.swept_on)
            settled += [
                Settled(product, year, on)
                for year, on in later(before, self.swept_on, today).settled.items()
                if year not in before.settled
            ]
        return sorted(settled, key=lambda one: (one.on, one.product))

    def _settling(self, product: RegisteredProduct, today: date) -> Settled | None:
        position = self.position(product.code, today)
        now = running(position)
        if now is None or now.is_settled or self.is_archived:
            return None
        is_covered = covers(position.need, position.seats_in(now.year.index))
        return Settled(product.code, now.year.index, today) if is_covered else None

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
            after[name] = before.moved(ticks, seats if name.kind is AccountKind.YEAR else 0)

        for posting in postings:
            move(posting.debit, -posting.ticks, -posting.seats)
            move(posting.credit, posting.ticks, posting.seats)
        return dict(sorted(after.items()))

    def with_accounts(self, changed: Mapping[AccountName, Account]) -> Books:
        return replace(self, accounts={**self.accounts, **changed})

    def with_settled(self, product: str, year: int, on: date) -> Books:
        return replace(self, settled={(product, year): on, **self.settled})

    def without_settled(self, product: str, year: int) -> Books:
        others = {name: on for name, on in self.settled.items() if name != (product, year)}
        return replace(self, settled=others)

    def with_product(self, product: RegisteredProduct) -> Books:
        return replace(self, products={**self.products, product.code: product})

    def with_start(self, product: str, on: date, anchor: date, time_zone: str) -> Books:
        started = replace(self.products[product], started_on=on)
        return replace(self.with_product(started), anchor=anchor, time_zone=time_zone)
