"""Steps of a walk: what systems report, and the files of those without a connection."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from itertools import count

from tests.service.licensing.reference_facts import EXTENSION, FileIssued
from tests.service.licensing.station import Station
from tests.service.licensing.walk_ground import DONE
from tests.service.licensing.walk_systems import System, SystemSteps

NUMBERS = count(1)


class NewsSteps(SystemSteps):
    def report(self) -> None:
        """D-16, in order and out of it."""
        system = self.some_system()
        if system is None:
            return
        if system.station is not None:
            self.upload(system)
            return
        if system.credential is None or self.once_in(12):
            self.issue_credential(system)
        system.sequence += self.chance.randint(1, 3)
        self.send(system, system.sequence, self.some_counts(system.product))

    def report_wrongly(self) -> None:
        there = [
            each
            for each in self.systems
            if each.sent and (each.credential or not self.is_registered(each))
        ]
        system = self.some_system(there)
        if system is None:
            return
        kind = self.chance.choice(["again", "otherwise", "late", "unknown"])
        if kind == "unknown":
            self.send(system, system.sequence + 1, {"gold": 1})
        elif kind == "late":
            passed_over = [n for n in range(1, system.sequence) if n not in system.sent]
            self.send(system, self.chance.choice(passed_over or [system.sequence]), {})
        else:
            sequence = self.chance.choice([*system.sent])
            counts = dict(system.sent[sequence]["counts"])
            if kind == "otherwise":
                counts[self.chance.choice(self.reference.products[system.product].needed)] = 77
            self.send(system, sequence, counts)

    def send(self, system: System, sequence: int, counts: Mapping[str, int]) -> None:
        self.wait(minutes=2)
        known = system.sent.get(sequence)
        at = known["at"] if known else self.world.clock.moment.isoformat()
        payload = {
            "credential": system.credential or secrets.token_urlsafe(32),
            "sequence": sequence,
            "reported_at": at,
            "counts": [{"type": code, "count": n} for code, n in counts.items()],
        }
        act = partial(self.world.suite.call, "licensing", "report_usage", payload)
        is_done, answer = self.carried_out(
            "report_usage",
            partial(self.reference.report_usage, system.name, counts, sequence),
            act,
            {"by": system.name, "sequence": sequence, "counts": dict(counts)},
        )
        if not is_done:
            return
        latest = max([sequence, *system.sent])
        result = "accepted" if known or sequence == latest else "ignored"
        assert (answer["result"], answer["last_sequence"]) == (result, latest)
        self.note(f"report_usage: {result}")
        if result == "accepted":
            system.sent[sequence] = {"counts": dict(counts), "at": at}
        if self.once_in(4):
            before = self.state()
            again = {**answer, "last_sequence": latest}
            assert self.outcome(act) == (DONE, again)
            assert self.state() == before, "a report sent again changed something"

    def issue_credential(self, system: System) -> None:
        answer = self.of_system(
            "issue_system_credential",
            system,
            partial(self.reference.be_known, system.name),
            has_key=False,
        )
        if answer is not None:
            system.credential = answer["credential"]

    def some_counts(self, product: str, least: int = 0) -> dict[str, int]:
        codes = self.reference.products[product].needed
        chosen = self.chance.sample(codes, self.chance.randint(least, len(codes)))
        return {code: self.chance.choice([0, 1, 2, 3, 5, 8, 12]) for code in chosen}

    # Files

    def add_offline_system(self) -> None:
        """R8, D-19."""
        product = self.some_product_with_systems()
        station = Station(self.customer, self.world.folder, product=product)
        self.upload(System(f"station {next(NUMBERS)}", product, station=station))

    def give_hardware_files(self) -> None:
        """Hardware without a connection, which nothing was heard of yet."""
        silent = [
            each for each in self.systems if each.proof and not each.station and not each.sent
        ]
        system = self.some_system(silent)
        if system is not None:
            system.station = Station(
                self.customer,
                self.world.folder,
                product=system.product,
                registered_as=system.id,
            )
            self.upload(system)

    def upload(self, system: System) -> None:
        assert system.station is not None
        counts = self.some_counts(system.product, least=1)
        kind = self.chance.choice(
            ["new"] * 6 + ["again", "again", "stale", "product", "old", "gold"]
        )
        file = system.station.file(**({"gold": 1} if kind == "gold" else counts))
        system.sequence += 1
        sequence = system.sequence
        flaws: set[str] = set()
        if not self.is_registered(system) and system.proof:
            flaws.add("system-already-registered")
        if kind == "old":
            self.go_to(self.today + timedelta(days=32))
            self.looks_right()
            flaws.add("system-file-too-old")
        elif kind == "product":
            others = [each for each in self.reference.products if each != system.product]
            flaws.add("system-file-wrong-product")
            self.bring(system, file, counts, sequence, flaws, to=self.chance.choice(others))
            return
        elif kind == "stale":
            system.sequence += 1
            self.bring(system, system.station.file(**counts), counts, system.sequence, flaws)
        elif kind == "gold":
            counts = {"gold": 1}
        self.bring(system, file, counts, sequence, flaws)
        if kind == "again":
            self.bring(system, file, counts, sequence, flaws)

    def bring(
        self,
        system: System,
        file: bytes,
        counts: Mapping[str, int],
        sequence: int,
        flaws: set[str],
        *,
        to: str | None = None,
    ) -> None:
        answer = self.command(
            "upload_system_file",
            partial(
                self.reference.take_file,
                to or system.product,
                system.name,
                counts,
                sequence,
                flaws=flaws,
            ),
            product=to or system.product,
            file=b64encode(file).decode(),
            name=None,
        )
        if answer is not None:
            self.note(f"upload_system_file: {answer['result']}")
            assert system.id in ("", answer["system"]["id"])
            system.id, system.has_file = answer["system"]["id"], True
            if system not in self.systems:
                self.systems.append(system)

    def license_offline_system(self) -> None:
        """D-19: a year is made good, and a file reserves its share of it."""
        product = self.started_product()
        if product is None or self.once_in(4):
            product = self.mostly_registered(["recorder", "station"])
        there = [each for each in self.systems if each.station and each.product == product]
        system = self.some_system(there)
        if system is None:
            station = Station(self.customer, self.world.folder, product=product)
            system = System(f"station {next(NUMBERS)}", product, station=station)
        self.upload(system)
        if not self.is_registered(system):
            return
        if self.of_kind(product, EXTENSION) and self.once_in(2):
            lines = self.some_lines(product, EXTENSION)
            self.buy_what_is_missing(product, lines)
            self.allocate_to(system, lines)
        if self.reference.is_started(product):
            self.make_good(product)
        self.issue_file(system)
        if self.once_in(2):
            self.upload(system)

    def be_forgotten(self) -> None:
        """A system that is gone gets no credential."""
        gone = [each for each in self.systems if not self.is_registered(each)]
        if gone:
            self.issue_credential(self.chance.choice(gone))

    def issue_file_wrongly(self) -> None:
        """Of a system that is gone, or that nobody knows the hardware of."""
        wrong = [each for each in self.systems if not (each.has_file and self.is_registered(each))]
        if wrong:
            self.issue_file(self.chance.choice(wrong))

    def issue_file(self, system: System | None = None) -> None:
        """D-19."""
        stations = [each for each in self.systems if each.station is not None]
        if system is None:
            system = self.some_system(stations if stations and not self.once_in(8) else None)
        if system is None:
            return
        on_reference: Callable[[], object] = partial(self.reference.issue_file, system.name)
        if not system.has_file:
            on_reference = partial(
                self.reference.be_known, system.name, flaws={"system-file-missing"}
            )
        is_refused = self.reference.would(on_reference)
        reserved = {} if is_refused else self.reference.file_seats(system.name)
        answer = self.of_system("issue_license_file", system, on_reference)
        if answer is None:
            return
        there = Counter(reserved) + Counter(self.reference.held_by(system.name))
        assert {each["type"]: (each["seats"], each["reserved"]) for each in answer["seats"]} == {
            code: (count, reserved.get(code, 0)) for code, count in there.items()
        }
        (issued,) = self.reference.facts[-1:]
        assert isinstance(issued, FileIssued)
        if reserved:
            assert answer["valid_until"] == str(issued.valid_until)
        self.note("file with reserved seats" if reserved else "file of own licenses")
