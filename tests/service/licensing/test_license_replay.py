"""A history carried out again in an empty database comes out the same (I11)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis import migrations
from chassis.db import Database, engine_for
from chassis.service import Kit
from examples import make_voucher
from services.licensing.models import SupplierRow
from services.licensing.service import LicensingService
from services.licensing.service.replacing import replace_system
from services.licensing.service.replaying import EntryClock, Replay, replay
from tests.harness import Suite
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.site import STATION, Site, licenses, offer_station
from tests.service.licensing.station import Station


def replayed(suite: Suite, customer: Customer, folder: Path) -> Replay:
    url = f"sqlite:///{folder / 'replayed.sqlite'}"
    migrations.upgrade("licensing", url)
    db, clock, lived = Database(engine_for(url)), EntryClock(), suite.kits["licensing"]
    kit = Kit(LicensingService, lived.config, clock=clock, bus=lived.bus, db=db)
    try:
        return replay(lived.db, kit, clock, customer.id)
    finally:
        db.close()


@pytest.fixture
def lived(customer: Customer) -> Customer:
    """Grace, a late top-up with licenses that return, growth, renewal, an unlicensed year."""
    customer.started().manage(12)
    customer.buy(60)
    customer.on("2025-03-21").allocate(12)
    customer.on("2025-08-31").manage(30)
    customer.allocate(9)
    customer.allocate(30, year=1)
    customer.on("2026-03-02").manage(20)
    customer.on("2027-04-15").overview()
    customer.manage(3)
    customer.allocate(3)
    customer.on("2029-03-01").suite.run_job("licensing", "look_after_licenses")
    customer.on("2030-03-02").buy(1)
    return customer


def test_every_hash_balance_and_settled_year_comes_out_again(
    suite: Suite, lived: Customer, tmp_path: Path
) -> None:
    """I11."""
    found = replayed(suite, lived, tmp_path)
    assert found == Replay(len(lived.log()), None, same_books=True)
    names = {entry.name for entry in lived.log()}
    assert {"time_passed", "devices_counted", "allocate_licenses"} <= names


def test_a_balance_that_was_changed_behind_the_ledger_is_found(
    suite: Suite, lived: Customer, tmp_path: Path
) -> None:
    """I11."""
    with suite.kits["licensing"].db() as session:
        session.execute(text("UPDATE ledger_account SET seats = seats + 1 WHERE kind = 'year'"))
    assert not replayed(suite, lived, tmp_path).is_proof


@pytest.fixture
def corrected(suite: Suite, customer: Customer) -> Customer:
    """Trials, upgrades everywhere, and operators who undo some of what was done."""
    center, recorder = "video-center", "network-recorder"
    for product in (PRODUCT, center, recorder, "cloud-recording"):
        customer.register(product=product)
    customer.command("start_trial")
    customer.command("start_trial", product="cloud-recording")
    customer.on("2025-04-01").start(product=center)
    customer.manage(3)
    customer.buy_types(center, {"core": 9, "core-to-universal": 9})
    customer.start()
    customer.buy(30)
    customer.on("2025-08-31").allocate(12, allow_surplus=True)
    customer.allocate(3, allow_surplus=True)
    lines = [{"type": "core", "seats": 4}]
    customer.command("allocate_licenses", product=center, lines=lines, allow_surplus=True)
    system = customer.command("register_licensed_system", product=recorder, name="Attic")["id"]
    customer.buy_types(recorder, {"channel": 5, "channel-to-analytics": 4})
    extended = {"licensed_system_id": system, "lines": [{"type": "channel", "licenses": 3}]}
    customer.command("allocate_to_system", product=recorder, **extended)
    for where, product, by in (
        ("wallet", center, "core-to-universal"),
        ("year:0", center, "core-to-universal"),
        (f"system:{system}", recorder, "channel-to-analytics"),
    ):
        customer.command(
            "upgrade_licenses", product=product, upgrade_type=by, licenses=2, where=where
        )
    customer.buy(5)
    undone = {
        entry.number
        for entry in customer.log()
        if entry.product == PRODUCT and entry.name == "allocate_licenses"
    } | {max(entry.number for entry in customer.log())}
    licensing = suite.instance("licensing")
    for number in sorted(undone, reverse=True):
        licensing.reverse(customer.id, number, why="ticket 7")
    customer.on("2029-09-01").allocate(3)
    return customer


def test_trials_upgrades_and_reversals_come_out_again(
    suite: Suite, corrected: Customer, tmp_path: Path
) -> None:
    """I11, D-15, D-18."""
    found = replayed(suite, corrected, tmp_path)
    assert found == Replay(len(corrected.log()), None, same_books=True)
    names = [entry.name for entry in corrected.log()]
    assert {"start_trial", "upgrade_licenses", "reverse"} <= set(names)
    assert (names.count("reverse"), names.count("upgrade_licenses")) == (3, 3)
    assert corrected.books_balance()


@pytest.fixture
def installed(suite: Suite, customer: Customer) -> Customer:
    """Hardware that others had before and after, reports, extensions, a return, a replacement."""
    offer_station(suite)
    stations, recorders = Site(customer, STATION), Site(customer)
    other = Site(Customer(suite, customer.supplier))
    proof, second = recorders.sent("REC-1"), recorders.sent("REC-2")
    _leave_more_on(other, "REC-1", proof)
    lobby = recorders.register("Lobby", serial="REC-1", ownership_proof=proof)
    assert licenses(lobby) == {"preloaded-channel": 9}
    recorders.buy(4, "channel")
    recorders.extend(lobby, channel=3)
    program = stations.register("Program", serial="SW-1")
    reporting = {
        site: site.credential(system) for site, system in ((recorders, lobby), (stations, program))
    }
    customer.on("2025-04-01").start(product=STATION)
    recorders.report(reporting[recorders], 1, {"channel": 20})
    stations.report(reporting[stations], 1, {"core": 3})
    stations.report(reporting[stations], 2, {"core": 3})
    stations.buy(3, "core")
    customer.allocate(3, product=STATION)
    customer.on("2025-06-01")
    stations.report(reporting[stations], 3, {"core": 7})
    recorders.remove(lobby)
    theirs = other.register("Ours", serial="REC-1", ownership_proof=proof)
    other.remove(theirs)
    hall = recorders.register("Spare", serial="REC-2", ownership_proof=second)
    recorders.ask("rename_licensed_system", hall, name="Hall")
    back = recorders.register("Lobby", serial="REC-1", ownership_proof=proof)
    replace_system(suite.kits["licensing"], customer.id, UUID(back["id"]), UUID(hall["id"]))
    stations.remove(program)
    customer.on("2026-06-01")
    stations.register("Program", serial="SW-1")
    recorders.remove(hall)
    # What the others leave on it was not there when it was registered here.
    _leave_more_on(other, "REC-2", second)
    return customer


def _leave_more_on(site: Site, serial: str, proof: str) -> None:
    """A unit with one license more than before, after it replaced another."""
    new = site.register("Ours", serial=serial, ownership_proof=proof)
    old = site.hardware(f"OLD-{serial}", tied=licenses(new)["preloaded-channel"] + 1)
    kit = site.suite.kits["licensing"]
    replace_system(kit, site.customer.id, UUID(old["id"]), UUID(new["id"]))
    site.remove(new)


def test_systems_hardware_and_reports_come_out_again(
    suite: Suite, installed: Customer, tmp_path: Path
) -> None:
    """I11, D-16, D-17."""
    found = replayed(suite, installed, tmp_path)
    assert found == Replay(len(installed.log()), None, same_books=True)
    assert {
        "register_licensed_system",
        "allocate_to_system",
        "issue_system_credential",
        "rename_licensed_system",
        "remove_licensed_system",
        "replace_licensed_system",
        "report_usage",
    } <= {entry.name for entry in installed.log()}
    assert installed.books_balance()


def test_a_need_that_was_changed_behind_the_reports_is_found(
    suite: Suite, installed: Customer, tmp_path: Path
) -> None:
    """I11."""
    with suite.kits["licensing"].db() as session:
        session.execute(text("UPDATE system_usage SET counted = counted + 1"))
    assert not replayed(suite, installed, tmp_path).is_proof


@pytest.fixture
def offline(suite: Suite, customer: Customer, tmp_path: Path) -> Customer:
    """Systems whose files people carry, one of them others' in between, and vouchers."""
    press = tmp_path / "press"
    suite.instance("licensing").enter_supplier_key(
        customer.supplier.id, make_voucher.public_key(press), why="ticket 7"
    )
    voucher = make_voucher.write(
        press,
        supplier_id=str(customer.supplier.id),
        product=PRODUCT,
        lines={"core": 20},
        years=2,
        before=None,
    )
    customer.started().redeem(voucher)
    neighbor = Customer(suite, customer.supplier)
    neighbor.register()
    first, second = Station(customer, tmp_path), Station(customer, tmp_path)
    file = first.file(core=8)
    first.upload(file, name="Lighthouse")
    customer.allocate(8)
    customer.on("2025-03-20")
    first.upload(file)
    first.fetch()
    second.reports(core=3)
    customer.allocate(3)
    second.fetch()
    first.reports(core=2)
    customer.allocate(11, year=1)
    customer.on("2026-03-05")
    first.fetch()
    second.remove()
    second.upload(second.file(core=9), by=neighbor)
    second.hardware = ("BOARD-9",)
    suite.instance("licensing").accept_system_file(
        neighbor.id, PRODUCT, second.file(core=9), why="ticket 8"
    )
    neighbor.ask("remove_licensed_system", licensed_system_id=second.id)
    second.reports(core=1)
    first.hardware = ("BOARD-10",)
    suite.instance("licensing").accept_system_file(
        customer.id, PRODUCT, first.file(core=2), why="ticket 9"
    )
    second.remove()
    second.upload(second.file(core=1), by=neighbor)
    customer.on("2026-04-20").buy(1)
    with suite.kits["licensing"].db() as session:
        supplier = session.get_one(SupplierRow, customer.supplier.id)
        supplier.revoked_at, supplier.public_key = suite.clock.now(), None
    return customer


