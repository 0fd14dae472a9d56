"""Organizations on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.service.organizations.world import MakeWorld, World


@pytest.fixture(params=["sqlite", "postgresql"])
def make_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeWorld]:
    """``make_world(folder_depth=3)``: the service with those settings."""
    suites: list[Suite] = []

    def make(**settings: Any) -> World:
        urls = {}
        if request.param == "postgresql":
            new_database = request.getfixturevalue("postgres_database")
            urls["organizations"] = new_database("organizations")
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        suites.append(
            Suite(
                folder,
                services=("organizations",),
                databases=urls,
                settings={"organizations": settings},
            )
        )
        return World(suites[-1])

    yield make
    for suite in suites:
        suite.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()
