"""Trials: full function for some days, once, and before the subscription (D-18, R43)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer


def refused(code: str, command: Callable[..., Any], **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(**values)
    assert refusal.value.code == code
    return refusal.value


def tries(customer: Customer, **values: Any) -> Any:
    return customer.command("start_trial", **values)


def test_a_trial_lasts_as_long_as_the_catalogue_says(customer: Customer) -> None:
    """D-18: ninety days from the first one on."""
    customer.register()
    shown = tries(customer)
    assert shown == customer.overview()
    assert shown["status"] == "trial"
    assert shown["trial"] == {"first_day": "2025-03-01", "last_day": "2025-05-29"}
    assert customer.on("2025-05-29").overview()["status"] == "trial"
    assert customer.on("2025-05-30").overview()["status"] == "trial_expired"
    (_, entry) = customer.log()
    assert entry.name == "start_trial"
    assert entry.arguments == {"trial_started_on": "2025-03-01", "trial_ends_on": "2025-05-30"}
    invariants.hold(customer)


def test_a_trial_is_not_started_again_while_it_runs_nor_after_it(customer: Customer) -> None:
    """D-18: not restartable."""
    customer.register()
    errand = uuid4().hex
    begun = tries(customer, idempotency_key=errand)
    again = refused("trial-already-used", tries, customer=customer)
    assert again.facts == {"trial_started_on": "2025-03-01", "trial_ends_on": "2025-05-30"}
    customer.on("2026-01-01")
    refused("trial-already-used", tries, customer=customer)
    assert tries(customer, idempotency_key=errand) == begun
    assert customer.overview()["trial"] == begun["trial"]
    assert len(customer.log()) == 2


def test_each_product_of_each_organization_has_its_own(customer: Customer) -> None:
    """D-18: one for each organization and product."""
    neighbor = Customer(customer.suite, customer.supplier)
    for tried in (customer, neighbor):
        tried.register()
        tried.register(product="cloud-recording")
        tries(tried)
    assert tries(customer, product="cloud-recording")["trial"]["last_day"] == "2025-03-30"
    assert neighbor.overview(product="cloud-recording")["trial"] is None


def test_a_product_without_a_trial_starts_none(customer: Customer) -> None:
    refused("product-not-registered", tries, customer=customer)
    customer.register(product="network-recorder")
    refused("trial-not-offered", tries, customer=customer, product="network-recorder")


def test_the_start_of_the_subscription_ends_the_trial(customer: Customer) -> None:
    """D-18."""
    customer.register()
    tries(customer)
    started = customer.on("2025-04-10").start()
    assert started["status"] == "grace"
    assert started["trial"] == {"first_day": "2025-03-01", "last_day": "2025-04-09"}
    refused("already-started", tries, customer=customer)
    invariants.hold(customer)


def test_a_trial_that_was_over_stays_as_it_was(customer: Customer) -> None:
    customer.register()
    tries(customer)
    started = customer.on("2025-07-01").start()
    assert started["trial"] == {"first_day": "2025-03-01", "last_day": "2025-05-29"}


def test_no_trial_follows_a_subscription(customer: Customer) -> None:
    """D-18: refused once a subscription has started."""
    customer.started()
    refused("already-started", tries, customer=customer)
    assert customer.overview()["trial"] is None


def test_a_start_in_a_zone_further_west_leaves_no_trial_before_its_first_day(
    customer: Customer,
) -> None:
    """D-1: at one in the morning in UTC it is still the day before in America."""
    customer.register()
    customer.suite.clock.advance(timedelta(hours=16))
    assert tries(customer)["trial"]["first_day"] == "2025-03-02"
    started = customer.start(time_zone="America/Los_Angeles")
    assert started["started_on"] == "2025-03-01"
    assert started["trial"] is None


def test_an_archived_organization_tries_nothing(customer: Customer) -> None:
    """D-23."""
    customer.register()
    customer.hear("organization_archived", archived_at="2025-03-01T09:00:00+00:00", epoch=5)
    refused("organization-archived", tries, customer=customer)
