"""The suite as processes over real servers, private to one test module where it is disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.running import RunningSuite, running_suite


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
