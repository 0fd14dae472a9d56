"""System files: what people bring from systems without a connection (R8, R9, D-16, D-19)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4, uuid5

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from contracts.errors import Refusal
from services.licensing.models import AuditRow, SystemRow, UsageReportRow
from tests.harness import Suite
from tests.service.licensing.customer import Customer
from tests.service.licensing.station import Station
from tests.unit.licensing import files

VIDEO_CENTER = "video-center"


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code, refusal.value
    return refusal.value


@pytest.fixture
def registered(customer: Customer) -> Customer:
    customer.register()
    customer.register(product=VIDEO_CENTER)
    return customer


@pytest.fixture
def station(registered: Customer, tmp_path: Path) -> Station:
    return Station(registered, tmp_path)


@pytest.fixture
def other(suite: Suite, registered: Customer) -> Customer:
    """Another organization with the product."""
    other = Customer(suite, registered.supplier, name="Southern Ports")
    other.register()
    other.register(product=VIDEO_CENTER)
    return other


def need(customer: Customer, product: str = "camera-manager") -> dict[str, int]:
    return {line["type"]: line["need"] for line in customer.overview(product=product)["needs"]}


# The first file, and the news of the next ones


def test_the_first_file_registers_the_system_and_its_use(station: Station) -> None:
    """R8, R9, D-19, D-16."""
    answer = station.reports(core=12)
    assert answer["result"] == "registered"
    system = answer["system"]
    assert (system["id"], system["kind"], system["state"]) == (station.id, "offline", "registered")
    assert system["name"] == f"Offline system {station.id[:8]}"
    assert answer["counts"] == [{"type": "core", "count": 12, "before": None}]
    assert (answer["version"], answer["version_before"]) == ("4.2", None)
    assert need(station.customer) == {"core": 12}
    (event,) = [
        data
        for name, data in station.customer.suite.waiting("licensing")
        if name == "licensed_system_registered"
    ]
    assert (event["licensed_system_id"], event["kind"]) == (station.id, "offline")


def test_the_next_file_brings_its_news(registered: Customer, tmp_path: Path) -> None:
    """D-16: what is not named any more is counted as none."""
    station = Station(registered, tmp_path, product=VIDEO_CENTER)
    station.reports(core=12, universal=3)
    station.version = "4.3"
    answer = station.reports(core=14)
    assert answer["result"] == "updated"
    assert answer["counts"] == [
        {"type": "core", "count": 14, "before": 12},
        {"type": "universal", "count": 0, "before": 3},
    ]
    assert (answer["version"], answer["version_before"]) == ("4.3", "4.2")
    assert need(registered, VIDEO_CENTER) == {"core": 14, "universal": 0}


def test_its_use_counts_beside_managed_devices_and_other_systems(
    registered: Customer, tmp_path: Path
) -> None:
    """D-16."""
    registered.manage(2)
    for cameras in (3, 4):
        Station(registered, tmp_path).reports(core=cameras)
    assert need(registered) == {"core": 9}


def test_a_report_can_settle_the_year(registered: Customer, tmp_path: Path) -> None:
    """D-12: the need falls to what is allocated."""
    registered.start()
    station = Station(registered, tmp_path)
    station.reports(core=8)
    registered.buy(16)
    registered.allocate(8)
    registered.allocate(8, year=1)
    station.reports(core=10)
    registered.on("2026-03-05")
    assert registered.overview()["status"] == "grace"
    station.reports(core=7)
    assert registered.overview()["status"] == "licensed"


def test_people_name_their_systems(station: Station) -> None:
    answer = station.upload(station.file(core=1), name="Lighthouse")
    assert answer["system"]["name"] == "Lighthouse"
    assert station.reports(core=2)["system"]["name"] == "Lighthouse"
    assert station.upload(station.file(core=2), name="Pier")["system"]["name"] == "Pier"


def test_the_first_system_begins_the_trial(registered: Customer, tmp_path: Path) -> None:
    """R43, D-18."""
    assert registered.overview(product=VIDEO_CENTER)["status"] == "not_started"
    Station(registered, tmp_path, product=VIDEO_CENTER).reports(core=1)
    assert registered.overview(product=VIDEO_CENTER)["status"] == "trial"


# The same file again


def test_the_same_file_again_changes_nothing(station: Station) -> None:
    """D-19."""
    file = station.file(core=12)
    station.upload(file)
    again = station.upload(file)
    assert again["result"] == "unchanged"
    assert again["counts"] == [{"type": "core", "count": 12, "before": 12}]
    assert need(station.customer) == {"core": 12}


def test_one_errand_sent_twice_is_answered_alike(station: Station) -> None:
    """D-24: also when the file has become too old meanwhile."""
    file, errand = station.file(core=12), uuid4().hex
    first = station.upload(file, idempotency_key=errand)
    station.customer.suite.clock.advance(timedelta(days=40))
    assert station.upload(file, idempotency_key=errand) == first
    refused("idempotency-mismatch", station.upload, station.file(core=1), idempotency_key=errand)


def test_an_older_file_is_refused(station: Station) -> None:
    """D-19, D-16."""
    older, newer = station.file(core=12), station.file(core=10)
    station.upload(newer)
    stale = refused("stale-system-file", station.upload, older)
    assert stale.facts == {"sequence": "1", "last_sequence": "2"}
    assert need(station.customer) == {"core": 10}


# Files that are not believed


def test_a_file_that_was_changed_or_is_none_is_refused(station: Station) -> None:
    """M6."""
    file = station.file(core=12)
    half = len(file) // 2
    other = b"A" if file[half : half + 1] != b"A" else b"B"
    refused("file-malformed", station.upload, file[:half] + other + file[half + 1 :])
    refused("file-malformed", station.upload, file.replace(b"\n", b"\r\n"))
    refused("file-malformed", station.upload, b"system, please")
    send = station.customer.command
    refused("file-malformed", send, "upload_system_file", file="not base64!")
    refused("invalid-request", station.upload, b"x" * 16_387)
    refused("file-malformed", station.upload, b"x" * 16_385)
    signed_by_another = files.system_file(files.OTHER_KEY, created_at="2025-03-01T09:00:00Z")
    refused("signature-wrong", station.upload, signed_by_another)
    assert station.upload(file)["result"] == "registered"


def test_a_file_describes_the_present(station: Station) -> None:
    """D-19: carried by hand within thirty days, and written by clocks nobody sets."""
    file, clock = station.file(core=12), station.customer.suite.clock
    clock.advance(timedelta(days=30, seconds=1))
    refused("system-file-too-old", station.upload, file)
    file = station.file(core=12)
    clock.advance(timedelta(days=30))
    station.upload(file)
    ahead = files.system_file(created_at="2026-01-01T00:00:00Z")
    refused("system-file-from-future", station.upload, ahead)


def test_a_file_is_uploaded_to_its_own_product(registered: Customer, tmp_path: Path) -> None:
    """D-8's sibling."""
    station = Station(registered, tmp_path, product=VIDEO_CENTER)
    file = station.file(core=1)
    wrong = refused("system-file-wrong-product", station.upload, file, product="camera-manager")
    assert wrong.facts == {"product": VIDEO_CENTER}
    station.upload(file)


