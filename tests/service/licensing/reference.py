"""What licensing promises (R1 to R45, D-1 to D-24), written down once more from the specification.

Nothing is imported from the service. One reference is one organization: commands note a fact or
refuse, and `Answers` counts up what the facts come to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

from tests.service.licensing import reference_figures as figures
from tests.service.licensing.reference_answers import Answers
from tests.service.licensing.reference_facts import (
    EXTENSION,
    ON_HARDWARE,
    SUBSCRIPTION,
    UPGRADE,
    Allocated,
    Archived,
    DevicesCounted,
    Extended,
    Fact,
    FileIssued,
    Key,
    LicenseType,
    Redeemed,
    Refused,
    Registered,
    Reported,
    Restored,
    Reversed,
    Started,
    SystemAdded,
    SystemRemoved,
    SystemReplaced,
    TrialStarted,
    Upgraded,
)
from tests.service.licensing.reference_figures import Seat, add_years


class Reference(Answers):
    def advance_to(self, day: date) -> None:
        assert day >= self.today
        self.today = day

    def would(self, command: Callable[[], object]) -> frozenset[str]:
        """What it would be refused with; nothing if it would be carried out."""
        so_far = len(self.facts)
        try:
            command()
        except Refused as refused:
            return refused.codes
        del self.facts[so_far:]
        return frozenset()

    def register(self, product: str) -> None:
        self._be_open()
        if self._is(product, Registered):
            raise Refused({"product-already-registered"})
        self.facts.append(Registered(self.today, product))

    def start_trial(self, product: str) -> None:
        """D-18. The specification names no codes for what is refused here."""
        self._be_registered(product)
        codes = set()
        if self._is(product, Started):
            codes.add("already-started")
        if self._is(product, TrialStarted):
            codes.add("trial-already-used")
        if self.products[product].trial_days == 0:
            codes.add("trial-not-offered")
        self._note(TrialStarted(self.today, product), codes)

    def start(self, product: str) -> None:
        self._be_registered(product)
        codes = {"already-started"} if self._is(product, Started) else set()
        if not self.products[product].of_kind(SUBSCRIPTION):
            codes.add("license-kind-mismatch")
        self._note(Started(self.today, product), codes)

    def redeem(self, product: str, key: Key) -> None:
        """D-8."""
        self._be_registered(product, beside=key.flaws)
        codes = set(key.flaws)
        if key.redeem_before is not None and self.today >= key.redeem_before:
            codes.add("key-expired")
        if key.product != product:
            codes.add("key-wrong-product")
        for number, fact in enumerate(self.facts):
            if isinstance(fact, Redeemed) and fact.key.name == key.name:
                codes.add("key-already-redeemed")
                # Where that was undone, nobody redeems it again.
                codes |= {"key-revoked"} if self.is_reversed(number) else set()
        self._note(Redeemed(self.today, product, key), codes)

    def allocate(
        self,
        product: str,
        lines: Mapping[str, int],
        *,
        year: int | None = None,
        allow_surplus: bool = False,
    ) -> None:
        empty: set[str] = set() if lines else {"nothing-to-allocate"}
        self._be_started(product, beside=empty)
        self._be_of_kind(product, lines, SUBSCRIPTION)
        present = self.year(product)
        chosen = present if year is None else year
        codes = empty | self._short(product, lines)
        if chosen < present:
            raise Refused(codes | {"year-is-past"})
        if chosen > present:
            codes |= self._too_early(product, chosen)
        codes |= self._misfit(product, lines, chosen, allow_surplus)
        if codes:
            raise Refused(codes)
        first, renewal = self.year_bounds(product, chosen)
        effective = first if chosen > present else self.effective_from(product)
        overlap = (effective - first).days - self._forgiven(product, chosen)
        length = (renewal - first).days
        self.facts.append(
            Allocated(self.today, product, chosen, dict(lines), effective, overlap, length)
        )

    def upgrade(
        self,
        product: str,
        by: str,
        licenses: int = 1,
        *,
        year: int | None = None,
        system: str | None = None,
    ) -> None:
        """D-18: in the wallet, in a subscription year or on hardware."""
        self._be_registered(product)
        is_lost = system is not None and not self._is_here(product, system)
        codes = {"system-not-found"} if is_lost else set[str]()
        self._be_of_kind(product, [by], UPGRADE, beside=codes)
        of = self.products[product].type(by)
        if len({by, of.upgrades_from, of.upgrades_to}) < 3:
            raise Refused({"upgrade-types-must-differ", *codes})
        kind = self.products[product].type(of.upgrades_from).kind
        if (year is not None and kind != SUBSCRIPTION) or (
            system is not None and kind not in ON_HARDWARE
        ):
            raise Refused({"license-kind-mismatch", *codes})
        codes |= self._short(product, {by: licenses})
        if year is not None:
            codes |= self._not_upgradable_in(product, of, licenses, year)
        elif not is_lost:
            there = self.wallet(product) if system is None else self.system_licenses(system)
            if there.get(of.upgrades_from, 0) < licenses:
                codes |= {"too-few-to-upgrade", "insufficient-wallet"}
        self._note(Upgraded(self.today, product, by, licenses, year, system), codes)

    def _not_upgradable_in(
        self, product: str, of: LicenseType, licenses: int, year: int
    ) -> set[str]:
        if not self.is_started(product):
            return {"subscription-not-started"}
        codes = set()
        if year < self.year(product):
            codes.add("year-is-past")
        elif self._is_beyond(product, year):
            codes.add("beyond-pre-renewal-horizon")
        there = self.seats(product, year).get(of.upgrades_from, 0)
        if there < licenses:
            codes.add("too-few-to-upgrade")
        # Decision 21: what is needed does not become something else.
        if there - licenses < min(there, self.need(product).get(of.upgrades_from, 0)):
            codes.add("below-current-need")
        return codes

    def add_devices(self, count: int = 1) -> None:
        """Of the organization: devices are news, which an archived one hears as well."""
        self.facts.append(DevicesCounted(self.today, count))

    def remove_devices(self, count: int = 1) -> None:
        assert count <= figures.devices(self.facts)
        self.facts.append(DevicesCounted(self.today, -count))

    def add_system(
        self,
        product: str,
        system: str,
        tied: Mapping[str, int] | None = None,
        *,
        flaws: Collection[str] = (),
    ) -> None:
        """R32, D-17: preloaded licenses count from now, and once.

        :param flaws: what it is refused with for what others know of it.
        """
        self._be_registered(product, beside=flaws)
        codes = set(flaws)
        if self.is_registered(system):
            codes.add("system-already-registered")
        added = SystemAdded(self.today, product, system, dict(tied or {}))
        starts = self.policy.trial_starts_with_first_system and not codes
        if starts and not self.would(lambda: self.start_trial(product)):
            self.start_trial(product)
        self._note(added, codes)

    def remove_system(self, system: str) -> None:
        """Again, nothing happens."""
        self._be_open()
        if not self._was_added(system):
            raise Refused({"system-not-found"})
        if self.is_registered(system):
            self.facts.append(SystemRemoved(self.today, self._product_of(system), system))

    def replace_system(self, system: str, by: str, *, flaws: Collection[str] = ()) -> None:
        """D-17, by operators: the licenses of the hardware go to the one that took its place.

        The specification names no code for what cannot be replaced.

        :param flaws: also where tied licenses would come to what is no hardware.
        """
        self._be_open(beside=flaws)
        codes = set(flaws)
        if not self._was_added(system) or not self._was_added(by):
            raise Refused({"system-not-found", *codes})
        is_other = system != by and self._product_of(system) == self._product_of(by)
        if not is_other or not self.is_registered(by) or self._is_replaced(system):
            codes.add("replacement-impossible")
        product = self._product_of(by)
        if figures.are_upgraded(self.facts, self.products[product], [system, by]):
            # One of two that were paid for would be lost.
            codes.add("replacement-impossible")
        self._note(SystemReplaced(self.today, product, system, by), codes)

    def extend_system(self, system: str, lines: Mapping[str, int]) -> None:
        """R35."""
        product = self.be_known(system)
        self._be_of_kind(product, lines, EXTENSION)
        codes = self._short(product, lines) if lines else {"nothing-to-allocate"}
        self._note(Extended(self.today, product, system, dict(lines)), codes)

    def report_usage(self, system: str, counts: Mapping[str, int], sequence: int) -> None:
        """D-16: older ones than the latest are ignored; none is corrected under its number."""
        unknown = set() if self.is_registered(system) else {"system-credential-invalid"}
        product = self.be_known(system, flaws=unknown)
        self._be_needed(product, counts)
        reports = self._reports_of(system)
        same = [each for each in reports if each.sequence == sequence]
        if any(each.counts != counts for each in same):
            raise Refused({"usage-report-mismatch"})
        if sequence > max((each.sequence for each in reports), default=-1):
            self.facts.append(Reported(self.today, product, system, sequence, dict(counts)))

    def take_file(
        self,
        product: str,
        system: str,
        counts: Mapping[str, int],
        sequence: int,
        *,
        flaws: Collection[str] = (),
    ) -> None:
        """D-19: the system's first file registers it, each tells of its usage.

        :param flaws: what it is refused with for what others know of it, or for what it is.
        """
        self._be_registered(product, beside=flaws)
        codes, reports = set(flaws), self._reports_of(system)
        is_last = bool(reports) and reports[-1].sequence == sequence
        if is_last and self.is_registered(system) and not codes:
            return
        if sequence <= max((each.sequence for each in reports), default=-1):
            codes.add("stale-system-file")
        if codes:
            raise Refused(codes)
        self._be_needed(product, counts)
        if not self.is_registered(system):
            self.add_system(product, system)
        self.report_usage(system, counts, sequence)

    def issue_file(self, system: str) -> None:
        """D-19. The specification names no codes for a year without licenses."""
        product = self.be_known(system)
        seats = self.file_seats(system)
        wanted = self.wanted_by(system)
        codes = set()
        if self.products[product].of_kind(SUBSCRIPTION) and wanted and not self.settled(product):
            codes |= {"not-licensed", "below-current-need", "subscription-not-started"}
        if not seats and not self.system_licenses(system):
            codes.add("not-licensed")
        until = self.today
        if seats and not codes:
            until = self.year_bounds(product, self.year(product))[1]
            until += timedelta(days=self.policy.file_days)
        self._note(FileIssued(self.today, product, system, seats, until), codes)

    def reverse(self, number: int) -> None:
        """D-15, by operators; again, nothing happens.

        The specification names no code for what cannot be undone.
        """
        self._be_open()
        if self.is_reversed(number):
            return
        undone = self.facts[number]
        assert isinstance(undone, Redeemed | Allocated | Extended)
        codes = set() if self._is_reversible(undone, number) else {"cannot-be-reversed"}
        self._note(Reversed(self.today, undone.product, number), codes)

    def _is_reversible(self, undone: Redeemed | Allocated | Extended, number: int) -> bool:
        """Whether all of it is where it came to."""
        if isinstance(undone, Redeemed):
            of_key = [
                each
                for each in self.books(undone.product).licenses
                if each.source == f"key {undone.key.name}"
            ]
            return all(each.place == "wallet" and self.today < each.expires_on for each in of_key)
        product = self.products[undone.product]
        if isinstance(undone, Extended):
            held = figures.of_organization(self.facts, product, undone.system)
            return all(held[code] >= count for code, count in undone.lines.items())
        _first, renewal = self.year_bounds(product.code, undone.year)
        there = Counter(self.seat_list(product.code, undone.year))
        is_there = all(
            there[Seat(code, undone.effective_from)] >= count
            for code, count in undone.lines.items()
        )
        has_ended = any(figures.ends_seats(fact) for fact in self.facts[number:])
        if self.today >= renewal or has_ended or not is_there:
            return False
        reversal = Reversed(self.today, product.code, number)
        return not figures.books([*self.facts, reversal], product, self.policy).lacks

    def archive(self) -> None:
        self.facts.append(Archived(self.today))

    def restore(self) -> None:
        self.facts.append(Restored(self.today))

    # What commands ask first

    def _be_open(self, beside: Iterable[str] = ()) -> None:
        """D-23."""
        if self.is_archived():
            raise Refused({"organization-archived", *beside})

    def _be_registered(self, product: str, beside: Iterable[str] = ()) -> None:
        if not self.is_product_registered(product):
            beside = {"product-not-registered", *beside}
        self._be_open(beside)
        if not self.is_product_registered(product):
            raise Refused(beside)

    def _be_started(self, product: str, beside: Iterable[str] = ()) -> None:
        self._be_registered(product, beside)
        if not self.is_started(product):
            raise Refused({"subscription-not-started", *beside})

    def be_known(self, system: str, *, flaws: Collection[str] = ()) -> str:
        """The product of a registered system.

        :param flaws: what is refused for other reasons.
        """
        codes = set(flaws)
        if not self.is_registered(system):
            codes.add("system-not-found")
        self._be_open(beside=codes)
        if codes:
            raise Refused(codes)
        return self._product_of(system)

    def _be_needed(self, product: str, codes: Iterable[str]) -> None:
        if not set(codes) <= set(self.products[product].needed):
            raise Refused({"license-type-unknown"})

    def _is_here(self, product: str, system: str) -> bool:
        return self.is_registered(system) and self._product_of(system) == product

    def _was_added(self, system: str) -> bool:
        return any(each.system == system for each in self._all(SystemAdded))

    def _is_replaced(self, system: str) -> bool:
        """And did not come again since."""
        came_and_went = [
            fact
            for fact in self.facts
            if isinstance(fact, SystemAdded | SystemReplaced) and fact.system == system
        ]
        return any(isinstance(fact, SystemReplaced) for fact in came_and_went[-1:])

    def _reports_of(self, system: str) -> list[Reported]:
        return [each for each in self._all(Reported) if each.system == system]

    def _be_of_kind(
        self, product: str, codes: Iterable[str], kind: str, *, beside: Iterable[str] = ()
    ) -> None:
        """R2. The specification names no codes for licenses that are used in another way."""
        of = self.products[product]
        known = {each.code for each in of.types}
        wrong = {
            "license-kind-mismatch" if code in known else "license-type-unknown"
            for code in set(codes) - set(of.of_kind(kind))
        }
        if wrong:
            raise Refused({*wrong, *beside})

    def _short(self, product: str, lines: Mapping[str, int]) -> set[str]:
        held = self.wallet(product)
        is_short = any(count > held.get(code, 0) for code, count in lines.items())
        return {"insufficient-wallet"} if is_short else set()

    def _too_early(self, product: str, year: int) -> set[str]:
        """D-14: a year after this one."""
        codes = {"beyond-pre-renewal-horizon"} if self._is_beyond(product, year) else set()
        is_settled = year - 1 == self.year(product) and self.settled(product)
        if not is_settled and not self.is_covered(product, year - 1):
            codes.add("previous-year-not-licensed")
        return codes

    def _is_beyond(self, product: str, year: int) -> bool:
        ahead = self.policy.years_ahead
        # No calendar goes on forever: years may be asked for that it has not got.
        is_far = year > self.year(product) + 2 * ahead
        return is_far or self.year_bounds(product, year)[0] > add_years(self.today, ahead)

    def _misfit(
        self, product: str, lines: Mapping[str, int], year: int, allow_surplus: bool
    ) -> set[str]:
        """D-13."""
        codes, wanted = set(), self.need(product)
        after = Counter(self.seats(product, year)) + Counter(lines)
        is_top_up = year == self.year(product) and self.settled(product)
        factor = self.policy.growth if is_top_up else 1
        if any(factor * after[code] < count for code, count in wanted.items()):
            codes.add("below-current-need")
        if not allow_surplus and any(after[code] > wanted.get(code, 0) for code in lines):
            codes.add("above-current-need")
        return codes

    def _forgiven(self, product: str, year: int) -> int:
        """Days that are charged although they are over: the known cliff (D-11).

        Whether the year was licensed before is asked of the days before, so that an allocation
        made in parts is the same as one made at once.
        """
        if not self.policy.charge_grace_when_late or year != self.year(product):
            return 0
        since = self.settled_on(product, year)
        was_licensed = since is not None and since < self.today
        return 0 if was_licensed or self.is_in_grace(product) else self.policy.grace_days

    def _note(self, fact: Fact, codes: set[str]) -> None:
        if codes:
            raise Refused(codes)
        self.facts.append(fact)
