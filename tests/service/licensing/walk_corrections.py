"""Steps of a walk: what operators undo (D-15)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import partial
from typing import Any

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_facts import Allocated, Extended, Redeemed, Reversed
from tests.service.licensing.walk_ground import Ground, World


class CorrectionSteps(Ground):
    def __init__(self, world: World, seed: object) -> None:
        super().__init__(world, seed)
        self.reversed: dict[int, Any] = {}

    def reverse(self) -> None:
        """Given again it is answered as before."""
        some = [
            number
            for number in self.entries
            if isinstance(self.reference.facts[number], Redeemed | Allocated | Extended)
            and not self.is_ambiguous(number)
        ]
        if not some:
            return
        recent = self.chance.sample(some, min(8, len(some))) + some[-3:]
        number = self.telling(recent, self.reference.reverse)
        service = self.world.suite.instance("licensing")
        act = partial(
            service.reverse, self.customer.id, self.entries[number], why="ordered by mistake"
        )
        if number in self.reversed:
            self.repeat(act, self.reversed[number])
            return
        what = type(self.reference.facts[number]).__name__
        is_done, answer = self.carried_out(
            "reverse",
            partial(self.reference.reverse, number),
            act,
            {"entry": self.entries[number], "of": what},
        )
        if is_done:
            self.reversed[number] = answer
            self.note(f"reversed: {what}")

    def is_ambiguous(self, number: int) -> bool:
        """Where neither the specification nor the service says what comes of it."""
        fact = self.reference.facts[number]
        if isinstance(fact, Redeemed):
            return any(
                self.is_mixed(fact.product, code, f"key {fact.key.name}") for code in fact.key.lines
            )
        if isinstance(fact, Allocated):
            mixed = any(self.is_mixed(fact.product, code, "compensation") for code in fact.lines)
            return mixed or self.resettles(fact, number)
        return False

    def is_mixed(self, product: str, code: str, source: str) -> bool:
        """Of those of one day and expiry, nobody says which were taken first."""
        sources: dict[tuple[date, date], set[str]] = defaultdict(set)
        for each in self.reference.books(product).licenses:
            if each.type == code:
                sources[each.expires_on, each.opened_on].add(each.source)
        return any(source in of_day and len(of_day) > 1 for of_day in sources.values())

    def resettles(self, fact: Allocated, number: int) -> bool:
        """Without it the year would have been settled as well, by what was there at some moment.

        The service does not look back at moments: a year stays settled if it was so on a day before
        the allocation, or if its need is covered now.
        """
        reference = self.reference
        if reference.is_reversed(number) or reference.would(partial(reference.reverse, number)):
            return False
        before = reference.settled_on(fact.product, fact.year)
        if fact.year > reference.year(fact.product) or before is None:
            return False
        after = Reference(reference.today, reference.policy, *reference.products.values())
        after.facts = [*reference.facts, Reversed(reference.today, fact.product, number)]
        is_kept = before < fact.on or after.is_covered(fact.product, fact.year)
        return after.settled_on(fact.product, fact.year) != (before if is_kept else None)
