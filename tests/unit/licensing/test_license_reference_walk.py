"""The reference adds up whatever is done to it, and a walk through it gets everywhere (M4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_customers import (
    ARCHIVE,
    POLICIES,
    START,
    STATION,
    bought,
)
from tests.service.licensing.reference_facts import EXTENSION, SUBSCRIPTION, UPGRADE, Refused
from tests.service.licensing.reference_figures import Books, add_years

WALKS, STEPS = 100, 40
STATUSES = {
    "not_registered",
    "trial",
    "trial_expired",
    "not_started",
    "grace",
    "licensed",
    "licensed_growth",
    "growth_exceeded",
    "unlicensed",
    "archived",
}
SYSTEMS = ["recorder", "server"]


class Walk:
    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        policy = self.chance.choice(POLICIES)
        self.reference = Reference(START, policy, STATION, ARCHIVE)
        self.product = self.chance.choice([STATION, STATION, STATION, ARCHIVE])
        if seed % 4:
            self.reference.register(self.product.code)
            self.reference.start(self.product.code)
            bought(self.reference, dict.fromkeys(self.product.of_kind(SUBSCRIPTION), 5))
            self.reference.add_system(self.product.code, self.chance.choice(SYSTEMS))
        self.sequence = 0
        self.refused: Counter[str] = Counter()

    def step(self) -> None:
        reference, code, chance = self.reference, self.product.code, self.chance
        steps: list[Callable[[], None]] = [
            lambda: reference.register(code),
            lambda: reference.start_trial(code),
            lambda: reference.start(code),
            self.buy,
            self.buy,
            self.allocate,
            self.allocate,
            self.allocate_what_is_short,
            self.allocate_what_is_short,
            self.upgrade,
            lambda: reference.add_devices(chance.randint(1, 4)),
            self.remove_devices,
            lambda: reference.add_system(code, chance.choice(SYSTEMS), self.some("tied")),
            lambda: reference.remove_system(chance.choice(SYSTEMS)),
            self.replace_system,
            lambda: reference.extend_system(chance.choice(SYSTEMS), self.some(EXTENSION)),
            self.report,
            lambda: reference.issue_file(chance.choice(SYSTEMS)),
            self.pass_time,
            self.pass_time,
            self.archive,
        ]
        before = list(reference.facts)
        try:
            chance.choice(steps)()
        except Refused as refused:
            assert reference.facts == before
            self.refused.update(refused.codes)

    def some(self, *kinds: str) -> dict[str, int]:
        codes = self.product.of_kind(*kinds)
        chosen = self.chance.sample(codes, self.chance.randint(0, len(codes)))
        return {code: self.chance.randint(1, 4) for code in chosen}

    def buy(self) -> None:
        lines = self.some(SUBSCRIPTION, EXTENSION, UPGRADE)
        if lines and "to-itself" not in lines:
            bought(self.reference, lines, self.chance.randint(1, 2))

    def allocate(self) -> None:
        year = self.chance.choice([None, None, 0, 1, 2])
        surplus = self.chance.random() < 0.5
        self.reference.allocate(
            self.product.code, self.some(SUBSCRIPTION), year=year, allow_surplus=surplus
        )

    def allocate_what_is_short(self) -> None:
        reference, code = self.reference, self.product.code
        short = reference.shortage(code) if reference.is_started(code) else {}
        if short and self.chance.random() < 0.5:
            bought(reference, short)
        else:
            reference.allocate(code, short)

    def upgrade(self) -> None:
        by = self.chance.choice(["to-universal", "to-universal-extension"])
        if self.product is STATION:
            if by.endswith("extension") and self.chance.random() < 0.5:
                self.reference.upgrade("station", by, system=self.chance.choice(SYSTEMS))
            else:
                self.reference.upgrade("station", by, year=self.chance.choice([None, 0, 1]))

    def replace_system(self) -> None:
        system, by = self.chance.sample(SYSTEMS, 2)
        self.reference.replace_system(system, by)

    def remove_devices(self) -> None:
        there = sum(getattr(fact, "change", 0) for fact in self.reference.facts)
        self.reference.remove_devices(self.chance.randint(0, there))

    def report(self) -> None:
        self.sequence += self.chance.choice([-1, 1, 1, 1])
        self.reference.report_usage(
            self.chance.choice(SYSTEMS), self.some(SUBSCRIPTION), max(0, self.sequence)
        )

    def pass_time(self) -> None:
        days = self.chance.choice([1, 10, 31, 100, 200])
        self.reference.advance_to(self.reference.today + timedelta(days=days))

    def archive(self) -> None:
        if self.reference.is_archived():
            self.reference.restore()
        elif self.chance.random() < 0.2:
            self.reference.archive()

    def looks_right(self) -> str:
        reference, code = self.reference, self.product.code
        pool, returned = reference.pool(code), Counter(reference.returned_total(code))
        assert all(0 < part < 1 for part in pool.values())
        for each, given in reference.compensated_total(code).items():
            assert given == returned[each] + pool.get(each, 0)
        books = reference.books(code)
        self.adds_up(books)
        bought_last = max(
            (lot.opened_on for lot in books.licenses if "key" in lot.source), default=START
        )
        assert all(each.expires_on <= add_years(bought_last, 5) for each in books.licenses)
        return reference.status(code)

    def changes_when_it_says(self) -> None:
        reference, code = self.reference, self.product.code
        status, changes_on = reference.status(code), reference.changes_on(code)
        if changes_on is not None:
            later = Reference(reference.today, reference.policy, STATION, ARCHIVE)
            later.facts = list(reference.facts)
            later.advance_to(changes_on - timedelta(days=1))
            assert later.status(code) == status
            later.advance_to(changes_on)
            assert later.status(code) != status

    def adds_up(self, books: Books) -> None:
        """Whatever came is in one place: I1, I7."""
        reference, code = self.reference, self.product.code
        came = Counter(reference.redeemed_total(code)) + Counter(reference.returned_total(code))
        came += Counter(each.type for each in books.licenses if each.source == "upgrade")
        there = Counter(reference.wallet(code)) + Counter(reference.expired_total(code))
        there += Counter(each.type for each in books.licenses if each.place != "wallet")
        assert came == there


def test_everything_adds_up_wherever_a_walk_leads() -> None:
    """I3 to I7, I10, and a refused command changes nothing."""
    seen: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for seed in range(WALKS):
        walk = Walk(seed)
        for _ in range(STEPS):
            walk.step()
            seen[walk.looks_right()] += 1
        walk.changes_when_it_says()
        refused += walk.refused
    assert set(seen) == STATUSES
    assert set(refused) >= {
        "above-current-need",
        "already-started",
        "below-current-need",
        "insufficient-wallet",
        "nothing-to-allocate",
        "organization-archived",
        "previous-year-not-licensed",
        "product-already-registered",
        "product-not-registered",
        "subscription-not-started",
        "system-already-registered",
        "system-not-found",
        "year-is-past",
    }
