"""Organizations on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.service.organizations.office import SERVICES, Office
from tests.service.organizations.world import MakeWorld, World


@pytest.fixture(params=["sqlite", "postgresql"])
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeWorld]:
    """``make_world(folder_depth=3)``: the service with those settings.

    ``beside=("identity",)`` names the services that run with it.
    """
    suites: list[Suite] = []

    def make(beside: tuple[str, ...] = (), **settings: Any) -> World:
        services = (*beside, "organizations")
        urls = {}
        if request.param == "postgresql":
            new_database = request.getfixturevalue("postgres_database")
            urls = {service: new_database(service) for service in services}
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        suites.append(
            Suite(
                folder,
                services=services,
                databases=urls,
                settings={"organizations": settings, "identity": {"argon2_memory_kib": 64}},
            )
        )
        return World(suites[-1])

    yield make
    for suite in suites:
        suite.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


@pytest.fixture
def peopled(make_world: MakeWorld) -> World:
    """With identity beside it: ``peopled.person()`` is somebody with an account."""
    return make_world(beside=("identity",))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With browsers in front of it, on SQLite."""
    suite = Suite(
        tmp_path,
        services=SERVICES,
        settings={"identity": {"argon2_memory_kib": 64, "argon2_passes": 1}},
    )
    yield Office(suite)
    suite.close()
