"""The books: they balance, refusals leave no trace in them, and history proves itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from services.licensing.domain.policy import TICKS_PER_LICENSE
from tests.service.licensing.customer import Customer


def test_history_tells_who_did_what_and_when_newest_first(customer: Customer) -> None:
    """R13."""
    customer.started().manage(2)
    customer.buy(3)
    customer.on("2025-03-05").allocate(2)
    found = customer.history(limit=3)
    assert [entry["name"] for entry in found["items"]] == [
        "allocate_licenses",
        "redeem_license_key",
        "start_subscription",
    ]
    latest = found["items"][0]
    assert latest["account_id"] == str(customer.owner)
    assert (latest["role"], latest["on"], latest["number"]) == ("owner", "2025-03-05", 5)
    assert latest["arguments"]["seats"] == {"core": 2}
    rest = customer.history(limit=3, cursor=found["next_cursor"])
    assert [entry["name"] for entry in rest["items"]] == ["register_product"]
    assert rest["next_cursor"] is None


def test_history_is_one_unbroken_chain(customer: Customer) -> None:
    """I9."""
    customer.started().manage(2)
    customer.buy(3)
    customer.allocate(2)
    assert customer.has_intact_history()
    assert [(row.number, row.name) for row in customer.log()] == [
        (1, "register_product"),
        (2, "start_subscription"),
        (3, "devices_counted"),
        (4, "redeem_license_key"),
        (5, "allocate_licenses"),
    ]


def test_a_refused_command_leaves_everything_as_it_was(customer: Customer) -> None:
    customer.started().manage(12)
    customer.buy(11)
    before = (customer.balances(), len(customer.entries()), customer.history(), customer.overview())
    commands: tuple[Callable[[], Any], ...] = (
        lambda: customer.allocate(11),
        lambda: customer.allocate(12),
        lambda: customer.allocate(1, year=3),
        customer.start,
        customer.register,
    )
    for command in commands:
        with pytest.raises(Refusal):
            command()
    assert before == (
        customer.balances(),
        len(customer.entries()),
        customer.history(),
        customer.overview(),
    )


def test_a_refused_errand_succeeds_with_the_same_key_once_the_licenses_are_there(
    customer: Customer,
) -> None:
    """M1: refusals are not remembered."""
    customer.started().manage(12)
    errand = uuid4().hex
    with pytest.raises(Refusal):
        customer.allocate(12, idempotency_key=errand)
    customer.buy(12)
    first = customer.allocate(12, idempotency_key=errand)
    assert customer.allocate(12, idempotency_key=errand) == first
    assert customer.overview()["needs"][0]["seats"] == 12


def test_commands_are_announced_with_their_effect(customer: Customer) -> None:
    customer.started().manage(1)
    customer.buy(1)
    customer.allocate(1)
    announced = customer.suite.waiting("licensing")
    assert [name for name, _ in announced] == [
        "product_registered",
        "subscription_started",
        "license_key_redeemed",
        "licenses_allocated",
    ]
    assert announced[1][1]["grace_last_day"] == "2025-03-30"


@pytest.mark.parametrize("seed", range(4))
def test_the_books_balance_whatever_is_done_in_whichever_order(
    customer: Customer, seed: int
) -> None:
    """I1 to I5, I7 to I9, I12 over three years of one customer."""
    draw = random.Random(seed)
    customer.started().register(product="site-health")
    redeemed = 0
    statuses = set()
    refusals = set()
    for _ in range(40):
        customer.suite.clock.advance(timedelta(days=draw.choice((0, 1, 5, 29, 45))))
        product = draw.choice(("camera-manager", "camera-manager", "site-health"))
        try:
            match draw.randrange(5):
                case 0:
                    customer.manage(draw.randrange(30))
                case 1:
                    licenses = draw.randrange(1, 25)
                    shown = customer.buy(licenses, product=product)
                    assert shown["wallet"] == customer.wallet(product=product)
                    redeemed += licenses
                case 2:
                    shown = customer.start(product=product)
                    assert shown == customer.overview(product=product)
                case 3:
                    seats = draw.randrange(1, 20)
                    done = customer.allocate(seats, product=product, allow_surplus=True)
                    assert done["overview"] == customer.overview(product=product)
                case _:
                    needs = customer.overview(product=product)["needs"][0]
                    done = customer.allocate(max(1, needs["shortage"]), product=product)
                    assert done["overview"] == customer.overview(product=product)
        except Refusal as refusal:
            refusals.add(refusal.code)
        statuses.add(customer.overview(product=product)["status"])
        balances = customer.balances()
        assert sum(balances.values()) == 0
        assert 0 <= balances.get("compensation", 0) < 2 * TICKS_PER_LICENSE
        assert balances.get("wallet", 0) % TICKS_PER_LICENSE == 0
    assert customer.balances()["external:supplier"] == -redeemed * TICKS_PER_LICENSE
    assert customer.books_balance()
    assert customer.seats_are_what_was_allocated()
    assert customer.has_intact_history()
    assert refusals <= {
        "above-current-need",
        "already-started",
        "below-current-need",
        "insufficient-wallet",
        "subscription-not-started",
    }
    # The walk went somewhere: without this it could prove nothing.
    assert {"licensed", "unlicensed"} <= statuses


def test_compensation_is_returned_or_saved_up_and_nothing_else(customer: Customer) -> None:
    """I5, E4: top-ups later and later in the year."""
    customer.started().manage(1)
    customer.buy(20)
    customer.allocate(1)
    saved = []
    for seats, day in ((2, "2025-06-09"), (3, "2025-09-17"), (3, "2025-12-26")):
        customer.on(day).manage(len(customer.devices) + seats)
        allocated = customer.allocate(seats)
        wallet = customer.wallet()
        saved.append((allocated["lines"][0]["returned"], wallet["saved_up"][0]["ticks"]))
    assert saved == [(0, 73_200), (2, 25_620), (2, 87_840)]
    compensated = sum(entry.ticks for entry in customer.entries() if entry.reason == "compensated")
    assert compensated == 4 * TICKS_PER_LICENSE + 87_840


def test_it_makes_no_difference_whether_seats_are_allocated_at_once_or_one_by_one(
    customer: Customer,
) -> None:
    """D-11: what comes back on one day comes back to one lot."""
    bought = [Customer(customer.suite, customer.supplier).started() for _ in range(2)]
    for buyer in bought:
        buyer.buy(12)
    customer.on("2025-08-31")
    wallets = []
    for buyer, steps in zip(bought, ([12], [1] * 12), strict=True):
        for seats in steps:
            buyer.allocate(seats, allow_surplus=True)
        assert buyer.books_balance()
        wallet = buyer.wallet()
        wallets.append(wallet | {"lots": [{**lot, "id": None} for lot in wallet["lots"]]})
    assert wallets[0] == wallets[1]
    assert [(lot["licenses"], lot["source"]) for lot in wallets[0]["lots"]] == [(6, "compensation")]
