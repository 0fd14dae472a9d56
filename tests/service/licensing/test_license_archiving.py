"""Archived organizations: a block on every command, and nothing else (D-23, R37, ARC-4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer

MOMENT = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
EPOCH = 5


def archived(customer: Customer, epoch: int = EPOCH) -> None:
    """Licensing has heard of it, and organizations lets its owner in: the moment between."""
    customer.hear("organization_archived", archived_at=MOMENT.isoformat(), epoch=epoch)


def restored(customer: Customer, epoch: int = EPOCH + 1) -> None:
    customer.hear("organization_restored", epoch=epoch)


def licensed(customer: Customer) -> Customer:
    customer.register()
    customer.start()
    customer.manage(10)
    customer.buy(15)
    customer.allocate(10)
    return customer


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def state(customer: Customer) -> Any:
    return customer.balances(), len(customer.entries())


def test_every_command_is_refused_and_changes_nothing(customer: Customer) -> None:
    """D-23: ORG_ARCHIVED."""
    key = uuid4().hex
    licensed(customer).redeem(customer.supplier.key(), idempotency_key=key)
    bought = customer.supplier.key()
    archived(customer)
    before = state(customer)
    commands: list[Callable[[], object]] = [
        lambda: customer.register(product="station-pro"),
        customer.start,
        lambda: customer.redeem(bought),
        lambda: customer.allocate(1, allow_surplus=True),
        # Also what was carried out before: nobody acts for an archived organization.
        lambda: customer.redeem("AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", idempotency_key=key),
    ]
    for command in commands[:-1]:
        assert refusal(command) == "organization-archived"
    assert refusal(commands[-1]) in ("organization-archived", "key-malformed")
    assert state(customer) == before
    assert customer.books_balance()


def test_one_that_had_no_product_yet_registers_none(customer: Customer) -> None:
    """D-23."""
    archived(customer)
    assert refusal(customer.register) == "organization-archived"
    restored(customer)
    assert customer.register()["status"] == "not_started"


def test_it_stands_as_archived(customer: Customer) -> None:
    """D-20."""
    licensed(customer)
    archived(customer)
    overview = customer.overview()
    assert (overview["status"], overview["changes_on"]) == ("archived", None)
    assert overview["wallet"] == 5


def test_keys_that_were_not_redeemed_stay_good_elsewhere(suite: Suite, customer: Customer) -> None:
    """D-23."""
    licensed(customer)
    key = customer.supplier.key(7)
    archived(customer)
    assert refusal(lambda: customer.redeem(key)) == "organization-archived"
    other = Customer(suite, customer.supplier)
    other.register()
    assert other.redeem(key)["wallet"]["licenses"] == 7


def test_a_restoration_lifts_the_block_and_leaves_balances_as_they_are(customer: Customer) -> None:
    """D-23."""
    licensed(customer)
    before = state(customer)
    archived(customer)
    restored(customer)
    assert state(customer) == before
    assert customer.overview()["wallet"] == 5
    assert customer.books_balance()
    assert customer.seats_are_what_was_allocated()


def test_what_was_in_use_when_it_was_archived_stays_ended(customer: Customer) -> None:
    """R37, ARC-1, ARC-4: unusable and not refunded; new licenses count as ever (D-12)."""
    licensed(customer)
    customer.on("2025-06-01")
    archived(customer)
    restored(customer)
    overview = customer.overview()
    assert (overview["status"], overview["is_settled"]) == ("unlicensed", False)
    assert (overview["needs"][0]["seats"], overview["wallet"]) == (0, 5)
    assert refusal(lambda: customer.allocate(5)) == "below-current-need"
    customer.buy(5)
    customer.allocate(10)
    assert customer.overview()["status"] == "licensed"
    customer.manage(15)
    assert customer.overview()["status"] == "licensed_growth", "settled anew"
    customer.manage(21)
    assert customer.overview()["status"] == "growth_exceeded"
    assert customer.books_balance()
    assert customer.seats_are_what_was_allocated()
    # And once more.
    archived(customer, EPOCH + 2)
    restored(customer, EPOCH + 3)
    assert customer.overview()["status"] == "unlicensed"
    assert customer.overview()["needs"][0]["seats"] == 0


def test_within_its_grace_it_may_be_used_again(customer: Customer) -> None:
    """R15: the days of grace are the calendar's, and were not used up by archiving."""
    licensed(customer)
    archived(customer)
    restored(customer)
    assert customer.overview()["status"] == "grace"


