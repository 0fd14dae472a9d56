"""Servers that a test may stop, restart and kill, and small services on a real chassis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.yards import (
    SERVICES,
    YardOfTest,
    drop_virtual_host,
    new_virtual_host,
    yard_at,
)
from tests.databases import Databases
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


@pytest.fixture
def broker_url(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    """On a virtual host of this test's own."""
    url = new_virtual_host(rabbitmq_url, rabbitmq_management_url)
    yield url
    drop_virtual_host(url, rabbitmq_management_url)


@pytest.fixture
def networked_yard(
    tmp_path: Path, broker_url: str, postgres_database: Callable[..., str]
) -> Iterator[YardOfTest]:
    """Over RabbitMQ and PostgreSQL: as many processes as the test likes."""
    with yard_at(tmp_path, broker_url, {name: postgres_database() for name in SERVICES}) as yard:
        yield yard


@pytest.fixture
def embedded_yard(tmp_path: Path) -> Iterator[YardOfTest]:
    """On the in-process bus and SQLite files: one process."""
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in SERVICES}
    with yard_at(tmp_path, "inproc://yard", urls) as yard:
        yield yard


@pytest.fixture(params=["embedded", pytest.param("networked", marks=pytest.mark.broker)])
def yard(request: pytest.FixtureRequest) -> YardOfTest:
    """Each way to run, in turn."""
    made: YardOfTest = request.getfixturevalue(f"{request.param}_yard")
    return made


@pytest.fixture
def fragile_yard(
    tmp_path: Path, fragile_postgres: PrivatePostgres, fragile_rabbit: PrivateRabbit
) -> Iterator[YardOfTest]:
    """Over servers that the test may stop, restart and kill."""
    databases = Databases(fragile_postgres.url)
    urls = {name: databases.create() for name in SERVICES}
    url = new_virtual_host(fragile_rabbit.url, fragile_rabbit.management_url)
    with yard_at(tmp_path, url, urls) as yard:
        yield yard