def test_files_and_vouchers_come_out_again(suite: Suite, offline: Customer, tmp_path: Path) -> None:
    """I11, D-19, M6: without the files, whatever became of the systems and suppliers since."""
    found = replayed(suite, offline, tmp_path)
    assert found == Replay(len(offline.log()), None, same_books=True)
    assert {
        "redeem_voucher",
        "upload_system_file",
        "accept_system_file",
        "issue_license_file",
    } <= {entry.name for entry in offline.log()}
    assert offline.books_balance()


def test_a_reservation_that_was_changed_behind_the_files_is_found(
    suite: Suite, offline: Customer, tmp_path: Path
) -> None:
    """I11."""
    with suite.kits["licensing"].db() as session:
        session.execute(text("UPDATE reservation SET seats = seats + 1"))
    assert not replayed(suite, offline, tmp_path).is_proof


def test_terms_that_the_installation_changed_since_are_those_of_their_day(
    suite: Suite, customer: Customer, tmp_path: Path
) -> None:
    """I11, D-11: what was allocated while grace was charged comes out so where it no longer is."""
    kit = suite.kits["licensing"]
    kit.own = replace(kit.own, charge_grace_when_late=True)
    customer.started().manage(12)
    customer.buy(12)
    customer.on("2025-08-31").allocate(12)
    assert customer.log()[-1].result["lines"][0]["returned"] == 5
    assert replayed(suite, customer, tmp_path).is_proof
