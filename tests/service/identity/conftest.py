"""Identity on SQLite, and on PostgreSQL where the database decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.service.identity.town import MakeTown, Town

# Cheap hashes: what they cost is not what these tests are about.
CHEAP = {"argon2_memory_kib": 64, "argon2_passes": 1}


@pytest.fixture
def make_town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeTown]:
    """``make_town(postgresql=True, sessions_most=3)``: the service with those settings."""
    suites: list[Suite] = []

    def make(*, postgresql: bool = False, **settings: Any) -> Town:
        urls = {}
        if postgresql:
            urls["identity"] = request.getfixturevalue("postgres_database")("identity")
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        suites.append(
            Suite(
                folder,
                services=("identity",),
                databases=urls,
                settings={"identity": {**CHEAP, **settings}},
            )
        )
        return Town(suites[-1])

    yield make
    for suite in suites:
        suite.close()


@pytest.fixture
def town(make_town: MakeTown) -> Town:
    return make_town()
