"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from chassis import migrations
from chassis.db import engine_for
from chassis.tables import ChassisBase


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("service", migrations.SERVICES)
def test_models_and_migrations_agree(
    service: str, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / service}.sqlite"
        migrations.upgrade(service, url)
    else:
        url = request.getfixturevalue("postgres_database")(service)
    models: Any = importlib.import_module(f"services.{service}.models")
    engine = engine_for(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(
            context,
            [ChassisBase.metadata, models.Base.metadata],  # type: ignore[arg-type]
        )
    engine.dispose()
    assert differences == []


def test_an_upgraded_database_is_known_to_be_current(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'licensing'}.sqlite"
    engine = engine_for(url)
    assert not migrations.is_current("licensing", engine)
    migrations.upgrade("licensing", url)
    assert migrations.is_current("licensing", engine)
    migrations.upgrade("licensing", url)
    engine.dispose()
