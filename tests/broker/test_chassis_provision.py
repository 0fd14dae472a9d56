"""What provisioning leaves behind: rights on one's own queues and database, and on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
import requests
from amqp.exceptions import AccessRefused
from kombu import Connection, Queue
from kombu.message import Message
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from chassis.client import RPC_EXCHANGE, RpcClient
from chassis.migrations import SERVICES
from tests.broker.yards import ROOT
from tests.databases import Databases

PROCESSES = (*SERVICES, "devices_worker", "gateway")
STEPS = "devices.steps"
DEVICE_ADDED = "evt-devices-device_added--licensing.device_added"
ACCOUNT_DELETED = "evt-identity-account_deleted--organizations.account_deleted"

pytestmark = pytest.mark.broker


@dataclass(frozen=True)
class Provisioned:
    environment: Mapping[str, str]
    broker_urls: Mapping[str, str]
    database_urls: Mapping[str, str]
    management_url: str
    admin_url: str

    def run(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "chassis.provision"],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            check=True,
            capture_output=True,
        )

    @property
    def vhost(self) -> str:
        return urlsplit(self.broker_urls["gateway"]).path[1:]

    def told(self, path: str) -> Any:
        reply = requests.get(f"{self.management_url}/api/{path}", timeout=10)
        reply.raise_for_status()
        return reply.json()

    def picture(self) -> dict[str, Any]:
        """Everything that provisioning makes, without what changes by itself."""
        vhost = self.vhost
        bindings = self.told(f"bindings/{vhost}")
        users = sorted(urlsplit(url).username or "" for url in self.broker_urls.values())
        return {
            "rights": sorted(map(str, self.told(f"vhosts/{vhost}/permissions"))),
            "topics": sorted(map(str, self.told(f"vhosts/{vhost}/topic-permissions"))),
            "exchanges": sorted(each["name"] for each in self.told(f"exchanges/{vhost}")),
            "queues": sorted(each["name"] for each in self.told(f"queues/{vhost}")),
            "bindings": sorted(
                (each["source"], each["routing_key"], each["destination"]) for each in bindings
            ),
            "users": [self.told(f"users/{quote(user, safe='')}")["tags"] for user in users],
            "schemas": [
                connected(url, "SELECT version_num FROM alembic_version")
                for url in self.database_urls.values()
            ],
        }

    def discard(self) -> None:
        for url in self.broker_urls.values():
            user = quote(urlsplit(url).username or "", safe="")
            requests.delete(f"{self.management_url}/api/users/{user}", timeout=10)
        requests.delete(f"{self.management_url}/api/vhosts/{self.vhost}", timeout=10)
        admin = create_engine(
            make_url(self.admin_url).set(drivername="postgresql+psycopg2"),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with admin.connect() as connection:
            for own in map(make_url, self.database_urls.values()):
                connection.execute(text(f"DROP DATABASE IF EXISTS {own.database} WITH (FORCE)"))
                connection.execute(text(f"DROP ROLE IF EXISTS {own.username}"))


def connected(url: str, statement: str = "SELECT 1") -> Any:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar()


@pytest.fixture(scope="module")
def provisioned(
    rabbitmq_url: str, rabbitmq_management_url: str, postgres_url: str, databases: Databases
) -> Iterator[Provisioned]:
    tag = token_hex(4)
    broker, admin = urlsplit(rabbitmq_url), urlsplit(postgres_url)
    broker_urls = {
        name: f"amqp://{name}-{tag}:{token_hex(8)}@{broker.hostname}:{broker.port}/p{tag}"
        for name in PROCESSES
    }
    database_urls = {
        name: f"postgresql://p{tag}_{name}:{token_hex(8)}@{admin.hostname}:{admin.port}/p{tag}_{name}"
        for name in SERVICES
    }
    environment = {
        "FREEHOLD_PROVISION_POSTGRES_ADMIN_URL": postgres_url,
        "FREEHOLD_PROVISION_RABBITMQ_MANAGEMENT_URL": rabbitmq_management_url,
        **{f"FREEHOLD_PROVISION_{k.upper()}_BROKER_URL": url for k, url in broker_urls.items()},
        **{f"FREEHOLD_{k.upper()}_DATABASE_URL": url for k, url in database_urls.items()},
    }
    made = Provisioned(
        environment, broker_urls, database_urls, rabbitmq_management_url, postgres_url
    )
    made.run()
    yield made
    made.discard()


@pytest.fixture
def channel(provisioned: Provisioned, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Of the process that the test names as its parameter."""
    with Connection(
        provisioned.broker_urls[request.param], transport_options={"confirm_publish": True}
    ) as connection:
        yield connection.channel()


