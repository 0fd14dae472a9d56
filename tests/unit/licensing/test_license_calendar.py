"""Subscription years and grace, in civil days (D-1 to D-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.licensing.domain.calendar import (
    BeyondPreRenewalHorizon,
    Calendar,
    TimeZoneFixed,
    TimeZoneUnknown,
    YearIsPast,
    civil_day,
    grace_of,
    settled_time_zone,
)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))


def test_years_from_a_leap_day_return_to_it() -> None:
    """D-2, E7."""
    starts = [str(Calendar(date(2024, 2, 29)).year(k).starts_on) for k in range(6)]
    assert starts == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
        "2029-02-28",
    ]
    assert Calendar(date(2024, 2, 29)).year(3).days == 366


@pytest.mark.parametrize(
    ("anchor", "starts", "lengths"),
    [
        # The last day of February is no anchor of its own: the 28th stays the 28th.
        ("2023-02-28", ["2024-02-28", "2025-02-28", "2026-02-28"], [365, 366, 365]),
        ("2024-02-28", ["2025-02-28", "2026-02-28", "2027-02-28"], [366, 365, 365]),
        ("2023-03-01", ["2024-03-01", "2025-03-01", "2026-03-01"], [366, 365, 365]),
        ("2025-01-31", ["2026-01-31", "2027-01-31", "2028-01-31"], [365, 365, 365]),
        ("2025-12-31", ["2026-12-31", "2027-12-31", "2028-12-31"], [365, 365, 366]),
        ("2027-08-31", ["2028-08-31", "2029-08-31", "2030-08-31"], [366, 365, 365]),
        ("2096-02-29", ["2097-02-28", "2098-02-28", "2099-02-28"], [365, 365, 365]),
    ],
)
def test_anchors_at_the_end_of_a_month_keep_their_day(
    anchor: str, starts: list[str], lengths: list[int]
) -> None:
    """D-2, D-3."""
    years = [Calendar(date.fromisoformat(anchor)).year(index) for index in range(3)]
    assert [str(year.renews_on) for year in years] == starts
    assert [year.days for year in years] == lengths


def test_a_century_that_is_no_leap_year_is_a_common_one() -> None:
    """D-2: 2100 has no 29 February, and 2104 has."""
    calendar = Calendar(date(2096, 2, 29))
    assert calendar.year(4).starts_on == date(2100, 2, 28)
    assert calendar.year(8).starts_on == date(2104, 2, 29)


@given(anchor=days, later=st.integers(0, 4_000))
def test_the_years_ahead_are_those_that_are_open(anchor: date, later: int) -> None:
    """R27, D-14."""
    calendar, today = Calendar(anchor), anchor + timedelta(later)
    ahead = calendar.years_ahead(today)
    assert len(ahead) == 5
    assert [calendar.open_year(year.index, today) for year in ahead] == ahead
    with pytest.raises(BeyondPreRenewalHorizon):
        calendar.open_year(ahead[-1].index + 1, today)


@given(anchor=days, later=st.integers(0, 10_000))
def test_every_day_lies_in_exactly_one_year(anchor: date, later: int) -> None:
    """D-3."""
    calendar, today = Calendar(anchor), anchor + timedelta(later)
    year = calendar.year_of(today)
    assert year.starts_on <= today < year.renews_on
    assert year.days in (365, 366)
    assert calendar.year(year.index + 1).starts_on == year.renews_on


def test_grace_shows_the_thirtieth_day_as_its_last() -> None:
    """D-5, E1."""
    year = Calendar(date(2025, 3, 1)).year(0)
    assert grace_of(date(2025, 3, 1), year).last_day == date(2025, 3, 30)


@given(anchor=days, later=st.integers(0, 4_000), index=st.integers(0, 12))
def test_grace_lies_within_its_year_and_lasts_thirty_days_at_most(
    anchor: date, later: int, index: int
) -> None:
    """D-4, D-5."""
    started_on = anchor + timedelta(later)
    calendar = Calendar(anchor)
    year = calendar.year(calendar.year_of(started_on).index + index)
    grace = grace_of(started_on, year)
    assert year.starts_on <= grace.first_day <= grace.last_day < year.renews_on
    assert (grace.last_day - grace.first_day).days <= 29


def test_a_product_started_late_in_the_year_gets_a_second_grace_with_the_next() -> None:
    """D-5."""
    calendar = Calendar(date(2025, 3, 1))
    first = grace_of(date(2026, 2, 15), calendar.year(0))
    second = grace_of(date(2026, 2, 15), calendar.year(1))
    assert (first.first_day, first.last_day) == (date(2026, 2, 15), date(2026, 2, 28))
    assert (second.first_day, second.last_day) == (date(2026, 3, 1), date(2026, 3, 30))


def test_years_that_begin_within_five_years_are_open() -> None:
    """D-9, D-14, R27."""
    calendar, today = Calendar(date(2025, 3, 1)), date(2026, 3, 1)
    assert calendar.open_year(None, today) == calendar.open_year(1, today) == calendar.year(1)
    with pytest.raises(YearIsPast):
        calendar.open_year(0, today)
    assert calendar.open_year(6, today).starts_on == date(2031, 3, 1)
    for index in (7, 10_000):
        with pytest.raises(BeyondPreRenewalHorizon):
            calendar.open_year(index, today)


def test_the_horizon_is_a_day_and_returns_with_the_leap_day() -> None:
    """D-14, E7: from 29 February 2024 the year of 28 February 2029 is the last."""
    calendar, today = Calendar(date(2024, 2, 29)), date(2024, 2, 29)
    assert calendar.open_year(5, today).starts_on == date(2029, 2, 28)
    with pytest.raises(BeyondPreRenewalHorizon):
        calendar.open_year(6, today)
    # A day before the fourth year it lies within the year before, and six years ahead begin by it.
    before_leap_day = date(2028, 2, 28)
    assert calendar.year_of(before_leap_day).index == 3
    assert calendar.open_year(9, before_leap_day).starts_on == date(2033, 2, 28)


@given(
    seconds=st.integers(0, 15 * 366 * 24 * 60 * 60),
    zone=st.sampled_from(
        ["Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/Stockholm"]
    ),
)
def test_a_day_begins_and_ends_at_midnight_there(seconds: int, zone: str) -> None:
    """D-1: also the days of 23 and 25 hours."""
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day = civil_day(moment, zone)
    begins, ends = (
        datetime.combine(each, time(), ZoneInfo(zone)).astimezone(UTC)
        for each in (day, day + timedelta(1))
    )
    assert begins <= moment < ends
    assert ends - begins in {timedelta(hours=hours) for hours in (23, 24, 25)}
    assert civil_day(ends, zone) == day + timedelta(1)
    assert civil_day(ends - timedelta(microseconds=1), zone) == day


@pytest.mark.parametrize(
    ("time_zone", "day"),
    [("UTC", 30), ("Asia/Tokyo", 31), ("America/Los_Angeles", 30), ("Europe/Stockholm", 31)],
)
def test_the_day_is_that_of_the_organization(time_zone: str, day: int) -> None:
    """D-1: half past ten in the evening, in the night that summer time begins."""
    assert civil_day(datetime(2025, 3, 30, 22, 30, tzinfo=UTC), time_zone).day == day


def test_the_first_subscription_chooses_the_time_zone_and_fixes_it() -> None:
    """D-1."""
    assert settled_time_zone("UTC", "Asia/Seoul", is_fixed=False) == "Asia/Seoul"
    assert settled_time_zone("Asia/Seoul", None, is_fixed=True) == "Asia/Seoul"
    assert settled_time_zone("Asia/Seoul", "Asia/Seoul", is_fixed=True) == "Asia/Seoul"
    with pytest.raises(TimeZoneFixed):
        settled_time_zone("Asia/Seoul", "UTC", is_fixed=True)


@pytest.mark.parametrize(
    "name", ["Mars/Base", "../etc/passwd", "/etc/passwd", "", "Europe", "localtime", "posix/UTC"]
)
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(TimeZoneUnknown):
        settled_time_zone("UTC", name, is_fixed=False)
