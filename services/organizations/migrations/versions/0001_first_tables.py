"""Organizations, members, folders, grants and audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment
from chassis.migrations import create_chassis_tables
from chassis.tables import Serial

revision = "0001"
down_revision = None

_LIVE = sa.text("deleted_at IS NULL")
_ROOT = sa.text("is_root")
_KEY = sa.String(256).with_variant(sa.String(256, collation="C"), "postgresql")


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("archived_at", Moment),
        sa.Column("archived_by", sa.Uuid),
        sa.Column("access_epoch", sa.BigInteger, nullable=False),
        sa.CheckConstraint("status IN ('active', 'archived')", name="organization_status_known"),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("requested_role", sa.String(10)),
        sa.Column("joined_at", Moment, nullable=False),
        sa.UniqueConstraint("organization_id", "account_id", name="membership_once"),
        sa.UniqueConstraint("organization_id", "id", name="membership_in_organization"),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'operator', 'viewer')", name="membership_role_known"
        ),
        sa.CheckConstraint(
            "requested_role IN ('admin', 'operator', 'viewer')",
            name="membership_requested_role_known",
        ),
    )
    op.create_index("membership_of_account", "membership", ["account_id", "joined_at", "id"])
    op.create_index("membership_by_joining", "membership", ["organization_id", "joined_at", "id"])
    _create_folders()
    _create_audit()


def _create_folders() -> None:
    op.create_table(
        "folder",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", _KEY, nullable=False),
        sa.Column("depth", sa.SmallInteger, nullable=False),
        sa.Column("is_root", sa.Boolean, nullable=False),
        sa.Column("deleted_at", Moment),
        sa.Column("deletion_id", sa.Uuid),
        sa.UniqueConstraint("organization_id", "id", name="folder_in_organization"),
        sa.ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["folder.organization_id", "folder.id"],
            name="folder_parent_in_organization",
        ),
        sa.CheckConstraint("is_root = (parent_id IS NULL)", name="folder_root_has_no_parent"),
        sa.CheckConstraint("depth >= 0", name="folder_depth_counts"),
        sa.CheckConstraint("parent_id <> id", name="folder_not_in_itself"),
        sa.CheckConstraint("NOT is_root OR deleted_at IS NULL", name="folder_root_stays"),
    )
    op.create_index(
        "folder_name_among_siblings",
        "folder",
        ["organization_id", "parent_id", "name_key"],
        unique=True,
        postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )
    op.create_index(
        "folder_one_root",
        "folder",
        ["organization_id"],
        unique=True,
        postgresql_where=_ROOT,
        sqlite_where=_ROOT,
    )
    op.create_index(
        "folder_by_name",
        "folder",
        ["organization_id", "name_key", "id"],
        postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )
    op.create_index("folder_of_parent", "folder", ["parent_id"])
    op.create_table(
        "folder_grant",
        sa.Column("membership_id", sa.Uuid, primary_key=True),
        sa.Column("folder_id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("granted_by", sa.Uuid, nullable=False),
        sa.Column("granted_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["membership.organization_id", "membership.id"],
            name="folder_grant_member_in_organization",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["folder.organization_id", "folder.id"],
            name="folder_grant_folder_in_organization",
        ),
    )
    op.create_index("folder_grant_of_folder", "folder_grant", ["folder_id"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", Serial, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("session_id", sa.Uuid),
        sa.Column("acting_as", sa.String(40)),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Uuid),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.Text),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.CheckConstraint("result IN ('done', 'refused')", name="audit_result_known"),
    )
    op.create_index("audit_of_organization", "audit", ["organization_id", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit records are never changed'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_stays()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stays_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END"
        )