def acting_as(process: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("channel", [process], indirect=True)


def publish(channel: Any, exchange: str, routing_key: str) -> None:
    message = channel.prepare_message(b"{}")
    channel.basic_publish(message, exchange=exchange, routing_key=routing_key)


def test_a_second_time_changes_nothing(provisioned: Provisioned) -> None:
    before = provisioned.picture()
    provisioned.run()
    assert provisioned.picture() == before
    assert DEVICE_ADDED in before["queues"]
    assert before["users"] == [[]] * len(PROCESSES)


@acting_as("identity")
@pytest.mark.parametrize("queue", [DEVICE_ADDED, STEPS])
def test_nobody_reads_the_queue_of_another(channel: Any, queue: str) -> None:
    with pytest.raises(AccessRefused):
        channel.basic_get(queue)


@acting_as("licensing")
def test_a_service_reads_its_own_queue(channel: Any) -> None:
    assert channel.basic_get(DEVICE_ADDED) is None


@acting_as("organizations")
def test_organizations_is_told_of_deleted_accounts(channel: Any) -> None:
    """Also of those that were deleted before it first ran."""
    assert channel.basic_get(ACCOUNT_DELETED) is None


@acting_as("identity")
def test_identity_calls_organizations(channel: Any) -> None:
    publish(channel, "nameko-rpc", "organizations.release_account")


@acting_as("identity")
@pytest.mark.parametrize("pattern", ["#", "*.*", "licensing.*", "licensing.allocate", "*"])
def test_nobody_listens_to_the_calls_of_others(channel: Any, pattern: str) -> None:
    queue = f"rpc.reply-identity-{uuid4()}"
    channel.queue_declare(queue, auto_delete=True)
    with pytest.raises(AccessRefused):
        channel.queue_bind(queue, exchange="nameko-rpc", routing_key=pattern)


@acting_as("identity")
def test_a_service_hears_its_own_calls_and_replies(channel: Any) -> None:
    address = str(uuid4())
    queue = f"rpc.reply-identity-{address}"
    channel.queue_declare(queue, auto_delete=True)
    channel.queue_bind(queue, exchange="nameko-rpc", routing_key=address)
    channel.queue_bind(queue, exchange="nameko-rpc", routing_key="identity.*")


@pytest.mark.parametrize(
    ("asker", "asked"),
    [
        ("identity", "organizations"),
        ("organizations", "identity"),
        ("licensing", "organizations"),
        ("devices", "licensing"),
        ("gateway", "identity"),
    ],
)
def test_a_service_asks_another_and_gets_its_answer(
    provisioned: Provisioned, asker: str, asked: str
) -> None:
    urls = provisioned.broker_urls
    client = RpcClient(urls[asker], asker, timeout=10)
    try:
        with Connection(urls[asked]) as connection:
            calls = Queue(
                f"rpc-{asked}", exchange=RPC_EXCHANGE, routing_key=f"{asked}.*", auto_delete=True
            )

            def answer(_body: object, message: Message) -> None:
                connection.Producer().publish(
                    {"result": "heard", "error": None},
                    exchange=RPC_EXCHANGE,
                    routing_key=message.properties["reply_to"],
                    correlation_id=message.properties["correlation_id"],
                    serializer="json",
                )
                message.ack()

            with connection.Consumer(calls, callbacks=[answer]), ThreadPoolExecutor(1) as pool:
                told = pool.submit(client.call, asked, "anything", {})
                connection.drain_events(timeout=10)
                assert told.result() == "heard"
    finally:
        client.close()


@acting_as("organizations")
@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        ("devices.events", "device_added"),
        ("identity.events", "account_closed"),
        ("devices.work", STEPS),
        # RabbitMQ's own way to a queue by its name.
        ("", DEVICE_ADDED),
        ("", STEPS),
    ],
)
def test_nobody_announces_for_another(channel: Any, exchange: str, routing_key: str) -> None:
    with pytest.raises(AccessRefused):
        publish(channel, exchange, routing_key)


@acting_as("devices")
def test_a_service_announces_its_own_facts_and_gives_work_to_its_worker(channel: Any) -> None:
    publish(channel, "devices.events", "device_removed")
    publish(channel, "devices.work", STEPS)
    assert channel.queue_declare(STEPS, passive=True).message_count == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_connects_to_its_own_database_only(provisioned: Provisioned, service: str) -> None:
    own = make_url(provisioned.database_urls[service])
    assert connected(provisioned.database_urls[service]) == 1
    for other in SERVICES:
        if other != service:
            theirs = own.set(database=make_url(provisioned.database_urls[other]).database)
            with pytest.raises(OperationalError, match="permission denied"):
                connected(theirs.render_as_string(hide_password=False))
