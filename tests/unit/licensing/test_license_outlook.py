"""Until when a status stays as it is, held against a walk through every day (D-12, D-20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.licensing import LicenseKind, Status
from services.licensing.domain.books import Account, Books, Usage
from services.licensing.domain.calendar import add_years
from services.licensing.domain.ledger import AccountKind, AccountName
from services.licensing.domain.outlook import Standing, standing
from services.licensing.domain.product import Coterm, LicenseType, RegisteredProduct
from services.licensing.domain.standing import is_expiring_soon

CODE = "camera-manager"
DAY = timedelta(days=1)
ANCHORS = st.sampled_from(
    [date(2024, 2, 29), date(2025, 3, 1), date(2025, 1, 31), date(2025, 12, 31), date(2024, 2, 28)]
)


@dataclass(frozen=True)
class Organization:
    """Seats by year, devices, and licenses reserved until a day; nobody does anything any more.

    ``joined`` are devices that came right after everything was allocated.
    """

    anchor: date
    started_on: date
    devices: int
    seats: Mapping[int, int]
    reserved: Sequence[tuple[int, date]] = ()
    coterm: Coterm = Coterm.ORGANIZATION
    joined: int = 0

    def books(self) -> Books:
        """As they were on the day of the start."""
        product = RegisteredProduct(
            code=CODE,
            name="Camera Manager",
            counts_devices_as="core",
            types=(LicenseType("core", LicenseKind.SUBSCRIPTION),),
            registered_on=self.anchor,
            started_on=self.started_on,
            coterm=self.coterm,
        )
        books = Books(
            organization_id=UUID(int=1),
            time_zone="UTC",
            anchor=self.anchor,
            devices=self.devices,
            products={CODE: product},
            accounts={
                AccountName(CODE, "core", AccountKind.YEAR, str(year)): Account(seats=count)
                for year, count in self.seats.items()
            },
            settled={},
            swept_on=self.started_on,
            usage=tuple(Usage(CODE, "core", 0, count, until) for count, until in self.reserved),
        )
        for one in books.settling(self.started_on):
            books = books.with_settled(one.product, one.year, one.on)
        return replace(books, devices=self.devices + self.joined)

    def stands(self, day: date) -> Standing:
        return standing(self.books().advanced(day).position(CODE, day), day)

    def walked(self, last: date) -> Mapping[date, Status]:
        """Its status on every day, by the letter of the specification."""
        anchor = self.anchor if self.coterm is Coterm.ORGANIZATION else self.started_on
        found: dict[date, Status] = {}
        is_settled, year, day = False, -1, self.started_on
        while day <= last:
            begun = year
            while add_years(anchor, year + 1) <= day:
                year += 1
            is_settled = is_settled and year == begun
            need = self.devices + sum(count for count, until in self.reserved if day < until)
            seats = self.seats.get(year, 0)
            if day == self.started_on:
                is_settled = seats > 0 and seats >= need
            need += self.joined
            is_settled = is_settled or (seats > 0 and seats >= need)
            graced_from = max(self.started_on, add_years(anchor, year))
            if not is_settled:
                is_in_grace = day < graced_from + 30 * DAY
                found[day] = Status.GRACE if is_in_grace else Status.UNLICENSED
            elif need <= seats:
                found[day] = Status.LICENSED
            else:
                is_in_growth = need <= 2 * seats
                found[day] = Status.LICENSED_GROWTH if is_in_growth else Status.GROWTH_EXCEEDED
            day += DAY
        return found


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    anchor = draw(ANCHORS)
    days = st.integers(0, 364).map(lambda later: anchor + timedelta(later))
    reservations = st.tuples(
        st.integers(1, 6), st.integers(1, 1500).map(lambda later: anchor + timedelta(later))
    )
    return Organization(
        anchor=anchor,
        started_on=draw(days),
        devices=draw(st.integers(0, 6)),
        seats=draw(st.dictionaries(st.integers(0, 5), st.integers(1, 12), max_size=6)),
        reserved=draw(st.lists(reservations, max_size=3)),
        coterm=draw(st.sampled_from(Coterm)),
        joined=draw(st.integers(0, 9)),
    )


@settings(max_examples=150)
@given(at=organizations(), later=st.integers(0, 1800))
def test_the_status_stays_until_the_day_named_and_differs_on_it(
    at: Organization, later: int
) -> None:
    """D-20: also where years ahead are covered, and where reservations end."""
    today = at.started_on + timedelta(later)
    stands = at.stands(today)
    assert stands.changes_on is not None
    walked = at.walked(stands.changes_on)
    assert stands.status is walked[today]
    between = {walked[today + n * DAY] for n in range((stands.changes_on - today).days)}
    assert between == {stands.status}
    assert walked[stands.changes_on] is not stands.status


def test_a_covered_next_year_keeps_the_product_licensed() -> None:
    """D-20, R27."""
    at = Organization(date(2025, 3, 1), date(2025, 3, 1), 2, {0: 2, 1: 2, 2: 2})
    assert at.stands(date(2025, 6, 1)).changes_on == date(2028, 3, 1)
    assert at.stands(date(2026, 6, 1)).changes_on == date(2028, 3, 1)


def test_growth_ends_with_the_year_whose_successor_has_the_seats() -> None:
    at = Organization(date(2025, 3, 1), date(2025, 3, 1), 2, {0: 2, 1: 3}, joined=1)
    stands = at.stands(date(2025, 6, 1))
    assert (stands.status, stands.changes_on) == (Status.LICENSED_GROWTH, date(2026, 3, 1))
    assert at.stands(date(2026, 3, 1)).status is Status.LICENSED


def test_a_grace_that_the_next_year_prolongs_is_over_when_both_are() -> None:
    """D-5: a product started two weeks before the renewal date."""
    at = Organization(date(2025, 3, 1), date(2026, 2, 15), 1, {})
    stands = at.stands(date(2026, 2, 20))
    assert (stands.status, stands.changes_on) == (Status.GRACE, date(2026, 3, 31))


def test_a_year_is_settled_by_a_reservation_that_ends() -> None:
    """D-19: from then on fewer licenses are needed."""
    until = date(2025, 7, 1)
    at = Organization(date(2025, 3, 1), date(2025, 3, 1), 3, {0: 3}, [(2, until)])
    stands = at.stands(date(2025, 6, 1))
    assert (stands.status, stands.changes_on) == (Status.UNLICENSED, until)
    assert at.stands(until).status is Status.LICENSED


def test_a_year_keeps_the_day_on_which_it_was_first_covered() -> None:
    """D-12: though the need falls once more."""
    first, then = date(2025, 7, 1), date(2025, 9, 1)
    at = Organization(date(2025, 3, 1), date(2025, 3, 1), 3, {0: 3}, [(2, first), (0, then)])
    assert at.books().advanced(date(2025, 12, 1)).settled == {(CODE, 0): first}


@pytest.mark.parametrize(
    ("seats", "today", "is_soon"),
    [
        ({0: 2}, "2025-11-30", False),
        ({0: 2}, "2025-12-01", True),
        ({0: 2, 1: 1}, "2025-12-01", True),
        ({0: 2, 1: 2}, "2025-12-01", False),
        ({}, "2026-02-28", True),
        ({}, "2026-03-01", False),
    ],
)
def test_the_end_is_near_ninety_days_before_a_renewal_that_nothing_covers(
    seats: Mapping[int, int], today: str, is_soon: bool
) -> None:
    """D-20."""
    day = date.fromisoformat(today)
    at = Organization(date(2025, 3, 1), date(2025, 3, 1), 2, seats)
    position = at.books().advanced(day).position(CODE, day)
    assert is_expiring_soon(position, day) is is_soon
    assert not is_expiring_soon(replace(position, is_archived=True), day)


def hardware(**values: object) -> RegisteredProduct:
    types = (
        LicenseType("channel", LicenseKind.EXTENSION),
        LicenseType("preloaded", LicenseKind.TIED, covers="channel"),
    )
    return replace(
        RegisteredProduct("recorder", "Recorder", None, types, date(2025, 3, 1)),
        **values,  # type: ignore[arg-type]
    )


def of_hardware(product: RegisteredProduct, *usage: Usage) -> Standing:
    books = Books(
        organization_id=UUID(int=1),
        time_zone="UTC",
        anchor=None,
        devices=9,
        products={product.code: product},
        accounts={},
        settled={},
        usage=usage,
    )
    today = date(2025, 6, 1)
    return standing(books.advanced(today).position(product.code, today), today)


def test_hardware_is_licensed_when_its_systems_hold_what_they_need() -> None:
    """R2, R33, D-16: nothing is subscribed to, and devices do not count."""
    without = of_hardware(hardware())
    assert (without.status, without.changes_on) == (Status.NOT_STARTED, None)
    assert without.reason == "No system of the product is registered."
    covered = of_hardware(hardware(), Usage("recorder", "channel", 0))
    assert (covered.status, covered.changes_on) == (Status.LICENSED, None)
    short = of_hardware(hardware(), Usage("recorder", "channel", 3))
    assert (short.status, short.changes_on) == (Status.UNLICENSED, None)
    assert short.reason == "Licenses that the systems need beyond their own: 3 of type channel."


def test_systems_of_other_products_do_not_count() -> None:
    assert of_hardware(hardware(), Usage("other", "channel", 3)).status is Status.NOT_STARTED


def test_hardware_whose_need_is_reserved_is_licensed_again_when_that_ends() -> None:
    """D-19."""
    until = date(2025, 9, 1)
    stands = of_hardware(hardware(), Usage("recorder", "channel", 0, 2, until))
    assert (stands.status, stands.changes_on) == (Status.UNLICENSED, until)


def test_a_trial_lasts_until_its_end_or_the_start_of_the_subscription() -> None:
    """D-18, R43."""
    product = replace(
        Organization(date(2025, 3, 1), date(2025, 3, 1), 1, {}).books().products[CODE],
        started_on=None,
        trial_started_on=date(2025, 3, 1),
        trial_ends_on=date(2025, 5, 30),
    )
    books = replace(
        Organization(date(2025, 3, 1), date(2025, 3, 1), 1, {}).books(),
        anchor=None,
        products={CODE: product},
    )

    def on(at: Books, day: date) -> Standing:
        return standing(at.advanced(day).position(CODE, day), day)

    during = on(books, date(2025, 5, 29))
    assert (during.status, during.changes_on) == (Status.TRIAL, date(2025, 5, 30))
    assert during.reason == "The trial ends on 2025-05-29."
    after = on(books, date(2025, 5, 30))
    assert (after.status, after.changes_on) == (Status.TRIAL_EXPIRED, None)
    started = books.with_start(CODE, date(2025, 4, 1), date(2025, 4, 1), "UTC")
    assert on(started, date(2025, 4, 1)).status is Status.GRACE


def test_a_trial_of_hardware_opens_it_until_its_systems_are_licensed() -> None:
    """D-18, R43."""
    tried = hardware(trial_started_on=date(2025, 5, 1), trial_ends_on=date(2025, 7, 30))
    assert of_hardware(tried).status is Status.TRIAL
    short = of_hardware(tried, Usage("recorder", "channel", 3))
    assert (short.status, short.changes_on) == (Status.TRIAL, date(2025, 7, 30))
    assert of_hardware(tried, Usage("recorder", "channel", 0)).status is Status.LICENSED
    over = hardware(trial_started_on=date(2025, 3, 1), trial_ends_on=date(2025, 5, 30))
    assert of_hardware(over).status is Status.TRIAL_EXPIRED
    assert of_hardware(over, Usage("recorder", "channel", 3)).status is Status.UNLICENSED
