"""License files: what a system without a connection may use, and nobody else then (D-19)."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from chassis.clock import FixedClock, SystemClock
from contracts.errors import Refusal
from services.licensing.models import LicenseFileRow
from services.licensing.service.signing import Own, Signer
from tests.harness import Suite
from tests.service.licensing.customer import Customer, Supplier
from tests.service.licensing.site import STATION, Site, offer_station
from tests.service.licensing.station import Station

RECORDER = "network-recorder"


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code, refusal.value
    return refusal.value


def claims(content: str) -> dict[str, Any]:
    outer = json.loads(b64decode("".join(content.split("\n")[1:-2])))
    said: dict[str, Any] = json.loads(b64decode(outer["enc"]))
    return said


def needed(customer: Customer) -> int:
    found: int = customer.overview()["needs"][0]["need"]
    return found


@pytest.fixture
def licensed(customer: Customer) -> Customer:
    """Twelve seats in the year that began today, and licenses for more."""
    customer.started()
    customer.buy(40)
    return customer


@pytest.fixture
def station(licensed: Customer, tmp_path: Path) -> Station:
    station = Station(licensed, tmp_path)
    station.reports(core=12)
    licensed.allocate(12)
    return station


# What is in a file


def test_a_file_says_what_d_19_lists(station: Station) -> None:
    issued = station.fetch()
    said = claims(station.license_file())
    assert said == {
        "organization": str(station.customer.id),
        "product": "camera-manager",
        "system_id": station.id,
        "fingerprint": station.fingerprint,
        "types": {"core": 12},
        "growth_limit": {"core": 24},
        "valid_from": "2025-02-28",
        "valid_until": "2026-03-31",
        "issued": "2025-03-01T09:00:00Z",
        "serial": 1,
        "key_id": said["key_id"],
    }
    assert issued == {
        "licensed_system_id": station.id,
        "product": "camera-manager",
        "serial": 1,
        "seats": [{"type": "core", "seats": 12, "reserved": 12, "growth_limit": 24}],
        "valid_from": "2025-02-28",
        "valid_until": "2026-03-31",
        "issued_at": "2025-03-01T09:00:00+00:00",
    }


def test_each_file_of_a_system_has_the_next_serial(station: Station) -> None:
    assert [station.fetch()["serial"] for _ in range(2)] == [1, 2]
    assert claims(station.license_file())["serial"] == 2


def test_one_errand_sent_twice_issues_one_file(station: Station) -> None:
    """D-24: and the answer holds no signature."""
    errand = uuid4().hex
    assert station.fetch(idempotency_key=errand) == station.fetch(idempotency_key=errand)
    assert claims(station.license_file())["serial"] == 1


def test_a_download_is_the_same_every_time(station: Station) -> None:
    """D-19: exact bytes; another key that signs by now changes nothing."""
    refused("license-file-not-found", station.license_file)
    station.fetch()
    content = station.license_file()
    kit = station.customer.suite.kits["licensing"]
    settings = {name: value for name, value in vars(kit.own).items() if name != "signer"}
    kit.own = Own(**settings, signer=Signer({"next": b"\1" * 32}))
    assert station.license_file() == content
    station.fetch()
    assert claims(station.license_file())["key_id"] == "next"


def test_the_public_keys_are_for_everybody(suite: Suite) -> None:
    """M6: current and previous ones."""
    told = suite.call("licensing", "license_signing_keys")
    assert told["current"] == "local"
    assert {len(key) for key in told["keys"].values()} == {64}


# When one is issued


def test_a_year_is_covered_before_files_are_made_of_it(licensed: Customer, tmp_path: Path) -> None:
    """D-12, D-19: after allocation."""
    station = Station(licensed, tmp_path)
    station.reports(core=12)
    refused("not-licensed", station.fetch)
    licensed.on("2025-04-15")
    refused("not-licensed", station.fetch)
    licensed.allocate(12)
    station.fetch()


def test_a_system_that_uses_nothing_gets_no_file(licensed: Customer, tmp_path: Path) -> None:
    station = Station(licensed, tmp_path)
    station.reports(core=0)
    refused("not-licensed", station.fetch)


def test_a_system_is_known_by_its_hardware_before_it_gets_a_file(
    licensed: Customer, tmp_path: Path
) -> None:
    """D-19: a file is for a fingerprint."""
    online = licensed.command("register_licensed_system", name="Lighthouse")
    fetch = {"licensed_system_id": online["id"]}
    refused("system-file-missing", licensed.command, "issue_license_file", **fetch)
    station = Station(licensed, tmp_path, registered_as=online["id"])
    station.reports(core=2)
    licensed.allocate(2)
    assert station.fetch()["serial"] == 1


def test_no_file_for_a_system_of_others_or_a_removed_one(
    suite: Suite, station: Station, tmp_path: Path
) -> None:
    other = Customer(suite, station.customer.supplier)
    other.register()
    asked = {"licensed_system_id": station.id}
    refused("system-not-found", other.command, "issue_license_file", **asked)
    refused("license-file-not-found", other.ask, "get_license_file", **asked)
    station.fetch()
    refused("license-file-not-found", other.ask, "get_license_file", **asked)
    station.remove()
    refused("system-not-found", station.fetch)
    assert claims(station.license_file())["serial"] == 1, "what was issued can be read"


def test_an_archived_organization_issues_no_files(station: Station) -> None:
    """D-23."""
    station.customer.hear("organization_archived", archived_at="2025-03-01T09:00:00+00:00", epoch=9)
    refused("organization-archived", station.fetch)


# What it reserves


def test_what_one_file_holds_is_in_no_other(licensed: Customer, tmp_path: Path) -> None:
    """D-19: the last seats go to whoever comes first, and then there are none."""
    stations = [Station(licensed, tmp_path) for _ in range(3)]
    for station in stations:
        station.reports(core=4)
    licensed.allocate(12)
    for station in stations:
        station.reports(core=7)
    assert [line["seats"] for line in stations[0].fetch()["seats"]] == [7]
    assert [line["seats"] for line in stations[1].fetch()["seats"]] == [5]
    refused("not-licensed", stations[2].fetch)
    assert [line["seats"] for line in stations[0].fetch()["seats"]] == [7]
    licensed.allocate(4)
    assert [line["seats"] for line in stations[2].fetch()["seats"]] == [4]


def test_seats_stay_reserved_through_the_last_day_of_the_file(station: Station) -> None:
    """D-19, D-16: an offline copy cannot be recalled, not by removing its system either."""
    station.fetch()
    station.reports(core=3)
    assert needed(station.customer) == 12
    station.remove()
    assert needed(station.customer) == 12
    assert needed(station.customer.on("2026-03-31")) == 12
    assert needed(station.customer.on("2026-04-01")) == 0


def test_a_smaller_file_that_lasts_longer_frees_no_seats_early(station: Station) -> None:
    """D-19: the larger one counts as long as it is valid, then the other alone."""
    customer = station.customer
    station.fetch()
    customer.allocate(12, year=1)
    customer.on("2026-03-05")
    station.reports(core=4)
    assert [line["seats"] for line in station.fetch()["seats"]] == [4]
    station.reports(core=1)
    assert needed(customer) == 12
    assert needed(customer.on("2026-03-31")) == 12
    assert needed(customer.on("2026-04-01")) == 4
    assert needed(customer.on("2027-03-31")) == 4
    assert needed(customer.on("2027-04-01")) == 1


def test_a_smaller_file_of_the_same_year_frees_none(station: Station, tmp_path: Path) -> None:
    """D-19: the first copy works as long as the second."""
    customer = station.customer
    station.fetch()
    station.reports(core=2)
    station.fetch()
    assert needed(customer) == 12
    other = Station(customer, tmp_path)
    other.reports(core=5)
    refused("not-licensed", other.fetch)
    assert needed(customer.on("2026-04-01")) == 7


def test_a_reservation_that_ends_settles_a_year_on_a_day_nobody_does_anything(
    licensed: Customer, tmp_path: Path
) -> None:
    """D-12, D-19: the overview of that day says so, without any job having run."""
    licensed.manage(3)
    licensed.allocate(8, allow_surplus=True)
    licensed.allocate(3, year=1)
    station = Station(licensed, tmp_path)
    station.reports(core=5)
    station.fetch()
    station.remove()
    assert licensed.on("2026-03-31").overview()["status"] == "unlicensed"
    assert licensed.on("2026-04-01").overview()["status"] == "licensed"
    licensed.buy(1)
    assert licensed.overview()["is_settled"] is True


def test_what_another_organization_reserved_is_not_taken_over(
    suite: Suite, station: Station
) -> None:
    """D-17, D-19: the copy that was issued first works on, and the new owner gets its own."""
    customer = station.customer
    station.fetch()
    station.remove()
    other = Customer(suite, customer.supplier)
    other.started()
    other.buy(5)
    file = station.file(core=5)
    station.upload(file, by=other)
    other.allocate(5)
    station.customer = other
    assert station.fetch()["serial"] == 1
    assert (needed(customer), needed(other)) == (12, 5)
    assert needed(customer.on("2026-04-01")) == 0


# Licenses of the system itself


def test_a_file_of_licenses_that_are_the_systems_own_lasts_a_year_from_its_issue(
    licensed: Customer, tmp_path: Path
) -> None:
    """D-19, R35, decision 22: the hardware's lifetime has no end, so its file is renewed."""
    licensed.register(product=RECORDER)
    key = licensed.supplier.issue(product=RECORDER, lines=[{"type": "channel", "quantity": 8}])[
        "keys"
    ][0]["key"]
    licensed.redeem(key, product=RECORDER)
    station = Station(licensed, tmp_path, product=RECORDER)
    station.reports(channel=10)
    refused("not-licensed", station.fetch)
    licensed.command(
        "allocate_to_system",
        product=RECORDER,
        licensed_system_id=station.id,
        lines=[{"type": "channel", "licenses": 8}],
    )
    issued = station.fetch()
    assert issued["seats"] == [{"type": "channel", "seats": 8, "reserved": 0, "growth_limit": 8}]
    assert (issued["valid_from"], issued["valid_until"]) == ("2025-02-28", "2026-02-28")
    licensed.on("2025-12-24")
    assert station.fetch()["valid_until"] == "2026-12-23"


