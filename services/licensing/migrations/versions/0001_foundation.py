"""Catalogue, suppliers, subscriptions, ledger and history."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment
from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None

APPEND_ONLY = ("ledger_entry", "allocation", "settled_year", "command_log", "audit")


def upgrade() -> None:
    create_chassis_tables(op)
    _create_catalogue()
    _create_history()
    _create_subscriptions()
    _create_suppliers()
    _create_ledger()
    for table in APPEND_ONLY:
        _only_add_to(table)


def _code(name: str, *constraints: sa.ForeignKey, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(60), *constraints, nullable=nullable)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(60), primary_key=True)


def _command() -> sa.Column[UUID]:
    return sa.Column(
        "command_id",
        sa.Uuid,
        sa.ForeignKey("command_log.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    )


def _type_of_product() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["product", "type"], ["license_type.product", "license_type.code"]
    )


def _create_catalogue() -> None:
    product = op.create_table(
        "product",
        _key("code"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("trial_days", sa.Integer, nullable=False),
        _code("counts_devices_as", nullable=True),
        sa.CheckConstraint("trial_days >= 0", name="product_trial_days"),
    )
    license_type = op.create_table(
        "license_type",
        sa.Column("product", sa.String(60), sa.ForeignKey("product.code"), primary_key=True),
        _key("code"),
        sa.Column("kind", sa.String(20), nullable=False),
    )
    op.bulk_insert(
        product,
        [
            {
                "code": "camera-manager",
                "name": "Camera Manager",
                "trial_days": 90,
                "counts_devices_as": "core",
            },
            {
                "code": "site-health",
                "name": "Site Health",
                "trial_days": 30,
                "counts_devices_as": "core",
            },
        ],
    )
    op.bulk_insert(
        license_type,
        [
            {"product": "camera-manager", "code": "core", "kind": "subscription"},
            {"product": "site-health", "code": "core", "kind": "subscription"},
        ],
    )


def _create_history() -> None:
    op.create_table(
        "command_log",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.String(128), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("role", sa.String(20)),
        sa.Column("name", sa.String(60), nullable=False),
        _code("product", nullable=True),
        sa.Column("on_date", sa.Date, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.Column("arguments", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("organization_id", "number", name="command_log_number"),
        sa.UniqueConstraint("organization_id", "idempotency_key", name="command_log_once"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("session_id", sa.Uuid),
        sa.Column("acting_as", sa.String(80)),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(80), nullable=False),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(80)),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.String(256)),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("audit_of_organization", "audit", ["organization_id", "at"])


def _create_subscriptions() -> None:
    op.create_table(
        "org_calendar",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("anchor", sa.Date),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.Column("last_hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "org_product",
        sa.Column(
            "organization_id",
            sa.Uuid,
            sa.ForeignKey("org_calendar.organization_id"),
            primary_key=True,
        ),
        sa.Column("product", sa.String(60), sa.ForeignKey("product.code"), primary_key=True),
        sa.Column("registered_on", sa.Date, nullable=False),
        _command(),
    )
    op.create_index("ix_org_product_command_id", "org_product", ["command_id"])
    op.create_table(
        "subscription",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        _key("product"),
        sa.Column("started_on", sa.Date, nullable=False),
        _command(),
        sa.ForeignKeyConstraint(
            ["organization_id", "product"], ["org_product.organization_id", "org_product.product"]
        ),
    )
    op.create_index("ix_subscription_command_id", "subscription", ["command_id"])
    op.create_table(
        "settled_year",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        _key("product"),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("settled_on", sa.Date, nullable=False),
    )
    op.create_table(
        "counted_device",
        sa.Column("device_id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("is_present", sa.Boolean, nullable=False),
    )
    op.create_index("counted_device_present", "counted_device", ["organization_id", "is_present"])


def _create_suppliers() -> None:
    op.create_table(
        "supplier",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("credential_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("keys_per_day", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("revoked_at", Moment),
        sa.CheckConstraint("keys_per_day > 0", name="supplier_keys_per_day"),
    )
    op.create_table(
        "key_order",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("supplier.id"), nullable=False),
        sa.Column("order_ref", sa.String(80), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        _code("product", sa.ForeignKey("product.code")),
        sa.Column("term_years", sa.Integer, nullable=False),
        sa.Column("redeem_before", sa.Date),
        sa.Column("key_count", sa.Integer, nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.UniqueConstraint("supplier_id", "order_ref", name="key_order_once"),
        sa.CheckConstraint("term_years BETWEEN 1 AND 5", name="key_order_term"),
    )
    op.create_table(
        "key_order_line",
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("key_order.id"), primary_key=True),
        _key("type"),
        _code("product"),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.CheckConstraint("quantity > 0", name="key_order_line_quantity"),
        _type_of_product(),
    )
    op.create_table(
        "license_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("key_order.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("last5", sa.String(5), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("redeemed_organization_id", sa.Uuid),
        sa.Column("redeemed_by", sa.Uuid),
        sa.Column("redeemed_on", sa.Date),
        sa.CheckConstraint(
            "status IN ('issued', 'redeemed', 'revoked')", name="license_key_status"
        ),
        sa.CheckConstraint(
            "(status = 'redeemed') = (redeemed_organization_id IS NOT NULL)",
            name="license_key_redeemed",
        ),
    )
    op.create_index("ix_license_key_order_id", "license_key", ["order_id"])
    op.create_table(
        "throttle",
        sa.Column("counter", sa.String(20), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Moment),
        sa.Column("blocked_until", Moment),
    )


def _create_ledger() -> None:
    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        _code("type"),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        _command(),
        sa.CheckConstraint("expires_on > opened_on", name="lot_days"),
        _type_of_product(),
    )
    op.create_index("lot_of_product", "lot", ["organization_id", "product"])
    op.create_index("ix_lot_command_id", "lot", ["command_id"])
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        _code("type"),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("ref", sa.String(40), nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.UniqueConstraint(
            "organization_id", "product", "type", "kind", "ref", name="ledger_account_name"
        ),
        sa.CheckConstraint(
            "balance >= 0 OR kind = 'external:supplier'", name="ledger_account_balance"
        ),
        _type_of_product(),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid, primary_key=True),
        _command(),
        sa.Column("debit_id", sa.Uuid, sa.ForeignKey("ledger_account.id"), nullable=False),
        sa.Column("credit_id", sa.Uuid, sa.ForeignKey("ledger_account.id"), nullable=False),
        sa.Column("ticks", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.CheckConstraint("ticks > 0", name="ledger_entry_ticks"),
        sa.CheckConstraint("debit_id <> credit_id", name="ledger_entry_accounts"),
    )
    for name in ("command_id", "debit_id", "credit_id"):
        op.create_index(f"ix_ledger_entry_{name}", "ledger_entry", [name])
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid, primary_key=True),
        _command(),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        _code("type"),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.CheckConstraint("seats > 0", name="allocation_seats"),
        _type_of_product(),
    )
    op.create_index("allocation_of_product", "allocation", ["organization_id", "product", "year"])
    op.create_index("ix_allocation_command_id", "allocation", ["command_id"])


def _only_add_to(table: str) -> None:
    """The database itself refuses to change or remove what was recorded."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        )
