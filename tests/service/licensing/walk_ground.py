"""The ground of a walk: one customer, held against its reference after whatever it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from contracts.errors import Refusal
from services.licensing.domain import license_key
from services.licensing.models import CalendarRow, LicenseTypeRow, ProductRow, ThrottleRow
from tests.harness import Suite
from tests.service.licensing import walk_books, walk_figures, walk_rows
from tests.service.licensing.customer import Customer, Supplier
from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_customers import (
    ARCHIVE,
    AS_IS,
    CHARGED,
    CLOUD,
    RECORDER,
    STATION,
)
from tests.service.licensing.reference_facts import Product, Refused

PRODUCTS = (STATION, ARCHIVE, CLOUD, RECORDER)
DONE = "done"
# Of what is sent, what tells nobody anything.
UNSHOWN = ("key", "file", "ownership_proof")
DAY = timedelta(days=1)
# Leap days, ends of months and years, and the days around them.
STARTS = (
    date(2024, 2, 29),
    date(2025, 3, 1),
    date(2027, 2, 28),
    date(2027, 3, 1),
    date(2025, 8, 31),
    date(2026, 12, 31),
    date(2026, 1, 1),
)
# At noon in UTC all of them have the same day.
ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Europe/Stockholm")

Choice = TypeVar("Choice")


class WalkClock:
    """Stands where a walk puts it; each walk begins in its own year."""

    def __init__(self) -> None:
        self.moment = datetime(2025, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class World:
    """A suite in which customers walk one after another."""

    def __init__(self, folder: Path, *, is_charged: bool, database: str | None = None) -> None:
        self.folder = folder
        self.clock = WalkClock()
        self.policy = CHARGED if is_charged else AS_IS
        self.reached: Counter[str] = Counter()
        self.suite = Suite(
            folder,
            clock=self.clock,
            services=("organizations", "licensing"),
            databases={"licensing": database} if database else {},
            settings={"licensing": {"charge_grace_when_late": is_charged}},
        )
        self._offer(PRODUCTS)

    def _offer(self, products: Iterable[Product]) -> None:
        with self.suite.kits["licensing"].db() as session:
            for product in products:
                session.add(
                    ProductRow(
                        code=product.code,
                        name=product.code.capitalize(),
                        trial_days=product.trial_days,
                        counts_devices_as=product.counts_devices_as,
                        coterm=product.coterm,
                    )
                )
                session.flush()
                session.add_all(
                    LicenseTypeRow(
                        product=product.code,
                        code=each.code,
                        kind=each.kind,
                        covers=each.covers,
                        upgrade_from=each.upgrades_from or None,
                        upgrade_to=each.upgrades_to or None,
                    )
                    for each in product.types
                )

    def close(self) -> None:
        self.suite.close()


class Ground:
    """``trail`` is what was done so far, for whoever has to understand a failure."""

    def __init__(self, world: World, seed: object) -> None:
        self.world = world
        self.chance = Random(str(seed))
        self.trail: list[str] = []
        self.is_wrong = False
        self.zone = "UTC"
        self.set_day(self.chance.choice(STARTS))
        self.reference = Reference(self.today, world.policy, *PRODUCTS)
        supplier = Supplier(world.suite, keys_per_day=1_000_000)
        self.customer = Customer(world.suite, supplier)
        self.done: list[tuple[Callable[[], Any], Any]] = []
        # Of facts of the reference, by their places: the numbers they have in the history.
        self.entries: dict[int, int] = {}
        self.known: Any = None
        self.home_zone = self.chance.choice(ZONES)
        self.other: Customer | None = None
        self.epoch = 0
        self.was_refused = False
        self.seen: dict[str, walk_figures.Figures] = {}
        self.exceeded: dict[str, date | None] = {}
        self._forget_earlier_walks()

    def _forget_earlier_walks(self) -> None:
        """What they announced, and their wrong keys: those were sent in another time."""
        self.world.suite.deliver()
        with self.world.suite.kits["licensing"].db() as session:
            session.execute(delete(ThrottleRow))

    # Time

    def set_day(self, day: date, at: time = time(12)) -> None:
        """A moment of the day where the organization is."""
        moment = datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
        self.today, self.world.clock.moment = day, moment

    def go_to(self, day: date) -> None:
        at = time(self.chance.randrange(24), self.chance.randrange(60))
        # Until the first start says where the organization is, it has the same day everywhere.
        self.set_day(day, at if self.is_at_home else time(12))
        self.reference.advance_to(day)
        self.known = None
        self.trail.append(f"it is {self.world.clock.moment:%Y-%m-%d %H:%M} UTC, {day} there")

    def wait(self, minutes: int) -> None:
        """For what is limited by the hour or the minute, which has tests of its own."""
        if not self.is_at_home:
            self.go_to(self.today + DAY)
            return
        self.world.clock.moment += timedelta(minutes=minutes)
        self.today = self.world.clock.moment.astimezone(ZoneInfo(self.zone)).date()
        self.reference.advance_to(self.today)
        self.known = None

    @property
    def is_at_home(self) -> bool:
        return any(map(self.reference.is_started, self.reference.products))

    # Doing

    def command(
        self,
        method: str,
        on_reference: Callable[[], object],
        /,
        *,
        has_key: bool = True,
        **payload: Any,
    ) -> Any:
        """Done by both or refused by both; answered the same when it is sent again.

        :param has_key: whether it takes an Idempotency-Key.
        """
        key = uuid4().hex
        act = partial(self.customer.ask, method, **payload)
        if has_key:
            act = partial(act, idempotency_key=key)
        so_far = len(self.reference.facts)
        is_done, answer = self.carried_out(method, on_reference, act, payload)
        if len(self.reference.facts) == so_far + 1:
            self.entries[so_far] = self.last_number()
        if is_done and has_key:
            self.done.append((act, answer))
            if self.once_in(6):
                self.repeat(act, answer)
            if self.once_in(12):
                self.send_otherwise(method, key, payload)
        return answer

    def carried_out(
        self,
        what: str,
        on_reference: Callable[[], object],
        act: Callable[[], Any],
        asked: Mapping[str, Any] | None = None,
    ) -> tuple[bool, Any]:
        """Whether it was done, and its answer; refused, nothing changed."""
        refused = self.told(on_reference)
        before = self.known or self.state() if refused else None
        code, answer = self.outcome(act)
        shown = {name: value for name, value in (asked or {}).items() if name not in UNSHOWN}
        self.trail.append(f"{what} {shown}: {code}")
        assert code in (refused or {DONE}), (what, code, sorted(refused))
        self.note(f"{what}: {code}")
        if refused:
            assert self.state() == before, f"{what} was refused and changed something"
        self.known = before
        if not refused:
            self.looks_right()
        return not refused, answer

    def last_number(self) -> int:
        """Of the last entry of the history."""
        with self.world.suite.kits["licensing"].db.reading() as session:
            return session.scalars(
                select(CalendarRow.last_number).where(
                    CalendarRow.organization_id == self.customer.id
                )
            ).one()

    def repeat(self, act: Callable[[], Any], answer: Any) -> None:
        """D-24: the same key and payload."""
        before = self.known or self.state()
        code, again = self.outcome(act)
        self.trail.append(f"the same again: {code}")
        if self.reference.is_archived():
            assert code == "organization-archived"
        else:
            assert (code, again) == (DONE, answer)
        assert self.state() == before, "a repetition changed something"
        self.known = before
        self.note("repeated")

    def send_otherwise(self, method: str, key: str, payload: Mapping[str, Any]) -> None:
        """D-24: the same key and another payload."""
        other = dict(payload)
        if "key" in payload:
            other["key"] = license_key.shown(license_key.new_key(self.chance.randrange))
        elif payload.get("name"):
            other["name"] = "Another name"
        else:
            other["product"] = "archive" if payload["product"] != "archive" else "station"
        before = self.known or self.state()
        code, _ = self.outcome(partial(self.customer.command, method, idempotency_key=key, **other))
        self.trail.append(f"its key again with another payload: {code}")
        assert code == "idempotency-mismatch"
        assert self.state() == before, "a mismatch changed something"
        self.known = before
        self.note("idempotency-mismatch")

    def hear(
        self, name: str, on_reference: Callable[[], object], *, looks: bool = True, **data: Any
    ) -> None:
        """News are facts: nobody refuses them, and twice they are heard once."""
        self.known = None
        on_reference()
        event_id = uuid4()
        self.customer.hear(name, event_id, **data)
        self.trail.append(f"{name} {data.get('epoch', '')}")
        if not looks:
            return
        self.looks_right()
        if self.once_in(8):
            before = self.state()
            self.customer.hear(name, event_id, **data)
            assert self.state() == before, f"{name} was heard twice"

    def guess(self, on_reference: Callable[[], object]) -> None:
        """Before keys and proofs."""
        if self.was_refused:
            self.wait(minutes=61)
        self.was_refused = bool(self.reference.would(on_reference))

    @staticmethod
    def told(on_reference: Callable[[], object]) -> frozenset[str]:
        try:
            on_reference()
        except Refused as refused:
            return refused.codes
        return frozenset()

    @staticmethod
    def outcome(act: Callable[[], Any]) -> tuple[str, Any]:
        try:
            return DONE, act()
        except Refusal as refusal:
            return refusal.code, None

    # What must hold

    def looks_right(self) -> None:
        """I1 to I8, I10 by the rows, I12 by the reference."""
        reference = self.reference
        told = {each["product"]: each for each in self.listed_products()}
        assert told.keys() == set(filter(reference.is_product_registered, reference.products))
        for product in reference.products:
            self.note(f"status: {reference.status(product)}")
        for product, overview in told.items():
            self.stands_right(product, overview)
        walk_books.hold(self.rows(), reference)

    def listed_products(self) -> list[Any]:
        asked = {"organization_id": str(self.customer.id)}
        found: list[Any] = self.world.suite.call(
            "licensing", "list_organization_products", asked, as_=self.customer.owner
        )["items"]
        return found

    def stands_right(self, product: str, overview: Any) -> None:
        found, reference = walk_figures.of_overview(overview), self.reference
        if found != self.seen.get(product):
            self.seen[product] = found
            assert not self.once_in(5) or self.customer.overview(product=product) == overview
            wallet = self.customer.wallet(product=product)
            assert walk_figures.of_wallet(wallet) == walk_figures.of_lots(reference, product)
            assert (wallet["licenses"], wallet["saved_up"]) == (
                overview["wallet"],
                overview["saved_up"],
            )
        right = walk_figures.of_reference(reference, product)
        wrong = {name: (found[name], right[name]) for name in right if found[name] != right[name]}
        assert not wrong, f"of {product}, as it is told and as it is right: {wrong}"
        assert found.keys() == right.keys()
        self.changes_when_it_says(product, overview["changes_on"])
        self.exceeds_since(product, overview["exceeded_since"])

    def rows(self) -> walk_rows.Rows:
        with self.world.suite.kits["licensing"].db.reading() as session:
            return walk_rows.Rows(session, self.customer.id)

    def changes_when_it_says(self, product: str, told: str | None) -> None:
        """D-20: the status is the same on all days before; some of them are looked at."""
        reference, now = self.reference, self.reference.status(product)
        end = date.fromisoformat(told) if told else self.today + 3_000 * DAY
        between = (end - self.today).days
        days = {end - DAY, *(self.today + self.chance.randrange(between) * DAY for _ in range(3))}
        for day in days:
            assert reference.status(product, day) == now, (product, day, told)
        if told:
            assert reference.status(product, end) != now, (product, told)

    def exceeds_since(self, product: str, told: str | None) -> None:
        """D-22. Time alone never makes growth exceed its limit, so some step was the first."""
        is_exceeded = self.reference.status(product) == "growth_exceeded"
        self.exceeded[product] = (self.exceeded.get(product) or self.today) if is_exceeded else None
        right = self.exceeded[product]
        assert told == (right and str(right)), (product, told, right)

    def state(self) -> Any:
        """Every row about the organization that a command may not touch if it is refused."""
        with self.world.suite.kits["licensing"].db.reading() as session:
            return walk_rows.state(session, self.customer.id)

    # Choosing

    def once_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0

    def telling(self, choices: Iterable[Choice], command: Callable[[Choice], None]) -> Choice:
        """One of the choices, so that each answer there can be is about as likely.

        Half of the time one that is carried out, where there is one.
        """
        by_answer: dict[frozenset[str], list[Choice]] = {}
        for each in choices:
            answer = self.reference.would(partial(command, each))
            by_answer.setdefault(answer, []).append(each)
        done = by_answer.get(frozenset())
        if done and self.once_in(2):
            return self.chance.choice(done)
        return self.chance.choice(by_answer[self.chance.choice(list(by_answer))])

    def note(self, what: str) -> None:
        self.world.reached[what] += 1
