"""Years that follow one another: licensed in advance, in their grace, or not (R26 to R30, D-14)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import Refusal
from services.licensing.domain.policy import TICKS_PER_LICENSE
from tests.service.licensing.customer import Customer
from tests.service.licensing.station import Station

# Counts its own years, and no devices (D-4).
OF_ITS_OWN = "cloud-recording"


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


def needing(customer: Customer, need: int, wallet: int) -> Customer:
    customer.started().manage(need)
    customer.buy(wallet)
    return customer


def test_a_new_year_brings_grace_and_then_needs_licenses_of_its_own(customer: Customer) -> None:
    """R26, D-9, D-12."""
    needing(customer, 2, 4).allocate(2)
    assert customer.on("2026-02-28").overview()["status"] == "licensed"
    renewed = customer.on("2026-03-01").overview()
    assert (renewed["status"], renewed["year"]["index"]) == ("grace", 1)
    assert renewed["grace"] == {"first_day": "2026-03-01", "last_day": "2026-03-30"}
    assert customer.on("2026-03-31").overview()["status"] == "unlicensed"
    refused("year-is-past", customer.allocate, 2, year=0)
    assert customer.allocate(2, year=1)["year"]["index"] == 1
    assert customer.overview()["status"] == "licensed"
    assert customer.balances()["consumed"] == 2 * TICKS_PER_LICENSE
    assert customer.books_balance()


def test_licenses_in_the_grace_of_a_new_year_cover_it_from_its_first_day(
    customer: Customer,
) -> None:
    """R26, D-9."""
    needing(customer, 2, 4).allocate(2)
    renewed = customer.on("2026-03-30").allocate(2)
    assert renewed["effective_from"] == "2026-03-01"
    assert renewed["lines"][0]["compensated_ticks"] == 0
    late = customer.on("2027-03-31")
    late.buy(2)
    assert late.allocate(2)["lines"][0]["compensated_ticks"] == 2 * 30 * 365


def test_five_years_ahead_are_licensed_one_after_another_and_nobody_has_to_come_back(
    customer: Customer,
) -> None:
    """R21, R27, R28, D-14: the current year and five more."""
    needing(customer, 2, 12)
    previous = refused("previous-year-not-licensed", customer.allocate, 2, year=1)
    assert previous.facts == {"year": "0"}
    customer.allocate(2)
    assert refused("previous-year-not-licensed", customer.allocate, 2, year=2).facts == {
        "year": "1"
    }
    for year in range(1, 6):
        allocated = customer.allocate(2, year=year)
        assert allocated["effective_from"] == f"{2025 + year}-03-01"
        assert allocated["lines"] == [
            {"type": "core", "seats": 2, "compensated_ticks": 0, "returned": 0}
        ]
    refused("beyond-pre-renewal-horizon", customer.allocate, 2, year=6)
    overview = customer.overview()
    assert (overview["status"], overview["changes_on"]) == ("licensed", "2031-03-01")
    assert [(each["index"], each["seats"]) for each in overview["years_ahead"]] == [
        (year, [{"type": "core", "seats": 2}]) for year in range(1, 6)
    ]
    for year in range(1, 6):
        overview = customer.on(f"{2025 + year}-03-01").overview()
        assert (overview["status"], overview["is_settled"]) == ("licensed", True)
        assert (overview["year"]["index"], overview["needs"][0]["seats"]) == (year, 2)
        assert overview["expiring_soon"] is False
    assert customer.on("2030-12-01").overview()["expiring_soon"] is True
    assert customer.on("2031-03-01").overview()["status"] == "grace"
    # Nobody gave a command meanwhile: the next one writes down what became of each year.
    customer.buy(1)
    assert customer.balances()["consumed"] == 12 * TICKS_PER_LICENSE
    assert customer.books_balance()


def test_the_horizon_moves_on_with_the_days(customer: Customer) -> None:
    """R27, D-14: a year is open when it begins within five years from today."""
    needing(customer, 1, 9)
    for year in range(6):
        customer.allocate(1, year=year)
    refused("beyond-pre-renewal-horizon", customer.on("2026-02-28").allocate, 1, year=6)
    assert customer.on("2026-03-01").allocate(1, year=6)["year"]["starts_on"] == "2031-03-01"


def test_a_year_that_was_settled_and_outgrown_may_be_followed(customer: Customer) -> None:
    """D-14, R29: the growth is needed from the next year on."""
    needing(customer, 10, 25).allocate(10)
    customer.manage(15)
    assert customer.overview()["status"] == "licensed_growth"
    least = refused("below-current-need", customer.allocate, 10, year=1)
    assert least.facts == {"least_core": "15"}
    ahead = customer.allocate(15, year=1)
    assert ahead["overview"]["years_ahead"][0]["is_covered"] is True
    assert ahead["overview"]["changes_on"] == "2026-03-01"
    assert customer.on("2026-03-01").overview()["status"] == "licensed"


def test_a_year_ahead_is_settled_by_the_need_of_its_own_first_day(customer: Customer) -> None:
    """D-12, D-14: neither by that of the day on which it got its seats, nor before it begins."""
    needing(customer, 2, 6).allocate(2)
    customer.allocate(2, year=1)
    customer.manage(3)
    (ahead,) = customer.overview()["years_ahead"]
    assert (ahead["index"], ahead["is_covered"]) == (1, False)
    assert customer.on("2026-03-01").overview()["status"] == "grace"
    refused("previous-year-not-licensed", customer.allocate, 3, year=2)
    customer.allocate(1)
    assert customer.overview()["status"] == "licensed"


def test_a_need_that_falls_settles_the_year_from_that_day_on(customer: Customer) -> None:
    """D-12: on some day of the year; growth after it is growth."""
    needing(customer, 3, 5).allocate(3)
    customer.on("2026-04-15")
    customer.manage(2)
    assert customer.overview()["status"] == "unlicensed"
    refused("below-current-need", customer.allocate, 1)
    customer.allocate(2)
    assert customer.overview()["status"] == "licensed"
    customer.on("2027-03-01").buy(4)
    customer.manage(4)
    refused("below-current-need", customer.allocate, 3)
    customer.manage(3)
    customer.allocate(3)
    customer.manage(4)
    assert customer.overview()["status"] == "licensed_growth"


def test_seats_of_a_year_ahead_are_made_more_as_the_need_grows(customer: Customer) -> None:
    """D-13: growth allowance never replaces covering a year that has not begun."""
    needing(customer, 2, 20).allocate(2)
    customer.allocate(2, year=1)
    customer.on("2025-07-01").manage(4)
    refused("below-current-need", customer.allocate, 1, year=1)
    refused("above-current-need", customer.allocate, 3, year=1)
    topped_up = customer.allocate(2, year=1)
    assert topped_up["lines"][0]["compensated_ticks"] == 0
    assert topped_up["overview"]["years_ahead"][0]["seats"] == [{"type": "core", "seats": 4}]
    surplus = customer.allocate(3, year=1, allow_surplus=True)
    assert surplus["overview"]["years_ahead"][0]["seats"] == [{"type": "core", "seats": 7}]
    assert customer.seats_are_what_was_allocated()


def test_licenses_may_be_used_for_a_year_that_begins_after_they_would_have_expired(
    customer: Customer,
) -> None:
    """D-7: what expires is what lies in the wallet."""
    needing(customer, 1, 5)
    for year in range(5):
        customer.on(f"{2025 + year}-03-01").allocate(1)
        customer.buy(1)
    assert customer.on("2030-02-28").allocate(1, year=5)["year"]["starts_on"] == "2030-03-01"
    assert customer.on("2030-03-01").overview()["status"] == "licensed"


def test_the_end_comes_near_ninety_days_before_a_renewal_that_nothing_covers(
    customer: Customer,
) -> None:
    """D-20."""
    needing(customer, 2, 5).allocate(2)
    assert customer.on("2025-11-30").overview()["expiring_soon"] is False
    assert customer.on("2025-12-01").overview()["expiring_soon"] is True
    covered = customer.allocate(2, year=1)["overview"]
    assert (covered["expiring_soon"], covered["changes_on"]) == (False, "2027-03-01")
    customer.manage(3)
    grown = customer.overview()
    assert (grown["expiring_soon"], grown["changes_on"]) == (True, "2026-03-01")


def test_growth_is_counted_anew_in_each_year(customer: Customer) -> None:
    """R30, D-12: a hundred percent of what is allocated to the running year."""
    needing(customer, 10, 60).allocate(10)
    customer.manage(21)
    exceeded = customer.overview()
    assert (exceeded["status"], exceeded["exceeded_since"]) == ("growth_exceeded", "2025-03-01")
    customer.allocate(21, year=1)
    renewed = customer.on("2026-03-01").overview()
    assert (renewed["status"], renewed["exceeded_since"]) == ("licensed", None)
    customer.manage(43)
    again = customer.on("2026-05-05").overview()
    assert (again["status"], again["exceeded_since"]) == ("growth_exceeded", "2026-03-01")


def test_a_product_with_years_of_its_own_stands_beside_the_organizations(
    customer: Customer,
) -> None:
    """D-4, R24: neither begins, ends or is compensated by the other's days."""
    customer.started().manage(50)
    customer.on("2025-09-17")
    for product in ("site-health", OF_ITS_OWN):
        customer.register(product=product)
        customer.start(product=product)
    shared, own = customer.overview(product="site-health"), customer.overview(product=OF_ITS_OWN)
    assert (shared["year"]["starts_on"], shared["year"]["renews_on"]) == (
        "2025-03-01",
        "2026-03-01",
    )
    assert (own["year"]["index"], own["year"]["starts_on"], own["year"]["renews_on"]) == (
        0,
        "2025-09-17",
        "2026-09-17",
    )
    assert shared["grace"] == own["grace"] == {"first_day": "2025-09-17", "last_day": "2025-10-16"}
    customer.buy(50, product="site-health")
    lines = [{"type": "hd-30", "quantity": 50}]
    bought = customer.supplier.issue(product=OF_ITS_OWN, lines=lines)
    customer.redeem(bought["keys"][0]["key"], product=OF_ITS_OWN)
    customer.on("2025-09-22")
    joined = customer.allocate(50, product="site-health")
    assert joined["lines"][0]["returned"] == 27
    alone = customer.allocate(
        50, product=OF_ITS_OWN, lines=[{"type": "hd-30", "seats": 50}], allow_surplus=True
    )
    assert (alone["effective_from"], alone["lines"][0]["compensated_ticks"]) == ("2025-09-17", 0)
    assert customer.on("2026-03-01").overview(product="site-health")["status"] == "grace"
    assert customer.overview(product=OF_ITS_OWN)["status"] == "licensed"
    assert customer.on("2026-09-16").overview(product=OF_ITS_OWN)["status"] == "licensed"
    renewed = customer.on("2026-09-17").overview(product=OF_ITS_OWN)
    assert (renewed["status"], renewed["year"]["index"]) == ("grace", 1)
    assert customer.overview()["year"]["renews_on"] == "2027-03-01"
    customer.buy(1)
    assert customer.books_balance()