def test_what_hardware_brings_is_in_its_file_beside_seats_of_the_year(
    suite: Suite, customer: Customer, tmp_path: Path
) -> None:
    """D-16, D-19, decision 22: only the year's are reserved and may grow, and end with the year."""
    offer_station(suite)
    site = Site(customer, STATION)
    customer.start(product=STATION)
    hardware = site.hardware("NVR-1", tied=8)
    station = Station(customer, tmp_path, product=STATION, registered_as=hardware["id"])
    station.reports(core=6)
    own = station.fetch()
    assert own["seats"] == [{"type": "core", "seats": 8, "reserved": 0, "growth_limit": 8}]
    assert own["valid_until"] == "2026-02-28"
    site.buy(2, "core")
    station.reports(core=10)
    customer.allocate(2, product=STATION)
    both = station.fetch()
    assert both["seats"] == [{"type": "core", "seats": 10, "reserved": 2, "growth_limit": 12}]
    assert both["valid_until"] == "2026-03-31"
    station.reports(core=0)
    (need,) = customer.overview(product=STATION)["needs"]
    assert need["need"] == 2, "its own are nobody else's anyway"


def test_a_file_of_preloaded_hardware_is_for_the_hardware(
    licensed: Customer, tmp_path: Path
) -> None:
    """R32: its licenses are tied to the system that was registered with its proof."""
    licensed.register(product=RECORDER)
    supplier: Supplier = licensed.supplier
    sent = supplier.call(
        "issue_hardware",
        order_ref=uuid4().hex,
        product=RECORDER,
        serials=["NVR-1"],
        lines=[{"type": "preloaded-channel", "quantity": 4}],
    )
    system = licensed.command(
        "register_licensed_system",
        product=RECORDER,
        name="Recorder",
        serial="NVR-1",
        ownership_proof=sent["units"][0]["ownership_proof"],
    )
    station = Station(licensed, tmp_path, product=RECORDER, registered_as=system["id"])
    station.reports(channel=4)
    station.fetch()
    assert claims(station.license_file())["types"] == {"channel": 4}


