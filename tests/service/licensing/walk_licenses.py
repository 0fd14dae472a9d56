"""Steps of a walk: products, keys, and licenses that are allocated to years."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from examples import make_voucher
from services.licensing.domain import license_key
from tests.service.licensing.customer import Customer
from tests.service.licensing.reference_facts import SUBSCRIPTION, Key
from tests.service.licensing.walk_figures import TICKS
from tests.service.licensing.walk_ground import DONE, Ground, World


@dataclass(frozen=True)
class Order:
    """A key as it is sent, and what the reference knows of it."""

    text: str
    key: Key


@dataclass(frozen=True)
class Wanted:
    product: str
    lines: Mapping[str, int]
    year: int | None = None
    allow_surplus: bool = False


class LicenseSteps(Ground):
    def __init__(self, world: World, seed: object) -> None:
        super().__init__(world, seed)
        self.redeemed: list[Order] = []

    # Products

    def register(self, product: str | None = None) -> None:
        """R3."""
        chosen = product or self.telling(self.reference.products, self.reference.register)
        self.command("register_product", partial(self.reference.register, chosen), product=chosen)

    def start(self, product: str | None = None) -> None:
        """R14; the first start says where the organization is (D-1)."""
        chosen = product or self.telling(self.reference.products, self.reference.start)
        zone = None if self.is_at_home and self.once_in(2) else self.home_zone
        self.command(
            "start_subscription",
            partial(self.reference.start, chosen),
            product=chosen,
            time_zone=zone,
        )
        if self.reference.is_started(chosen):
            self.zone = self.home_zone

    # Keys

    def buy(self, product: str, lines: Mapping[str, int], years: int = 1) -> None:
        """R18; only what is subscribed to comes for years."""
        is_by_years = set(lines) <= set(self.of_kind(product, SUBSCRIPTION))
        issue = self.voucher if self.once_in(5) else self.order
        self.redeem(issue(product, lines, years if is_by_years else 1))

    def order(
        self, product: str, lines: Mapping[str, int], years: int = 1, *, days: int | None = None
    ) -> Order:
        before = None if days is None else self.today + timedelta(days=days)
        (issued,) = self.customer.supplier.issue(
            product=product,
            lines=[{"type": code, "quantity": count} for code, count in lines.items()],
            term_years=years,
            redeem_before=before and str(before),
        )["keys"]
        return Order(issued["key"], Key(issued["id"], product, lines, years, before))

    def voucher(self, product: str, lines: Mapping[str, int], years: int) -> Order:
        """M6: what a supplier without a connection has signed."""
        supplier, folder = (
            self.customer.supplier,
            self.world.folder / str(self.customer.supplier.id),
        )
        if not folder.exists():
            self.world.suite.instance("licensing").enter_supplier_key(
                supplier.id, make_voucher.public_key(folder), why="by tests"
            )
        text = make_voucher.write(
            folder,
            supplier_id=str(supplier.id),
            product=product,
            lines=lines,
            years=years,
            before=None,
        )
        self.note("voucher")
        return Order(text, Key(text, product, lines, years))

    def redeem(self, order: Order, product: str | None = None) -> None:
        chosen = product or order.key.product
        on_reference = partial(self.reference.redeem, chosen, order.key)
        self.guess(on_reference)
        self.command("redeem_license_key", on_reference, product=chosen, key=order.text)
        if not self.was_refused:
            self.redeemed.append(order)

    def buy_some(self) -> None:
        product = self.some_product()
        self.buy(product, self.some_lines(product, SUBSCRIPTION, most=8), self.some_years())

    def redeem_a_flawed_key(self) -> None:
        """D-8, M6."""
        product = self.some_product()
        good = self.order(product, self.some_lines(product, SUBSCRIPTION), days=20)
        kind = self.chance.choice(
            ["malformed", "unknown", "revoked", "elsewhere", "product", "late", "again"]
        )
        if kind == "late":
            self.go_to(self.today + timedelta(days=self.chance.choice([19, 20, 20, 21])))
            self.looks_right()
            self.redeem(good)
        elif kind == "again" and self.redeemed:
            self.redeem(self.chance.choice(self.redeemed))
        elif kind == "product":
            others = [each for each in self.reference.products if each != good.key.product]
            self.redeem(good, self.mostly_registered(others))
        else:
            self.redeem(self.flawed(good, kind))

    def flawed(self, good: Order, kind: str) -> Order:
        text, code = good.text, "key-unknown"
        if kind == "malformed":
            code, symbol = "key-malformed", "2" if good.text[0] != "2" else "3"
            text = symbol + good.text[1:]
        elif kind == "revoked":
            code, supplier = "key-revoked", self.customer.supplier
            payload = {"credential": supplier.credential, "key_id": good.key.name}
            self.world.suite.call("licensing", "revoke_license_key", payload)
        elif kind == "elsewhere":
            code = "key-already-redeemed"
            neighbor = self.neighbor()
            neighbor.redeem(good.text, product=good.key.product)
        else:
            text = license_key.shown(license_key.new_key(secrets.randbelow))
        return Order(text, replace(good.key, flaws=frozenset({code})))

    def neighbor(self) -> Customer:
        """Another organization, whose licenses are its own."""
        self.known = None
        if self.other is None:
            self.other = Customer(self.world.suite, self.customer.supplier)
            for product in self.reference.products:
                self.other.register(product=product)
        return self.other

    # Allocating

    def allocate(self, wanted: Wanted) -> None:
        """R19 to R28; a preview says what the command will do."""
        on_reference = partial(self.allocate_in_reference, wanted)
        payload: dict[str, Any] = {
            "product": wanted.product,
            "lines": [{"type": code, "seats": n} for code, n in wanted.lines.items()],
            "year": wanted.year,
            "allow_surplus": wanted.allow_surplus,
        }
        code, preview = self.outcome(partial(self.customer.ask, "preview_allocation", **payload))
        before = self.reference.facts[:]
        pools = dict(self.reference.compensated_total(wanted.product))
        answer = self.command("allocate_licenses", on_reference, **payload)
        if self.reference.facts == before:
            refused = preview["refusal"]["code"] if code == DONE else code
            assert code != DONE or not preview["can_confirm"]
            assert refused in self.told(on_reference), (refused, wanted)
            return
        assert preview["can_confirm"], preview
        assert preview["afterwards"] == answer["overview"]
        assert preview["effective_from"] == answer["effective_from"]
        lines = [{name: line[name] for name in answer["lines"][0]} for line in preview["lines"]]
        assert lines == answer["lines"]
        given = self.reference.compensated_total(wanted.product)
        assert {line["type"]: line["compensated_ticks"] for line in lines} == {
            code: (given.get(code, 0) - pools.get(code, 0)) * TICKS for code in wanted.lines
        }

    def allocate_in_reference(self, wanted: Wanted) -> None:
        self.reference.allocate(
            wanted.product, wanted.lines, year=wanted.year, allow_surplus=wanted.allow_surplus
        )

    def allocate_what_is_short(self) -> None:
        """Buys what is missing, and makes the current year good."""
        product = self.started_product()
        if product is not None:
            self.make_good(product)

    def make_good(self, product: str) -> None:
        short = self.reference.shortage(product) or {self.subscription(product): 1}
        self.buy_what_is_missing(product, short)
        self.allocate(Wanted(product, short, allow_surplus=True))

    def allocate_least(self) -> None:
        """D-12, D-13: the least that is accepted, and one less."""
        product = self.started_product()
        if product is None:
            return
        least = self.reference.least_to_allocate(product)
        if not least:
            self.allocate_anything()
            return
        self.buy_what_is_missing(product, least)
        code = self.chance.choice([*least])
        fewer = +Counter(least) - Counter({code: 1})
        if fewer and self.once_in(2):
            self.allocate(Wanted(product, dict(fewer)))
        self.allocate(Wanted(product, least))

    def allocate_ahead(self) -> None:
        """R27: the first year that is not covered, or the one after the last possible."""
        product = self.started_product()
        if product is None:
            return
        if not self.reference.settled(product) and not self.once_in(4):
            self.make_good(product)
        self.allocate_next_year(product)

    def allocate_far_ahead(self) -> None:
        """D-14: up to the horizon."""
        product = self.started_product()
        if product is None:
            return
        self.make_good(product)
        for _ in range(6):
            self.allocate_next_year(product)

    def allocate_next_year(self, product: str) -> None:
        reference, year = self.reference, self.reference.year(product) + 1
        while reference.is_covered(product, year):
            year += 1
        short = Counter(reference.need(product)) - Counter(reference.seats(product, year))
        lines = dict(short) or {self.subscription(product): 1}
        if not self.once_in(5):
            self.buy_what_is_missing(product, lines)
        self.allocate(Wanted(product, lines, year, allow_surplus=not short))

    def allocate_anything(self) -> None:
        product = self.some_product()
        self.allocate(self.telling(self.allocations(product), self.allocate_in_reference))

    def allocations(self, product: str) -> list[Wanted]:
        reference = self.reference
        is_started = reference.is_started(product)
        year = reference.year(product) if is_started else 0
        held = reference.wallet(product)
        short = reference.shortage(product) if is_started else {}
        some = {self.subscription(product): self.chance.randint(1, 3)}
        more = {
            code: min(held[code], 6) for code in self.of_kind(product, SUBSCRIPTION) if code in held
        }
        wanted = [
            Wanted(product, lines, chosen, allow_surplus=surplus)
            for lines in (some, short, more)
            for chosen in (None, year - 1, year + 1, year + 2)
            for surplus in (False, True)
            if chosen is None or chosen >= 0
        ]
        others = [
            each.code for each in reference.products[product].types if each.kind != SUBSCRIPTION
        ]
        return [
            *wanted,
            Wanted(product, {}),
            Wanted(product, {**some, "gold": 1}),
            *(Wanted(product, {code: 1}) for code in others[:1]),
            Wanted(product, some, year + self.chance.choice([5, 6, 7, 30, 9_999 - year])),
        ]

    def buy_what_is_missing(self, product: str, lines: Mapping[str, int]) -> None:
        missing = Counter(lines) - Counter(self.reference.wallet(product))
        if missing:
            self.buy(product, dict(missing), self.some_years() if self.once_in(4) else 1)

    # Choosing

    def some_product(self) -> str:
        """Mostly the first, and seldom one that is not registered."""
        return self.mostly_registered(["station"] * 4 + ["archive", "cloud"])

    def mostly_registered(self, products: list[str]) -> str:
        there = [each for each in products if self.reference.is_product_registered(each)]
        return self.chance.choice(products if not there or self.once_in(12) else there)

    def started_product(self) -> str | None:
        """Mostly one whose licenses are needed."""
        started = [each for each in self.reference.products if self.reference.is_started(each)]
        chosen = self.some_product()
        if chosen in started or not started:
            return chosen if started else None
        return self.chance.choice(started)

    def of_kind(self, product: str, *kinds: str) -> list[str]:
        return self.reference.products[product].of_kind(*kinds)

    def subscription(self, product: str) -> str:
        return self.chance.choice(self.of_kind(product, SUBSCRIPTION))

    def some_lines(self, product: str, *kinds: str, most: int = 4) -> dict[str, int]:
        return self.some_lines_of(self.of_kind(product, *kinds), most)

    def some_lines_of(self, codes: list[str], most: int = 4) -> dict[str, int]:
        chosen = self.chance.sample(codes, self.chance.randint(1, len(codes)))
        return {code: self.chance.randint(1, most) for code in chosen}

    def some_years(self) -> int:
        return self.chance.choice([1, 1, 1, 2, 3, 4, 5])
