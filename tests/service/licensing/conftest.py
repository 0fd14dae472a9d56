"""Licensing with organizations, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import Suite
from tests.service.licensing.customer import Customer
from tests.service.licensing.shell import Operator

SERVICES = ("organizations", "licensing")


@pytest.fixture(params=["sqlite", "postgresql"])
def suite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Suite]:
    databases = {}
    if request.param == "postgresql":
        new_database: Callable[[str], str] = request.getfixturevalue("postgres_database")
        databases["licensing"] = new_database("licensing")
    running = Suite(tmp_path, services=SERVICES, databases=databases)
    yield running
    running.close()


@pytest.fixture
def customer(suite: Suite) -> Customer:
    return Customer(suite)


@pytest.fixture
def operator(
    customer: Customer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Operator:
    return Operator(customer, capsys, monkeypatch)