def test_a_file_counts_what_the_product_needs(station: Station) -> None:
    unknown = refused("license-type-unknown", station.reports, gold=1)
    assert unknown.facts == {"type": "gold"}
    refused("system-not-found", station.fetch)


def test_the_product_is_registered_first(suite: Suite, tmp_path: Path) -> None:
    """R3."""
    refused("product-not-registered", Station(Customer(suite), tmp_path).reports, core=1)


# Trust on first use


def test_a_system_belongs_to_the_organization_that_came_first(
    station: Station, other: Customer
) -> None:
    """D-19: the other one learns nothing of it."""
    station.reports(core=12)
    problem = refused("system-already-registered", station.upload, station.file(core=99), by=other)
    assert problem.facts == {}
    assert need(station.customer) == {"core": 12}
    assert need(other) == {"core": 0}


def test_nobody_takes_an_id_that_another_organization_will_make(
    registered: Customer, other: Customer, tmp_path: Path
) -> None:
    """D-19: ids that come from our history can be known before; a new system's file says none."""
    to_come = uuid5(uuid5(registered.id, f"command {len(registered.log()) + 1}"), "1")
    squatter = Station(other, tmp_path, registered_as=str(to_come))
    refused("file-malformed", squatter.reports, core=0)
    online = registered.command("register_licensed_system", name="Lighthouse")
    assert online["id"] == str(to_come)
    cut_off = Station(registered, tmp_path, registered_as=online["id"])
    assert cut_off.reports(core=1)["result"] == "updated"