def test_the_first_subscription_is_the_anchor_of_those_that_share_one(customer: Customer) -> None:
    """D-3: also where the first product counts years of its own."""
    customer.register(product=OF_ITS_OWN)
    customer.start(product=OF_ITS_OWN)
    customer.on("2025-06-01").register()
    assert customer.start()["year"]["starts_on"] == "2025-03-01"


def test_what_a_covered_year_needs_of_people_is_told_by_the_forecast(customer: Customer) -> None:
    """R42: as the years ahead are allocated, it tells what is still to be bought."""
    needing(customer, 12, 30)
    told = customer.forecast()
    assert told["product"] == "camera-manager"
    assert [renewal["year"]["starts_on"] for renewal in told["renewals"]] == [
        f"{year}-03-01" for year in range(2026, 2031)
    ]
    (first,) = told["renewals"][0]["needs"]
    assert first == {
        "type": "core",
        "needed": 12,
        "seats": 0,
        "wallet": 18,
        "owned": 18,
        "short": 0,
    }
    before = shorts(told)
    assert before == [0, 6, 12, 12, 12]
    customer.allocate(12)
    assert shorts(customer.forecast()) == before
    customer.allocate(12, year=1)
    assert shorts(customer.forecast()) == before
    customer.buy(6)
    assert shorts(customer.forecast()) == [0, 0, 12, 12, 12]
    customer.on("2026-03-01")
    assert shorts(customer.forecast()) == [0, 12, 12, 12, 12]


