"""Every figure of licensing, counted up from all facts each time it is asked for.

Licenses are single things that lie in one place, amounts are fractions of them, days are walked
one by one. What a list of facts says at an earlier moment, its beginning says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from tests.service.licensing.reference_facts import (
    Allocated,
    Archived,
    DevicesCounted,
    Extended,
    Fact,
    FileIssued,
    Policy,
    Product,
    Redeemed,
    Reported,
    Restored,
    Reversed,
    SystemAdded,
    SystemRemoved,
    SystemReplaced,
    Upgraded,
)

Facts = Sequence[Fact]
DAY = timedelta(days=1)


# Calendar


def add_years(day: date, years: int) -> date:
    """D-2."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def year_of(anchor: date, day: date) -> int:
    """D-3: the index of the subscription year that the day lies in."""
    year = 0
    while add_years(anchor, year + 1) <= day:
        year += 1
    return year


def days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += DAY


# Seats


@dataclass(frozen=True)
class Seat:
    type: str
    effective_from: date


def ends_seats(fact: Fact) -> bool:
    """Restoring before the news of archiving ends them in its place (decision 17)."""
    return isinstance(fact, Archived | Restored)


def undone(facts: Facts, fact: Fact) -> Fact:
    """What a reversal undoes; anything else is itself."""
    return facts[fact.number] if isinstance(fact, Reversed) else fact


def seats(facts: Facts, product: Product, year: int) -> list[Seat]:
    found: list[Seat] = []
    for each in facts:
        fact = undone(facts, each)
        if ends_seats(fact):
            found = []
        elif isinstance(fact, Allocated) and (fact.product, fact.year) == (product.code, year):
            for code, count in fact.lines.items():
                for _ in range(count):
                    if fact is each:
                        found.append(Seat(code, fact.effective_from))
                    else:
                        found.remove(Seat(code, fact.effective_from))
        elif isinstance(fact, Upgraded) and (fact.product, fact.year) == (product.code, year):
            by = product.type(fact.type)
            of_type = [seat for seat in found if seat.type == by.upgrades_from]
            of_type.sort(key=lambda seat: seat.effective_from)
            for earliest in of_type[: fact.licenses]:
                found.remove(earliest)
                found.append(Seat(by.upgrades_to, earliest.effective_from))
    return found


def seats_by_type(facts: Facts, product: Product, year: int) -> Counter[str]:
    return Counter(seat.type for seat in seats(facts, product, year))


# Systems


def is_registered(facts: Facts, system: str) -> bool:
    answer = False
    for fact in facts:
        if isinstance(fact, SystemAdded) and fact.system == system:
            answer = True
        elif isinstance(fact, SystemReplaced) and system in (fact.system, fact.by):
            answer = system == fact.by
        elif isinstance(fact, SystemRemoved) and fact.system == system:
            answer = False
    return answer


def systems(facts: Facts, product: Product) -> list[str]:
    """All that ever belonged to it."""
    found: list[str] = []
    for fact in facts:
        if isinstance(fact, SystemAdded) and fact.product == product.code:
            found.append(fact.system)
    return list(dict.fromkeys(found))


# Each license that is with hardware, and as which type it came preloaded; "" where it did not.
OnHardware = list[tuple[str, str]]


def on_hardware(facts: Facts, product: Product, system: str) -> Counter[str]:
    """Licenses that are with the hardware, suspended or not (D-17)."""
    return Counter(code for code, _came_as in _each_on_hardware(facts, product, system))


def _each_on_hardware(facts: Facts, product: Product, system: str) -> OnHardware:
    held: OnHardware = []
    is_preloaded = False
    for number, each in enumerate(facts):
        fact = undone(facts, each)
        if isinstance(fact, SystemAdded) and fact.system == system and not is_preloaded:
            is_preloaded = True
            held += [(code, code) for code in Counter(fact.tied).elements()]
        elif isinstance(fact, Extended) and fact.system == system:
            for code in Counter(fact.lines).elements():
                if fact is each:
                    held.append((code, ""))
                else:
                    held.remove((code, ""))
        elif isinstance(fact, Upgraded) and fact.system == system:
            by = product.type(fact.type)
            of_type = [one for one in held if one[0] == by.upgrades_from]
            for one in of_type[: fact.licenses]:
                held.remove(one)
                held.append((by.upgrades_to, one[1]))
        elif isinstance(fact, SystemReplaced) and fact.system == system:
            held = []
        elif isinstance(fact, SystemReplaced) and fact.by == system:
            following = _each_of_organization(facts[:number], product, fact.system)
            held = _together(following, held)
    return held


