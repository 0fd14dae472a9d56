"""What products are advised to do by how they stand (D-22)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.licensing import LicenseKind, Status
from services.licensing.domain.entitlement import entitlement, of_system, valid_until
from services.licensing.domain.product import LicenseType, RegisteredProduct

DAY = date(2025, 3, 1)
OPEN, CLOSED = (True, True, True), (False, False, False)

# View, configure, add devices.
ADVICE = {
    Status.NOT_REGISTERED: CLOSED,
    Status.NOT_STARTED: CLOSED,
    Status.TRIAL: OPEN,
    Status.TRIAL_EXPIRED: CLOSED,
    Status.GRACE: OPEN,
    Status.LICENSED: OPEN,
    Status.LICENSED_GROWTH: OPEN,
    Status.GROWTH_EXCEEDED: OPEN,
    Status.UNLICENSED: CLOSED,
    Status.ARCHIVED: CLOSED,
}


@pytest.mark.parametrize("status", Status)
def test_each_status_has_its_advice(status: Status) -> None:
    may = entitlement(status, exceeded_since=None, today=DAY)
    assert (may.may_view, may.may_configure, may.may_add_devices) == ADVICE[status]
    assert may.status is status


@given(
    status=st.sampled_from(Status),
    exceeded_since=st.none() | st.dates(),
    today=st.dates(max_value=date(9000, 1, 1)),
)
def test_nothing_ever_stops_a_recording(
    status: Status, exceeded_since: date | None, today: date
) -> None:
    since = exceeded_since and min(exceeded_since, date(9000, 1, 1))
    assert entitlement(status, exceeded_since=since, today=today).may_record is True


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("days", [0, 29, 30, 400])
def test_only_growth_above_its_limit_ends_adding_alone_and_after_thirty_days(
    status: Status, days: int
) -> None:
    """Whatever was noted of growth before, of other statuses it says nothing."""
    may = entitlement(status, exceeded_since=DAY, today=DAY + timedelta(days=days))
    view, configure, add = ADVICE[status]
    if status is Status.GROWTH_EXCEEDED:
        assert may.adding_ends_on == DAY + timedelta(days=30)
        add = days < 30
    else:
        assert may.adding_ends_on is None
    assert (may.may_view, may.may_configure, may.may_add_devices) == (view, configure, add)


def test_growth_that_nobody_noted_yet_began_today() -> None:
    may = entitlement(Status.GROWTH_EXCEEDED, exceeded_since=None, today=DAY)
    assert may.adding_ends_on == date(2025, 3, 31)


def _product(*kinds: LicenseKind) -> RegisteredProduct:
    types = tuple(LicenseType(kind.value, kind) for kind in kinds)
    return RegisteredProduct("station", "Station", None, types, DAY)


STATION = _product(LicenseKind.SUBSCRIPTION, LicenseKind.TIED)
RECORDER = _product(LicenseKind.TIED)


@pytest.mark.parametrize("status", Status)
def test_a_system_that_needs_none_but_its_own_licenses_is_licensed(status: Status) -> None:
    """R2: for the lifetime of the hardware; but an archived organization has none (D-23)."""
    expected = status if status is Status.ARCHIVED else Status.LICENSED
    assert of_system(status, STATION, {"core": 4}, {"core": 4}) is expected
    assert of_system(status, STATION, {"core": 0}, {"core": 4}) is expected
    assert of_system(status, RECORDER, {"core": 0}, {"core": 0}) is expected


@pytest.mark.parametrize("status", Status)
def test_a_system_that_needs_more_stands_as_its_organization_does(status: Status) -> None:
    assert of_system(status, STATION, {"core": 5}, {"core": 4}) is status
    assert of_system(status, RECORDER, {"core": 1}, {"core": 0}) is status
    assert of_system(status, STATION, {"a": 1, "b": 1}, {"a": 9, "b": 0}) is status


@pytest.mark.parametrize("status", Status)
def test_a_system_without_licenses_of_its_own_is_not_licensed_by_using_none(
    status: Status,
) -> None:
    assert of_system(status, STATION, {"core": 0}, {"core": 0}) is status
    assert of_system(status, STATION, {}, {}) is status


NINE = datetime(2025, 3, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "turns", "expected"),
    [
        ("UTC", [], datetime(2025, 3, 31, 9, tzinfo=UTC)),
        ("UTC", [None, date(2026, 3, 1)], datetime(2025, 3, 31, 9, tzinfo=UTC)),
        ("UTC", [date(2025, 3, 31)], datetime(2025, 3, 31, tzinfo=UTC)),
        ("Asia/Tokyo", [date(2025, 3, 31)], datetime(2025, 3, 30, 15, tzinfo=UTC)),
        # Summer time begins that night; the day does not wait for it.
        ("Europe/Stockholm", [date(2025, 3, 31)], datetime(2025, 3, 30, 22, tzinfo=UTC)),
        # A day that has come changes nothing any more.
        ("UTC", [date(2025, 3, 30)], datetime(2025, 3, 31, 9, tzinfo=UTC)),
    ],
)
def test_advice_is_valid_for_a_day_or_until_it_may_change(
    zone: str, turns: list[date | None], expected: datetime
) -> None:
    assert valid_until(NINE, zone, turns) == expected
