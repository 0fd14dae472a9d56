"""The status: a function of what happened and of the day (D-12, D-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.licensing import Status
from services.licensing.domain.allocation import (
    AboveCurrentNeed,
    BelowCurrentNeed,
    NothingToAllocate,
    allocate,
)
from services.licensing.domain.calendar import SubscriptionNotStarted
from services.licensing.domain.outlook import standing
from services.licensing.domain.product import LicenseTypeUnknown
from services.licensing.domain.reasons import STATUS_TEXT
from services.licensing.domain.standing import Position, covers, least_to_allocate
from services.licensing.domain.wallet import InsufficientWallet
from tests.unit.licensing.positions import START, day, on, position


def status_on(today: date, at: Position) -> Status:
    return standing(on(today, at), today).status


@pytest.mark.parametrize(
    ("need", "status"),
    [
        (10, Status.LICENSED),
        (15, Status.LICENSED_GROWTH),
        (20, Status.LICENSED_GROWTH),
        (21, Status.GROWTH_EXCEEDED),
        (25, Status.GROWTH_EXCEEDED),
    ],
)
def test_as_many_devices_again_as_licensed_are_growth_and_one_more_is_too_many(
    need: int, status: Status
) -> None:
    """E5, R30: exactly 100 % is allowed."""
    assert status_on(day("06-09"), position(need=need, seats=10)) is status


@pytest.mark.parametrize(("seats", "accepted"), [(1, False), (2, False), (3, True)])
def test_a_top_up_must_bring_growth_back_within_its_limit(seats: int, accepted: bool) -> None:
    """E5: 13 · 2 = 26 ≥ 25."""
    at = position(need=25, seats=10, wallet=10)
    assert least_to_allocate(25, 10, is_settled=True) == 3
    assert is_accepted(at, seats) is accepted


def is_accepted(at: Position, seats: int) -> bool:
    try:
        confirm(at, seats)
    except BelowCurrentNeed:
        return False
    return True


def confirm(
    at: Position,
    seats: int,
    *,
    today: date = day("06-09"),  # noqa: B008 a value, not a call to repeat
    kind: str = "core",
    allow_surplus: bool = False,
) -> None:
    allocate(
        on(today, at),
        {kind: seats} if seats else {},
        year_index=None,
        today=today,
        allow_surplus=allow_surplus,
        charge_grace_when_late=False,
    )


def test_the_status_says_why_and_until_when() -> None:
    """R15, R17, D-20."""
    before = standing(position(anchor=None, started_on=None), START)
    assert (before.status, before.changes_on) == (Status.NOT_STARTED, None)
    grace = standing(position(need=12), day("03-30"))
    assert (grace.status, grace.changes_on) == (Status.GRACE, day("03-31"))
    assert "12 of type core" in grace.reason
    assert "2025-03-30" in grace.reason
    late = standing(position(need=12), day("03-31"))
    assert (late.status, late.changes_on) == (Status.UNLICENSED, date(2026, 3, 1))
    covered = standing(position(need=12, seats=12), day("03-31"))
    assert (covered.status, covered.changes_on) == (Status.LICENSED, date(2026, 3, 1))


def test_a_product_that_nobody_registered_stands_as_that() -> None:
    """R3, D-20."""
    stands = standing(None, START)
    assert (stands.status, stands.changes_on) == (Status.NOT_REGISTERED, None)
    assert stands.reason == "The product is not registered to the organization."


def test_a_new_year_brings_a_new_grace() -> None:
    """R26: what was allocated counts for its own year alone."""
    at = position(need=12)
    assert status_on(date(2026, 2, 28), position(need=12, seats=12)) is Status.LICENSED
    assert status_on(date(2026, 3, 1), at) is Status.GRACE
    assert status_on(date(2026, 3, 31), at) is Status.UNLICENSED


def test_growth_never_replaces_settling_the_year() -> None:
    """D-12."""
    assert status_on(day("06-09"), position(need=12, seats=11, settled=False)) is Status.UNLICENSED


def test_a_product_without_devices_is_in_grace_until_a_license_is_allocated() -> None:
    """D-12 where the specification is silent: a year is settled with at least one seat."""
    assert not covers({"core": 0}, {})
    assert covers({"core": 0}, {"core": 1})
    assert status_on(START, position(need=0)) is Status.GRACE
    assert "at least one" in standing(position(need=0), START).reason


@given(
    need=st.integers(0, 100),
    seats=st.integers(0, 100),
    settled=st.booleans(),
    later=st.integers(0, 364),
)
def test_the_status_stays_as_it_is_until_the_day_it_names(
    need: int, seats: int, settled: bool, later: int
) -> None:
    today = START + timedelta(later)
    at = position(need=need, seats=seats, settled=settled and seats > 0)
    stands = standing(at, today)
    assert stands.changes_on is not None
    assert stands.changes_on > today
    for offset in range((stands.changes_on - today).days):
        assert status_on(today + timedelta(offset), at) is stands.status
    assert status_on(stands.changes_on, at) is not stands.status


@pytest.mark.parametrize(
    ("at", "seats", "refusal"),
    [
        (position(need=12, wallet=11), 11, BelowCurrentNeed),
        (position(need=12, wallet=11), 12, InsufficientWallet),
        (position(need=12, wallet=20), 13, AboveCurrentNeed),
        (position(need=0, wallet=20), 1, AboveCurrentNeed),
        (position(need=12, wallet=20), 0, NothingToAllocate),
        (position(need=1, wallet=1, started_on=None), 1, SubscriptionNotStarted),
    ],
)
def test_an_allocation_that_may_not_be_is_refused_by_name(
    at: Position, seats: int, refusal: type[Refusal]
) -> None:
    """E8, D-13."""
    with pytest.raises(refusal):
        confirm(at, seats)


def test_a_surplus_is_allocated_when_it_is_asked_for() -> None:
    """D-13."""
    confirm(position(need=0, wallet=20), 5, allow_surplus=True)


def test_a_license_type_the_product_does_not_have_is_refused() -> None:
    with pytest.raises(LicenseTypeUnknown):
        confirm(position(need=1, wallet=1), 1, kind="universal")


def test_licenses_past_their_last_day_do_not_count() -> None:
    """D-7, E10."""
    at = position(need=1, wallet=2, anchor=date(2029, 3, 1), started_on=date(2029, 3, 1))
    confirm(at, 1, today=date(2030, 2, 28))
    with pytest.raises(InsufficientWallet):
        confirm(at, 1, today=date(2030, 3, 1))


@pytest.mark.parametrize("today", ["03-02", "06-09", "2026-04-09", "2031-01-01"])
@pytest.mark.parametrize("started_on", [None, START])
def test_an_archived_organization_stands_as_archived_whatever_it_has(
    today: str, started_on: date | None
) -> None:
    """D-20, D-23: and no day changes it by itself."""
    at = position(need=10, seats=10, wallet=5, started_on=started_on)
    stands = standing(replace(at, is_archived=True), day(today))
    assert (stands.status, stands.changes_on) == (Status.ARCHIVED, None)
    assert STATUS_TEXT.keys() == set(Status)
