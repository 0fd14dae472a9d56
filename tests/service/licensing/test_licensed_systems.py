"""Systems of an organization: registered, listed, named, removed, and the trial the first begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from contracts.errors import Refusal
from tests.harness import Suite
from tests.service.licensing import invariants
from tests.service.licensing.customer import PRODUCT, Customer, Supplier
from tests.service.licensing.site import STATION, Site, licenses, offer_station


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


@pytest.fixture
def station(customer: Customer) -> Site:
    offer_station(customer.suite)
    return Site(customer, STATION)


# Registering software


def test_a_system_needs_no_more_than_a_name(site: Site) -> None:
    system = site.register("Lobby")
    assert {name: system[name] for name in ("kind", "name", "serial", "state", "licenses")} == {
        "kind": "online",
        "name": "Lobby",
        "serial": None,
        "state": "registered",
        "licenses": [],
    }
    assert system["needs"] == [
        {"type": kind, "reported": 0, "held": 0, "needed": 0}
        for kind in ("analytics-channel", "channel")
    ]
    assert site.get(system) == {
        **system,
        "sequence": 0,
        "reported_at": None,
        "is_stale": False,
        "has_credential": False,
    }


def test_the_product_has_to_be_registered_first(customer: Customer) -> None:
    """R3."""
    asked = {"product": STATION, "name": "Lobby"}
    refused("product-not-registered", customer.command, "register_licensed_system", **asked)
    refused("product-not-registered", customer.ask, "list_licensed_systems", product=STATION)


def test_a_serial_stands_for_one_system_of_the_organization(suite: Suite, site: Site) -> None:
    first = site.register("Lobby", serial="sw-1")
    again = refused("system-already-registered", site.register, "Hall", serial="SW-1")
    assert again.facts == {"system_id": first["id"]}
    # What others call theirs proves nothing, and so takes nothing away.
    assert Site(Customer(suite, site.customer.supplier)).register(serial="SW-1")["serial"] == "SW-1"


def test_a_serial_without_a_proof_takes_no_hardware_from_its_owner(
    suite: Suite, site: Site
) -> None:
    """D-17."""
    proof = site.sent("REC-1")
    squatter = Site(Customer(suite, site.customer.supplier)).register(serial="REC-1")
    assert (squatter["kind"], squatter["licenses"]) == ("online", [])
    own = site.register(serial="REC-1")
    refused("system-already-registered", site.register, serial="REC-1", ownership_proof=proof)
    site.remove(own)
    hardware = site.register(serial="REC-1", ownership_proof=proof)
    assert hardware["id"] != own["id"]
    assert licenses(hardware) == {"preloaded-channel": 8}


def test_registering_is_carried_out_once_for_one_key(site: Site) -> None:
    """D-24."""
    errand = uuid4().hex
    assert site.register(idempotency_key=errand) == site.register(idempotency_key=errand)
    refused("idempotency-mismatch", site.register, "Other", idempotency_key=errand)
    assert len(site.listed()["items"]) == 1


@pytest.mark.parametrize("serial", ["", "-1", "1-", "a b", "x" * 65, "REC\u20131", "Ａ1"])
def test_a_serial_is_letters_and_digits(site: Site, serial: str) -> None:
    refused("invalid-request", site.register, serial=serial)


# The trial


def test_the_first_system_begins_the_trial(station: Site) -> None:
    """R43, D-18: in the same command."""
    assert station.status() == "not_started"
    station.register()
    overview = station.customer.overview(product=STATION)
    assert overview["status"] == "trial"
    assert overview["trial"] == {"first_day": "2025-03-01", "last_day": "2025-05-29"}
    assert [entry.name for entry in station.customer.log()] == [
        "register_product",
        "register_licensed_system",
    ]
    station.customer.on("2025-04-01")
    station.register("Hall")
    assert station.customer.overview(product=STATION)["trial"] == overview["trial"]
    invariants.hold(station.customer)


def test_a_system_begins_no_trial_beside_a_subscription_or_where_none_is_offered(
    site: Site, station: Site
) -> None:
    """D-18."""
    station.customer.start(product=STATION)
    station.register()
    assert station.customer.overview(product=STATION)["trial"] is None
    site.register()
    assert site.customer.overview(product=site.product)["trial"] is None


def test_a_system_after_the_trial_begins_no_other(station: Site) -> None:
    """D-18: not restartable."""
    station.remove(station.register())
    station.customer.on("2025-07-01")
    station.register()
    assert station.status() == "trial_expired"


# Reading


def test_systems_are_listed_by_name_page_by_page(site: Site) -> None:
    names = ["Attic", "Basement", "Cellar", "Cellar", "Door"]
    for name in reversed(names):
        site.register(name)
    seen, cursor = [], None
    while True:
        found = site.listed(limit=2, cursor=cursor)
        seen += found["items"]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert [each["name"] for each in seen] == names
    assert len({each["id"] for each in seen}) == 5
    assert site.listed(limit=5)["next_cursor"] is None


def test_a_list_is_of_one_product_and_says_what_each_system_holds_and_needs(
    site: Site, station: Site
) -> None:
    """R42, D-16."""
    station.register()
    recorder = site.hardware("REC-1", tied=8)
    site.report(site.credential(recorder), 1, {"channel": 11, "analytics-channel": 2})
    (listed,) = site.listed()["items"]
    assert listed == site.get(recorder)
    assert licenses(listed) == {"preloaded-channel": 8}
    assert listed["needs"] == [
        {"type": "analytics-channel", "reported": 2, "held": 0, "needed": 2},
        {"type": "channel", "reported": 11, "held": 8, "needed": 3},
    ]
    assert (listed["sequence"], listed["has_credential"]) == (1, True)


def test_a_system_that_is_silent_for_thirty_days_is_stale_and_goes_on_counting(
    site: Site,
) -> None:
    """D-16."""
    system = site.register()
    credential = site.credential(system)

    def stale_on(day: str) -> bool:
        site.customer.on(day)
        found: bool = site.get(system)["is_stale"]
        return found

    assert not stale_on("2025-03-30")
    assert stale_on("2025-03-31")
    site.report(credential, 1, {"channel": 5})
    assert not stale_on("2025-04-29")
    assert stale_on("2025-04-30")
    assert site.listed()["items"][0]["is_stale"]
    assert site.need()["channel"] == 5


def test_systems_of_others_and_of_other_products_are_not_found(
    suite: Suite, site: Site, station: Site
) -> None:
    foreign = Site(Customer(suite, site.customer.supplier)).register()
    elsewhere = station.register()
    for system in (foreign, elsewhere, {"id": str(uuid4())}):
        refused("system-not-found", site.get, system)
        refused("system-not-found", site.remove, system)
        refused("system-not-found", site.credential, system)
        refused("system-not-found", site.ask, "rename_licensed_system", system, name="Mine")
        refused("system-not-found", site.extend, system, channel=1)
    assert station.get(elsewhere)["state"] == "registered"


# Naming and removing


def test_a_new_name_stands_in_the_history(site: Site) -> None:
    """R13."""
    system = site.register("Lobby")
    renamed = site.ask("rename_licensed_system", system, name="Hall")
    assert renamed == {**system, "name": "Hall"}
    assert site.get(system)["name"] == "Hall"
    entry = site.customer.log()[-1]
    assert (entry.name, entry.account_id) == ("rename_licensed_system", site.customer.owner)
    assert entry.arguments == {"system_id": system["id"], "name": "Hall"}


def test_a_removed_system_counts_nothing_and_is_listed_on_request(site: Site) -> None:
    """D-16."""
    system = site.register()
    site.report(site.credential(system), 1, {"channel": 9})
    site.customer.on("2025-03-05")
    site.remove(system)
    assert site.need() == {"analytics-channel": 0, "channel": 0}
    assert site.listed()["items"] == []
    (listed,) = site.listed(removed=True)["items"]
    assert (listed["state"], listed["ended_on"]) == ("removed", "2025-03-05")
    assert (listed["has_credential"], listed["is_stale"]) == (False, False)


def test_removing_again_is_answered_alike_and_changes_nothing(site: Site) -> None:
    system = site.register()
    site.remove(system)
    before = site.customer.log()
    site.customer.on("2025-03-05")
    site.remove(system)
    assert site.get(system)["ended_on"] == "2025-03-01"
    assert site.customer.log() == before


def test_a_removed_system_is_not_named_extended_or_given_a_credential(site: Site) -> None:
    system = site.register()
    site.buy(1, "channel")
    site.remove(system)
    refused("system-not-found", site.ask, "rename_licensed_system", system, name="Hall")
    refused("system-not-found", site.credential, system)
    refused("system-not-found", site.extend, system, channel=1)


def test_software_that_comes_back_under_its_serial_finds_its_licenses_again(site: Site) -> None:
    """D-17: what was paid for stays with the system that it was paid for."""
    system = site.register(serial="SW-1")
    site.buy(3, "channel")
    site.extend(system, channel=3)
    site.remove(system)
    nameless = site.register("Lobby")
    assert (nameless["id"] != system["id"], licenses(nameless)) == (True, {})
    back = site.register("Lobby", serial="SW-1")
    assert (back["id"], licenses(back)) == (system["id"], {"channel": 3})
    invariants.hold(site.customer)


# Need and years


def test_need_is_what_systems_report_less_what_each_holds(station: Site) -> None:
    """R20, D-16: per system, never below zero, beside nothing else."""
    station.customer.start(product=STATION)
    rich, poor = station.hardware("ST-1", tied=10), station.register("Hall")
    station.report(station.credential(rich), 1, {"core": 4})
    station.report(station.credential(poor), 1, {"core": 7})
    assert station.need() == {"core": 7}
    station.report(station.credential(rich), 2, {"core": 12})
    assert station.need() == {"core": 9}


def test_a_year_is_settled_when_a_removal_leaves_its_seats_enough(station: Site) -> None:
    """D-12: on some day of it."""
    customer = station.customer
    customer.start(product=STATION)
    lobby, hall = station.register("Lobby"), station.register("Hall")
    station.report(station.credential(lobby), 1, {"core": 2})
    station.report(station.credential(hall), 1, {"core": 1})
    station.buy(3, "core")
    customer.allocate(3, product=STATION)
    station.report(station.credential(hall), 2, {"core": 5})
    assert customer.on("2026-03-01").overview(product=STATION)["status"] == "grace"
    station.buy(2, "core")
    refused("below-current-need", customer.allocate, 2, product=STATION)
    station.remove(hall)
    customer.allocate(2, product=STATION)
    assert station.status() == "licensed"
    invariants.hold(customer)


def test_growth_through_reports_is_noted_and_ends(station: Site) -> None:
    """D-12, D-22."""
    customer = station.customer
    customer.start(product=STATION)
    credential = station.credential(station.register())
    station.report(credential, 1, {"core": 3})
    station.buy(3, "core")
    customer.allocate(3, product=STATION)
    customer.on("2025-03-10")
    station.report(credential, 2, {"core": 7})
    exceeded = customer.overview(product=STATION)
    assert (exceeded["status"], exceeded["exceeded_since"]) == ("growth_exceeded", "2025-03-10")
    station.report(credential, 3, {"core": 6})
    within = customer.overview(product=STATION)
    assert (within["status"], within["exceeded_since"]) == ("licensed_growth", None)


def test_a_product_licensed_with_its_hardware_stands_as_its_systems_do(site: Site) -> None:
    """R32, R35."""
    assert site.status() == "not_started"
    recorder = site.hardware("REC-1", tied=8)
    credential = site.credential(recorder)
    site.report(credential, 1, {"channel": 8})
    assert site.status() == "licensed"
    site.report(credential, 2, {"channel": 9})
    assert site.status() == "unlicensed"
    site.buy(1, "channel")
    site.extend(recorder, channel=1)
    assert site.status() == "licensed"


# Who may


def test_who_is_no_member_finds_no_organization(suite: Suite) -> None:
    """R7."""
    site = Site(Customer(suite, Supplier(suite)), PRODUCT)
    system = site.register()
    site.customer.owner = uuid4()
    refused("organization-not-found", site.register)
    refused("organization-not-found", site.listed)
    refused("organization-not-found", site.get, system)
    refused("organization-not-found", site.remove, system)
    refused("organization-not-found", site.credential, system)
