"""Two at once, on PostgreSQL: thirty rounds each, and one of the two is right every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.races import at_once, outcome_of
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import Customer, Supplier

ROUNDS = 30


@pytest.fixture
def suite(tmp_path: Path, postgres_database: Callable[[str], str]) -> Iterator[Suite]:
    running = Suite(
        tmp_path, services=SERVICES, databases={"licensing": postgres_database("licensing")}
    )
    yield running
    running.close()


def test_one_key_redeemed_by_two_organizations_credits_one(suite: Suite) -> None:
    """D-8: compare and set."""
    supplier = Supplier(suite)
    first, second = Customer(suite, supplier), Customer(suite, supplier)
    first.register()
    second.register()
    keys = [key["key"] for key in supplier.issue(count=ROUNDS)["keys"]]
    for done, key in enumerate(keys, start=1):
        outcomes = at_once(lambda: first.redeem(key), lambda: second.redeem(key))  # noqa: B023
        assert outcome_of(outcomes) == {"done": 1, "key-already-redeemed": 1}
        held = first.wallet()["licenses"] + second.wallet()["licenses"]
        assert held == 12 * done
        # Both come from one address, whose failures the loser's attempts add to.
        suite.clock.advance(timedelta(hours=1))
    assert first.books_balance()
    assert second.books_balance()


def test_one_key_redeemed_twice_in_one_organization_credits_once(suite: Suite) -> None:
    customer = Customer(suite)
    customer.register()
    for key in (key["key"] for key in customer.supplier.issue(count=ROUNDS)["keys"]):
        outcomes = at_once(lambda: customer.redeem(key), lambda: customer.redeem(key))  # noqa: B023
        assert outcome_of(outcomes) == {"done": 1, "key-already-redeemed": 1}
        suite.clock.advance(timedelta(hours=1))
    assert customer.wallet()["licenses"] == 12 * ROUNDS
    assert customer.has_intact_history()


def test_the_last_license_is_allocated_once(suite: Suite) -> None:
    customer = Customer(suite).started()
    customer.manage(1)
    for done in range(ROUNDS):
        customer.buy(1)
        errand = [lambda: customer.allocate(1, allow_surplus=True)] * 2
        assert outcome_of(at_once(*errand)) == {"done": 1, "insufficient-wallet": 1}
        assert customer.overview()["needs"][0]["seats"] == done + 1
    assert customer.books_balance()
    assert customer.has_intact_history()


def test_a_subscription_starts_once(suite: Suite) -> None:
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier)
        customer.register()
        assert outcome_of(at_once(customer.start, customer.start)) == {
            "done": 1,
            "already-started": 1,
        }
        assert [row.name for row in customer.log()] == ["register_product", "start_subscription"]


def test_two_first_commands_of_an_organization_do_not_collide(suite: Suite) -> None:
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier)
        outcomes = at_once(
            customer.register,
            lambda: customer.register(product="site-health"),  # noqa: B023
        )
        assert outcome_of(outcomes) == {"done": 2}
        assert customer.has_intact_history()


def test_a_trial_is_begun_once(suite: Suite) -> None:
    """D-18."""
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier)
        customer.register()
        begin = partial(customer.command, "start_trial")
        assert outcome_of(at_once(begin, begin)) == {"done": 1, "trial-already-used": 1}


def test_the_last_upgrade_license_upgrades_once(suite: Suite) -> None:
    """D-18."""
    customer = Customer(suite)
    customer.register(product="video-center")
    customer.buy_types("video-center", {"core": 2 * ROUNDS})
    for done in range(1, ROUNDS + 1):
        customer.buy_types("video-center", {"core-to-universal": 1})
        upgrade = partial(
            customer.command,
            "upgrade_licenses",
            product="video-center",
            upgrade_type="core-to-universal",
            licenses=1,
            where="wallet",
        )
        assert outcome_of(at_once(upgrade, upgrade)) == {"done": 1, "insufficient-wallet": 1}
        held = {
            lot["type"]: lot["licenses"] for lot in customer.wallet(product="video-center")["lots"]
        }
        assert held == {"core": 2 * ROUNDS - done, "universal": done}
    assert customer.books_balance()


def test_licenses_are_allocated_or_their_redemption_is_undone(suite: Suite) -> None:
    """D-15: whoever comes second is refused."""
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier).started()
        customer.buy(3)
        number = customer.log()[-1].number
        reverse = partial(suite.instance("licensing").reverse, customer.id, number, why="ticket 7")
        allocate = partial(customer.allocate, 3, allow_surplus=True)
        outcomes = [
            "done" if isinstance(outcome, dict) else outcome
            for outcome in at_once(reverse, allocate)
        ]
        assert outcomes in (["done", "insufficient-wallet"], ["cannot-be-reversed", "done"])
        assert customer.books_balance()
        assert customer.has_intact_history()


def test_an_undone_entry_is_undone_once(suite: Suite) -> None:
    """D-24."""
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier).started()
        customer.buy(3)
        number = customer.log()[-1].number
        reverse = [
            partial(suite.instance("licensing").reverse, customer.id, number, why="ticket 7")
            for _ in range(2)
        ]
        first, second = at_once(*reverse)
        assert first == second
        assert [entry.name for entry in customer.log()].count("reverse") == 1
        assert customer.books_balance()


def test_one_errand_sent_twice_at_once_is_carried_out_once_and_answered_alike(
    suite: Suite,
) -> None:
    """D-24."""
    customer = Customer(suite).started()
    customer.buy(ROUNDS)
    for seats in range(1, ROUNDS + 1):
        customer.manage(seats)
        errand = uuid4().hex
        sent = [lambda: customer.allocate(1, idempotency_key=errand)] * 2  # noqa: B023
        outcomes = at_once(*sent)
        assert outcome_of(outcomes) == {"done": 2}
        assert outcomes[0] == outcomes[1]
        assert customer.overview()["needs"][0]["seats"] == seats


def test_one_idempotency_key_with_two_requests_at_once_is_good_for_one_of_them(
    suite: Suite,
) -> None:
    """D-24: the other is refused and changes nothing, whichever comes first."""
    customer = Customer(suite).started()
    customer.buy(3 * ROUNDS)
    before = len(customer.log())
    for done in range(1, ROUNDS + 1):
        errand = uuid4().hex
        held = customer.wallet()["licenses"]
        outcomes = at_once(
            lambda: customer.allocate(1, allow_surplus=True, idempotency_key=errand),  # noqa: B023
            lambda: customer.allocate(2, allow_surplus=True, idempotency_key=errand),  # noqa: B023
        )
        assert outcome_of(outcomes) == {"done": 1, "idempotency-mismatch": 1}
        seats = 2 if outcomes[0] == "idempotency-mismatch" else 1
        assert customer.wallet()["licenses"] == held - seats
        assert len(customer.log()) == before + done
    assert customer.books_balance()
    assert customer.has_intact_history()


def test_one_order_sent_twice_at_once_issues_its_keys_once(suite: Suite) -> None:
    supplier = Supplier(suite)
    for turn in range(ROUNDS):
        errand = [lambda: supplier.issue(order_ref=f"PO-{turn}", count=2)] * 2  # noqa: B023
        outcomes = at_once(*errand)
        shown = sum(outcome["keys"][0]["key"] is not None for outcome in outcomes)
        assert shown == 1
        assert outcomes[0]["id"] == outcomes[1]["id"]


def test_an_overview_never_shows_half_of_an_allocation(suite: Suite) -> None:
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier).started()
        customer.manage(1)
        customer.buy(1)
        looks: list[tuple[object, ...]] = []

        def look(customer: Customer = customer, looks: list[Any] = looks) -> None:
            for _ in range(8):
                overview = customer.overview()
                needs = overview["needs"][0]
                looks.append((overview["status"], needs["seats"], needs["wallet"]))

        at_once(look, lambda: customer.allocate(1))  # noqa: B023
        assert len(looks) == 8
        assert set(looks) <= {("grace", 0, 1), ("licensed", 1, 0)}
