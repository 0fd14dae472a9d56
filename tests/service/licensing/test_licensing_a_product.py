"""From registering a product to being licensed, as the worked examples tell it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from services.licensing.domain.policy import TICKS_PER_LICENSE
from tests.service.licensing.customer import PRODUCT, Customer, Supplier


def refused(code: str, command: object, *arguments: object, **values: object) -> Refusal:
    assert callable(command)
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


def test_the_catalogue_names_products_and_their_license_types(customer: Customer) -> None:
    found = customer.suite.call("licensing", "list_products", as_=customer.owner)
    manager = next(item for item in found["items"] if item["code"] == PRODUCT)
    assert manager["trial_days"] == 90
    assert manager["counts_devices_as"] == "core"
    assert manager["types"] == [{"code": "core", "kind": "subscription"}]
    assert {PRODUCT, "site-health"} <= {item["code"] for item in found["items"]}


def test_a_product_is_registered_once_and_only_if_the_catalogue_has_it(
    customer: Customer,
) -> None:
    """R3."""
    refused("product-not-registered", customer.overview)
    refused("product-not-registered", customer.start)
    refused("product-unknown", customer.register, product="coffee-machine")
    registered = customer.register()
    assert registered["status"] == "not_started"
    assert registered["registered_on"] == "2025-03-01"
    refused("product-already-registered", customer.register)
    refused("subscription-not-started", customer.allocate, 1)


def test_a_start_shows_the_last_day_of_grace(customer: Customer) -> None:
    """R15, R17, D-5."""
    customer.register()
    started = customer.start()
    assert started["status"] == "grace"
    assert started["status_text"] == "Subscription has started"
    assert started["grace"] == {"first_day": "2025-03-01", "last_day": "2025-03-30"}
    assert started["changes_on"] == "2025-03-31"
    assert started["year"] == {
        "index": 0,
        "starts_on": "2025-03-01",
        "renews_on": "2026-03-01",
        "days": 365,
    }
    assert started == customer.overview()
    refused("already-started", customer.start)


def test_enough_licenses_in_grace_cover_the_year_from_its_first_day(customer: Customer) -> None:
    """E1: need 12, wallet 12, allocated on 2025-03-21."""
    customer.started().manage(12)
    customer.buy(12)
    allocated = customer.on("2025-03-21").allocate(12)
    assert allocated["effective_from"] == "2025-03-01"
    assert allocated["lines"] == [
        {"type": "core", "seats": 12, "compensated_ticks": 0, "returned": 0}
    ]
    overview = customer.overview()
    assert allocated["overview"] == overview
    assert (overview["status"], overview["is_settled"]) == ("licensed", True)
    assert overview["changes_on"] == "2026-03-01"
    assert customer.wallet() == {"product": PRODUCT, "licenses": 0, "lots": [], "saved_up": []}


@pytest.mark.parametrize(
    ("day", "returned", "saved_up"),
    [
        ("2025-03-30", 0, []),
        ("2025-03-31", 0, [{"type": "core", "ticks": 131_760, "licenses": "0.9863"}]),
        ("2025-08-31", 6, [{"type": "core", "ticks": 2_196, "licenses": "0.0164"}]),
    ],
)
def test_licenses_come_back_for_the_time_that_was_over(
    customer: Customer, day: str, returned: int, saved_up: list[object]
) -> None:
    """E2, E3, R25."""
    customer.started().manage(12)
    customer.buy(12)
    allocated = customer.on(day).allocate(12)
    assert allocated["lines"][0]["returned"] == returned
    wallet = customer.wallet()
    assert (wallet["licenses"], wallet["saved_up"]) == (returned, saved_up)
    # What comes back lives no longer than what was taken (D-11).
    assert {lot["expires_on"] for lot in wallet["lots"]} <= {"2030-03-01"}
    assert customer.overview()["status"] == "licensed"
    assert customer.books_balance()


def test_devices_may_be_added_freely_until_they_are_more_than_twice_the_licenses(
    customer: Customer,
) -> None:
    """E5, D-12, R29, R30."""
    customer.started().manage(10)
    customer.buy(14)
    customer.allocate(10)
    seen = []
    for need in (10, 15, 20, 21, 25):
        customer.manage(need)
        seen.append(customer.overview()["status"])
    assert seen == [
        "licensed",
        "licensed_growth",
        "licensed_growth",
        "growth_exceeded",
        "growth_exceeded",
    ]
    needs = customer.overview()["needs"][0]
    assert (needs["shortage"], needs["growth_limit"], needs["least_to_allocate"]) == (15, 20, 3)
    refused("below-current-need", customer.allocate, 1)
    refused("below-current-need", customer.allocate, 2)
    customer.allocate(3)
    assert customer.overview()["status"] == "licensed_growth"


def test_a_second_product_joins_the_organizations_year(customer: Customer) -> None:
    """E6, D-4, R24."""
    customer.started().manage(50)
    customer.on("2025-09-17").register(product="site-health")
    started = customer.start(product="site-health")
    assert started["year"]["renews_on"] == "2026-03-01"
    assert started["grace"]["last_day"] == "2025-10-16"
    customer.buy(50, product="site-health")
    allocated = customer.on("2025-09-22").allocate(50, product="site-health")
    assert allocated["effective_from"] == "2025-09-17"
    assert allocated["lines"][0]["returned"] == 27
    assert customer.wallet(product="site-health")["licenses"] == 27
    assert customer.overview()["status"] == "unlicensed"


def test_too_few_licenses_cannot_be_allocated(customer: Customer) -> None:
    """E8, R23, D-13."""
    customer.started().manage(12)
    customer.buy(11)
    least = refused("below-current-need", customer.allocate, 11)
    assert least.facts == {"least_core": "12"}
    held = refused("insufficient-wallet", customer.allocate, 12)
    assert held.facts == {"type": "core", "wanted": "12", "held": "11"}


def test_licenses_are_stored_for_five_years_and_then_kept_on_record(customer: Customer) -> None:
    """E10, R11, D-7."""
    customer.started()
    customer.manage(1)
    customer.buy(3)
    customer.allocate(1)
    assert customer.on("2030-02-28").wallet()["licenses"] == 2
    assert customer.on("2030-03-01").wallet()["licenses"] == 0
    assert customer.overview()["status"] == "grace"
    refused("insufficient-wallet", customer.allocate, 1)
    customer.buy(1)
    assert customer.balances()["expired"] == 2 * TICKS_PER_LICENSE
    assert customer.balances()["consumed"] == TICKS_PER_LICENSE
    assert customer.books_balance()


def test_licenses_that_expire_first_are_spent_first(customer: Customer) -> None:
    """D-7."""
    customer.started().manage(5)
    customer.buy(3)
    customer.on("2025-03-10").buy(4)
    customer.allocate(5)
    lots = customer.wallet()["lots"]
    assert [(lot["licenses"], lot["expires_on"]) for lot in lots] == [(2, "2030-03-10")]


def test_a_key_for_several_years_credits_a_license_for_each(customer: Customer) -> None:
    """D-6."""
    customer.register()
    redeemed = customer.redeem(customer.supplier.key(4, term_years=3))
    assert redeemed["credited"] == [{"type": "core", "licenses": 12}]
    assert redeemed["wallet"]["licenses"] == 12


def test_a_new_year_brings_grace_and_then_needs_licenses_of_its_own(customer: Customer) -> None:
    """R26, D-9, D-12."""
    customer.started().manage(2)
    customer.buy(4)
    customer.allocate(2)
    assert customer.on("2026-02-28").overview()["status"] == "licensed"
    assert customer.on("2026-03-01").overview()["status"] == "grace"
    assert customer.on("2026-03-31").overview()["status"] == "unlicensed"
    refused("year-is-past", customer.allocate, 2, year=0)
    refused("previous-year-not-licensed", customer.allocate, 2, year=2)
    refused("beyond-pre-renewal-horizon", customer.allocate, 2, year=7)
    allocated = customer.allocate(2, year=1)
    assert allocated["year"]["index"] == 1
    assert customer.overview()["status"] == "licensed"
    assert customer.balances()["consumed"] == 2 * TICKS_PER_LICENSE


def test_more_than_needed_is_allocated_only_when_asked_for(customer: Customer) -> None:
    """D-13."""
    customer.started()
    customer.buy(5)
    refused("above-current-need", customer.allocate, 5)
    assert customer.overview()["status"] == "grace"
    customer.allocate(5, allow_surplus=True)
    customer.manage(5)
    assert customer.overview()["status"] == "licensed"


def test_days_are_those_of_the_organization(customer: Customer) -> None:
    """D-1: at 23:30 in UTC the next day has begun in Tokyo."""
    customer.suite.clock.advance(timedelta(hours=14, minutes=30))
    customer.register()
    refused("time-zone-unknown", customer.start, time_zone="Mars/Base")
    started = customer.start(time_zone="Asia/Tokyo")
    assert (started["started_on"], started["time_zone"]) == ("2025-03-02", "Asia/Tokyo")
    customer.register(product="site-health")
    refused("time-zone-fixed", customer.start, product="site-health", time_zone="UTC")
    joined = customer.start(product="site-health")
    assert joined["year"]["starts_on"] == "2025-03-02"


def test_fewer_devices_need_fewer_licenses_but_still_one(customer: Customer) -> None:
    """D-12, D-16: a removed device counts 0, and a year is settled with a seat."""
    customer.started().manage(3)
    customer.buy(3)
    customer.manage(1)
    assert customer.overview()["needs"][0]["need"] == 1
    customer.manage(0)
    assert customer.overview()["status"] == "grace"
    customer.manage(1)
    customer.allocate(1)
    customer.manage(0)
    assert customer.overview()["status"] == "licensed"


def test_a_device_counts_once_however_often_it_is_announced(customer: Customer) -> None:
    customer.started().manage(1)
    device = customer.devices[0]
    added: dict[str, Any] = {"device_id": device, "folder_id": uuid4(), "model": "P3265-LVE"}
    added["serial"] = "B8A44F000001"
    event = uuid4()
    for event_id in (event, event, uuid4()):
        customer.hear("device_added", event_id, **added)
    assert customer.overview()["needs"][0]["need"] == 1
    customer.hear("device_removed", device_id=device)
    customer.hear("device_added", **added)
    assert customer.overview()["needs"][0]["need"] == 0


def test_a_removal_heard_before_its_addition_is_remembered(customer: Customer) -> None:
    customer.started()
    device = uuid4()
    customer.hear("device_removed", device_id=device)
    customer.hear(
        "device_added", device_id=device, folder_id=uuid4(), model="P3265", serial="B8A44F000002"
    )
    assert customer.overview()["needs"][0]["need"] == 0


def test_all_products_are_listed_with_their_own_standing(customer: Customer) -> None:
    assert customer.suite.call(
        "licensing",
        "list_organization_products",
        {"organization_id": str(customer.id)},
        as_=customer.owner,
    ) == {"items": []}
    customer.started().register(product="site-health")
    listed = customer.suite.call(
        "licensing",
        "list_organization_products",
        {"organization_id": str(customer.id)},
        as_=customer.owner,
    )
    assert listed["items"] == [customer.overview(), customer.overview(product="site-health")]


def test_organizations_do_not_see_each_other(customer: Customer) -> None:
    """Security 2.8: a stranger is told that there is no such organization."""
    customer.started().buy(3)
    other = Customer(customer.suite, Supplier(customer.suite))
    stranger, other.id = other.id, customer.id
    for command in (other.overview, other.wallet, other.register, other.start, other.history):
        refused("organization-not-found", command)
    refused("organization-not-found", other.redeem, customer.supplier.key(1))
    refused("organization-not-found", other.allocate, 1)
    other.id = stranger
    refused("product-not-registered", other.wallet)