def of_organization(facts: Facts, product: Product, system: str) -> Counter[str]:
    """Those that are there for the organization: what is tied to removed hardware went with it."""
    return Counter(code for code, _came_as in _each_of_organization(facts, product, system))


def _each_of_organization(facts: Facts, product: Product, system: str) -> OnHardware:
    held = _each_on_hardware(facts, product, system)
    return held if is_registered(facts, system) else [each for each in held if not each[1]]


def _together(old: OnHardware, new: OnHardware) -> OnHardware:
    """All follow; what both came with was paid for once, and of those the upgraded ones stay."""
    held = old + new
    for came_as in {each[1] for each in held} - {""}:
        in_both = min(sum(each[1] == came_as for each in one) for one in (old, new))
        for _ in range(in_both):
            held.remove((came_as, came_as))
    return held


def are_upgraded(facts: Facts, product: Product, systems: Sequence[str]) -> bool:
    """Whether on each of them are licenses that came preloaded as the same, and are more now."""
    upgraded = [
        {
            came_as
            for code, came_as in _each_of_organization(facts, product, system)
            if came_as != code
        }
        - {""}
        for system in systems
    ]
    return bool(set.intersection(*upgraded))


def reported(facts: Facts, system: str) -> Mapping[str, int]:
    """D-16: the latest report; what it does not name, it counts as none."""
    found: Mapping[str, int] = {}
    for fact in facts:
        if isinstance(fact, Reported) and fact.system == system:
            found = fact.counts
    return found


def reserved(facts: Facts, system: str, code: str, day: date) -> int:
    """D-19: the machine runs one of its valid files; nobody knows which."""
    files = [each for each in facts if isinstance(each, FileIssued) and each.system == system]
    return max((file.seats.get(code, 0) for file in files if day <= file.valid_until), default=0)


def running_out(files: Sequence[FileIssued], day: date) -> int:
    """How many files are over: where that and the facts are the same, so is the need."""
    return sum(file.valid_until < day for file in files)


def wanted_by(facts: Facts, product: Product, system: str, code: str) -> int:
    """What a registered system needs beyond its own hardware's licenses."""
    if not is_registered(facts, system):
        return 0
    held = on_hardware(facts, product, system)
    own = sum(count for each, count in held.items() if product.type(each).meets == code)
    return max(0, reported(facts, system).get(code, 0) - own)


# Need


def devices(facts: Facts) -> int:
    return sum(fact.change for fact in facts if isinstance(fact, DevicesCounted))


def need(facts: Facts, product: Product, day: date) -> Counter[str]:
    wanted: Counter[str] = Counter()
    if product.counts_devices_as is not None:
        wanted[product.counts_devices_as] += devices(facts)
    for system in systems(facts, product):
        for code in product.needed:
            wanted[code] += max(
                wanted_by(facts, product, system, code), reserved(facts, system, code, day)
            )
    return +wanted


def is_covered(facts: Facts, product: Product, year: int, day: date) -> bool:
    """For all types, and by at least one seat (decision 8)."""
    there = seats_by_type(facts, product, year)
    if not there:
        return False
    return all(there[code] >= count for code, count in need(facts, product, day).items())


# Wallet


@dataclass(eq=False)
class License:
    """``place``: the wallet, a year, a system, or used up by an upgrade."""

    type: str
    expires_on: date
    opened_on: date
    source: str
    place: str = "wallet"


@dataclass(frozen=True)
class Lot:
    type: str
    licenses: int
    expires_on: date
    opened_on: date
    source: str


