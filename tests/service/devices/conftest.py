"""A site with simulated cameras, reached over real HTTP and HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.service.devices.cameras import Simulator, simulator
from tests.service.devices.site import Site
from tests.service.devices.stock import Stock

MakeSite = Callable[..., Site]

SERVICES = ("identity", "organizations", "devices", "devices_worker")
QUICK = {
    "networks": "127.0.0.0/8",
    "connect_timeout_seconds": 2,
    "answer_timeout_seconds": 3,
    "upload_timeout_seconds": 5,
    "health_seconds": 0,
}


@pytest.fixture(scope="session")
def cameras() -> Iterator[Simulator]:
    with simulator() as running:
        yield running


@pytest.fixture
def make_site(tmp_path: Path, cameras: Simulator) -> Iterator[MakeSite]:
    """``make_site(lease_seconds=5)``: with those settings of the devices service."""
    suites: list[Suite] = []

    def make(*, databases: dict[str, str] | None = None, **settings: Any) -> Site:
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        suites.append(
            Suite(
                folder,
                services=SERVICES,
                databases=databases,
                settings={"devices": {**QUICK, **settings}},
            )
        )
        return Site(suites[-1], cameras)

    yield make
    for suite in suites:
        suite.close()


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return make_site()


@pytest.fixture(params=["sqlite", "postgresql"])
def stock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stock]:
    """Devices as rows, with organizations and licensing beside them, on both databases."""
    services = ("organizations", "devices", "devices_worker", "licensing")
    databases = {}
    if request.param == "postgresql":
        new_database = request.getfixturevalue("postgres_database")
        databases = {name: new_database(name) for name in services if name != "devices_worker"}
    suite = Suite(tmp_path, services=services, databases=databases, settings={"devices": QUICK})
    yield Stock(suite)
    suite.close()
