"""Steps of a walk: systems and hardware that come, go and are replaced, and licenses on them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from services.licensing.domain import license_key
from tests.service.licensing import reference_figures as figures
from tests.service.licensing.reference_facts import EXTENSION, TIED
from tests.service.licensing.station import Station
from tests.service.licensing.walk_ground import World
from tests.service.licensing.walk_licenses import LicenseSteps

SERIALS = count(1)
LICENSED_BY_HARDWARE = ["station", "recorder"]


@dataclass(eq=False)
class System:
    """``name`` is the reference's, ``id`` the service's.

    ``proof`` is that of hardware, ``station`` the software of one that sends its news as files.
    ``sent`` are its reports by their numbers, ``flaws`` what it is refused with if it comes again.
    """

    name: str
    product: str
    id: str = ""
    serial: str | None = None
    proof: str | None = None
    tied: Mapping[str, int] = field(default_factory=dict)
    station: Station | None = None
    credential: str | None = None
    sequence: int = 0
    sent: dict[int, dict[str, Any]] = field(default_factory=dict)
    flaws: frozenset[str] = frozenset()
    has_file: bool = False
    is_replaced: bool = False


class SystemSteps(LicenseSteps):
    def __init__(self, world: World, seed: object) -> None:
        super().__init__(world, seed)
        self.systems: list[System] = []
        self.replaced: dict[tuple[str, str], Any] = {}

    # Coming and going

    def add_online_system(self) -> None:
        number = next(SERIALS)
        serial = f"SRV-{number}" if self.once_in(2) else None
        self.register_system(
            System(f"server {number}", self.some_product_with_systems(), serial=serial)
        )

    def add_hardware(self) -> None:
        """R32."""
        self.register_system(self.bought_hardware(self.mostly_registered(LICENSED_BY_HARDWARE)))

    def bought_hardware(self, product: str) -> System:
        serial, upgraded = f"HW-{next(SERIALS)}", self.upgraded_types(product)
        tied = self.some_lines_of([c for c in self.of_kind(product, TIED) if c not in upgraded])
        order = self.customer.supplier.call(
            "issue_hardware",
            order_ref=uuid4().hex,
            product=product,
            serials=[serial],
            lines=[{"type": code, "quantity": n} for code, n in tied.items()],
        )
        proof = order["units"][0]["ownership_proof"]
        return System(f"hardware {serial}", product, serial=serial, proof=proof, tied=tied)

    def register_hardware_wrongly(self) -> None:
        system = self.bought_hardware(self.mostly_registered(LICENSED_BY_HARDWARE))
        if self.once_in(2):
            system.flaws = frozenset({"ownership-proof-wrong"})
            system.proof = license_key.shown(license_key.new_key(secrets.randbelow))
        else:
            system.flaws = frozenset({"ownership-proof-malformed"})
            system.proof = f"{system.proof}0"
        self.register_system(system)

    def register_again(self) -> None:
        """One that was removed comes back, one that is there does not come twice (D-17)."""
        known = [
            each for each in self.systems if each.serial and (each.flaws or not each.is_replaced)
        ]
        removed = [each for each in known if not self.is_registered(each)]
        chosen = removed if removed and not self.once_in(4) else known
        if chosen:
            self.register_system(self.chance.choice(chosen))

    def register_system(self, system: System) -> None:
        payload: dict[str, Any] = {"name": system.name, "serial": system.serial}
        on_reference = partial(
            self.reference.add_system,
            system.product,
            system.name,
            system.tied,
            flaws=system.flaws,
        )
        if system.proof is not None:
            payload["ownership_proof"] = system.proof
            self.guess(on_reference)
        answer = self.command(
            "register_licensed_system", on_reference, product=system.product, **payload
        )
        if answer is not None:
            assert system.id in ("", answer["id"])
            system.id, system.credential = answer["id"], None
            if system not in self.systems:
                self.systems.append(system)

    def remove_system(self) -> None:
        """Sent again it is answered as before."""
        system = self.some_system()
        if system is not None:
            self.of_system(
                "remove_licensed_system",
                system,
                partial(self.reference.remove_system, system.name),
                has_key=False,
            )

    def take_hardware_elsewhere(self) -> None:
        """D-17: what is tied goes with it, what extended it stays here; and it may come back."""
        gone = [
            each
            for each in self.systems
            if each.proof and not self.is_registered(each) and not (each.flaws or each.is_replaced)
        ]
        if not gone:
            self.remove_system()
            return
        system = self.chance.choice(gone)
        there = self.neighbor().command(
            "register_licensed_system",
            product=system.product,
            name="Taken over",
            serial=system.serial,
            ownership_proof=system.proof,
        )
        product = self.reference.products[system.product]
        was = figures.on_hardware(self.reference.facts, product, system.name)
        assert {each["type"]: each["licenses"] for each in there["licenses"]} == {
            code: was[code] for code in was if self.is_tied(system.product, code)
        }
        self.note("hardware was elsewhere")
        system.flaws = frozenset({"system-already-registered"})
        self.register_system(system)
        if self.once_in(2):
            asked = {"licensed_system_id": there["id"], "product": system.product}
            self.neighbor().ask("remove_licensed_system", **asked)
            system.flaws = frozenset()
            self.register_system(system)

    def replace_system(self) -> None:
        """D-17."""
        if self.once_in(2):
            self.replace_what_broke()
            return
        pairs = [
            (old, new) for old in self.systems for new in self.systems if old.product == new.product
        ]
        if not pairs:
            return
        some = self.chance.sample(pairs, min(12, len(pairs)))
        self.replace(*self.telling(some, self.replace_in_reference))

    def replace_what_broke(self) -> None:
        """By hardware that is bought for it."""
        held = self.reference.system_licenses
        there = [each for each in self.systems if self.is_registered(each) and held(each.name)]
        there = [each for each in there if each.product in LICENSED_BY_HARDWARE]
        if there:
            old = self.chance.choice(there)
            new = self.bought_hardware(old.product)
            self.register_system(new)
            if new in self.systems:
                self.replace(old, new)

    def replace(self, old: System, new: System) -> None:
        """By an operator; given again it is answered as before."""
        service = self.world.suite.instance("licensing")
        act = partial(service.replace_licensed_system, self.customer.id, UUID(old.id), UUID(new.id))
        if (old.name, new.name) in self.replaced:
            self.repeat(act, self.replaced[old.name, new.name])
            return
        was_registered = self.is_registered(old)
        is_done, answer = self.carried_out(
            "replace_licensed_system",
            partial(self.replace_in_reference, (old, new)),
            act,
            {"old": old.name, "new": new.name},
        )
        if is_done:
            self.replaced[old.name, new.name] = answer
            old.credential, old.is_replaced = None, True
            if was_registered and old.proof is not None:
                # What was tied to it is tied to another now.
                old.flaws = frozenset({"system-already-registered"})

    def replace_in_reference(self, pair: tuple[System, System]) -> None:
        old, new = pair
        tied = [
            code
            for code in self.reference.organization_licenses(old.name)
            if self.is_tied(old.product, code)
        ]
        flaws = {"replacement-impossible"} if tied and new.proof is None else set[str]()
        self.reference.replace_system(old.name, new.name, flaws=flaws)

    # Licenses on systems

    def extend(self) -> None:
        """R33 to R35."""
        there = [each for each in self.systems if self.of_kind(each.product, EXTENSION)]
        system = self.some_system(there)
        if system is None:
            return
        lines = self.some_lines(system.product, EXTENSION)
        if not self.once_in(5):
            self.buy_what_is_missing(system.product, lines)
        self.allocate_to(system, lines)

    def extend_wrongly(self) -> None:
        system = self.some_system()
        if system is not None:
            wrong = [{}, {"gold": 1}, {self.any_type(system.product): 1}]
            self.allocate_to(system, self.chance.choice(wrong))

    def allocate_to(self, system: System, lines: Mapping[str, int]) -> None:
        self.of_system(
            "allocate_to_system",
            system,
            partial(self.reference.extend_system, system.name, lines),
            lines=[{"type": code, "licenses": n} for code, n in lines.items()],
        )

    # Looking

    def systems_look_right(self) -> None:
        """D-16, D-17."""
        for product in {each.product for each in self.systems}:
            listed = {each["id"]: each for each in self.listed(product)}
            mine = [each for each in self.systems if each.product == product]
            assert listed.keys() == {each.id for each in mine}
            for system in mine:
                self.looks_as_it_should(system, listed[system.id])

    def listed(self, product: str) -> Iterator[Any]:
        cursor = None
        while True:
            page = self.customer.ask(
                "list_licensed_systems", product=product, removed=True, limit=50, cursor=cursor
            )
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def looks_as_it_should(self, system: System, told: Any) -> None:
        reference = self.reference
        product = reference.products[system.product]
        assert (told["state"] == "registered") == self.is_registered(system), system.name
        licenses = {each["type"]: each["licenses"] for each in told["licenses"]}
        right = reference.organization_licenses(system.name)
        assert licenses == right, (system.name, licenses, right)
        if self.is_registered(system):
            needs = {each["type"]: (each["reported"], each["needed"]) for each in told["needs"]}
            reported = figures.reported(reference.facts, system.name)
            wanted = reference.wanted_by(system.name)
            right_needs = {
                code: (reported.get(code, 0), wanted.get(code, 0)) for code in product.needed
            }
            assert needs == right_needs, (system.name, needs, right_needs)

    # Choosing

    def of_system(
        self, method: str, system: System, on_reference: Callable[[], object], **payload: Any
    ) -> Any:
        return self.command(
            method,
            on_reference,
            product=system.product,
            licensed_system_id=system.id,
            **payload,
        )

    def is_registered(self, system: System) -> bool:
        return self.reference.is_registered(system.name)

    def is_tied(self, product: str, code: str) -> bool:
        return code in self.of_kind(product, TIED)

    def some_system(self, of: Collection[System] | None = None) -> System | None:
        """Mostly a registered one."""
        all_of = [*(self.systems if of is None else of)]
        there = [each for each in all_of if self.is_registered(each)]
        chosen = there if there and not self.once_in(12) else all_of
        return self.chance.choice(chosen) if chosen else None

    def some_product_with_systems(self) -> str:
        return self.mostly_registered(["station", "station", "archive", "cloud", "recorder"])

    def upgraded_types(self, product: str) -> set[str]:
        return {each.upgrades_to for each in self.reference.products[product].types}

    def any_type(self, product: str) -> str:
        return self.chance.choice([each.code for each in self.reference.products[product].types])
