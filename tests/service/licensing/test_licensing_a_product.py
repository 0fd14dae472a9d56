"""From registering a product to being licensed; test_license_examples has the exact figures."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from tests.service.licensing.customer import Customer, Supplier


def refused(code: str, command: object, *arguments: object, **values: object) -> Refusal:
    assert callable(command)
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


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


def test_more_than_needed_is_allocated_only_when_asked_for(customer: Customer) -> None:
    """D-13."""
    customer.started()
    customer.buy(5)
    refused("above-current-need", customer.allocate, 5)
    assert customer.overview()["status"] == "grace"
    customer.allocate(5, allow_surplus=True)
    customer.manage(5)
    assert customer.overview()["status"] == "licensed"


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