@dataclass
class Books:
    """Of one product: all licenses that ever were in its wallet, and the parts of licenses.

    ``taken`` are those that each fact took, ``lacks`` what could not be taken back.
    """

    licenses: list[License] = field(default_factory=list)
    compensated: dict[str, Fraction] = field(default_factory=dict)
    returned: Counter[str] = field(default_factory=Counter)
    taken: dict[int, list[License]] = field(default_factory=dict)
    lacks: int = 0

    def usable(self, code: str, day: date) -> list[License]:
        """The next to be used first (D-7); of those opened on one day, the one that came first."""
        there = [
            each
            for each in self.licenses
            if each.type == code and each.place == "wallet" and day < each.expires_on
        ]
        return sorted(there, key=lambda each: (each.expires_on, each.opened_on))

    def take(self, code: str, count: int, day: date, place: str) -> list[License]:
        taken = self.usable(code, day)[:count]
        assert len(taken) == count
        for each in taken:
            each.place = place
        return taken

    def pool(self, code: str) -> Fraction:
        return self.compensated.get(code, Fraction(0)) - self.returned[code]


def books(facts: Facts, product: Product, policy: Policy) -> Books:
    found = Books()
    for number, fact in enumerate(facts):
        if isinstance(fact, Redeemed) and fact.product == product.code:
            until = add_years(fact.on, policy.lot_years)
            for code, quantity in fact.key.lines.items():
                for _ in range(quantity * fact.key.years):
                    found.licenses.append(License(code, until, fact.on, f"key {fact.key.name}"))
        elif isinstance(fact, Allocated) and fact.product == product.code:
            found.taken[number] = [
                each
                for code, count in fact.lines.items()
                for each in _allocate(found, fact, code, count)
            ]
        elif isinstance(fact, Upgraded) and fact.product == product.code:
            found.take(fact.type, fact.licenses, fact.on, "used")
            by = product.type(fact.type)
            if fact.year is None and fact.system is None:
                for old in found.take(by.upgrades_from, fact.licenses, fact.on, "used"):
                    new = License(by.upgrades_to, old.expires_on, fact.on, "upgrade")
                    found.licenses.append(new)
        elif isinstance(fact, Extended) and fact.product == product.code:
            found.taken[number] = [
                each
                for code, count in fact.lines.items()
                for each in found.take(code, count, fact.on, f"system {fact.system}")
            ]
        elif isinstance(fact, Reversed) and fact.product == product.code:
            _reverse(found, facts[fact.number], fact)
    return found


def _allocate(found: Books, fact: Allocated, code: str, count: int) -> list[License]:
    """D-10, D-11."""
    taken = found.take(code, count, fact.on, f"year {fact.year}")
    before = found.compensated.get(code, Fraction(0))
    found.compensated[code] = before + Fraction(count * fact.overlap, fact.length)
    whole = floor(found.pool(code))
    found.returned[code] += whole
    until = max(each.expires_on for each in taken)
    for _ in range(whole):
        found.licenses.append(License(code, until, fact.on, "compensation"))
    return taken


def _reverse(found: Books, fact: Fact, by: Reversed) -> None:
    """D-15: licenses go back to where they were, the pool is as if they had never left."""
    if isinstance(fact, Redeemed):
        source = f"key {fact.key.name}"
        found.licenses = [each for each in found.licenses if each.source != source]
        return
    taken = found.taken[by.number]
    if isinstance(fact, Allocated):
        for code, count in fact.lines.items():
            until = max(each.expires_on for each in taken if each.type == code)
            found.compensated[code] -= Fraction(count * fact.overlap, fact.length)
            missing = ceil(max(Fraction(0), -found.pool(code)))
            back = [each for each in found.usable(code, by.on) if each.source == "compensation"]
            # Those that came back with it first.
            back.sort(key=lambda each: (each.opened_on, each.expires_on) != (fact.on, until))
            found.returned[code] -= missing
            found.lacks += max(0, missing - len(back))
            for each in back[:missing]:
                found.licenses.remove(each)
    for each in taken:
        each.place = "wallet"


def lots(found: Books, day: date) -> list[Lot]:
    """Those of one origin, day and expiry are one lot (decision 8), first to be used first."""
    there = [each for each in found.licenses if each.place == "wallet" and day < each.expires_on]
    together = Counter((each.expires_on, each.opened_on, each.type, each.source) for each in there)
    return [
        Lot(code, count, until, opened, source)
        for (until, opened, code, source), count in sorted(
            together.items(), key=lambda item: item[0][:2]
        )
    ]
