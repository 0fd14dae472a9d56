"""The servers of a test run: up when asked for, gone when not, themselves again after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.servers import (
    AMQP_URL,
    MANAGEMENT_URL,
    POSTGRES_URL,
    SERVERS_FOLDER,
    Instance,
    PrivatePostgres,
    PrivateRabbit,
)
from tests.servers.instance import SERVERS
from tests.servers.processes import Recorded, free_ports, load

ROOT = Path(__file__).resolve().parents[2]

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


def answers(server: PrivatePostgres | PrivateRabbit) -> bool:
    return server.is_ready


@pytest.mark.parametrize("end", [PrivatePostgres.kill, PrivatePostgres.stop])
def test_what_was_committed_is_there_after_the_database_server_ended(
    fragile_postgres: PrivatePostgres, end: Callable[[PrivatePostgres], None]
) -> None:
    table = f"kept_{end.__name__}"
    execute(fragile_postgres.url, f"CREATE TABLE {table} (n int)")
    execute(fragile_postgres.url, f"INSERT INTO {table} VALUES (7)")

    end(fragile_postgres)
    assert not answers(fragile_postgres)
    fragile_postgres.start()

    assert answers(fragile_postgres)
    assert execute(fragile_postgres.url, f"SELECT n FROM {table}") == [(7,)]


@pytest.mark.parametrize("end", [PrivateRabbit.kill, PrivateRabbit.stop])
def test_what_was_confirmed_is_there_after_the_broker_ended(
    fragile_rabbit: PrivateRabbit, end: Callable[[PrivateRabbit], None]
) -> None:
    queue = f"kept-{end.__name__}"
    put(fragile_rabbit.url, queue, "an event before")
    # A queue that was declared a moment before a kill may be unknown afterwards: the broker
    # confirms messages, not declarations.
    fragile_rabbit.stop()
    fragile_rabbit.start()
    put(fragile_rabbit.url, queue, "an event")

    end(fragile_rabbit)
    assert not answers(fragile_rabbit)
    fragile_rabbit.start()

    assert answers(fragile_rabbit)
    assert waiting(fragile_rabbit.url, queue) == ["an event before", "an event"]


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


WRAPPED = [sys.executable, "-m", "tests.servers", "run", "--", sys.executable, "-c"]
TELL = f"import os; print(os.environ['{SERVERS_FOLDER}'], flush=True)"
STAY = f"{TELL}; import signal; signal.pause()"


@pytest.fixture
def both_private() -> dict[str, str]:
    """An environment that names no servers."""
    return {k: v for k, v in os.environ.items() if not k.startswith("FREEHOLD_TEST_")}


@pytest.fixture
def broker_named(
    both_private: dict[str, str], rabbitmq_url: str, rabbitmq_management_url: str
) -> dict[str, str]:
    """An environment that names a broker, so that only PostgreSQL needs to be started."""
    named = {AMQP_URL: rabbitmq_url, MANAGEMENT_URL: rabbitmq_management_url}
    return both_private | named


def wrapped(script: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*WRAPPED, script],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def told_folder(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def servers_in(folder: Path) -> list[Recorded]:
    records = [load(path) for path in folder.glob("*/*.json") if path.name != "place.json"]
    return [record for record in records if record is not None]


def test_a_wrapped_command_gives_its_exit_status_and_leaves_nothing(
    broker_named: dict[str, str],
) -> None:
    with wrapped(f"{TELL}; raise SystemExit(7)", broker_named) as process:
        folder = told_folder(process)

    assert process.returncode == 7
    assert folder.parent == SERVERS
    assert not folder.exists()


def test_a_wrapped_command_that_is_interrupted_leaves_nothing(
    both_private: dict[str, str],
) -> None:
    with wrapped(STAY, both_private) as process:
        folder = told_folder(process)
        servers = servers_in(folder)
        # As a terminal does: to the whole group.
        os.killpg(process.pid, signal.SIGINT)

    assert process.returncode != 0
    assert len(servers) == 3, "PostgreSQL, RabbitMQ and Erlang's port mapper"
    assert not any(server.is_alive for server in servers)
    assert not folder.exists()


def test_a_wrapped_command_ends_with_the_one_that_wraps_it(broker_named: dict[str, str]) -> None:
    with wrapped(STAY, broker_named) as process:
        folder = told_folder(process)
        process.terminate()

    assert process.returncode == 128 + signal.SIGTERM
    assert not folder.exists()


def test_the_next_run_ends_the_servers_of_one_that_was_killed(
    broker_named: dict[str, str],
) -> None:
    with wrapped(STAY, broker_named) as process:
        folder = told_folder(process)
        servers = servers_in(folder)
        os.killpg(process.pid, signal.SIGKILL)
    assert all(server.is_alive for server in servers)

    Instance.new().discard()

    assert servers
    assert not any(server.is_alive for server in servers)
    assert not folder.exists()


def test_a_named_server_that_does_not_answer_is_said_by_its_name(
    broker_named: dict[str, str],
) -> None:
    nobody = {POSTGRES_URL: f"postgresql://admin:secret-word@127.0.0.1:{free_ports(1)[0]}/x"}
    with wrapped(TELL, broker_named | nobody) as process:
        said, complained = process.communicate()

    assert process.returncode == 1
    assert not said
    assert POSTGRES_URL in complained
    assert "secret-word" not in complained


def test_a_broker_named_without_its_management_is_refused(both_private: dict[str, str]) -> None:
    with wrapped(TELL, both_private | {AMQP_URL: "amqp://127.0.0.1/"}) as process:
        _said, complained = process.communicate()

    assert process.returncode == 1
    assert MANAGEMENT_URL in complained
