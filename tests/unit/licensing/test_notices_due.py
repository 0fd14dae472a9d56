"""What owners and admins are told on a day, and when they are told nothing (D-21)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.license_notices import TOLD, NoticeKind
from services.licensing.domain.notices import Notice, due, locked, returned
from services.licensing.domain.policy import (
    EXPIRY_NOTICE_DAYS,
    GRACE_NOTICE_DAYS,
    RENEWAL_NOTICE_DAYS,
)
from services.licensing.domain.standing import Position, covers, is_within_growth
from services.licensing.domain.wallet import Lot
from tests.unit.licensing.positions import START, day, lot, position

COUNTDOWNS = {
    NoticeKind.RENEWAL_NEAR: RENEWAL_NOTICE_DAYS,
    NoticeKind.GRACE_ENDING: GRACE_NOTICE_DAYS,
    NoticeKind.LICENSES_EXPIRING: EXPIRY_NOTICE_DAYS,
}


def on(known: Position, today: date) -> Position:
    """The same position in the year the day lies in."""
    assert known.calendar is not None
    return replace(known, year=known.calendar.year_of(today))


def told(known: Position, *days: date) -> list[tuple[date, Notice]]:
    """What is told when somebody looks on these days only, each occasion once."""
    seen: set[tuple[NoticeKind, str]] = set()
    found = []
    for today in days:
        for notice in due(on(known, today), today):
            if (notice.kind, notice.subject) not in seen:
                seen.add((notice.kind, notice.subject))
                found.append((today, notice))
    return found


def every_day(first: str, last: str) -> list[date]:
    return [day(first) + timedelta(later) for later in range((day(last) - day(first)).days + 1)]


def brief(known: Position, *days: date) -> list[tuple[str, str]]:
    return [(str(today), notice.kind.value) for today, notice in told(known, *days)]


def test_a_year_without_licenses_is_told_of_from_its_grace_to_the_next_renewal() -> None:
    """D-21, R26."""
    assert brief(position(need=5), *every_day("2025-03-01", "2026-03-01")) == [
        ("2025-03-01", "grace_started"),
        ("2025-03-16", "grace_ending"),
        ("2025-03-23", "grace_ending"),
        ("2025-03-29", "grace_ending"),
        ("2025-03-31", "unlicensed"),
        ("2025-12-01", "renewal_near"),
        ("2025-12-31", "renewal_near"),
        ("2026-01-30", "renewal_near"),
        ("2026-02-22", "renewal_near"),
        ("2026-03-01", "grace_started"),
    ]


def test_a_countdown_says_how_many_days_are_left_until_when() -> None:
    found = told(position(need=5, seats=5), *every_day("2025-03-01", "2026-02-28"))
    assert [(notice.on, notice.days, notice.year) for _today, notice in found] == [
        (date(2026, 3, 1), left, 0) for left in RENEWAL_NOTICE_DAYS
    ]
    grace = told(position(need=5), *every_day("03-01", "03-30"))
    assert [(notice.on, notice.days) for _today, notice in grace] == [
        (date(2025, 3, 30), left) for left in (None, *GRACE_NOTICE_DAYS)
    ]


def test_a_next_year_that_is_covered_needs_no_renewal() -> None:
    """R27."""
    covered = position(need=5, seats=5)
    covered = replace(covered, seats={0: {"core": 5}, 1: {"core": 5}})
    assert brief(covered, *every_day("2025-03-01", "2026-02-28")) == []
    grown = replace(covered, need={"core": 6})
    assert [kind for _day, kind in brief(grown, *every_day("2025-03-01", "2026-02-28"))] == [
        "renewal_near"
    ] * 4


def test_after_an_outage_only_the_nearest_part_of_a_countdown_is_told() -> None:
    """Forty days without the job: neither ninety, sixty nor thirty days are told any more."""
    known = position(need=5, seats=5)
    found = told(known, day("2025-11-30"), day("2026-02-10"), day("2026-02-11"))
    assert [(str(today), notice.subject, notice.days) for today, notice in found] == [
        ("2026-02-10", "year 0, 30 days", 19)
    ]
    assert brief(known, day("2025-12-01"), day("2026-02-23")) == [
        ("2025-12-01", "renewal_near"),
        ("2026-02-23", "renewal_near"),
    ]


def test_what_is_over_is_not_told() -> None:
    """A grace period that nobody looked at, and growth that was licensed meanwhile."""
    assert brief(position(need=5), day("04-20")) == [("2025-04-20", "unlicensed")]
    assert brief(position(need=5, seats=5), day("04-20")) == []


def test_a_grace_period_is_told_of_until_its_last_day() -> None:
    """D-5: usable through that day."""
    last = [notice for _today, notice in told(position(need=5), day("03-30"))]
    assert [(notice.kind.value, notice.days) for notice in last] == [
        ("grace_started", None),
        ("grace_ending", 0),
    ]
    assert brief(position(need=5), day("03-31")) == [("2025-03-31", "unlicensed")]


@pytest.mark.parametrize(
    ("need", "kind"),
    [
        (10, None),
        (17, None),
        (18, "growth_near"),
        (20, "growth_near"),
        (21, "growth_exceeded"),
    ],
)
def test_growth_is_told_of_from_eighty_percent_of_what_is_allowed(
    need: int, kind: str | None
) -> None:
    """R30, R31: ten seats allow ten more."""
    found = [told_kind for _day, told_kind in brief(position(need=need, seats=10), day("06-01"))]
    assert found == ([] if kind is None else [kind])


def test_one_type_that_comes_near_its_limit_is_enough() -> None:
    known = position(need=10, seats=10)
    known = replace(
        known,
        need={"core": 10, "storage": 9},
        seats={0: {"core": 10, "storage": 5}},
    )
    assert brief(known, day("06-01")) == [("2025-06-01", "growth_near")]


def test_each_day_on_which_licenses_expire_has_a_countdown_of_its_own() -> None:
    """D-7: the licenses of all lots of a day together."""
    first, second = date(2025, 3, 1), date(2025, 5, 1)
    lots = [
        lot(3, opened_on=first, number=1),
        lot(4, opened_on=first, number=2),
        lot(5, opened_on=second, number=3),
    ]
    known = position(lots=lots, anchor=None, started_on=None)
    days = [date(2029, 9, 1) + timedelta(later) for later in range(250)]
    found = [
        (str(today), notice.on, notice.days, notice.licenses)
        for today in days
        for notice in due(known, today)
        if notice.days in EXPIRY_NOTICE_DAYS
    ]
    assert found == [
        ("2029-09-02", date(2030, 3, 1), 180, 7),
        ("2029-11-02", date(2030, 5, 1), 180, 5),
        ("2029-12-01", date(2030, 3, 1), 90, 7),
        ("2030-01-30", date(2030, 3, 1), 30, 7),
        ("2030-01-31", date(2030, 5, 1), 90, 5),
        ("2030-04-01", date(2030, 5, 1), 30, 5),
    ]
    assert due(known, date(2030, 5, 1)) == []


def test_an_archived_organization_is_told_nothing() -> None:
    """D-23."""
    known = replace(position(need=50, seats=5, wallet=3), is_archived=True)
    assert brief(known, *every_day("2025-03-01", "2026-03-31"), date(2030, 2, 28)) == []


def test_before_its_start_a_product_is_told_nothing_of() -> None:
    assert due(position(need=5, anchor=None, started_on=None), day("06-01")) == []


def test_what_commands_tell_is_told_once_for_each_of_them() -> None:
    """R25, M6."""
    product = position().product
    back = [returned(product, 6, year=0, number=number) for number in (7, 8, 7)]
    assert len({notice.subject for notice in back}) == 2
    assert (back[0].product, back[0].product_name) == (product.code, product.name)
    moment = datetime(2025, 3, 1, 9, tzinfo=UTC)
    shut = [
        locked(product.code, product.name, since)
        for since in (moment, moment, moment + timedelta(microseconds=1))
    ]
    assert len({notice.subject for notice in shut}) == 2
    # As wide as its column.
    assert all(len(notice.subject) <= 60 for notice in (*back, *shut))


positions = st.builds(
    position,
    need=st.integers(0, 30),
    seats=st.integers(0, 12),
    settled=st.booleans(),
    lots=st.lists(
        st.builds(
            lambda licenses, later, number: Lot(
                UUID(int=number),
                "core",
                licenses,
                START,
                START + timedelta(later),
                "key",
            ),
            st.integers(1, 9),
            st.integers(1, 900),
            st.integers(1, 99),
        ),
        max_size=3,
    ),
)
days_looked = st.lists(st.integers(0, 900), max_size=40).map(
    lambda later: [START + timedelta(days) for days in sorted(later)]
)


@given(known=positions, days=days_looked)
def test_whatever_days_somebody_looks_on_nothing_is_told_twice_or_late(
    known: Position, days: list[date]
) -> None:
    """Each occasion once, at most one part of a countdown a day, and none after a nearer one."""
    found = told(known, *days)
    occasions = Counter((notice.kind, notice.subject) for _day, notice in found)
    assert set(occasions.values()) <= {1}
    of_countdowns: dict[tuple[NoticeKind, date | None], list[tuple[date, int]]] = {}
    for today, notice in found:
        assert all(getattr(notice, name) is not None for name in TOLD[notice.kind])
        if notice.kind in COUNTDOWNS:
            assert notice.on is not None
            assert notice.days == (notice.on - today).days >= 0
            part = int(notice.subject.removesuffix(" days").rpartition(" ")[2])
            assert part in COUNTDOWNS[notice.kind]
            assert notice.days <= part
            of_countdowns.setdefault((notice.kind, notice.on), []).append((today, part))
    for told_of in of_countdowns.values():
        assert [part for _day, part in told_of] == sorted(
            {part for _day, part in told_of}, reverse=True
        )
        assert len({today for today, _part in told_of}) == len(told_of)


@given(known=positions, later=st.integers(0, 900))
def test_what_is_told_holds_on_the_day(known: Position, later: int) -> None:
    today = START + timedelta(later)
    known = on(known, today)
    assert known.year is not None
    index = known.year.index
    seats, is_settled = known.seats_in(index), index in known.settled
    kinds = {notice.kind for notice in due(known, today)}
    grace = today < known.year.starts_on + timedelta(30)
    assert (NoticeKind.UNLICENSED in kinds) == (not is_settled and not grace)
    assert (NoticeKind.GRACE_STARTED in kinds) == (not is_settled and grace)
    assert (NoticeKind.GROWTH_EXCEEDED in kinds) == (
        is_settled and not is_within_growth(known.need, seats)
    )
    assert (NoticeKind.RENEWAL_NEAR in kinds) == (
        (known.year.renews_on - today).days <= RENEWAL_NOTICE_DAYS[0]
        and not covers(known.need, known.seats_in(index + 1))
    )


@given(known=positions)
def test_whoever_looks_every_day_is_told_each_part_on_its_day(known: Position) -> None:
    """The countdowns of everything that is reached within the time looked at."""
    for today, notice in told(known, *(START + timedelta(later) for later in range(800))):
        if notice.kind in COUNTDOWNS and today > START:
            assert notice.days in COUNTDOWNS[notice.kind]
