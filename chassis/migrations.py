"""Schemas of the services' databases: one alembic history each, and waiting for the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config as AlembicConfig
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from chassis.columns import Moment
from chassis.config import Config
from chassis.db import engine_for
from chassis.service import database_url
from chassis.tables import ChassisBase, Serial

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("identity", "organizations", "licensing", "devices")


def configuration(service: str, url: str) -> AlembicConfig:
    """Alembic's view of one service, with the database's URL passed beside the file."""
    config = AlembicConfig(str(ROOT / "alembic.ini"), ini_section=service)
    config.set_main_option("script_location", str(ROOT / "services" / service / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(service: str, url: str) -> None:
    """Brings the service's database to the newest schema; does nothing when it is there."""
    command.upgrade(configuration(service, url), "head")


def is_current(service: str, engine: Engine) -> bool:
    """Whether the database has the schema that this code was written for."""
    head = ScriptDirectory.from_config(configuration(service, "")).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def run(metadata: MetaData) -> None:
    """The whole of a service's ``env.py``."""
    attached = context.config.attributes.get("connection")
    if attached is not None:
        _migrate(attached, metadata)
        return
    service = context.config.config_ini_section
    url = context.config.attributes.get("url") or database_url(Config.load(), service)
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Several processes may start at once; the second finds nothing left to do.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7026201)")
            _migrate(connection, metadata)
    finally:
        engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=[ChassisBase.metadata, metadata],
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def create_chassis_tables(op: Operations | Any) -> None:
    """Outbox, inbox and idempotency keys, as each service's first migration makes them."""
    op.create_table(
        "outbox",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("announced_at", Moment, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("handler", sa.String(80), primary_key=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("data", sa.JSON),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("failure", sa.Text),
        sa.Column("received_at", Moment, nullable=False),
    )
    op.create_index("inbox_due", "inbox", ["state", "due_at"])
    op.create_table(
        "idempotency",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("operation", sa.String(80), primary_key=True),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("recorded_at", Moment, nullable=False),
    )
