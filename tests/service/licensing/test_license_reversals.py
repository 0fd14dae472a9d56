"""Operators undo redemptions and allocations, by new entries and all or nothing (D-15)."""

from __future__ import annotations

import getpass
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from contracts.errors import Refusal
from tests.service.licensing import invariants
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.shell import WHY, Operator, stands

CENTER, RECORDER = "video-center", "network-recorder"
LICENSE = 365 * 366


def number_of(customer: Customer, name: str, *, which: int = -1) -> int:
    """Of one of the entries of this name, the latest by default."""
    return [entry.number for entry in customer.log() if entry.name == name][which]


def lots(customer: Customer) -> list[tuple[int, str, str]]:
    return [
        (lot["licenses"], lot["expires_on"], lot["source"]) for lot in customer.wallet()["lots"]
    ]


def pool(customer: Customer) -> int:
    return sum(int(part["ticks"]) for part in customer.wallet()["saved_up"])


def refused(code: str, command: Callable[..., Any], *args: Any, **values: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        command(*args, **values)
    assert refusal.value.code == code


# Redemptions


def test_a_redemption_is_undone_and_its_key_ends(customer: Customer, operator: Operator) -> None:
    """D-15, I7: as if nobody had redeemed it, and nobody will."""
    customer.started()
    issued = customer.supplier.issue(order_ref="PO-1")
    key = issued["keys"][0]["key"]
    customer.redeem(key)
    number = number_of(customer, "redeem_license_key")
    said = operator.reverses(number)
    assert f"entry {number}, redeem_license_key: undone by entry {number + 1}" in said
    assert lots(customer) == []
    assert customer.balances()["external:supplier"] == 0
    refused("key-revoked", customer.redeem, key)
    neighbor = Customer(customer.suite, customer.supplier)
    neighbor.register()
    refused("key-revoked", neighbor.redeem, key)
    listed = customer.suite.call(
        "licensing",
        "list_license_keys",
        {"credential": customer.supplier.credential, "order_ref": "PO-1"},
    )
    assert listed["keys"][0]["status"] == "revoked"


def test_the_history_says_who_undid_what_and_why(customer: Customer, operator: Operator) -> None:
    """R13."""
    customer.started().buy(3)
    number = number_of(customer, "redeem_license_key")
    operator.reverses(number)
    (entry, *_) = customer.history()["items"]
    assert (entry["name"], entry["role"], entry["account_id"]) == ("reverse", "operator", None)
    assert entry["product"] == PRODUCT
    assert entry["arguments"]["number"] == number
    assert entry["arguments"]["reason"] == f"by {getpass.getuser()[:30]}: {WHY}"
    statement = text("SELECT acting_as, result FROM audit WHERE action = 'reverse'")
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.execute(statement).all() == [("operator", "done")]


def test_the_same_reversal_again_is_answered_as_before(
    customer: Customer, operator: Operator
) -> None:
    """D-24."""
    customer.started().buy(3)
    number = number_of(customer, "redeem_license_key")
    said = operator.reverses(number)
    before = stands(customer)
    assert operator.reverses(number) == said
    assert stands(customer) == before
    _, other = operator.tries("reverse", customer.id, number, "--reason", "ticket 8")
    assert "was reversed before" in other
    assert stands(customer) == before


def test_licenses_that_went_on_stand_in_the_way_of_undoing_their_redemption(
    customer: Customer, operator: Operator
) -> None:
    customer.started().manage(2)
    customer.buy(3)
    customer.allocate(2)
    redeemed = number_of(customer, "redeem_license_key")
    allocated = number_of(customer, "allocate_licenses")
    said = operator.cannot_reverse(redeemed)
    assert "Of its 3 licenses of type core 1 are where they came to." in said
    assert f"Taken by entry {allocated}." in said
    operator.reverses(allocated)
    operator.reverses(redeemed)
    assert lots(customer) == []


def test_expired_licenses_stand_in_the_way(customer: Customer, operator: Operator) -> None:
    """D-7."""
    customer.started().buy(3)
    redeemed = number_of(customer, "redeem_license_key")
    customer.on("2030-03-01").buy(1)
    expired = number_of(customer, "time_passed")
    assert f"Taken by entry {expired}." in operator.cannot_reverse(redeemed)


# Allocations


def test_an_allocation_is_undone_and_the_year_is_not_settled(
    customer: Customer, operator: Operator
) -> None:
    """D-12: else half of the need would license the year from now on."""
    customer.started().manage(12)
    customer.buy(20)
    customer.on("2025-03-21").allocate(12)
    said = operator.reverses(number_of(customer, "allocate_licenses"))
    assert "left the year: 12 of type core" in said
    assert lots(customer) == [(20, "2030-03-01", "key")]
    shown = customer.overview()
    assert (shown["status"], shown["is_settled"]) == ("grace", False)
    assert shown["needs"][0]["least_to_allocate"] == 12
    assert customer.allocate(12)["overview"]["status"] == "licensed"
    invariants.hold(customer)


def test_what_an_allocation_gave_back_is_taken_back(customer: Customer, operator: Operator) -> None:
    """E3 undone: six licenses and the rest of one."""
    customer.started().manage(12)
    customer.buy(12)
    assert customer.on("2025-08-31").allocate(12)["lines"][0]["returned"] == 6
    assert pool(customer) == 2_196
    said = operator.reverses(number_of(customer, "allocate_licenses"))
    assert "taken from the wallet: 6 of type core" in said
    assert lots(customer) == [(12, "2030-03-01", "key")]
    assert pool(customer) == 0
    assert customer.overview()["status"] == "unlicensed"


def test_the_pool_is_as_if_the_allocation_had_never_been(
    customer: Customer, operator: Operator
) -> None:
    """E4 without its third step: 73,200 and 329,400 ticks are three licenses and 1,830."""
    customer.started().manage(1)
    customer.buy(20)
    customer.allocate(1)
    for seats, day in ((2, "2025-06-09"), (3, "2025-09-17"), (3, "2025-12-26")):
        customer.on(day).manage(len(customer.devices) + seats)
        customer.allocate(seats)
    assert pool(customer) == 87_840
    said = operator.reverses(number_of(customer, "allocate_licenses", which=2))
    assert "taken from the wallet: 1 of type core" in said
    assert pool(customer) == 1_830
    returned = {
        lot["opened_on"]: lot["licenses"]
        for lot in customer.wallet()["lots"]
        if lot["source"] == "compensation"
    }
    # Of its own two; those of the fourth stay.
    assert returned == {"2025-09-17": 1, "2025-12-26": 2}
    # The second, which gave nothing back, is worth less than is saved up now: one comes from others.
    said = operator.reverses(number_of(customer, "allocate_licenses", which=1))
    assert "taken from the wallet: 1 of type core" in said
    assert pool(customer) == 1_830 + LICENSE - 73_200


def test_licenses_that_came_back_and_were_used_stand_in_the_way(
    customer: Customer, operator: Operator
) -> None:
    customer.started().manage(12)
    customer.buy(12)
    customer.on("2025-08-31").allocate(12)
    customer.manage(18)
    customer.allocate(6)
    first, second = (number_of(customer, "allocate_licenses", which=n) for n in (0, 1))
    said = operator.cannot_reverse(first)
    assert "3 licenses of type core came back for it" in said
    assert f"Taken by entry {second}." in said
    operator.reverses(second)
    operator.reverses(first)
    assert (lots(customer), pool(customer)) == ([(12, "2030-03-01", "key")], 0)


def test_a_year_that_was_settled_before_stays_so(customer: Customer, operator: Operator) -> None:
    """D-12: a top-up is undone, and growth is above its limit again (D-22)."""
    customer.started().manage(12)
    customer.buy(40)
    customer.on("2025-03-21").allocate(12)
    customer.on("2025-08-31").manage(30)
    customer.allocate(9)
    assert customer.overview()["status"] == "licensed_growth"
    operator.reverses(number_of(customer, "allocate_licenses"))
    shown = customer.overview()
    assert (shown["status"], shown["exceeded_since"]) == ("growth_exceeded", "2025-08-31")


def test_a_year_that_others_cover_stays_settled(customer: Customer, operator: Operator) -> None:
    customer.started().manage(5)
    customer.buy(20)
    customer.allocate(5)
    customer.allocate(5, allow_surplus=True)
    operator.reverses(number_of(customer, "allocate_licenses", which=0))
    assert customer.overview()["status"] == "licensed"
    operator.reverses(number_of(customer, "allocate_licenses", which=1))
    assert customer.overview()["status"] == "grace"


def test_a_year_ahead_is_undone_and_one_that_is_over_is_not(
    customer: Customer, operator: Operator
) -> None:
    customer.started().manage(5)
    customer.buy(20)
    customer.allocate(5)
    customer.allocate(5, year=1)
    operator.reverses(number_of(customer, "allocate_licenses"))
    assert customer.overview()["years_ahead"] == []
    customer.on("2026-03-01")
    said = operator.cannot_reverse(number_of(customer, "allocate_licenses", which=0))
    assert "Year 0 is over" in said


def test_licenses_that_come_back_after_their_last_day_expire_at_once(
    customer: Customer, operator: Operator
) -> None:
    """D-7: allocated five years ahead, and undone a month into that year."""
    customer.started().buy(6)
    for year in range(6):
        customer.allocate(1, year=year, allow_surplus=True)
    customer.on("2030-04-01")
    assert customer.overview()["year"]["index"] == 5
    operator.reverses(number_of(customer, "allocate_licenses"))
    assert lots(customer) == []
    assert customer.balances()["expired"] == LICENSE
    assert customer.balances()["wallet"] == 0


def test_upgraded_seats_stand_in_the_way(customer: Customer, operator: Operator) -> None:
    customer.register(product=CENTER)
    customer.start(product=CENTER)
    customer.buy_types(CENTER, {"core": 5, "core-to-universal": 5})
    lines = [{"type": "core", "seats": 5}]
    customer.command("allocate_licenses", product=CENTER, lines=lines, allow_surplus=True)
    allocated = number_of(customer, "allocate_licenses")
    customer.command(
        "upgrade_licenses",
        product=CENTER,
        upgrade_type="core-to-universal",
        licenses=2,
        where="year:0",
    )
    upgraded = number_of(customer, "upgrade_licenses")
    said = operator.cannot_reverse(allocated)
    assert "Not all of its 5 licenses of type core are in year 0 any more." in said
    assert f"Taken by entry {upgraded}." in said
    assert "is no redemption and no allocation" in operator.cannot_reverse(upgraded)


def test_what_ended_with_an_archiving_is_not_undone(customer: Customer, operator: Operator) -> None:
    """D-23, ARC-1: nothing is refunded, and nobody acts for an archived organization."""
    customer.started().manage(3)
    customer.buy(9)
    customer.allocate(3)
    allocated = number_of(customer, "allocate_licenses")
    customer.hear("organization_archived", archived_at="2025-03-01T09:00:00+00:00", epoch=5)
    assert "archived" in operator.cannot_reverse(allocated)
    customer.hear("organization_restored", epoch=6)
    assert "ended when the organization was archived" in operator.cannot_reverse(allocated)
    # On the same day as many came anew, which are others.
    customer.allocate(3)
    assert "ended when the organization was archived" in operator.cannot_reverse(allocated)
    operator.reverses(number_of(customer, "allocate_licenses"))
    assert customer.overview()["needs"][0]["seats"] == 0


def test_licenses_come_back_from_a_system(customer: Customer, operator: Operator) -> None:
    """R35 undone; the system holds them no more (D-16)."""
    customer.register(product=RECORDER)
    system = customer.command("register_licensed_system", product=RECORDER, name="Attic")["id"]
    customer.buy_types(RECORDER, {"channel": 5, "channel-to-analytics": 4})
    extended = {
        "product": RECORDER,
        "licensed_system_id": system,
        "lines": [{"type": "channel", "licenses": 3}],
    }
    customer.command("allocate_to_system", **extended)
    customer.command(
        "allocate_to_system", **extended | {"lines": [{"type": "channel", "licenses": 1}]}
    )
    customer.command(
        "upgrade_licenses",
        product=RECORDER,
        upgrade_type="channel-to-analytics",
        licenses=2,
        where=f"system:{system}",
    )
    first, second = (number_of(customer, "allocate_to_system", which=n) for n in (0, 1))
    upgraded = number_of(customer, "upgrade_licenses")
    assert f"Taken by entry {upgraded}." in operator.cannot_reverse(first)
    operator.reverses(second)
    shown = customer.ask("get_licensed_system", product=RECORDER, licensed_system_id=system)
    assert {line["type"]: line["held"] for line in shown["needs"]} == {
        "channel": 1,
        "analytics-channel": 2,
    }


def test_only_redemptions_and_allocations_are_undone(
    customer: Customer, operator: Operator
) -> None:
    customer.started().buy(3)
    for number in (1, 2):
        said = operator.cannot_reverse(number)
        assert f"Entry {number} is no redemption and no allocation." in said
    assert "There is no entry 99" in operator.cannot_reverse(99)
    operator.reverses(3)
    assert "is no redemption and no allocation" in operator.cannot_reverse(4)
    code, said = operator.tries("reverse", uuid4(), 1, "--reason", WHY)
    assert (code, "There is no entry 1" in said) == (1, True)


@pytest.mark.parametrize("seed", range(3))
def test_the_books_hold_whatever_is_undone_in_whichever_order(
    customer: Customer, operator: Operator, seed: int
) -> None:
    """I1 to I9, I11: two years of buying, allocating, upgrading, and undoing some of it."""
    draw = random.Random(seed)
    customer.register(product=CENTER)
    customer.start(product=CENTER)
    outcomes: Counter[str] = Counter()
    for _ in range(60):
        customer.suite.clock.advance(timedelta(days=draw.choice((0, 0, 3, 20))))
        try:
            match draw.randrange(6):
                case 0:
                    customer.buy_types(CENTER, {"core": draw.randrange(1, 9)})
                case 1:
                    customer.buy_types(CENTER, {"core-to-universal": draw.randrange(1, 5)})
                case 2 | 3:
                    customer.command(
                        "allocate_licenses",
                        product=CENTER,
                        lines=[{"type": "core", "seats": draw.randrange(1, 7)}],
                        allow_surplus=True,
                    )
                case 4:
                    customer.command(
                        "upgrade_licenses",
                        product=CENTER,
                        upgrade_type="core-to-universal",
                        licenses=draw.randrange(1, 3),
                        where=draw.choice(("wallet", "year:0", "year:1")),
                    )
                case _:
                    number = draw.randrange(1, len(customer.log()) + 1)
                    code, _said = operator.tries("reverse", customer.id, number, "--reason", WHY)
                    outcomes[f"reverse {code}"] += 1
        except Refusal as refusal:
            outcomes[refusal.code] += 1
        invariants.hold(customer)
    assert "the same books come out" in operator.does("replay", customer.id)
    # The walk went somewhere: without this it could prove nothing.
    assert outcomes["reverse 1"]
    names = Counter(entry.name for entry in customer.log())
    assert names["reverse"] > 1
    assert names["upgrade_licenses"] > 1
