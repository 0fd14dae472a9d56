"""The worked examples of the specification, E1 to E10, each with its exact figures.

Those that charge for grace stand beside the ones that do not (`charge_grace_when_late`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import FixedClock
from contracts.errors import Refusal
from services.licensing.domain.policy import TICKS_PER_LICENSE
from tests.harness import Suite
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import Customer


def installation(folder: Path, *, charges: bool) -> Suite:
    """:param charges: whoever is late pays for the grace it has used."""
    settings = {"licensing": {"charge_grace_when_late": charges}}
    return Suite(folder, services=SERVICES, settings=settings)


@pytest.fixture
def charged(tmp_path: Path) -> Iterator[Customer]:
    suite = installation(tmp_path, charges=True)
    yield Customer(suite)
    suite.close()


@pytest.fixture(params=[False, True], ids=["not-charged", "charged"])
def charges(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def either(tmp_path: Path, charges: bool) -> Iterator[Customer]:
    suite = installation(tmp_path, charges=charges)
    yield Customer(suite)
    suite.close()


def in_need(customer: Customer, need: int, wallet: int) -> Customer:
    customer.started().manage(need)
    if wallet:
        customer.buy(wallet)
    return customer


def figures(customer: Customer) -> tuple[str, int, int]:
    """Status, licenses in the wallet, ticks saved up."""
    wallet, overview = customer.wallet(), customer.overview()
    assert overview["wallet"] == wallet["licenses"]
    assert overview["saved_up"] == wallet["saved_up"]
    saved = sum(part["ticks"] for part in wallet["saved_up"])
    assert customer.books_balance()
    return overview["status"], wallet["licenses"], saved


def line_of(allocated: Any) -> tuple[int, int, int]:
    """Seats, compensated ticks, and licenses that came back."""
    (line,) = allocated["lines"]
    return line["seats"], line["compensated_ticks"], line["returned"]


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


def test_e1_an_allocation_in_grace_counts_from_the_first_day(customer: Customer) -> None:
    in_need(customer, 12, 12)
    assert customer.overview()["changes_on"] == "2025-03-31"
    allocated = customer.on("2025-03-21").allocate(12)
    assert allocated["effective_from"] == "2025-03-01"
    assert line_of(allocated) == (12, 0, 0)
    assert figures(customer) == ("licensed", 0, 0)
    assert customer.overview()["changes_on"] == "2026-03-01"


def test_e2_the_last_day_of_grace(customer: Customer) -> None:
    in_need(customer, 12, 12).on("2025-03-30")
    assert customer.overview()["status"] == "grace"
    allocated = customer.allocate(12)
    assert (allocated["effective_from"], line_of(allocated)) == ("2025-03-01", (12, 0, 0))
    assert figures(customer) == ("licensed", 0, 0)


def test_e2_the_day_after_grace(customer: Customer) -> None:
    """12 · 30 · 366 ticks are 0.9863 of a license."""
    in_need(customer, 12, 12).on("2025-03-31")
    assert customer.overview()["status"] == "unlicensed"
    allocated = customer.allocate(12)
    assert (allocated["effective_from"], line_of(allocated)) == ("2025-03-31", (12, 131_760, 0))
    assert figures(customer) == ("licensed", 0, 131_760)
    assert customer.overview()["saved_up"] == [
        {"type": "core", "ticks": 131_760, "licenses": "0.9863"}
    ]


def test_e2_the_day_after_grace_where_grace_is_charged(charged: Customer) -> None:
    allocated = in_need(charged, 12, 12).on("2025-03-31").allocate(12)
    assert (allocated["effective_from"], line_of(allocated)) == ("2025-03-31", (12, 0, 0))
    assert figures(charged) == ("licensed", 0, 0)


def test_e2_the_last_day_of_grace_where_grace_is_charged(charged: Customer) -> None:
    allocated = in_need(charged, 12, 12).on("2025-03-30").allocate(12)
    assert (allocated["effective_from"], line_of(allocated)) == ("2025-03-01", (12, 0, 0))


def test_e3_half_a_year_late(customer: Customer) -> None:
    """12 · 183 · 366 ticks are 6.0164 licenses."""
    allocated = in_need(customer, 12, 12).on("2025-08-31").allocate(12)
    assert line_of(allocated) == (12, 803_736, 6)
    assert figures(customer) == ("licensed", 6, 2_196)
    (lot,) = customer.wallet()["lots"]
    # What comes back lives no longer than what was taken (D-11).
    assert (lot["source"], lot["opened_on"], lot["expires_on"]) == (
        "compensation",
        "2025-08-31",
        "2030-03-01",
    )


def test_e3_half_a_year_late_where_grace_is_charged(charged: Customer) -> None:
    """12 · 153 / 365 = 5.0301."""
    allocated = in_need(charged, 12, 12).on("2025-08-31").allocate(12)
    assert line_of(allocated) == (12, 12 * 153 * 366, 5)
    assert figures(charged) == ("licensed", 5, 12 * 153 * 366 - 5 * TICKS_PER_LICENSE)
    assert charged.overview()["saved_up"][0]["licenses"] == "0.0301"


def test_e4_top_ups_share_one_pool(either: Customer) -> None:
    """A year that was licensed in its grace was never late, whichever way grace is charged."""
    customer = either
    in_need(customer, 1, 9).allocate(1)
    seen = []
    for seats, on in ((2, "2025-06-09"), (3, "2025-09-17"), (3, "2025-12-26")):
        customer.on(on).manage(len(customer.devices) + seats)
        allocated = customer.allocate(seats)
        assert allocated["effective_from"] == on
        seen.append((line_of(allocated), figures(customer)))
    assert seen == [
        ((2, 73_200, 0), ("licensed", 6, 73_200)),
        ((3, 219_600, 2), ("licensed", 5, 25_620)),
        ((3, 329_400, 2), ("licensed", 4, 87_840)),
    ]
    compensated = sum(entry.ticks for entry in customer.entries() if entry.reason == "compensated")
    # (2·100 + 3·200 + 3·300) / 365 = 4.6575
    assert compensated * 365 == (2 * 100 + 3 * 200 + 3 * 300) * TICKS_PER_LICENSE
    assert compensated == 4 * TICKS_PER_LICENSE + 87_840


def test_e5_growth_up_to_as_many_again(customer: Customer) -> None:
    """13 · 2 = 26 ≥ 25."""
    in_need(customer, 10, 14).allocate(10)
    seen = []
    for need in (10, 15, 20, 21, 25):
        customer.on("2025-06-09").manage(need)
        seen.append((customer.overview()["status"], customer.overview()["exceeded_since"]))
    assert seen == [
        ("licensed", None),
        ("licensed_growth", None),
        ("licensed_growth", None),
        ("growth_exceeded", "2025-06-09"),
        ("growth_exceeded", "2025-06-09"),
    ]
    (need,) = customer.overview()["needs"]
    assert (need["shortage"], need["growth_limit"], need["least_to_allocate"]) == (15, 20, 3)
    customer.on("2025-06-20")
    for few in (1, 2):
        assert refused("below-current-need", customer.allocate, few).facts == {"least_core": "3"}
    assert customer.overview()["exceeded_since"] == "2025-06-09"
    allocated = customer.allocate(3)
    assert allocated["overview"] == customer.overview()
    assert (customer.overview()["status"], customer.overview()["exceeded_since"]) == (
        "licensed_growth",
        None,
    )


def test_e6_a_second_product_joins_the_organizations_year(either: Customer) -> None:
    """R24: a grace of its own, and the organization's renewal date; 50 · 200 / 365 = 27.397."""
    customer = either
    customer.started().manage(50)
    customer.on("2025-09-17").register(product="site-health")
    started = customer.start(product="site-health")
    assert started["year"]["renews_on"] == "2026-03-01"
    assert started["grace"] == {"first_day": "2025-09-17", "last_day": "2025-10-16"}
    customer.buy(50, product="site-health")
    allocated = customer.on("2025-09-22").allocate(50, product="site-health")
    assert allocated["effective_from"] == "2025-09-17"
    assert line_of(allocated) == (50, 50 * 200 * 366, 27)
    wallet = customer.wallet(product="site-health")
    assert wallet["licenses"] == 27
    # 0.39726 of a license: shown cut, so that it never promises too much.
    assert wallet["saved_up"] == [
        {"type": "core", "ticks": 50 * 200 * 366 - 27 * TICKS_PER_LICENSE, "licenses": "0.3972"}
    ]
    overview = customer.overview(product="site-health")
    assert (overview["status"], overview["year"]["renews_on"]) == ("licensed", "2026-03-01")
    assert customer.overview()["status"] == "unlicensed"


