"""What is given back for days that were over: exact, and never lost (D-9 to D-11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.licensing.domain.allocation import Plan, allocate
from services.licensing.domain.calendar import Calendar, grace_of
from services.licensing.domain.compensation import in_licenses, overlap, returned, ticks_for
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.standing import Position
from tests.unit.licensing.positions import START, day, lot, position


def plan_on(today: date, seats: int, at: Position, *, charge_grace_when_late: bool = False) -> Plan:
    return allocate(
        at,
        {"core": seats},
        year_index=None,
        today=today,
        allow_surplus=True,
        charge_grace_when_late=charge_grace_when_late,
    )


def pool_after(plan: Plan, before: int = 0) -> int:
    return before + plan.lines[0].compensated - plan.lines[0].returned * TICKS_PER_LICENSE


@pytest.mark.parametrize(
    ("on", "compensated", "back", "pool"),
    [
        ("03-21", 0, 0, 0),
        ("03-30", 0, 0, 0),
        ("03-31", 131_760, 0, 131_760),
        ("08-31", 803_736, 6, 2_196),
    ],
)
def test_twelve_licenses_are_compensated_for_the_days_since_grace(
    on: str, compensated: int, back: int, pool: int
) -> None:
    """E1, E2, E3."""
    plan = plan_on(day(on), 12, position(need=12, wallet=12))
    assert (plan.lines[0].compensated, plan.lines[0].returned) == (compensated, back)
    assert pool_after(plan) == pool


def test_the_pool_is_shown_cut_so_that_it_never_promises_too_much() -> None:
    """E2, E3: 0.98630 and 0.01643 of a license."""
    assert in_licenses(131_760) == "0.9863"
    assert in_licenses(2_196) == "0.0164"
    assert in_licenses(TICKS_PER_LICENSE - 1) == "0.9999"
    assert in_licenses(6 * TICKS_PER_LICENSE) == "6.0000"


@pytest.mark.parametrize(("on", "back", "pool"), [("03-31", 0, 0), ("08-31", 5, 4_026)])
def test_grace_is_paid_for_by_who_is_late_where_the_policy_says_so(
    on: str, back: int, pool: int
) -> None:
    """D-11, the last line of the examples: 12 · 153 / 365 = 5.0301."""
    plan = plan_on(day(on), 12, position(need=12, wallet=12), charge_grace_when_late=True)
    assert (plan.lines[0].returned, pool_after(plan)) == (back, pool)


def test_top_ups_share_one_pool() -> None:
    """E4."""
    pool = 0
    seen = []
    for seats, on, had in ((2, "06-09", 1), (3, "09-17", 3), (3, "12-26", 6)):
        at = position(need=had + seats, seats=had, wallet=20, pool=pool)
        plan = plan_on(day(on), seats, at)
        pool = pool_after(plan, pool)
        seen.append((plan.lines[0].compensated, plan.lines[0].returned, pool))
    assert seen == [(73_200, 0, 73_200), (219_600, 2, 25_620), (329_400, 2, 87_840)]


def test_a_second_product_joins_the_running_year_with_a_grace_of_its_own() -> None:
    """E6."""
    second = position(need=50, wallet=50, started_on=day("09-17"))
    plan = plan_on(day("09-22"), 50, second)
    assert plan.effective_from == day("09-17")
    assert plan.lines[0].returned == 27
    assert in_licenses(pool_after(plan)) == "0.3972"
    assert plan.year.renews_on == date(2026, 3, 1)


def test_a_returned_license_lives_as_long_as_the_longest_lived_that_was_taken() -> None:
    """D-11, I10."""
    older, newer = lot(5, number=1), lot(20, number=2, opened_on=day("05-01"))
    plan = plan_on(day("08-31"), 12, position(need=12, lots=[newer, older]))
    assert [(part.lot, part.licenses) for part in plan.lines[0].taken] == [(older, 5), (newer, 7)]
    assert plan.lines[0].returned_expires_on == newer.expires_on


@given(
    seats=st.integers(1, 5_000),
    elapsed=st.integers(0, 364),
    pool=st.integers(0, TICKS_PER_LICENSE - 1),
    leap=st.booleans(),
)
def test_nothing_is_lost_to_rounding(seats: int, elapsed: int, pool: int, leap: bool) -> None:
    """I4, I5: what is compensated is what is returned and what is saved up."""
    year = Calendar(date(2027 if leap else 2025, 3, 1)).year(0)
    ticks = ticks_for(seats, elapsed, year)
    assert ticks * year.days == seats * elapsed * TICKS_PER_LICENSE
    whole, rest = returned(pool + ticks)
    assert whole * TICKS_PER_LICENSE + rest == pool + ticks
    assert 0 <= rest < TICKS_PER_LICENSE


@given(
    first=st.integers(1, 40),
    second=st.integers(1, 40),
    later=st.integers(0, 364),
    pool=st.integers(0, TICKS_PER_LICENSE - 1),
    was_settled=st.booleans(),
    charge=st.booleans(),
)
def test_splitting_an_allocation_changes_neither_wallet_nor_pool(
    first: int, second: int, later: int, pool: int, was_settled: bool, charge: bool
) -> None:
    """Metamorphic: n at once, or a and then n - a on the same day, whichever way grace is charged.

    The first part may be what settles the year, which does not make the second a top-up (D-11).
    """
    today = START + timedelta(later)
    had = 1 if was_settled else 0
    at = position(need=had, seats=had, wallet=100, pool=pool)
    whole = plan_on(today, first + second, at, charge_grace_when_late=charge)
    part = plan_on(today, first, at, charge_grace_when_late=charge)
    rest_pool = pool_after(part, pool)
    after = position(
        need=had,
        seats=had + first,
        wallet=100 - first,
        pool=rest_pool,
        settled=START if was_settled else today,
    )
    rest = plan_on(today, second, after, charge_grace_when_late=charge)
    assert part.lines[0].returned + rest.lines[0].returned == whole.lines[0].returned
    assert pool_after(rest, rest_pool) == pool_after(whole, pool)


def test_whoever_was_licensed_before_pays_for_no_grace_again() -> None:
    """D-11: what is charged is the grace of a year that nobody licensed in time."""
    late, top_up = (
        plan_on(
            day("08-31"),
            2,
            position(need=2, seats=had, wallet=12, settled=settled),
            charge_grace_when_late=True,
        )
        for had, settled in ((0, False), (1, day("08-30")))
    )
    assert [late.overlap.days, top_up.overlap.days] == [153, 183]


@given(earlier=st.integers(0, 363), wait=st.integers(1, 364), started=st.integers(0, 364))
def test_waiting_never_lessens_the_compensation(earlier: int, wait: int, started: int) -> None:
    year = Calendar(START).year(0)
    grace = grace_of(START + timedelta(started), year)
    first = max(earlier, started)
    last = min(364, first + wait)
    reaches = [
        overlap(
            year,
            grace,
            START + timedelta(offset),
            was_licensed=False,
            charge_grace_when_late=False,
        )
        for offset in (first, last)
    ]
    assert reaches[0].days <= reaches[1].days
    for reach in reaches:
        assert year.starts_on <= reach.effective_from < year.renews_on
