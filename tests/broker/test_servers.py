"""The servers of a test run: up when asked for, gone when not, themselves again after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.servers import SERVERS_FOLDER, Instance, PrivatePostgres, PrivateRabbit
from tests.servers.instance import SERVERS
from tests.servers.processes import Recorded, load

pytestmark = pytest.mark.broker


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    address = make_url(url).set(drivername="postgresql+psycopg2")
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []


def put(url: str, queue: str, body: str) -> None:
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        exchange = Exchange("", type="direct")
        bound = Queue(queue, exchange=exchange, routing_key=queue, durable=True)(connection)
        bound.queue_declare()
        connection.Producer().publish(body, routing_key=queue, delivery_mode=2, mandatory=True)


def waiting(url: str, queue: str) -> list[object]:
    with Connection(url) as connection:
        bound = Queue(queue, durable=True)(connection)
        return [m.payload for m in iter(lambda: bound.get(no_ack=True), None)]


@pytest.mark.parametrize("end", [PrivatePostgres.kill, PrivatePostgres.stop])
def test_what_was_committed_is_there_after_the_database_server_ended(
    fragile_postgres: PrivatePostgres, end: Callable[[PrivatePostgres], None]
) -> None:
    table = f"kept_{end.__name__}"
    execute(fragile_postgres.url, f"CREATE TABLE {table} (n int)")
    execute(fragile_postgres.url, f"INSERT INTO {table} VALUES (7)")

    end(fragile_postgres)
    assert not fragile_postgres.is_ready
    fragile_postgres.start()

    assert fragile_postgres.is_ready
    assert execute(fragile_postgres.url, f"SELECT n FROM {table}") == [(7,)]


@pytest.mark.parametrize("end", [PrivateRabbit.kill, PrivateRabbit.stop])
def test_what_was_confirmed_is_there_after_the_broker_ended(
    fragile_rabbit: PrivateRabbit, end: Callable[[PrivateRabbit], None]
) -> None:
    queue = f"kept-{end.__name__}"
    put(fragile_rabbit.url, queue, "an event")

    end(fragile_rabbit)
    assert not fragile_rabbit.is_ready
    fragile_rabbit.start()

    assert fragile_rabbit.is_ready
    assert waiting(fragile_rabbit.url, queue) == ["an event"]


def test_whoever_knows_the_folder_controls_the_server(fragile_postgres: PrivatePostgres) -> None:
    same = PrivatePostgres(fragile_postgres.folder)

    same.kill()

    assert same.url == fragile_postgres.url
    assert not fragile_postgres.is_running


def test_a_server_that_runs_is_not_started_twice(fragile_postgres: PrivatePostgres) -> None:
    began = execute(fragile_postgres.url, "SELECT pg_postmaster_start_time()")

    PrivatePostgres(fragile_postgres.folder).start()

    assert execute(fragile_postgres.url, "SELECT pg_postmaster_start_time()") == began


def test_a_restart_is_a_new_process_at_the_same_address(
    fragile_postgres: PrivatePostgres,
) -> None:
    url = fragile_postgres.url
    began = execute(url, "SELECT pg_postmaster_start_time()")

    fragile_postgres.restart()

    assert fragile_postgres.url == url
    assert execute(url, "SELECT pg_postmaster_start_time()") != began


def test_a_database_has_the_newest_schema_of_the_service_asked_for(
    postgres_database: Callable[..., str],
) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"

    assert execute(postgres_database(), tables) == [(0,)]
    first, second = postgres_database("licensing"), postgres_database("licensing")

    assert first != second
    assert execute(first, tables) == execute(second, tables) != [(0,)]


def test_the_brokers_users_can_be_managed(rabbitmq_management_url: str) -> None:
    with requests.get(f"{rabbitmq_management_url}/api/whoami", timeout=5) as reply:
        assert "administrator" in reply.json()["tags"]


WRAPPED = [sys.executable, "-m", "tests.servers", "run", "--"]


def environment() -> dict[str, str]:
    """Without the servers of this run, so that the wrapping command starts its own."""
    return {k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_TEST_")}


def wrapped(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*WRAPPED, sys.executable, "-c", script],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def servers_in(folder: Path) -> list[Recorded]:
    records = [load(path) for path in folder.glob("*/*.json") if path.name != "place.json"]
    return [record for record in records if record is not None]


TELL = f"import os; print(os.environ['{SERVERS_FOLDER}'], flush=True)"
STAY = f"{TELL}; import signal; signal.pause()"


def test_a_wrapped_command_gives_its_exit_status_and_leaves_nothing() -> None:
    with wrapped(f"{TELL}; raise SystemExit(7)") as process:
        folder = Path(first_line(process))

    assert process.returncode == 7
    assert folder.parent == SERVERS
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_wrapped_command_that_is_interrupted_leaves_nothing(number: signal.Signals) -> None:
    with wrapped(STAY) as process:
        folder = Path(first_line(process))
        servers = servers_in(folder)
        # As a terminal does: to the whole group.
        os.killpg(process.pid, number)

    assert process.returncode != 0
    assert len(servers) == 3
    assert not any(server.is_alive for server in servers)
    assert not folder.exists()


def test_the_next_run_ends_the_servers_of_one_that_was_killed() -> None:
    with wrapped(STAY) as process:
        folder = Path(first_line(process))
        servers = servers_in(folder)
        os.killpg(process.pid, signal.SIGKILL)
    assert all(server.is_alive for server in servers)

    Instance.new().discard()

    deadline = time.monotonic() + 10
    while any(server.is_alive for server in servers) and time.monotonic() < deadline:
        os.sched_yield()
    assert not any(server.is_alive for server in servers)
    assert not folder.exists()
