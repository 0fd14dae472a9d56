"""A history carried out again in an empty database comes out the same (I11)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
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
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer
from tests.service.licensing.site import STATION, Site, licenses, offer_station
from tests.service.licensing.station import Station


def replayed(suite: Suite, customer: Customer, folder: Path) -> Replay:
    migrations.upgrade("licensing", _in(folder))
    return _replayed(suite.kits["licensing"].db, customer, folder)


def _replayed(source: Database, customer: Customer, folder: Path) -> Replay:
    """In the folder's empty database."""
    db, clock, lived = Database(engine_for(_in(folder))), EntryClock(), _kit(customer)
    kit = Kit(LicensingService, lived.config, clock=clock, bus=lived.bus, db=db)
    try:
        return replay(source, kit, clock, customer.id)
    finally:
        db.close()


def _in(folder: Path) -> str:
    return f"sqlite:///{folder / 'replayed.sqlite'}"


def _kit(customer: Customer) -> Kit:
    kit: Kit = customer.suite.kits["licensing"]
    return kit


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
def corrected(customer: Customer) -> Customer:
    return _corrected(customer)


def _corrected(customer: Customer) -> Customer:
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
    licensing = customer.suite.instance("licensing")
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


_LATER = "2040-01-01"
_AGAIN = "id, command_id, organization_id, product, type, year, seats, effective_from, recorded_at"
_ANEW = _AGAIN.replace("id", "'0123456789abcdef0123456789abcdef'", 1)
TAMPERED = {
    "a lot lasts longer": f"UPDATE lot SET expires_on = '{_LATER}'",
    "a lot is older": "UPDATE lot SET opened_on = '2020-01-01'",
    "a lot is of another type": "UPDATE lot SET type = 'universal' WHERE product = 'video-center'",
    "a lot has another source": "UPDATE lot SET source = 'compensation' WHERE source = 'key'",
    "a lot is of another key": f"UPDATE lot SET source_id = {_ANEW.split(',')[0]}",
    "a wallet holds of another lot": (
        "UPDATE ledger_account SET lot_id = (SELECT min(id) FROM lot) WHERE lot_id IS NOT NULL"
    ),
    "a subscription started earlier": "UPDATE subscription SET started_on = '2024-01-01'",
    "a subscription never started": "DELETE FROM subscription WHERE product = 'video-center'",
    "years begin on another day": "UPDATE org_calendar SET anchor = '2025-06-01'",
    "years never begin": "UPDATE org_calendar SET anchor = NULL",
    "days begin elsewhere": "UPDATE org_calendar SET time_zone = 'Asia/Tokyo'",
    "it is archived": "UPDATE org_calendar SET is_archived = true",
    "news of its archive are too old": "UPDATE org_calendar SET archive_epoch = 9",
    "more devices were told of": "UPDATE org_calendar SET devices_logged = devices_logged + 1",
    "its systems need nothing": "UPDATE org_calendar SET has_systems = false",
    "its history ended earlier": "UPDATE org_calendar SET last_number = last_number - 1",
    "its history ended otherwise": (
        "UPDATE org_calendar SET last_hash = previous_hash"
        " FROM command_log WHERE number = last_number"
    ),
    "a product was registered earlier": "UPDATE org_product SET registered_on = '2024-01-01'",
    "a trial never started": (
        "UPDATE org_product SET trial_started_on = NULL, trial_ends_on = NULL"
        " WHERE product = 'cloud-recording'"
    ),
    "a trial started later": "UPDATE org_product SET trial_started_on = '2025-03-02'",
    "a trial goes on": f"UPDATE org_product SET trial_ends_on = '{_LATER}'",
    "growth is above its limit": f"UPDATE org_product SET exceeded_since = '{_LATER}'",
    "an allocation brought more": "UPDATE allocation SET seats = seats + 1",
    "an allocation was to another year": "UPDATE allocation SET year = year + 1",
    "an allocation counted earlier": "UPDATE allocation SET effective_from = '2025-03-01'",
    "an allocation is missing": "DELETE FROM allocation WHERE product = 'video-center'",
    "an allocation is there twice": (
        f"INSERT INTO allocation ({_AGAIN}) SELECT {_ANEW} FROM allocation"
        " WHERE product = 'video-center' LIMIT 1"
    ),
    "a withdrawal took more": "UPDATE withdrawal SET seats = seats + 1",
    "a withdrawal was from another year": "UPDATE withdrawal SET year = year + 1",
    "a withdrawal counted later": f"UPDATE withdrawal SET effective_from = '{_LATER}'",
    "a withdrawal is missing": "DELETE FROM withdrawal WHERE product = 'video-center'",
    "a withdrawal is there twice": (
        f"INSERT INTO withdrawal ({_AGAIN}) SELECT {_ANEW} FROM withdrawal"
        " WHERE product = 'video-center' LIMIT 1"
    ),
    "a posting moved more": "UPDATE ledger_entry SET ticks = ticks + 1",
    "a posting has another reason": "UPDATE ledger_entry SET reason = 'expired'",
    "a posting went back": "UPDATE ledger_entry SET debit_id = credit_id, credit_id = debit_id",
    "a posting counted later": f"UPDATE ledger_entry SET effective_on = '{_LATER}'",
    "a year was settled later": f"UPDATE settled_year SET settled_on = '{_LATER}'",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customer]:
    """Whose history all look at, each with books of its own to change."""
    suite = Suite(tmp_path_factory.mktemp("told"), services=SERVICES)
    yield _corrected(Customer(suite))
    suite.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    migrations.upgrade("licensing", _in(folder))
    return folder


@pytest.fixture
def books(told: Customer, empty: Path, tmp_path: Path) -> Iterator[Database]:
    """As they came about, with nothing that keeps anybody from changing them."""
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    lived = _kit(told).db.engine.url.database
    with closing(sqlite3.connect(str(lived))) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "books.sqlite"),))
    db = Database(engine_for(f"sqlite:///{tmp_path / 'books.sqlite'}"))
    with db() as session:
        guards = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for guard in guards.all():
            session.execute(text(f"DROP TRIGGER {guard}"))
    yield db
    db.close()


def test_books_that_nobody_changed_are_proven(
    told: Customer, books: Database, tmp_path: Path
) -> None:
    """I11: so that what is found below was found for its change."""
    assert _replayed(books, told, tmp_path).is_proof


@pytest.mark.parametrize("tampered", TAMPERED)
def test_what_was_changed_behind_the_history_is_found(
    told: Customer, books: Database, tmp_path: Path, tampered: str
) -> None:
    """I11."""
    with books() as session:
        assert session.connection().execute(text(TAMPERED[tampered])).rowcount > 0
    assert _replayed(books, told, tmp_path) == Replay(len(told.log()), None, same_books=False)


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