# What is written down


def test_the_history_tells_of_a_file_without_its_signature(suite: Suite, station: Station) -> None:
    """R13: the container is read by whoever downloads it, and nowhere else."""
    station.fetch()
    entry = station.customer.history()["items"][0]
    assert entry["name"] == "issue_license_file"
    assert entry["arguments"] == {
        "system_id": station.id,
        "name": f"Offline system {station.id[:8]}",
        "serial": 1,
        "seats": {"core": 12},
        "valid_until": "2026-03-31",
    }
    with suite.kits["licensing"].db.reading() as session:
        row = session.scalars(select(LicenseFileRow)).one()
        kept = repr(list(session.execute(text("SELECT * FROM command_log"))))
    assert (row.seats, row.reserved) == ({"core": 12}, {"core": 12})
    assert (row.valid_from, row.valid_until) == (date(2025, 2, 28), date(2026, 3, 31))
    assert row.container[60:120] not in kept
    assert station.customer.has_intact_history()


def test_a_file_that_was_issued_cannot_be_changed_or_removed(
    suite: Suite, station: Station
) -> None:
    """M2."""
    station.fetch()
    for statement in ("UPDATE license_file SET serial = 9", "DELETE FROM license_file"):
        with (
            pytest.raises(DBAPIError, match="only added to"),
            suite.kits["licensing"].db() as session,
        ):
            session.execute(text(statement))


# What the system makes of it


@pytest.fixture
def today(suite: Suite) -> Suite:
    """The clock stands where this machine's does, which the program goes by."""
    now = SystemClock().now().replace(microsecond=0)
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(now - suite.clock.now())
    return suite


@pytest.mark.usefixtures("today")
def test_a_downloaded_file_verifies_on_its_system_and_no_other(
    customer: Customer, tmp_path: Path
) -> None:
    """D-19, M6."""
    customer.started()
    customer.buy(12)
    station = Station(customer, tmp_path)
    station.reports(core=12)
    customer.allocate(12)
    station.fetch()
    content = station.license_file().encode()
    code, said = station.starts_with(content)
    assert (code, "Licensed until" in said, '{"core": 12}' in said) == (0, True, True), said
    half = len(content) // 2
    other = b"A" if content[half : half + 1] != b"A" else b"B"
    assert station.starts_with(content[:half] + other + content[half + 1 :])[0] == 1
    station.hardware = ("BOARD-9",)
    assert "another system" in station.starts_with(content)[1]
