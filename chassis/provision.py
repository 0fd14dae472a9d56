"""Prepares PostgreSQL and RabbitMQ for the suite: `python -m chassis.provision`.

Creates each service's role and database, brings every schema up to date, creates each process's
broker user with rights on its own queues only, and binds the queues of all consumers, so that no
event is lost before its consumer has started once. It may be run again at any time.
"""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import dataclass, field, fields
from urllib.parse import quote, unquote, urlsplit

import requests
from kombu import Connection, Exchange, Queue
from sqlalchemy import create_engine, make_url, text

from chassis import logs, migrations, start
from chassis.client import RPC_EXCHANGE, work_exchange
from chassis.config import Config, ConfigurationError
from chassis.events import handlers_of
from chassis.outbox import exchange_of
from chassis.service import database_url, service_in
from chassis.work import work_queue

_log = logging.getLogger("chassis.provision")

MODULES = {
    "identity": "services.identity",
    "organizations": "services.organizations",
    "licensing": "services.licensing",
    "devices": "services.devices",
    "devices_worker": "services.devices.worker",
}
WORK_QUEUES = ("devices.steps",)
_REPLY_KEY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class ProvisionSettings:
    """Only the provisioning process needs these."""

    postgres_admin_url: str = field(
        default="", metadata={"help": "A superuser's URL; empty: databases and roles exist."}
    )
    rabbitmq_management_url: str = field(
        default="",
        metadata={"help": "`http://admin:password@host:15672`; empty: users and rights exist."},
    )
    identity_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})
    organizations_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})
    licensing_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})
    devices_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})
    devices_worker_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})
    gateway_broker_url: str = field(default="", metadata={"help": "AMQP URL of its user."})


@dataclass(frozen=True)
class Rights:
    """RabbitMQ permissions of one process, as regular expressions over resource names."""

    configure: str
    write: str
    read: str
    # Bindings to the RPC exchange: its own methods and its own reply address, never others' calls.
    rpc_read: str


def rights_of(process: str) -> Rights:
    name = re.escape(process)
    queues = [f"rpc-{name}", f"rpc\\.reply-{name}-.*", f"evt-.*--{name}\\..*"]
    queues.append(f"evt-broadcast-{name}-.*")
    if process in ("devices", "devices_worker"):
        for queue in WORK_QUEUES:
            queues += [re.escape(queue), re.escape(work_exchange(queue).name)]
    own = "|".join(queues)
    return Rights(
        configure=f"^(nameko-rpc|[a-z]+\\.events|{own})$",
        write=f"^(nameko-rpc|{name}\\.events|{own})$",
        read=f"^(nameko-rpc|[a-z]+\\.events|{own})$",
        rpc_read=f"^({name}\\.\\*|{_REPLY_KEY})$",
    )


def databases(config: Config, admin_url: str) -> None:
    """A role and a database for each service, which no other role may connect to."""
    engine = create_engine(
        make_url(admin_url).set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as connection:
            for service in migrations.SERVICES:
                url = make_url(database_url(config, service))
                role, name = _identifier(url.username), _identifier(url.database)
                known = connection.execute(
                    text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
                ).scalar()
                verb = "ALTER" if known else "CREATE"
                password = (url.password or "").replace("'", "''")
                connection.exec_driver_sql(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
                exists = connection.execute(
                    text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
                ).scalar()
                if not exists:
                    connection.exec_driver_sql(f"CREATE DATABASE {name} OWNER {role}")
                connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        engine.dispose()


def _identifier(name: str | None) -> str:
    if name is None or not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ConfigurationError("Role and database names are lower-case words.")
    return name


def broker_users(settings: ProvisionSettings) -> None:
    """A user for each process, with rights on its own queues only."""
    admin = urlsplit(settings.rabbitmq_management_url)
    base = f"{admin.scheme}://{admin.hostname}:{admin.port}/api"
    with requests.Session() as http:
        http.auth = (unquote(admin.username or ""), unquote(admin.password or ""))

        def put(path: str, body: dict[str, str]) -> None:
            reply = http.put(f"{base}/{path}", json=body, timeout=10)
            if not reply.ok:
                raise ConfigurationError(f"RabbitMQ refused {path}: {reply.status_code}.")

        for process, url in broker_urls(settings).items():
            broker = urlsplit(url)
            user = quote(broker.username or "", safe="")
            vhost = quote(unquote(broker.path[1:]) or "/", safe="")
            rights = rights_of(process)
            put(f"vhosts/{vhost}", {})
            put(f"users/{user}", {"password": unquote(broker.password or ""), "tags": ""})
            put(
                f"permissions/{vhost}/{user}",
                {"configure": rights.configure, "write": rights.write, "read": rights.read},
            )
            put(
                f"topic-permissions/{vhost}/{user}",
                {"exchange": RPC_EXCHANGE.name, "write": ".*", "read": rights.rpc_read},
            )


def broker_urls(settings: ProvisionSettings) -> dict[str, str]:
    """By process, those that are set."""
    found = {
        entry.name.removesuffix("_broker_url"): getattr(settings, entry.name)
        for entry in fields(settings)
        if entry.name.endswith("_broker_url")
    }
    return {process: url for process, url in found.items() if url}


def topology(settings: ProvisionSettings) -> None:
    """Exchanges and bound queues of every consumer, each declared as the user it belongs to."""
    for process, url in broker_urls(settings).items():
        with Connection(url, connect_timeout=5) as connection:
            channel = connection.channel()
            RPC_EXCHANGE(channel).declare()
            if process not in MODULES:
                continue
            kind = service_in(MODULES[process])
            exchange_of(kind.database)(channel).declare()
            for handler, event, _effect in handlers_of(kind):
                Queue(
                    f"evt-{event.source}-{event.name}--{process}.{handler}",
                    exchange=Exchange(f"{event.source}.events", type="topic", durable=True),
                    routing_key=event.name,
                    durable=True,
                )(channel).declare()
            if process in ("devices", "devices_worker"):
                for queue in WORK_QUEUES:
                    work_queue(queue)(channel).declare()


def main() -> int:
    config = Config.load()
    logs.configure("provision", config.suite.log_level)
    settings = config.section(ProvisionSettings, "provision")
    patience = config.suite.start_timeout_seconds
    try:
        if settings.postgres_admin_url:
            engine = create_engine(
                make_url(settings.postgres_admin_url).set(drivername="postgresql+psycopg2")
            )
            start.wait_for(
                f"the database {start.described(settings.postgres_admin_url)}",
                lambda: start.database_answers(engine),
                patience,
            )
            engine.dispose()
            databases(config, settings.postgres_admin_url)
        for service in migrations.SERVICES:
            migrations.upgrade(service, database_url(config, service))
            _log.info("schema current", extra={"facts": {"database": service}})
        if settings.rabbitmq_management_url:
            start.wait_for(
                f"the broker's management {start.described(settings.rabbitmq_management_url)}",
                lambda: start.management_answers(settings.rabbitmq_management_url),
                patience,
            )
            broker_users(settings)
        topology(settings)
    except (ConfigurationError, start.NeverCame) as error:
        _log.error("not provisioned: %s", error)
        return 1
    _log.info("provisioned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
