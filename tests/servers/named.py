"""Servers that the environment names instead of private ones."""

from __future__ import annotations

import os
from pathlib import Path

import requests
from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.servers.errors import ServerUnavailable

AMQP_URL = "FREEHOLD_TEST_AMQP_URL"
MANAGEMENT_URL = "FREEHOLD_TEST_RABBITMQ_MANAGEMENT_URL"
POSTGRES_URL = "FREEHOLD_TEST_POSTGRES_URL"
# The folder of the private servers that the three above name, for tests that restart them.
SERVERS_FOLDER = "FREEHOLD_TEST_SERVERS"


def rabbit_is_named() -> bool:
    """:raises ServerUnavailable: only one of the broker's two addresses is named."""
    named = [name for name in (AMQP_URL, MANAGEMENT_URL) if os.environ.get(name)]
    if len(named) == 1:
        raise ServerUnavailable(
            f"{named[0]} is set alone. Tests need the broker's management too (they create users "
            f"and virtual hosts): set both {AMQP_URL} and {MANAGEMENT_URL}, or neither."
        )
    return bool(named)


def postgres_is_named() -> bool:
    return bool(os.environ.get(POSTGRES_URL))


def servers_folder() -> Path | None:
    """Where the private servers of this test run lie, if a wrapping command started them."""
    folder = os.environ.get(SERVERS_FOLDER)
    return Path(folder) if folder else None


def check() -> None:
    """:raises ServerUnavailable: a server that the environment names does not answer."""
    if rabbit_is_named():
        if not amqp_answers(os.environ[AMQP_URL]):
            raise ServerUnavailable(f"The broker that {AMQP_URL} names does not answer.")
        if not management_answers(os.environ[MANAGEMENT_URL]):
            raise ServerUnavailable(
                f"The broker's management that {MANAGEMENT_URL} names does not answer, "
                "or does not accept the user and password in it."
            )
    if postgres_is_named() and not postgres_answers(os.environ[POSTGRES_URL]):
        raise ServerUnavailable(f"The database server that {POSTGRES_URL} names does not answer.")


def amqp_answers(url: str) -> bool:
    try:
        with Connection(url, connect_timeout=3) as connection:
            # connect() would pause for two seconds before its second attempt.
            connection.ensure_connection(max_retries=1, interval_start=0)
    except (AMQPError, OperationalError, OSError):
        return False
    return True


def management_answers(url: str) -> bool:
    try:
        with requests.get(f"{url}/api/overview", timeout=3) as reply:
            return reply.ok
    except requests.RequestException:
        return False


def postgres_answers(url: str) -> bool:
    address = make_url(url).set(drivername="postgresql+psycopg2")
    engine = create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError:
        return False
    return True
