"""Seats of a year: which of them count, since when, and what they are worth."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.licensing.domain.calendar import SubscriptionYear
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.seats import (
    SeatsMoved,
    SeatsSince,
    by_day,
    counting,
    longest_counting,
)

START = date(2025, 3, 1)
YEAR = SubscriptionYear(0, START, date(2026, 3, 1))
LEAP_YEAR = SubscriptionYear(2, date(2027, 3, 1), date(2028, 3, 1))
DAYS = [START + timedelta(days=n) for n in (0, 30, 100)]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("bring"), st.integers(1, 9), st.sampled_from(DAYS)),
        st.tuples(st.just("withdraw"), st.integers(1, 9), st.sampled_from(DAYS)),
        st.tuples(st.just("archive"), st.just(0), st.just(START)),
    ),
    max_size=30,
)


@given(steps)
def test_what_counts_is_what_came_and_did_not_leave_since_the_last_archiving(
    done: list[tuple[str, int, date]],
) -> None:
    """ARC-1: told apart by their number alone, for no row says when they ended."""
    there: Counter[date] = Counter()
    moved: list[SeatsMoved] = []
    ended = 0
    for number, (what, seats, day) in enumerate(done):
        if what == "archive":
            ended += there.total()
            there.clear()
            continue
        change = seats if what == "bring" else -min(seats, there[day])
        if change:
            there[day] += change
            moved.append(SeatsMoved(number, change, day))
    expected = [SeatsSince(day, seats) for day, seats in sorted(there.items()) if seats]
    assert by_day(counting(moved, ended)) == expected


@given(
    st.dictionaries(st.sampled_from(DAYS), st.integers(1, 9), min_size=1),
    st.data(),
)
def test_those_that_count_longest_are_taken_first(
    held: dict[date, int], data: st.DataObject
) -> None:
    """D-18."""
    there = [SeatsSince(day, seats) for day, seats in sorted(held.items())]
    wanted = data.draw(st.integers(1, sum(held.values())))
    one_by_one = [day for day, seats in sorted(held.items()) for _ in range(seats)]
    taken = longest_counting(there, wanted)
    assert [part.effective_from for part in taken for _ in range(part.seats)] == one_by_one[:wanted]


@pytest.mark.parametrize("year", [YEAR, LEAP_YEAR])
def test_a_seat_is_worth_the_days_that_are_left_of_its_year(year: SubscriptionYear) -> None:
    """I6: exactly, in years of either length."""
    assert SeatsSince(year.starts_on, 3).worth_in(year) == 3 * TICKS_PER_LICENSE
    last = year.renews_on - timedelta(days=1)
    assert SeatsSince(last, 2).worth_in(year) == 2 * TICKS_PER_LICENSE // year.days
    days = (last - year.starts_on).days + 1
    assert days == year.days
    parts = [SeatsSince(year.starts_on + timedelta(days=n), 1).worth_in(year) for n in range(days)]
    assert [a - b for a, b in pairwise(parts)] == [TICKS_PER_LICENSE // year.days] * (days - 1)
