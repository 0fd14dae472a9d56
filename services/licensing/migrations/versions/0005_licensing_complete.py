"""Years ahead, systems with licenses of their own, offline files, trials, notices, replay."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0005"
down_revision = "0004"

OPEN = sa.text("NOT is_archived")
REGISTERED = sa.text("state = 'registered'")
APPEND_ONLY = ("withdrawal", "usage_report", "license_file", "hardware_change")


def upgrade() -> None:
    _extend_catalogue()
    _extend_subscriptions()
    _let_external_accounts_owe()
    _create_withdrawals()
    _create_systems()
    _extend_suppliers()
    _create_notices()
    for table in APPEND_ONLY:
        _only_add_to(table)
    _count_what_was_heard()


def _code(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(60), nullable=nullable)


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


def _extend_catalogue() -> None:
    op.add_column(
        "product",
        sa.Column("coterm", sa.String(20), nullable=False, server_default="organization"),
    )
    for name in ("covers", "upgrade_from", "upgrade_to"):
        op.add_column("license_type", _code(name, nullable=True))
    op.add_column(
        "license_type", sa.Column("attributes", sa.JSON, nullable=False, server_default="{}")
    )


def _extend_subscriptions() -> None:
    for name in ("swept_on", "noticed_on"):
        op.add_column("org_calendar", sa.Column(name, sa.Date))
    op.create_index(
        "org_calendar_noticed",
        "org_calendar",
        ["noticed_on", "time_zone"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    for name in ("devices", "devices_logged"):
        op.add_column(
            "org_calendar", sa.Column(name, sa.Integer, nullable=False, server_default="0")
        )
    op.add_column(
        "org_calendar",
        sa.Column("has_systems", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    for name in ("trial_started_on", "trial_ends_on", "exceeded_since"):
        op.add_column("org_product", sa.Column(name, sa.Date))
    op.add_column("command_log", sa.Column("request", sa.JSON))


def _let_external_accounts_owe() -> None:
    before, after = "kind = 'external:supplier'", "kind LIKE 'external:%'"
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_constraint("ledger_account_balance", "ledger_account")
        op.create_check_constraint(
            "ledger_account_balance", "ledger_account", f"balance >= 0 OR {after}"
        )
        return
    # The way SQLite's documentation names for a change that concerns no stored row: the table is
    # referred to by others, and so cannot be made anew within a transaction.
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'ledger_account'",
        (before, after),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Uuid, primary_key=True),
        _command(),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        _code("type"),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.CheckConstraint("seats > 0", name="withdrawal_seats"),
        _type_of_product(),
    )
    op.create_index("withdrawal_of_product", "withdrawal", ["organization_id", "product", "year"])
    op.create_index("ix_withdrawal_command_id", "withdrawal", ["command_id"])


def _create_systems() -> None:
    op.create_table(
        "licensed_system",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        _code("product"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("serial", sa.String(64)),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("public_key", sa.String(64)),
        sa.Column("version", sa.String(60)),
        sa.Column("credential_digest", sa.String(64), unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reported_at", Moment),
        sa.Column("counted_at", Moment),
        sa.Column("file_digest", sa.String(64)),
        sa.Column("registered_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
        _command(),
        sa.CheckConstraint(
            "state IN ('registered', 'removed', 'replaced')", name="licensed_system_state"
        ),
        sa.CheckConstraint(
            "kind IN ('online', 'offline', 'hardware')", name="licensed_system_kind"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "product"], ["org_product.organization_id", "org_product.product"]
        ),
    )
    op.create_index(
        "licensed_system_of_product",
        "licensed_system",
        ["organization_id", "product", "name", "id"],
    )
    op.create_index(
        "licensed_system_serial",
        "licensed_system",
        ["organization_id", "product", "serial"],
        unique=True,
        postgresql_where=REGISTERED,
        sqlite_where=REGISTERED,
    )
    op.create_index(
        "licensed_system_registered",
        "licensed_system",
        ["id"],
        unique=True,
        postgresql_where=REGISTERED,
        sqlite_where=REGISTERED,
    )
    op.create_index("ix_licensed_system_command_id", "licensed_system", ["command_id"])
    op.create_table(
        "system_usage",
        sa.Column("system_id", sa.Uuid, primary_key=True),
        sa.Column("type", sa.String(60), primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        *(
            sa.Column(name, sa.Integer, nullable=False, server_default="0")
            for name in ("counted", "held")
        ),
        sa.CheckConstraint("counted >= 0 AND held >= 0", name="system_usage_counts"),
        _system_of_organization(),
        _type_of_product(),
    )
    op.create_index("system_usage_of_organization", "system_usage", ["organization_id"])
    op.create_table(
        "usage_report",
        sa.Column("system_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("reported_at", Moment, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
    )
    _create_license_files()


def _system_of_organization() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "system_id"], ["licensed_system.organization_id", "licensed_system.id"]
    )


def _create_license_files() -> None:
    op.create_table(
        "reservation",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        sa.Column("system_id", sa.Uuid, primary_key=True),
        sa.Column("type", sa.String(60), primary_key=True),
        sa.Column("until", sa.Date, primary_key=True),
        _code("product"),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.CheckConstraint("seats > 0", name="reservation_seats"),
        _system_of_organization(),
        _type_of_product(),
    )
    op.create_table(
        "license_file",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        sa.Column("system_id", sa.Uuid, nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("container", sa.Text, nullable=False),
        sa.Column("seats", sa.JSON, nullable=False),
        sa.Column("reserved", sa.JSON, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        _command(),
        sa.UniqueConstraint("organization_id", "system_id", "serial", name="license_file_serial"),
        _system_of_organization(),
    )
    op.create_index("ix_license_file_command_id", "license_file", ["command_id"])


def _extend_suppliers() -> None:
    op.add_column("supplier", sa.Column("public_key", sa.String(64)))
    op.create_table(
        "voucher",
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("supplier.id"), primary_key=True),
        sa.Column("serial", sa.String(64), primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("redeemed_by", sa.Uuid),
        sa.Column("redeemed_on", sa.Date, nullable=False),
        _command(),
    )
    op.create_index("ix_voucher_command_id", "voucher", ["command_id"])
    op.create_table(
        "hardware_order",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("supplier_id", sa.Uuid, sa.ForeignKey("supplier.id"), nullable=False),
        sa.Column("order_ref", sa.String(80), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("product", sa.String(60), sa.ForeignKey("product.code"), nullable=False),
        sa.Column("unit_count", sa.Integer, nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.UniqueConstraint("supplier_id", "order_ref", name="hardware_order_once"),
    )
    op.create_table(
        "hardware_line",
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("hardware_order.id"), primary_key=True),
        sa.Column("type", sa.String(60), primary_key=True),
        _code("product"),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.CheckConstraint("quantity > 0", name="hardware_line_quantity"),
        _type_of_product(),
    )
    op.create_table(
        "hardware_unit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("hardware_order.id"), nullable=False),
        _code("product"),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("proof_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("system_id", sa.Uuid, unique=True),
        sa.UniqueConstraint("product", "serial", name="hardware_unit_serial"),
    )
    op.create_index("ix_hardware_unit_order_id", "hardware_unit", ["order_id"])
    op.create_table(
        "hardware_change",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("unit_id", sa.Uuid, sa.ForeignKey("hardware_unit.id"), nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        _code("product"),
        _code("type"),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.CheckConstraint("quantity <> 0", name="hardware_change_quantity"),
        _type_of_product(),
    )
    op.create_index("ix_hardware_change_unit_id", "hardware_change", ["unit_id"])


def _create_notices() -> None:
    op.create_table(
        "license_notice",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        sa.Column("product", sa.String(60), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("subject", sa.String(60), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("on_date", sa.Date),
        sa.Column("days", sa.Integer),
        sa.Column("licenses", sa.Integer),
        sa.Column("year", sa.Integer),
        sa.Column("announced_at", Moment, nullable=False),
    )
    op.create_index(
        "license_notice_of_organization",
        "license_notice",
        ["organization_id", "announced_at", "id"],
    )


def _count_what_was_heard() -> None:
    # Devices of organizations that never gave a command count from their first one on.
    op.execute(
        "UPDATE org_calendar SET devices = (SELECT count(*) FROM counted_device "
        "WHERE counted_device.organization_id = org_calendar.organization_id "
        "AND counted_device.is_present)"
    )


def _only_add_to(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
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
