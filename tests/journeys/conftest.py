"""The suite as processes over real servers, or in this process with simulated cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.journeys.ground import CAMERA_ADDRESS, Ground
from tests.journeys.people import People
from tests.journeys.running import RunningSuite, running_suite
from tests.service.devices.cameras import Simulator, simulator

SERVICES = ("identity", "organizations", "licensing", "devices")


@pytest.fixture(scope="module")
def suite(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_url: str,
    rabbitmq_url: str,
    rabbitmq_management_url: str,
) -> Iterator[RunningSuite]:
    folder: Path = tmp_path_factory.mktemp("suite")
    with running_suite(
        folder,
        postgres_url=postgres_url,
        rabbit_url=rabbitmq_url,
        management_url=rabbitmq_management_url,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cameras() -> Iterator[Simulator]:
    with simulator(bind=CAMERA_ADDRESS) as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cameras: Simulator
) -> Iterator[Ground]:
    """For requests that change nothing; on both databases, for each knows limits of its own."""
    folder = tmp_path_factory.mktemp("ground")
    if request.param == "sqlite":
        yield from _ground(folder, cameras, {})
        return
    databases: Databases = request.getfixturevalue("databases")
    urls = {name: databases.create(name) for name in SERVICES}
    yield from _ground(folder, cameras, urls)
    for url in urls.values():
        databases.drop(url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def people(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    """A suite in which nobody registered yet, on both databases."""
    urls = {}
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("databases")
        urls = {name: databases.create(name) for name in SERVICES}
    found = People(tmp_path_factory.mktemp("people"), databases=urls)
    yield found
    found.close()
    for url in urls.values():
        databases.drop(url)


@pytest.fixture
def fresh_ground(tmp_path: Path, cameras: Simulator) -> Iterator[Ground]:
    """For one test, which may change it."""
    yield from _ground(tmp_path, cameras, {})


def _ground(folder: Path, cameras: Simulator, urls: dict[str, str]) -> Iterator[Ground]:
    ground = Ground(folder, cameras, urls)
    yield ground
    ground.close()