def test_e7_years_from_a_leap_day_return_to_it(tmp_path: Path) -> None:
    suite = Suite(
        tmp_path, services=SERVICES, clock=FixedClock(datetime(2024, 2, 29, 9, tzinfo=UTC))
    )
    customer = in_need(Customer(suite), 1, 10)
    years = [customer.allocate(1, year=year)["year"] for year in range(6)]
    assert [year["starts_on"] for year in years] == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
        "2029-02-28",
    ]
    assert [year["days"] for year in years] == [365, 365, 365, 366, 365, 365]
    refusal = refused("beyond-pre-renewal-horizon", customer.allocate, 1, year=6)
    assert refusal.facts == {"horizon": "2029-02-28"}
    assert figures(customer) == ("licensed", 4, 0)
    assert customer.overview()["changes_on"] == "2030-02-28"
    assert [ahead["index"] for ahead in customer.overview()["years_ahead"]] == [1, 2, 3, 4, 5]
    suite.close()


def test_e8_too_few_licenses_cannot_be_allocated(customer: Customer) -> None:
    """R23: what the page shows before, and what the command says."""
    in_need(customer, 12, 11)
    for seats, code, facts in (
        (11, "below-current-need", {"least_core": "12"}),
        (12, "insufficient-wallet", {"type": "core", "wanted": "12", "held": "11"}),
    ):
        preview = customer.preview(seats)
        assert preview["can_confirm"] is False
        refusal = refused(code, customer.allocate, seats)
        assert preview["refusal"] == {"code": code, "detail": refusal.detail, "facts": facts}
        assert refusal.facts == facts
        assert preview["year"] == customer.overview()["year"]
    assert figures(customer) == ("grace", 11, 0)


