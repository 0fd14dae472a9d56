"""A process waits for its database and broker, says what it waits for, and gives up in the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.broker.yards import HOST, ROOT
from tests.servers.processes import free_ports

pytestmark = pytest.mark.broker


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chassis.runner", "services.licensing"],
        cwd=ROOT,
        env={**os.environ, "FREEHOLD_START_TIMEOUT_SECONDS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def nowhere(scheme: str, path: str) -> str:
    return f"{scheme}://somebody:secret-word@{HOST}:{free_ports(1)[0]}/{path}"


def test_a_database_that_never_comes_ends_the_start(broker_url: str) -> None:
    ended = start(
        FREEHOLD_BROKER_URL=broker_url,
        FREEHOLD_LICENSING_DATABASE_URL=nowhere("postgresql", "licensing"),
    )
    assert ended.returncode == 1
    assert "waiting for the database postgresql://somebody:***@" in ended.stderr
    assert "did not come within 1 seconds" in ended.stderr
    assert "secret-word" not in ended.stderr


def test_a_broker_that_never_comes_ends_the_start(postgres_database: Callable[..., str]) -> None:
    ended = start(
        FREEHOLD_BROKER_URL=nowhere("amqp", ""),
        FREEHOLD_LICENSING_DATABASE_URL=postgres_database("licensing"),
    )
    assert ended.returncode == 1
    assert "waiting for the broker amqp://somebody:***@" in ended.stderr
    assert "did not come within 1 seconds" in ended.stderr
    assert "secret-word" not in ended.stderr


def test_a_schema_that_nobody_migrates_ends_the_start(
    broker_url: str, postgres_database: Callable[..., str]
) -> None:
    ended = start(
        FREEHOLD_MODE="production",
        FREEHOLD_BROKER_URL=broker_url,
        FREEHOLD_LICENSING_DATABASE_URL=postgres_database(),
    )
    assert ended.returncode == 1
    assert "waiting for the schema of licensing (run the migrations)" in ended.stderr