def test_a_system_of_one_product_is_none_of_another(registered: Customer, tmp_path: Path) -> None:
    """D-19."""
    station = Station(registered, tmp_path)
    station.reports(core=1)
    station.product = VIDEO_CENTER
    assert refused("system-already-registered", station.reports, core=1).facts == {
        "product": "camera-manager"
    }


def test_another_key_or_hardware_needs_an_operator(station: Station) -> None:
    """D-19."""
    station.reports(core=12)
    station.hardware = ("BOARD-9",)
    refused("fingerprint-changed", station.reports, core=12)
    station.hardware = ("BOARD-1234", "MAC-00408C123456")
    _forget_key(station)
    refused("system-key-changed", station.reports, core=12)


def _forget_key(station: Station) -> None:
    """As a system that was set up anew: a new key, numbers from the beginning, the old id."""
    path = station.folder / "system.json"
    key = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    path.write_text(f'{{"id": "{station.id}", "private_key": "{key}", "sequence": 0}}')


def test_a_removed_system_counts_no_more_until_a_new_file_brings_it_back(
    station: Station, other: Customer
) -> None:
    """D-16, D-17: to whichever organization, which inherits nothing."""
    station.upload(station.file(core=12), name="Lighthouse")
    station.remove()
    assert need(station.customer) == {"core": 0}
    answer = station.upload(station.file(core=5), by=other)
    assert answer["result"] == "registered"
    assert answer["system"]["name"] == f"Offline system {station.id[:8]}"
    assert answer["counts"] == [{"type": "core", "count": 5, "before": None}]
    assert (need(station.customer), need(other)) == ({"core": 0}, {"core": 5})
    listed = other.ask("list_licensed_systems")["items"]
    assert [system["id"] for system in listed] == [station.id]
    (gone,) = station.customer.ask("list_licensed_systems", removed=True)["items"]
    assert (gone["id"], gone["name"], gone["state"]) == (station.id, "Lighthouse", "removed")
    assert [need["reported"] for need in gone["needs"]] == [0], "what others use is not told"
    refused("system-already-registered", station.reports, core=6)


def test_a_removed_system_comes_back_as_a_new_one(station: Station) -> None:
    """D-17: under a name of its own, for in between it may have been somebody else's."""
    station.upload(station.file(core=12), name="Lighthouse")
    station.remove()
    station.customer.on("2025-03-05")
    answer = station.reports(core=3)
    assert (answer["result"], answer["version_before"]) == ("registered", None)
    assert answer["system"]["name"] == f"Offline system {station.id[:8]}"
    assert answer["system"]["registered_on"] == "2025-03-05"


def test_a_system_registered_otherwise_is_pinned_by_its_first_file(
    registered: Customer, tmp_path: Path
) -> None:
    """D-19: one whose line was cut for good."""
    online = registered.command("register_licensed_system", name="Lighthouse")
    station = Station(registered, tmp_path, registered_as=online["id"])
    answer = station.reports(core=7)
    assert (answer["result"], answer["system"]["kind"]) == ("updated", "online")
    assert answer["system"]["name"] == "Lighthouse"
    assert need(registered) == {"core": 7}
    impostor = Station(registered, tmp_path, registered_as=online["id"])
    refused("system-key-changed", impostor.reports, core=1)


def test_a_file_does_not_bring_back_what_was_registered_otherwise(
    registered: Customer, other: Customer, tmp_path: Path
) -> None:
    online = registered.command("register_licensed_system", name="Lighthouse")
    station = Station(registered, tmp_path, registered_as=online["id"])
    station.reports(core=7)
    station.remove()
    for customer in (registered, other):
        refused("system-already-registered", station.upload, station.file(core=1), by=customer)


# What is written down


