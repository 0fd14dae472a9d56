"""Steps of a walk: trials, and licenses that become licenses of another type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from tests.service.licensing.reference_facts import EXTENSION, SUBSCRIPTION, TIED, UPGRADE
from tests.service.licensing.walk_systems import System, SystemSteps


@dataclass(frozen=True)
class Upgrade:
    """In a year, on a system or, with neither, in the wallet."""

    product: str
    by: str
    licenses: int
    year: int | None = None
    system: System | None = None

    @property
    def where(self) -> str:
        if self.system is not None:
            return f"system:{self.system.id}"
        return "wallet" if self.year is None else f"year:{self.year}"


class UpgradeSteps(SystemSteps):
    def start_trial(self, product: str | None = None) -> None:
        """R43, D-18."""
        if product is None:
            product = self.telling(self.reference.products, self.reference.start_trial)
        self.command("start_trial", partial(self.reference.start_trial, product), product=product)

    def upgrade(self) -> None:
        """R2, D-18."""
        product = self.mostly_registered(["station", "station", "cloud", "recorder"])
        by = self.chance.choice(self.of_kind(product, UPGRADE))
        if self.reference.is_product_registered(product) and not self.once_in(6):
            self.buy_what_is_missing(product, self.what_it_takes(product, by))
        self.upgrade_one_of(self.upgrades(product, by))

    def upgrade_what_is_needed(self) -> None:
        """Decision 21: one more than the need of the year leaves."""
        product = self.started_product()
        if product not in ("station", "cloud"):
            return
        by = self.chance.choice(self.of_kind(product, UPGRADE))
        source = self.reference.products[product].type(by).upgrades_from
        year, needed = self.reference.year(product), self.reference.need(product).get(source, 0)
        there = self.reference.seats(product, year).get(source, 0)
        if needed and there:
            licenses = max(1, there - needed + 1)
            self.buy_what_is_missing(product, {by: licenses})
            self.upgrade_one_of([Upgrade(product, by, licenses, year=year)])

    def upgrade_wrongly(self) -> None:
        """What is not there to be upgraded, or is no upgrade."""
        product = self.mostly_registered(["station", "cloud", "recorder"])
        others = ["gold", *self.of_kind(product, SUBSCRIPTION, EXTENSION)]
        self.upgrade_one_of(
            [
                *(Upgrade(product, code, 1) for code in others),
                *(
                    Upgrade(product, code, 1, year=year)
                    for code in self.of_kind(product, UPGRADE)
                    for year in (0, 50)
                ),
                *(
                    Upgrade(product, code, 1, system=system)
                    for code in self.of_kind(product, UPGRADE)
                    for system in self.systems[:3]
                ),
            ]
        )

    def upgrade_one_of(self, choices: list[Upgrade]) -> None:
        wanted = self.telling(choices, self.upgrade_in_reference)
        self.command(
            "upgrade_licenses",
            partial(self.upgrade_in_reference, wanted),
            product=wanted.product,
            upgrade_type=wanted.by,
            licenses=wanted.licenses,
            where=wanted.where,
        )

    def what_it_takes(self, product: str, by: str) -> dict[str, int]:
        source = self.reference.products[product].type(by).upgrades_from
        licenses = self.chance.randint(1, 3)
        is_sold = self.once_in(2) and not self.is_tied(product, source)
        return {by: licenses, source: licenses} if is_sold else {by: licenses}

    def upgrade_in_reference(self, wanted: Upgrade) -> None:
        self.reference.upgrade(
            wanted.product,
            wanted.by,
            wanted.licenses,
            year=wanted.year,
            system=wanted.system.name if wanted.system else None,
        )

    def upgrades(self, product: str, by: str) -> list[Upgrade]:
        of = self.reference.products[product].type(by)
        kind = self.reference.products[product].type(of.upgrades_from).kind
        year = self.reference.year(product) if self.reference.is_started(product) else 0
        systems = [each for each in self.systems if each.product == product]
        licenses = self.chance.choice([1, 1, 1, 2, 3])
        wanted = [Upgrade(product, by, licenses)] * (kind != TIED)
        if kind == SUBSCRIPTION:
            years = {max(0, year - 1), year, year + 1, year + 2}
            wanted += [Upgrade(product, by, licenses, year=each) for each in sorted(years)]
        else:
            wanted += [Upgrade(product, by, licenses, system=each) for each in systems]
        return wanted or [Upgrade(product, by, licenses)]
