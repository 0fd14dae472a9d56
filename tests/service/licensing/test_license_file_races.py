"""Two files or vouchers at once, on PostgreSQL: thirty rounds each, and nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from examples import make_voucher
from services.licensing.models import LicenseFileRow, SystemRow, UsageReportRow
from tests.harness import Suite
from tests.races import at_once, outcome_of
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer, Supplier
from tests.service.licensing.station import Station

ROUNDS = 30


@pytest.fixture
def suite(tmp_path: Path, postgres_database: Callable[[str], str]) -> Iterator[Suite]:
    running = Suite(
        tmp_path, services=SERVICES, databases={"licensing": postgres_database("licensing")}
    )
    yield running
    running.close()


def rows(suite: Suite, table: type[Any]) -> int:
    with suite.kits["licensing"].db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_one_file_uploaded_twice_at_once_registers_its_system_once(
    suite: Suite, tmp_path: Path
) -> None:
    """D-19: the second finds that it was there before."""
    customer = Customer(suite)
    customer.register()
    for done in range(1, ROUNDS + 1):
        station = Station(customer, tmp_path)
        file = station.file(core=1)
        outcomes = at_once(*[lambda: station.upload(file)] * 2)  # noqa: B023
        assert sorted(outcome["result"] for outcome in outcomes) == ["registered", "unchanged"]
        assert customer.overview()["needs"][0]["need"] == done
    assert rows(suite, SystemRow) == rows(suite, UsageReportRow) == ROUNDS
    assert customer.has_intact_history()


def test_one_upload_sent_twice_at_once_is_answered_alike(suite: Suite, tmp_path: Path) -> None:
    """D-24."""
    customer = Customer(suite)
    customer.register()
    for done in range(1, ROUNDS + 1):
        station = Station(customer, tmp_path)
        file, errand = station.file(core=1), uuid4().hex
        sent = [lambda: station.upload(file, idempotency_key=errand)] * 2  # noqa: B023
        first, second = at_once(*sent)
        assert first == second
        assert first["result"] == "registered"
        assert len(customer.log()) == 1 + done


def test_one_system_uploaded_by_two_organizations_is_of_one_of_them(
    suite: Suite, tmp_path: Path
) -> None:
    """D-19: trust on first use, and there is one first."""
    supplier = Supplier(suite)
    first, second = Customer(suite, supplier), Customer(suite, supplier)
    first.register()
    second.register()
    for done in range(1, ROUNDS + 1):
        station = Station(first, tmp_path)
        file = station.file(core=1)
        outcomes = at_once(
            lambda: station.upload(file),  # noqa: B023
            lambda: station.upload(file, by=second),  # noqa: B023
        )
        assert outcome_of(outcomes) == {"done": 1, "system-already-registered": 1}
        need = [customer.overview()["needs"][0]["need"] for customer in (first, second)]
        assert sum(need) == done
    assert rows(suite, SystemRow) == ROUNDS
    assert first.has_intact_history()
    assert second.has_intact_history()


def test_a_removed_system_uploaded_by_two_organizations_is_of_one_of_them(
    suite: Suite, tmp_path: Path
) -> None:
    """D-17."""
    supplier = Supplier(suite)
    first, second = Customer(suite, supplier), Customer(suite, supplier)
    first.register()
    second.register()
    for _ in range(ROUNDS):
        station = Station(first, tmp_path)
        station.reports(core=1)
        station.remove()
        file = station.file(core=1)
        outcomes = at_once(
            lambda: station.upload(file),  # noqa: B023
            lambda: station.upload(file, by=second),  # noqa: B023
        )
        assert outcome_of(outcomes) == {"done": 1, "system-already-registered": 1}


def test_the_last_seat_is_in_one_of_two_files(suite: Suite, tmp_path: Path) -> None:
    """D-19: what one file holds is in no other."""
    supplier = Supplier(suite)
    for _ in range(ROUNDS):
        customer = Customer(suite, supplier).started()
        stations = [Station(customer, tmp_path) for _ in range(2)]
        stations[0].reports(core=1)
        customer.buy(1)
        customer.allocate(1)
        stations[1].reports(core=1)
        outcomes = at_once(*(station.fetch for station in stations))
        assert outcome_of(outcomes) == {"done": 1, "not-licensed": 1}
        assert customer.overview()["needs"][0]["need"] == 2
        assert customer.has_intact_history()
    assert rows(suite, LicenseFileRow) == ROUNDS


def test_two_files_of_one_system_at_once_have_two_serials(suite: Suite, tmp_path: Path) -> None:
    """D-19."""
    customer = Customer(suite).started()
    station = Station(customer, tmp_path)
    station.reports(core=1)
    customer.buy(1)
    customer.allocate(1)
    for done in range(ROUNDS):
        serials = sorted(file["serial"] for file in at_once(station.fetch, station.fetch))
        assert serials == [2 * done + 1, 2 * done + 2]
    assert customer.overview()["needs"][0]["need"] == 1


def test_one_voucher_redeemed_by_two_organizations_credits_one(
    suite: Suite, tmp_path: Path
) -> None:
    """M6, D-8: compare and set."""
    supplier = Supplier(suite)
    _enter_key(suite, supplier, tmp_path)
    first, second = Customer(suite, supplier), Customer(suite, supplier)
    first.register()
    second.register()
    for done in range(1, ROUNDS + 1):
        voucher = _voucher(supplier, tmp_path)
        outcomes = at_once(lambda: first.redeem(voucher), lambda: second.redeem(voucher))  # noqa: B023
        assert outcome_of(outcomes) == {"done": 1, "key-already-redeemed": 1}
        held = first.wallet()["licenses"] + second.wallet()["licenses"]
        assert held == 12 * done
        # Both come from one address, whose failures the loser's attempts add to.
        suite.clock.advance(timedelta(hours=1))
    assert first.books_balance()
    assert second.books_balance()


def test_one_voucher_redeemed_twice_in_one_organization_credits_once(
    suite: Suite, tmp_path: Path
) -> None:
    """M6."""
    customer = Customer(suite)
    customer.register()
    _enter_key(suite, customer.supplier, tmp_path)
    for _ in range(ROUNDS):
        voucher = _voucher(customer.supplier, tmp_path)
        outcomes = at_once(*[lambda: customer.redeem(voucher)] * 2)  # noqa: B023
        assert outcome_of(outcomes) == {"done": 1, "key-already-redeemed": 1}
        suite.clock.advance(timedelta(hours=1))
    assert customer.wallet()["licenses"] == 12 * ROUNDS
    assert customer.has_intact_history()


def _enter_key(suite: Suite, supplier: Supplier, folder: Path) -> None:
    key = make_voucher.public_key(folder / "press")
    suite.instance("licensing").enter_supplier_key(supplier.id, key, why="ticket 7")


def _voucher(supplier: Supplier, folder: Path) -> str:
    return make_voucher.write(
        folder / "press",
        supplier_id=str(supplier.id),
        product=PRODUCT,
        lines={"core": 12},
        years=1,
        before=None,
    )