def test_news_that_come_twice_end_licenses_once(customer: Customer) -> None:
    """M5.9: a repetition after the restoration ends nothing that was allocated since."""
    licensed(customer)
    archived(customer)
    restored(customer)
    customer.buy(10)
    customer.allocate(10)
    archived(customer)
    assert customer.overview()["status"] == "licensed"


def test_a_restoration_gives_no_day_back(customer: Customer) -> None:
    """ARC-4, R37: the clock went on; what ended meanwhile has ended."""
    licensed(customer)
    archived(customer)
    customer.on("2026-04-15")
    restored(customer)
    overview = customer.overview()
    assert (overview["status"], overview["year"]["index"]) == ("unlicensed", 1)
    assert overview["needs"][0]["seats"] == 0
    assert overview["wallet"] == 5, "what was never allocated is still there"
    customer.on("2030-06-01")
    assert customer.overview()["wallet"] == 0, "stored for five years at most (R11)"


def test_the_need_follows_devices_all_the_time(customer: Customer) -> None:
    """D-23: only commands are blocked."""
    licensed(customer)
    archived(customer)
    customer.manage(12)
    restored(customer)
    assert customer.overview()["needs"][0]["need"] == 12


def test_older_news_after_newer_ones_change_nothing(customer: Customer) -> None:
    """M5.9: ordered by the organization's epoch."""
    licensed(customer)
    archived(customer, EPOCH + 2)
    restored(customer, EPOCH + 1)
    assert customer.overview()["status"] == "archived"
    # The same once more, and under another id.
    archived(customer, EPOCH + 2)
    assert customer.overview()["status"] == "archived"
    restored(customer, EPOCH + 3)
    assert customer.overview()["status"] == "grace"


def test_a_restoration_heard_before_its_archiving_revives_nothing(customer: Customer) -> None:
    """ARC-4, M5.9: what was in use has ended, whichever of the two is heard first, or at all."""
    licensed(customer)
    before = state(customer)
    restored(customer, EPOCH + 1)
    assert state(customer) == before, "nothing is refunded"
    overview = customer.overview()
    assert (overview["status"], overview["needs"][0]["seats"]) == ("grace", 0)
    assert overview["wallet"] == 5
    customer.buy(5)
    customer.allocate(10)
    archived(customer, EPOCH)
    assert customer.overview()["status"] == "licensed", "what was allocated since goes on"
    assert customer.seats_are_what_was_allocated()
    # Archived and brought back once more, and again only the second is heard.
    restored(customer, EPOCH + 3)
    assert customer.overview()["needs"][0]["seats"] == 0
    # Heard again it ends nothing more.
    customer.buy(10)
    customer.allocate(10)
    restored(customer, EPOCH + 3)
    assert customer.overview()["status"] == "licensed"
    assert customer.books_balance()


def test_an_archiving_that_was_heard_ends_what_was_in_use_once(customer: Customer) -> None:
    """ARC-4: one restoration and one archiving between two that are heard change nothing."""
    licensed(customer)
    archived(customer)
    restored(customer, EPOCH + 3)
    customer.buy(5)
    customer.allocate(10)
    restored(customer, EPOCH + 1)
    archived(customer, EPOCH + 2)
    assert customer.overview()["status"] == "licensed"
    assert customer.seats_are_what_was_allocated()


def test_other_organizations_go_on(suite: Suite, customer: Customer) -> None:
    """I9."""
    other = licensed(Customer(suite, customer.supplier))
    archived(licensed(customer))
    other.allocate(1, allow_surplus=True)
    assert other.overview()["status"] == "licensed"


def test_from_the_owner_who_archives_to_the_operator_who_brings_it_back(
    suite: Suite, customer: Customer
) -> None:
    """ARC-2, ARC-4, D-23: through both services."""
    licensed(customer)
    suite.call(
        "organizations",
        "archive_organization",
        {
            "organization_id": str(customer.id),
            "confirm_organization_id": str(customer.id),
            "understand_risk": True,
        },
        as_=customer.owner,
    )
    assert refusal(customer.overview) == "organization-not-found", "before anything is heard"
    suite.deliver()
    assert refusal(customer.overview) == "organization-not-found"
    assert refusal(lambda: customer.buy(1)) == "organization-not-found"
    suite.instance("organizations").unarchive(customer.id, why="by tests")
    assert refusal(lambda: customer.allocate(1)) == "organization-archived", "until it is heard"
    suite.deliver()
    assert customer.overview()["status"] == "grace"
    assert customer.overview()["product"] == PRODUCT