def test_e9_growth_is_made_good_after_the_renewal(either: Customer, charges: bool) -> None:
    """Ten seats in year 0 and in year 1; 5 · 45 · 366 ticks, or 15 days where grace is charged."""
    customer, ticks, shown = either, 82_350, "0.6164"
    if charges:
        ticks, shown = 5 * 15 * 366, "0.2054"
    in_need(customer, 10, 25)
    customer.allocate(10)
    ahead = customer.allocate(10, year=1)
    assert (ahead["effective_from"], line_of(ahead)) == ("2026-03-01", (10, 0, 0))
    assert customer.overview()["changes_on"] == "2027-03-01"
    customer.on("2025-06-09").manage(15)
    assert customer.overview()["status"] == "licensed_growth"
    assert customer.overview()["changes_on"] == "2026-03-01"
    for day in ("2026-03-01", "2026-03-30"):
        overview = customer.on(day).overview()
        assert (overview["status"], overview["changes_on"]) == ("grace", "2026-03-31")
        assert overview["needs"][0]["shortage"] == 5
    assert customer.on("2026-03-31").overview()["status"] == "unlicensed"
    allocated = customer.on("2026-04-15").allocate(5)
    assert (allocated["effective_from"], line_of(allocated)) == ("2026-04-15", (5, ticks, 0))
    assert figures(customer) == ("licensed", 0, ticks)
    assert customer.overview()["saved_up"][0]["licenses"] == shown
    assert customer.overview()["needs"][0]["seats"] == 15


def test_e10_licenses_are_stored_for_five_years_and_then_kept_on_record(
    customer: Customer,
) -> None:
    """R11, D-7."""
    in_need(customer, 1, 3).allocate(1)
    assert customer.on("2030-02-28").wallet()["licenses"] == 2
    assert customer.on("2030-03-01").wallet()["licenses"] == 0
    assert customer.overview()["status"] == "grace"
    refused("insufficient-wallet", customer.allocate, 1)
    customer.buy(1)
    assert customer.balances()["expired"] == 2 * TICKS_PER_LICENSE
    assert customer.balances()["consumed"] == TICKS_PER_LICENSE
    assert figures(customer) == ("grace", 1, 0)
