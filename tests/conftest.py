"""Servers for tests that need real ones: shared by the whole run, private to it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from hypothesis import settings

from tests.databases import Databases
from tests.servers import AMQP_URL, MANAGEMENT_URL, POSTGRES_URL, Instance

NewDatabase = Callable[..., str]

# How long one example takes says more about the machine's other work than about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two tests of one id are refused: with several workers one of them would silently not run."""
    counted = Counter(item.nodeid for item in items)
    twice = [nodeid for nodeid, count in counted.items() if count > 1]
    if twice:
        raise pytest.UsageError(f"Tests of the same id: {', '.join(sorted(twice))}")


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Instance]:
    """Of this test session, where no wrapping command and no environment names others."""
    instance = Instance.new()
    yield instance
    instance.discard()


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """A superuser's URL."""
    if url := os.environ.get(POSTGRES_URL):
        return url
    servers: Instance = request.getfixturevalue("own_servers")
    servers.postgres.start()
    return servers.postgres.url


@pytest.fixture(scope="session")
def rabbitmq_management_url(request: pytest.FixtureRequest) -> str:
    """`http://administrator:password@host:port`."""
    if url := os.environ.get(MANAGEMENT_URL):
        return url
    servers: Instance = request.getfixturevalue("own_servers")
    servers.rabbit.start()
    return servers.rabbit.management_url


@pytest.fixture(scope="session")
def rabbitmq_url(request: pytest.FixtureRequest, rabbitmq_management_url: str) -> Iterator[str]:
    """An administrator's URL, on a virtual host of this session's own."""
    url = os.environ.get(AMQP_URL)
    if url is None:
        servers: Instance = request.getfixturevalue("own_servers")
        url = servers.rabbit.url
    name = f"tests-{uuid4().hex[:12]}"
    vhost = f"{rabbitmq_management_url}/api/vhosts/{name}"
    requests.put(vhost, timeout=10).raise_for_status()
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    requests.delete(vhost, timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Iterator[Databases]:
    """For fixtures of a wider scope than a test; most tests want `postgres_database`."""
    made = Databases(postgres_url)
    yield made
    made.close()


@pytest.fixture
def postgres_database(databases: Databases) -> Iterator[NewDatabase]:
    """Makes databases for one test: `postgres_database("licensing")` has that service's schema."""
    urls: list[str] = []

    def create(service: str | None = None) -> str:
        urls.append(databases.create(service))
        return urls[-1]

    yield create
    for url in urls:
        databases.drop(url)