def test_history_and_audit_tell_of_a_file(station: Station) -> None:
    """R13."""
    station.upload(station.file(core=12), name="Lighthouse")
    entry = station.customer.history()["items"][0]
    assert entry["name"] == "upload_system_file"
    assert entry["account_id"] == str(station.customer.owner)
    assert entry["arguments"] == {
        "system_id": station.id,
        "name": "Lighthouse",
        "result": "registered",
        "sequence": 1,
        "version": "4.2",
        "counts": {"core": 12},
    }
    station.hardware = ("BOARD-9",)
    refused("fingerprint-changed", station.reports, core=12)
    db = station.customer.suite.kits["licensing"].db
    with db.reading() as session:
        rows = session.scalars(
            select(AuditRow)
            .where(AuditRow.action == "upload_system_file")
            .order_by(AuditRow.result)
        ).all()
        reports = session.scalars(select(UsageReportRow)).all()
    assert [(row.result, row.reason) for row in rows] == [
        ("done", None),
        ("refused", "fingerprint-changed"),
    ]
    assert [(str(row.system_id), row.sequence, row.counts) for row in reports] == [
        (station.id, 1, {"core": 12})
    ]
    assert station.customer.has_intact_history()


def test_an_archived_organization_takes_no_files(station: Station) -> None:
    """D-23."""
    station.reports(core=1)
    now = station.customer.suite.clock.now().isoformat()
    station.customer.hear(
        "organization_archived", epoch=9, archived_at=now, archived_by=station.customer.owner
    )
    refused("organization-archived", station.reports, core=2)


# On an operator's word


def _accepted(station: Station, file: bytes, why: str = "ticket 7") -> Any:
    customer = station.customer
    licensing = customer.suite.instance("licensing")
    return licensing.accept_system_file(customer.id, station.product, file, why=why)


def test_an_operator_lets_in_a_system_on_new_hardware_with_a_new_key(station: Station) -> None:
    """D-19: from then on it is known by these."""
    for cameras in (10, 11, 12):
        station.reports(core=cameras)
    station.hardware = ("BOARD-9",)
    _forget_key(station)
    file = station.file(core=13)
    assert _accepted(station, file)["result"] == "updated"
    assert need(station.customer) == {"core": 13}
    assert station.reports(core=14)["result"] == "updated"
    assert station.reports(core=15)["result"] == "updated"
    assert need(station.customer) == {"core": 15}
    entry = next(row for row in station.customer.log() if row.name == "accept_system_file")
    assert (entry.role, entry.account_id) == ("operator", None)
    assert entry.arguments["reason"] == "ticket 7"
    assert station.customer.has_intact_history()


def test_an_operators_word_given_twice_is_carried_out_once(station: Station) -> None:
    """D-24."""
    station.reports(core=1)
    station.hardware = ("BOARD-9",)
    file = station.file(core=2)
    assert _accepted(station, file) == _accepted(station, file)
    assert _accepted(station, file, "ticket 8")["result"] == "unchanged"
    assert [row.name for row in station.customer.log()].count("accept_system_file") == 2


def test_an_operators_word_makes_no_system_of_a_stranger(station: Station, other: Customer) -> None:
    refused("system-not-found", _accepted, station, station.file(core=1))
    station.upload(station.file(core=1), by=other)
    refused("system-already-registered", _accepted, station, station.file(core=2))


def test_an_operator_lets_in_a_removed_system_that_has_changed(station: Station) -> None:
    station.reports(core=1)
    station.remove()
    _forget_key(station)
    refused("system-key-changed", station.reports, core=1)
    assert _accepted(station, station.file(core=3))["result"] == "registered"
    assert need(station.customer) == {"core": 3}


def test_the_row_of_a_system_holds_what_its_last_file_said(suite: Suite, station: Station) -> None:
    station.reports(core=1)
    with suite.kits["licensing"].db.reading() as session:
        row = session.scalars(select(SystemRow)).one()
    assert (row.fingerprint, row.version, row.sequence) == (station.fingerprint, "4.2", 1)
    assert row.reported_at == suite.clock.now()
    assert row.file_digest is not None
    assert row.credential_digest is None


def test_a_stranger_is_answered_before_the_file_is_looked_at(
    suite: Suite, station: Station
) -> None:
    """R7, security 2.8."""
    refused(
        "organization-not-found",
        suite.call,
        "licensing",
        "upload_system_file",
        {
            "organization_id": str(station.customer.id),
            "product": station.product,
            "file": b64encode(b"junk").decode(),
            "idempotency_key": uuid4().hex,
        },
        as_=uuid4(),
    )
