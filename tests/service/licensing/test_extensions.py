"""Extension licenses: from the wallet to one system, for good (R33 to R36)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import STATION, Site, licenses, offer_station

LICENSE = 133_590


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


def test_licenses_move_from_the_wallet_to_the_system(site: Site) -> None:
    """R35."""
    system = site.hardware("REC-1", tied=8)
    site.buy(6, "channel")
    extended = site.extend(system, channel=4)
    assert licenses(extended) == {"channel": 4, "preloaded-channel": 8}
    assert site.customer.wallet(product=site.product)["licenses"] == 2
    assert site.customer.balances()["system"] == 12 * LICENSE
    entry = site.customer.log()[-1]
    assert (entry.name, entry.account_id) == ("allocate_to_system", site.customer.owner)
    assert entry.arguments == {
        "system_id": system["id"],
        "name": "Lobby",
        "licenses": {"channel": 4},
    }
    invariants.hold(site.customer)


def test_the_need_of_the_system_falls_and_of_no_other(site: Site) -> None:
    """D-16."""
    lobby, hall = site.hardware("REC-1", tied=8), site.hardware("REC-2", tied=8)
    for system in (lobby, hall):
        site.report(site.credential(system), 1, {"channel": 10})
    assert site.need()["channel"] == 4
    site.buy(9, "channel")
    site.extend(lobby, channel=9)
    assert site.need()["channel"] == 2
    assert site.status() == "unlicensed"
    needed = {each["serial"]: each["needs"][1]["needed"] for each in site.listed()["items"]}
    assert needed == {"REC-1": 0, "REC-2": 2}


def test_licenses_that_expire_first_are_used_first(site: Site) -> None:
    """D-7."""
    system = site.hardware("REC-1")
    site.buy(2, "channel")
    site.customer.on("2025-06-01")
    site.buy(2, "channel")
    site.extend(system, channel=3)
    (left,) = site.customer.wallet(product=site.product)["lots"]
    assert (left["licenses"], left["expires_on"]) == (1, "2030-06-01")


def test_licenses_on_a_system_do_not_expire(site: Site) -> None:
    """R2: valid for the lifetime of the hardware."""
    system = site.hardware("REC-1", tied=8)
    site.buy(5, "channel")
    site.extend(system, channel=4)
    site.customer.on("2031-01-01")
    assert site.customer.wallet(product=site.product)["licenses"] == 0
    assert licenses(site.get(system)) == {"channel": 4, "preloaded-channel": 8}


def test_all_lines_are_allocated_or_none(site: Site) -> None:
    system = site.hardware("REC-1")
    site.buy(4, "channel")
    short = refused("insufficient-wallet", site.extend, system, channel=4, analytics_channel=1)
    assert short.facts == {"type": "analytics-channel", "wanted": "1", "held": "0"}
    assert site.customer.wallet(product=site.product)["licenses"] == 4
    assert licenses(site.get(system)) == {"preloaded-channel": 8}
    invariants.hold(site.customer)


def test_what_is_refused_names_what_is_wrong(site: Site) -> None:
    system = site.hardware("REC-1")
    site.buy(2, "channel-to-analytics")
    refused("nothing-to-allocate", site.extend_by, system, [])
    refused("insufficient-wallet", site.extend, system, channel=1)
    refused("license-type-unknown", site.extend, system, gold=1)
    for kind in ("preloaded_channel", "channel_to_analytics"):
        refused("license-kind-mismatch", site.extend, system, **{kind: 1})
    twice = [{"type": "channel", "licenses": 1}, {"type": "channel", "licenses": 2}]
    refused("invalid-request", site.extend_by, system, twice)
    nobodys = {"id": str(uuid4())}
    refused("system-not-found", site.extend, nobodys, channel=1)


def test_expired_licenses_extend_nothing(site: Site) -> None:
    """R11, D-7."""
    system = site.hardware("REC-1")
    site.buy(1, "channel")
    site.customer.on("2030-03-01")
    refused("insufficient-wallet", site.extend, system, channel=1)


def test_one_errand_sent_twice_allocates_once(site: Site) -> None:
    """D-24."""
    system = site.hardware("REC-1")
    site.buy(4, "channel")
    errand, lines = uuid4().hex, [{"type": "channel", "licenses": 2}]
    first = site.extend_by(system, lines, idempotency_key=errand)
    assert site.extend_by(system, lines, idempotency_key=errand) == first
    lines[0]["licenses"] = 1
    refused("idempotency-mismatch", site.extend_by, system, lines, idempotency_key=errand)
    assert site.customer.wallet(product=site.product)["licenses"] == 2


def test_an_extension_may_settle_the_subscription_year(customer: Customer) -> None:
    """D-12: on the day on which the need falls to the seats that are there."""
    offer_station(customer.suite)
    station = Site(customer, STATION)
    customer.start(product=STATION)
    lobby = station.register()
    credential = station.credential(lobby)
    station.report(credential, 1, {"core": 2})
    station.buy(4, "core")
    station.buy(3, "more")
    customer.allocate(2, product=STATION)
    customer.allocate(2, product=STATION, year=1)
    station.report(credential, 2, {"core": 4})
    customer.on("2026-03-05")
    assert station.status() == "grace"
    station.extend(lobby, more=2)
    overview = customer.overview(product=STATION)
    assert (overview["status"], overview["is_settled"]) == ("licensed", True)
    invariants.hold(customer)


def test_nothing_takes_a_license_off_its_system_again(site: Site) -> None:
    """R36: no operation moves it to other hardware or back into the wallet."""
    system = site.hardware("REC-1", tied=8)
    site.buy(4, "channel")
    site.extend(system, channel=4)
    site.remove(system)
    assert site.customer.wallet(product=site.product)["licenses"] == 0
    other = site.hardware("REC-2", tied=8)
    refused("insufficient-wallet", site.extend, other, channel=1)
    assert licenses(site.get(system)) == {"channel": 4}
