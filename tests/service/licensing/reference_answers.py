"""How one organization's licenses stand: every answer counted up from all facts.

What answers by type leaves out types of which there are none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

from tests.service.licensing import reference_figures as figures
from tests.service.licensing.reference_facts import (
    SUBSCRIPTION,
    Allocated,
    Archived,
    Fact,
    FileIssued,
    Policy,
    Product,
    Redeemed,
    Registered,
    Reversed,
    Started,
    TrialStarted,
)
from tests.service.licensing.reference_figures import DAY, Lot, Seat, add_years

# Years that may be allocated to lie no further ahead, with the one that follows them.
LOOKS_AHEAD = 8
ENDED_BY_DEEDS = {"archived", "not_registered", "not_started", "trial_expired"}

F = TypeVar("F", bound=Fact)


class Answers:
    def __init__(self, today: date, policy: Policy, *products: Product) -> None:
        self.today = today
        self.policy = policy
        self.products = {product.code: product for product in products}
        self.facts: list[Fact] = []
        # Facts are only ever added: what so many of them once said, they always say.
        self._settled: dict[tuple[str, int, int], date | None] = {}
        self._books: dict[str, tuple[int, figures.Books]] = {}

    # The calendar

    def is_product_registered(self, product: str) -> bool:
        return self._is(product, Registered)

    def is_started(self, product: str) -> bool:
        return self._is(product, Started)

    def started_on(self, product: str) -> date:
        (started,) = (each for each in self._all(Started) if each.product == product)
        return started.on

    def anchor(self, product: str) -> date:
        """D-3, D-4."""
        if self.products[product].coterm == "organization":
            return self._all(Started)[0].on
        return self.started_on(product)

    def year(self, product: str, day: date | None = None) -> int:
        return figures.year_of(self.anchor(product), day or self.today)

    def year_bounds(self, product: str, year: int) -> tuple[date, date]:
        """Its first day and its renewal date."""
        anchor = self.anchor(product)
        return add_years(anchor, year), add_years(anchor, year + 1)

    def grace(self, product: str, year: int) -> tuple[date, date]:
        """D-5: the first day and the one after the last; a year takes no grace into the next."""
        start, renewal = self.year_bounds(product, year)
        first = max(self.started_on(product), start)
        return first, min(first + timedelta(days=self.policy.grace_days), renewal)

    def is_in_grace(self, product: str, day: date | None = None) -> bool:
        day = day or self.today
        first, end = self.grace(product, self.year(product, day))
        return first <= day < end

    def effective_from(self, product: str) -> date:
        """D-9, in the current year."""
        return (
            self.grace(product, self.year(product))[0] if self.is_in_grace(product) else self.today
        )

    # How it stands

    def is_archived(self) -> bool:
        last = [fact for fact in self.facts if figures.ends_seats(fact)][-1:]
        return any(isinstance(fact, Archived) for fact in last)

    def status(self, product: str, day: date | None = None) -> str:
        """D-20; on a later day, if nothing happens until then."""
        day = day or self.today
        if self.is_archived():
            return "archived"
        if not self._is(product, Registered):
            return "not_registered"
        if not self.products[product].of_kind(SUBSCRIPTION):
            return self._status_of_hardware(product, day)
        if not self.is_started(product):
            return self._status_before_start(product, day)
        year = self.year(product, day)
        since = self.settled_on(product, year)
        if since is None or day < since:
            return "grace" if self.is_in_grace(product, day) else "unlicensed"
        there, wanted = self.seats(product, year), self.need(product, day)
        if all(count <= there.get(code, 0) for code, count in wanted.items()):
            return "licensed"
        if all(count <= self.policy.growth * there.get(code, 0) for code, count in wanted.items()):
            return "licensed_growth"
        return "growth_exceeded"

    def trial(self, product: str) -> tuple[date, date] | None:
        """Its first day, and the first day without it (D-18)."""
        for trial in self._all(TrialStarted):
            if trial.product == product:
                end = trial.on + timedelta(days=self.products[product].trial_days)
                is_cut = self.is_started(product)
                return trial.on, min(end, self.started_on(product)) if is_cut else end
        return None

    def _status_before_start(self, product: str, day: date) -> str:
        days = self.trial(product)
        if days is None:
            return "not_started"
        return "trial" if day < days[1] else "trial_expired"

    def _status_of_hardware(self, product: str, day: date) -> str:
        """R32, R35: licensed once systems hold what they need; the specification says no more."""
        systems = figures.systems(self.facts, self.products[product])
        is_used = any(self.is_registered(system) for system in systems)
        if is_used and not self.need(product, day):
            return "licensed"
        status = self._status_before_start(product, day)
        return "unlicensed" if is_used and status != "trial" else status

    def changes_on(self, product: str) -> date | None:
        now = self.status(product)
        if now in ENDED_BY_DEEDS:
            return None
        for day in figures.days(self.today + DAY, add_years(self.today, LOOKS_AHEAD)):
            if self.status(product, day) != now:
                return day
        return None

    def settled_on(self, product: str, year: int) -> date | None:
        """The day of the year on which it is settled, if nothing more happens (D-12, decision 8).

        What was settled before an archiving is no more (decision 17).
        """
        asked = (product, year, len(self.facts))
        if asked not in self._settled:
            self._settled[asked] = self._first_covered(product, year)
        return self._settled[asked]

    def _first_covered(self, product: str, year: int) -> date | None:
        if not any((each.product, each.year) == (product, year) for each in self._all(Allocated)):
            return None
        # What was undone is as if it had never been.
        facts = [
            Fact(fact.on) if self._is_undone(number) else fact
            for number, fact in enumerate(self.facts)
        ]
        ends = [number for number, fact in enumerate(facts, 1) if figures.ends_seats(fact)]
        noted_on, known = [fact.on for fact in facts], None
        files = [fact for fact in facts if isinstance(fact, FileIssued)]
        for day in figures.days(*self.year_bounds(product, year)):
            as_it_began, as_it_ended = bisect_left(noted_on, day), bisect_right(noted_on, day)
            if known == (known := (as_it_ended, figures.running_out(files, day))):
                continue
            for number in range(max([as_it_began, *ends]), as_it_ended + 1):
                if figures.is_covered(facts[:number], self.products[product], year, day):
                    return day
        return None

    def _is_undone(self, number: int) -> bool:
        """An allocation that was, or its reversal; of keys and systems nothing is settled."""
        fact = self.facts[number]
        is_seats = isinstance(figures.undone(self.facts, fact), Allocated)
        return is_seats and (isinstance(fact, Reversed) or self.is_reversed(number))

    def settled(self, product: str) -> bool:
        """Whether the current year is."""
        if not self.is_started(product):
            return False
        since = self.settled_on(product, self.year(product))
        return since is not None and since <= self.today

    def expiring_soon(self, product: str) -> bool:
        """Whether the next year is not covered, and near."""
        if self.is_archived() or not self.is_started(product):
            return False
        year = self.year(product)
        left = (self.year_bounds(product, year)[1] - self.today).days
        return left <= self.policy.expiring_soon_days and not self.is_covered(product, year + 1)

    def is_covered(self, product: str, year: int) -> bool:
        return figures.is_covered(self.facts, self.products[product], year, self.today)

    # Figures

    def need(self, product: str, day: date | None = None) -> dict[str, int]:
        return dict(figures.need(self.facts, self.products[product], day or self.today))

    def seats(self, product: str, year: int) -> dict[str, int]:
        return dict(figures.seats_by_type(self.facts, self.products[product], year))

    def seat_list(self, product: str, year: int) -> list[Seat]:
        """Each seat with the day from which it counts."""
        return figures.seats(self.facts, self.products[product], year)

    def shortage(self, product: str) -> dict[str, int]:
        return dict(Counter(self.need(product)) - Counter(self.seats(product, self.year(product))))

    def growth_limit(self, product: str) -> dict[str, int]:
        there = self.seats(product, self.year(product))
        return {code: self.policy.growth * count for code, count in there.items()}

    def least_to_allocate(self, product: str) -> dict[str, int]:
        """D-12, D-13, in the current year."""
        wanted, there = self.need(product), Counter(self.seats(product, self.year(product)))
        if self.settled(product):
            wanted = {code: -(-count // self.policy.growth) for code, count in wanted.items()}
        return dict(Counter(wanted) - there)

    def wallet(self, product: str) -> dict[str, int]:
        held: Counter[str] = Counter()
        for lot in self.lots(product):
            held[lot.type] += lot.licenses
        return dict(held)

    def lots(self, product: str) -> list[Lot]:
        """First to be used first; the order of those of one expiry and day decides nothing."""
        return figures.lots(self.books(product), self.today)

    def pool(self, product: str) -> dict[str, Fraction]:
        found = self.books(product)
        return {code: part for code in found.compensated if (part := found.pool(code)) > 0}

    def redeemed_total(self, product: str) -> dict[str, int]:
        total: Counter[str] = Counter()
        for number, fact in enumerate(self.facts):
            if isinstance(fact, Redeemed) and fact.product == product:
                for code, quantity in fact.key.lines.items():
                    total[code] += quantity * fact.key.years * (not self.is_reversed(number))
        return dict(+total)

    def returned_total(self, product: str) -> dict[str, int]:
        return dict(+self.books(product).returned)

    def compensated_total(self, product: str) -> dict[str, Fraction]:
        return {code: given for code, given in self.books(product).compensated.items() if given}

    def expired_total(self, product: str) -> dict[str, int]:
        gone = [
            each.type
            for each in self.books(product).licenses
            if each.place == "wallet" and each.expires_on <= self.today
        ]
        return dict(Counter(gone))

    def is_registered(self, system: str) -> bool:
        return figures.is_registered(self.facts, system)

    def system_licenses(self, system: str) -> dict[str, int]:
        """Tied and extension licenses that count."""
        return self.hardware_licenses(system) if self.is_registered(system) else {}

    def hardware_licenses(self, system: str) -> dict[str, int]:
        """The same, or those that are suspended with a removed system."""
        for product in self.products.values():
            if system in figures.systems(self.facts, product):
                return dict(figures.on_hardware(self.facts, product, system))
        return {}

    def organization_licenses(self, system: str) -> dict[str, int]:
        """The same, without what was tied to hardware that is not registered any more."""
        product = self.products[self._product_of(system)]
        return dict(figures.of_organization(self.facts, product, system))

    def held_by(self, system: str) -> dict[str, int]:
        """The licenses that count on it, by the type whose need they meet."""
        product, held = self.products[self._product_of(system)], Counter[str]()
        for code, count in self.system_licenses(system).items():
            meets = product.type(code).meets
            if meets is not None:
                held[meets] += count
        return dict(held)

    def wanted_by(self, system: str) -> dict[str, int]:
        """What it needs beyond its own licenses."""
        product = self.products[self._product_of(system)]
        wanted = {
            code: figures.wanted_by(self.facts, product, system, code) for code in product.needed
        }
        return {code: count for code, count in wanted.items() if count}

    def file_seats(self, system: str) -> dict[str, int]:
        """Of the year, in a file issued now: what the system needs, as far as seats are left."""
        product = self._product_of(system)
        if not self.is_started(product):
            return {}
        there, others = self.seats(product, self.year(product)), self._reserved_by_others(system)
        left = {
            code: min(count, there.get(code, 0) - others[code])
            for code, count in self.wanted_by(system).items()
        }
        return {code: count for code, count in left.items() if count > 0}

    def _reserved_by_others(self, system: str) -> Counter[str]:
        product = self.products[self._product_of(system)]
        return Counter(
            {
                code: sum(
                    figures.reserved(self.facts, other, code, self.today)
                    for other in figures.systems(self.facts, product)
                    if other != system
                )
                for code in product.of_kind(SUBSCRIPTION)
            }
        )

    # Facts

    def _all(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _is(self, product: str, kind: type[Registered | TrialStarted | Started]) -> bool:
        return any(each.product == product for each in self._all(kind))

    def is_reversed(self, number: int) -> bool:
        return any(each.number == number for each in self._all(Reversed))

    def _product_of(self, system: str) -> str:
        (found,) = (
            code
            for code, product in self.products.items()
            if system in figures.systems(self.facts, product)
        )
        return found

    def books(self, product: str) -> figures.Books:
        so_far, found = self._books.get(product, (-1, figures.Books()))
        if so_far != len(self.facts):
            found = figures.books(self.facts, self.products[product], self.policy)
            self._books[product] = len(self.facts), found
        return found
