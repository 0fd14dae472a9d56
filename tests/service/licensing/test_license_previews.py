"""A preview of an allocation says what the command then does, and changes nothing (R22, R23)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import Refusal
from tests.harness import Suite
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.test_license_statements import sent_by

# The second counts its own years; the third may be refused for its kind of licenses.
TYPES = {
    PRODUCT: ["core"],
    "cloud-recording": ["hd-30", "uhd-30"],
    "video-center": ["core", "universal", "core-to-universal"],
}


@pytest.fixture(params=[False, True], ids=["not-charged", "charged"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Customer]:
    settings = {"licensing": {"charge_grace_when_late": request.param}}
    suite = Suite(tmp_path, services=SERVICES, settings=settings)
    yield Customer(suite)
    suite.close()


def state_of(customer: Customer) -> object:
    return (
        customer.balances(),
        len(customer.entries()),
        len(customer.log()),
        len(customer.suite.waiting("licensing")),
    )


def saved_ticks(overview: Any, license_type: str) -> int:
    return sum(part["ticks"] for part in overview["saved_up"] if part["type"] == license_type)


def wallet_of(customer: Customer, product: str, license_type: str) -> int:
    lots = customer.wallet(product=product)["lots"]
    return sum(lot["licenses"] for lot in lots if lot["type"] == license_type)


def outcome_of(customer: Customer, product: str, wanted: dict[str, Any]) -> tuple[Any, Any]:
    """What the command is refused with, or what it did."""
    try:
        return None, customer.command("allocate_licenses", product=product, **wanted)
    except Refusal as refused:
        return {"code": refused.code, "detail": refused.detail, "facts": refused.facts}, None


def compared(customer: Customer, product: str, wanted: dict[str, Any]) -> str:
    """Previews, then does it; the outcome."""
    before = state_of(customer)
    preview = customer.ask("preview_allocation", product=product, **wanted)
    assert customer.ask("preview_allocation", product=product, **wanted) == preview
    assert state_of(customer) == before
    said, done = outcome_of(customer, product, wanted)
    assert (preview["can_confirm"], preview["refusal"]) == (said is None, said)
    if said is not None:
        assert (preview["lines"], preview["afterwards"]) == ([], None)
        return str(said["code"])
    assert preview["afterwards"] == done["overview"] == customer.overview(product=product)
    assert (preview["year"], preview["effective_from"]) == (done["year"], done["effective_from"])
    for shown, line in zip(preview["lines"], done["lines"], strict=True):
        assert {name: shown[name] for name in line} == line
        assert shown["wallet"] == wallet_of(customer, product, line["type"])
        assert shown["saved_up_ticks"] == saved_ticks(done["overview"], line["type"])
        ticks_a_day = line["compensated_ticks"] // max(1, preview["overlap_days"])
        length = preview["year"]["days"]
        assert ticks_a_day in (0, line["seats"] * 365 * 366 // length)
    return "done"


@pytest.mark.parametrize("seed", range(2))
def test_a_preview_says_what_the_command_then_does(either: Customer, seed: int) -> None:
    """R22, R23, D-9 to D-14, over five years of one customer."""
    draw = random.Random(seed)
    customer, outcomes = either, set()
    for product in TYPES:
        customer.register(product=product)
    for _ in range(60):
        customer.suite.clock.advance(timedelta(days=draw.choice((0, 0, 3, 20, 45))))
        product = draw.choice(list(TYPES))
        types, overview = TYPES[product], customer.overview(product=product)
        is_started = overview["started_on"] is not None
        match draw.choice(["manage", "buy", "buy", *["allocate"] * 5] if is_started else ["start"]):
            case "start":
                compared(customer, product, {"lines": [{"type": types[0], "seats": 1}]})
                customer.start(product=product)
            case "manage":
                customer.manage(draw.randrange(12))
            case "buy":
                lines = [{"type": kind, "quantity": draw.randrange(5, 25)} for kind in types]
                issued = customer.supplier.issue(product=product, lines=lines)
                customer.redeem(issued["keys"][0]["key"], product=product)
            case _:
                lacks = {need["type"]: need["shortage"] for need in overview["needs"]}
                count = draw.choice((0, 1, 1, 1, 1, 1, len(types)))
                now = overview["year"]["index"]
                wanted = {
                    "lines": [
                        {"type": kind, "seats": draw.choice((lacks.get(kind) or 2, 2, 9))}
                        for kind in types[:count]
                    ],
                    "year": draw.choice((*[None] * 5, now, *[now + 1] * 3, now + 2, now + 6, 0)),
                    "allow_surplus": draw.random() < 0.8,
                }
                outcomes.add(compared(customer, product, wanted))
    # The walk went somewhere: without this it could prove nothing.
    assert {"done", "insufficient-wallet", "nothing-to-allocate"} <= outcomes
    assert len(outcomes) >= 6, outcomes
    assert customer.books_balance()


def test_the_page_is_told_what_will_come_back_and_how_it_will_stand(customer: Customer) -> None:
    """R22, R25, E3."""
    customer.started().manage(12)
    customer.buy(12)
    preview = customer.on("2025-08-31").preview(12)
    overview = customer.overview()
    assert preview == {
        "can_confirm": True,
        "refusal": None,
        "year": overview["year"],
        "effective_from": "2025-08-31",
        "overlap_days": 183,
        "lines": [
            {
                "type": "core",
                "seats": 12,
                "compensated_ticks": 803_736,
                "returned": 6,
                "wallet": 6,
                "saved_up_ticks": 2_196,
            }
        ],
        "afterwards": preview["afterwards"],
    }
    afterwards = preview["afterwards"]
    assert (afterwards["status"], afterwards["changes_on"], afterwards["wallet"]) == (
        "licensed",
        "2026-03-01",
        6,
    )
    assert overview["status"] == "unlicensed"


def test_what_stands_against_an_allocation_is_told_with_the_period_it_was_for(
    customer: Customer,
) -> None:
    """R23: the button cannot be used, and the page says why."""
    customer.register()
    refused = customer.preview(1)
    assert refused["refusal"]["code"] == "subscription-not-started"
    assert (refused["year"], refused["effective_from"], refused["overlap_days"]) == (
        None,
        None,
        None,
    )
    customer.start()
    customer.manage(2)
    customer.buy(1)
    refused = customer.on("2025-04-10").preview(2)
    assert refused["refusal"]["facts"] == {"type": "core", "wanted": "2", "held": "1"}
    assert refused["year"] == customer.overview()["year"]
    assert (refused["effective_from"], refused["overlap_days"]) == ("2025-04-10", 40)
    assert customer.preview(2, year=0)["refusal"]["code"] == "insufficient-wallet"
    for year, code in ((1, "previous-year-not-licensed"), (6, "beyond-pre-renewal-horizon")):
        assert customer.preview(2, year=year)["refusal"]["code"] == code


def test_an_archived_organization_can_confirm_nothing(customer: Customer) -> None:
    """D-23."""
    customer.started().manage(1)
    customer.buy(1)
    customer.hear("organization_archived", archived_at="2025-03-01T09:00:00+00:00", epoch=5)
    preview = customer.preview(1)
    assert (preview["can_confirm"], preview["refusal"]["code"]) == (False, "organization-archived")
    assert preview["afterwards"] is None


def test_a_preview_is_for_products_of_the_organization_and_costs_one_statement(
    customer: Customer,
) -> None:
    with pytest.raises(Refusal) as refusal:
        customer.preview(1)
    assert refusal.value.code == "product-not-registered"
    customer.started().manage(2)
    customer.buy(2)
    assert sent_by(customer, lambda: customer.preview(2)) == 1
    assert sent_by(customer, customer.forecast) == 1
