"""Servers that a test may stop, restart and kill: nobody else uses them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import Instance, PrivatePostgres, PrivateRabbit


@pytest.fixture(scope="module")
def fragile_servers() -> Iterator[Instance]:
    instance = Instance.new()
    yield instance
    instance.discard()


@pytest.fixture
def fragile_postgres(fragile_servers: Instance) -> PrivatePostgres:
    """Up at the beginning of each test, however the one before left it."""
    fragile_servers.postgres.start()
    return fragile_servers.postgres


@pytest.fixture
def fragile_rabbit(fragile_servers: Instance) -> PrivateRabbit:
    """Up at the beginning of each test, however the one before left it."""
    fragile_servers.rabbit.start()
    return fragile_servers.rabbit
