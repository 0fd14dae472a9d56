"""Systems without a connection that move on: what was paid for them stays with who paid (D-17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.licensing.service.replacing import replace_system
from tests.harness import Suite
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import RECORDER, Site, licenses
from tests.service.licensing.station import Station
from tests.service.licensing.test_license_replay import replayed


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


@pytest.fixture
def other(suite: Suite, site: Site) -> Site:
    return Site(Customer(suite, site.customer.supplier))


@pytest.fixture
def moved(site: Site, other: Site, tmp_path: Path) -> tuple[Station, Any]:
    """A recorder that was extended here, and is registered elsewhere since."""
    station = Station(site.customer, tmp_path, product=RECORDER)
    system = station.reports(channel=4)["system"]
    site.buy(4, "channel")
    site.extend(system, channel=4)
    station.remove()
    station.upload(station.file(channel=7), by=other.customer)
    return station, system


def test_who_paid_still_sees_the_system_and_its_licenses(
    site: Site, other: Site, moved: tuple[Station, Any]
) -> None:
    _, system = moved
    (gone,) = site.listed(removed=True)["items"]
    assert gone == site.get(system)
    assert (gone["state"], licenses(gone)) == ("removed", {"channel": 4})
    assert {need["reported"] for need in gone["needs"]} == {0}
    (theirs,) = other.listed()["items"]
    assert (theirs["id"], theirs["state"], licenses(theirs)) == (system["id"], "registered", {})
    assert (site.need()["channel"], other.need()["channel"]) == (0, 7)


def test_an_operator_hands_on_what_was_paid_and_leaves_the_others_system_alone(
    site: Site, other: Site, moved: tuple[Station, Any]
) -> None:
    _, system = moved
    new = site.register("Hall")
    kit = site.suite.kits["licensing"]
    replace_system(kit, site.customer.id, UUID(system["id"]), UUID(new["id"]))
    assert licenses(site.get(new)) == {"channel": 4}
    assert (other.need()["channel"], other.get(system)["state"]) == (7, "registered")
    for each in (site, other):
        invariants.hold(each.customer)


def test_what_was_paid_counts_again_when_the_system_comes_back(
    site: Site, other: Site, moved: tuple[Station, Any]
) -> None:
    station, system = moved
    other.remove(system)
    back = station.reports(channel=5)["system"]
    assert (back["id"], licenses(back)) == (system["id"], {"channel": 4})
    assert (site.need()["channel"], other.need()["channel"]) == (1, 0)
    assert other.get(system)["state"] == "removed"
    for each in (site, other):
        invariants.hold(each.customer)


def test_both_histories_can_be_carried_out_again(
    suite: Suite, site: Site, other: Site, moved: tuple[Station, Any], tmp_path: Path
) -> None:
    """I11: each without the other's."""
    station, system = moved
    other.remove(system)
    station.reports(channel=5)
    for name, each in (("here", site), ("there", other)):
        folder = tmp_path / name
        folder.mkdir()
        assert replayed(suite, each.customer, folder).is_proof
