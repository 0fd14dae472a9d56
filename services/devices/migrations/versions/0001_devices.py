"""Inventory, catalogue, campaigns and upgrades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment
from chassis.migrations import create_chassis_tables
from chassis.tables import Serial

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Uuid, nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60)),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.String(300)),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("audit_by_age", "audit", ["organization_id", "at", "id"])
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("model", sa.String(60)),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_index("campaign_by_age", "campaign", ["organization_id", "created_at", "id"])
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("folder_id", sa.Uuid, nullable=False),
        sa.Column("serial", sa.String(12), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("scheme", sa.String(5), nullable=False),
        sa.Column("trust", sa.String(10), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("user_name", sa.String(64), nullable=False),
        sa.Column("sealed_password", sa.Text),
        sa.Column("model", sa.String(60), nullable=False),
        sa.Column("full_name", sa.String(120), nullable=False),
        sa.Column("variant", sa.String(60), nullable=False),
        sa.Column("soc", sa.String(60), nullable=False),
        sa.Column("hardware_id", sa.String(60), nullable=False),
        sa.Column("version", sa.String(24), nullable=False),
        sa.Column("version_key", sa.String(24), nullable=False),
        sa.Column("track", sa.String(40), nullable=False),
        sa.Column("reachability", sa.String(24), nullable=False),
        sa.Column("last_seen_at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("removed_at", Moment),
        sa.CheckConstraint("state IN ('managed', 'removed')", name="device_state"),
        sa.CheckConstraint("scheme IN ('http', 'https')", name="device_scheme"),
    )
    op.create_index("device_by_model", "device", ["organization_id", "state", "model", "version"])
    op.create_index("device_by_name", "device", ["organization_id", "state", "name", "id"])
    op.create_index(
        "device_one_per_serial",
        "device",
        ["serial"],
        unique=True,
        postgresql_where=sa.text("state = 'managed'"),
        sqlite_where=sa.text("state = 'managed'"),
    )
    op.create_table(
        "firmware_image",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("version", sa.String(24), nullable=False),
        sa.Column("track", sa.String(40), nullable=False),
        sa.Column("is_preview", sa.Boolean, nullable=False),
        sa.Column("upgradeable_from", sa.JSON),
        sa.Column("revoked_at", Moment),
        sa.Column("uploaded_by", sa.Uuid, nullable=False),
        sa.Column("uploaded_at", Moment, nullable=False),
    )
    op.create_index("firmware_image_by_age", "firmware_image", ["uploaded_at", "id"])
    op.create_table(
        "firmware_upload",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("product", sa.String(60)),
        sa.Column("version", sa.String(24)),
        sa.Column("track", sa.String(40)),
        sa.Column("begun_by", sa.Uuid, nullable=False),
        sa.Column("begun_at", Moment, nullable=False),
    )
    op.create_index("firmware_upload_age", "firmware_upload", ["begun_at"])
    op.create_table(
        "firmware_product",
        sa.Column("product", sa.String(60), primary_key=True),
        sa.Column("hardware_id", sa.String(60), primary_key=True),
        sa.Column("version", sa.String(24), primary_key=True),
        sa.Column("image_id", sa.Uuid, sa.ForeignKey("firmware_image.id"), nullable=False),
    )
    op.create_index("ix_firmware_product_image_id", "firmware_product", ["image_id"])
    op.create_table(
        "upgrade",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Uuid, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("device_id", sa.Uuid, sa.ForeignKey("device.id"), nullable=False),
        sa.Column("image_id", sa.Uuid, sa.ForeignKey("firmware_image.id")),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("from_version", sa.String(24), nullable=False),
        sa.Column("to_version", sa.String(24)),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("boot_id", sa.String(64)),
        sa.Column("uptime", sa.BigInteger),
        sa.Column("was_down", sa.Boolean, nullable=False),
        sa.Column("is_accepted", sa.Boolean, nullable=False),
        sa.Column("bytes_sent", sa.BigInteger, nullable=False),
        sa.Column("bytes_total", sa.BigInteger, nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("lease_owner", sa.Uuid),
        sa.Column("lease_until", Moment),
        sa.Column("announced_until", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("started_at", Moment),
        sa.Column("finished_at", Moment),
        sa.CheckConstraint(
            "state IN ('scheduled', 'waiting', 'preflight', 'uploading', 'rebooting', 'verifying', 'succeeded', 'failed', 'rolled_back', 'cancelled', 'skipped')",
            name="upgrade_state",
        ),
    )
    op.create_index("upgrade_by_age", "upgrade", ["organization_id", "created_at", "id"])
    op.create_index("upgrade_by_campaign", "upgrade", ["campaign_id", "state"])
    op.create_index(
        "upgrade_due",
        "upgrade",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "upgrade_one_per_device",
        "upgrade",
        ["device_id"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('scheduled', 'waiting', 'preflight', 'uploading', 'rebooting', 'verifying')"
        ),
        sqlite_where=sa.text(
            "state IN ('scheduled', 'waiting', 'preflight', 'uploading', 'rebooting', 'verifying')"
        ),
    )
    op.create_table(
        "upgrade_log",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("upgrade_id", sa.Uuid, sa.ForeignKey("upgrade.id"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
    )
    op.create_index("upgrade_log_of", "upgrade_log", ["upgrade_id", "seq"])
