"""The days of licensing are those of the organization's place, from midnight to midnight (D-1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contracts.errors import Refusal
from tests.harness import Suite
from tests.service.licensing.customer import Customer
from tests.service.licensing.test_license_replay import replayed

ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/Stockholm")


def started(customer: Customer, zone: str, **values: object) -> str:
    customer.register(**values)
    return str(customer.start(time_zone=zone, **values)["started_on"])


def midnight(day: str, zone: str) -> datetime:
    """The moment at which the day begins there."""
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)).astimezone(UTC)


def status_around(customer: Customer, moment: datetime) -> tuple[str, str]:
    """The status in the last second before a moment, and at it."""
    before = customer.at(str(moment - timedelta(seconds=1))).overview()["status"]
    return before, customer.at(str(moment)).overview()["status"]


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2025-03-01T23:30Z", "UTC", "2025-03-01"),
        ("2025-03-01T23:30Z", "Asia/Tokyo", "2025-03-02"),
        ("2025-03-01T23:30Z", "America/Los_Angeles", "2025-03-01"),
        ("2025-03-01T23:30Z", "Pacific/Kiritimati", "2025-03-02"),
        ("2025-03-02T00:30Z", "UTC", "2025-03-02"),
        ("2025-03-02T00:30Z", "Asia/Tokyo", "2025-03-02"),
        ("2025-03-02T00:30Z", "America/Los_Angeles", "2025-03-01"),
        ("2025-03-02T00:30Z", "Pacific/Kiritimati", "2025-03-02"),
        ("2025-03-01T09:59:59Z", "Pacific/Kiritimati", "2025-03-01"),
        ("2025-03-01T10:00Z", "Pacific/Kiritimati", "2025-03-02"),
        ("2025-03-02T07:59:59Z", "America/Los_Angeles", "2025-03-01"),
        ("2025-03-02T08:00Z", "America/Los_Angeles", "2025-03-02"),
    ],
)
def test_a_subscription_starts_on_the_day_it_is_there(
    customer: Customer, moment: str, zone: str, day: str
) -> None:
    assert started(customer.at(moment), zone) == day
    overview = customer.overview()
    assert (overview["year"]["starts_on"], overview["time_zone"]) == (day, zone)
    assert overview["grace"]["first_day"] == day


def test_later_products_start_by_the_same_days(customer: Customer) -> None:
    """D-1: the first subscription fixes the place."""
    customer.at("2025-03-01T23:30Z").register()
    with pytest.raises(Refusal) as unknown:
        customer.start(time_zone="Mars/Base")
    assert unknown.value.code == "time-zone-unknown"
    customer.start(time_zone="Asia/Tokyo")
    customer.register(product="site-health")
    with pytest.raises(Refusal) as fixed:
        customer.start(product="site-health", time_zone="UTC")
    assert fixed.value.code == "time-zone-fixed"
    assert customer.start(product="site-health")["started_on"] == "2025-03-02"


@pytest.mark.parametrize("zone", ZONES)
def test_grace_ends_and_years_renew_at_midnight_there(customer: Customer, zone: str) -> None:
    """D-1, D-3, D-5: in summer time, which began within the grace, and in winter time."""
    day = started(customer, zone)
    assert day == "2025-03-01"
    customer.buy(2)
    assert status_around(customer, midnight("2025-03-31", zone)) == ("grace", "unlicensed")
    customer.allocate(1, allow_surplus=True)
    customer.allocate(1, year=1, allow_surplus=True)
    renewal = midnight("2026-03-01", zone)
    assert status_around(customer, renewal) == ("licensed", "licensed")
    assert customer.overview()["year"]["index"] == 1
    assert status_around(customer, midnight("2027-03-01", zone)) == ("licensed", "grace")


@pytest.mark.parametrize(
    ("zone", "start", "last_day", "ends_at"),
    [
        # Clocks go forward within the grace, or in its last night, or back within it.
        ("America/Los_Angeles", "2025-03-01", "2025-03-30", "2025-03-31T07:00Z"),
        ("Europe/Stockholm", "2025-03-01", "2025-03-30", "2025-03-30T22:00Z"),
        ("America/Los_Angeles", "2025-10-15", "2025-11-13", "2025-11-14T08:00Z"),
        ("Europe/Stockholm", "2025-10-15", "2025-11-13", "2025-11-13T23:00Z"),
    ],
)
def test_thirty_days_are_thirty_days_when_the_clocks_change(
    customer: Customer, zone: str, start: str, last_day: str, ends_at: str
) -> None:
    assert started(customer.on(start), zone) == start
    assert customer.overview()["grace"]["last_day"] == last_day
    moment = datetime.fromisoformat(ends_at)
    assert status_around(customer, moment) == ("grace", "unlicensed")


@pytest.mark.parametrize("zone", ZONES)
def test_licenses_expire_at_midnight_there(customer: Customer, zone: str) -> None:
    """D-7: usable through the day before."""
    started(customer, zone)
    customer.buy(3)
    (lot,) = customer.wallet()["lots"]
    end = midnight(lot["expires_on"], zone)
    assert customer.at(str(end - timedelta(seconds=1))).wallet()["licenses"] == 3
    assert customer.at(str(end)).wallet()["licenses"] == 0


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_what_was_bought_before_the_place_was_known_is_used_as_usual(
    suite: Suite, customer: Customer, tmp_path: Path, zone: str
) -> None:
    """D-1: the first start may move the organization's day by one, to either side."""
    customer.at("2025-03-02T00:30Z" if zone.startswith("America") else "2025-03-02T23:30Z")
    customer.register()
    customer.buy(4)
    assert customer.wallet()["lots"][0]["opened_on"] == "2025-03-02"
    moved_to = {"America/Los_Angeles": "2025-03-01", "Pacific/Kiritimati": "2025-03-03"}[zone]
    assert customer.start(time_zone=zone)["started_on"] == moved_to
    customer.manage(2)
    allocated = customer.allocate(2)
    assert (allocated["effective_from"], allocated["overview"]["status"]) == (moved_to, "licensed")
    customer.allocate(2, year=1)
    customer.on("2026-03-10").manage(3)
    assert customer.overview()["status"] == "licensed_growth"
    customer.buy(1)
    assert customer.books_balance()
    assert replayed(suite, customer, tmp_path).is_proof
