"""A history carried out again in an empty database comes out the same (I11)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from chassis import migrations
from chassis.db import Database, engine_for
from chassis.service import Kit
from services.licensing.service import LicensingService
from services.licensing.service.replaying import EntryClock, Replay, replay
from tests.harness import Suite
from tests.service.licensing.customer import Customer


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