def shorts(forecast: Any) -> list[int]:
    return [need["short"] for renewal in forecast["renewals"] for need in renewal["needs"]]


def test_nothing_is_forecast_before_the_subscription(customer: Customer) -> None:
    refused("product-not-registered", customer.forecast)
    customer.register()
    assert customer.forecast()["renewals"] == []


def test_the_day_a_reservation_ends_is_named_as_the_day_the_status_changes(
    customer: Customer, tmp_path: Path
) -> None:
    """D-19, D-20: what a license file holds counts through its last day, and not after it."""
    needing(customer, 2, 16)
    station = Station(customer, tmp_path)
    station.reports(core=6)
    customer.allocate(8)
    customer.allocate(8, year=1)
    station.fetch()
    station.remove()
    customer.on("2025-08-01")
    customer.manage(8)
    grown = customer.overview()
    assert (grown["status"], grown["needs"][0]["need"]) == ("licensed_growth", 14)
    # The next year's grace begins with the renewal, and ends when the file does.
    assert grown["changes_on"] == "2026-03-01"
    renewed = customer.on("2026-03-01").overview()
    assert (renewed["status"], renewed["changes_on"]) == ("grace", "2026-03-31")
    late = customer.on("2026-03-31").overview()
    assert (late["status"], late["changes_on"]) == ("unlicensed", "2026-04-01")
    after = customer.on("2026-04-01").overview()
    assert (after["status"], after["is_settled"]) == ("licensed", True)
