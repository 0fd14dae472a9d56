"""Connected systems, and what goes and comes back with folders and organizations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0002"
down_revision = "0001"

_MANAGED = sa.text("state = 'managed'")
_OF_DELETION = sa.text("deletion_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "organization",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        sa.Column("is_archived", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "deletion",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("is_forgotten", sa.Boolean, nullable=False),
    )
    op.create_table(
        "deleted_folder",
        sa.Column("deletion_id", sa.Uuid, primary_key=True),
        sa.Column("folder_id", sa.Uuid, primary_key=True),
        sa.Column("is_restored", sa.Boolean, nullable=False),
    )
    op.create_index("deleted_folder_by_folder", "deleted_folder", ["folder_id"])
    op.create_table(
        "connected_system",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.Column("folder_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.String(260), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reported_at", Moment),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("removed_at", Moment),
        sa.Column("deletion_id", sa.Uuid),
        sa.CheckConstraint("kind IN ('camera_station', 'body_worn')", name="connected_system_kind"),
        sa.CheckConstraint("state IN ('managed', 'removed')", name="connected_system_state"),
    )
    op.add_column("device", sa.Column("deletion_id", sa.Uuid))
    for table in ("connected_system", "device"):
        op.create_index(
            f"{table}_by_folder",
            table,
            ["folder_id", "name", "id"],
            postgresql_where=_MANAGED,
            sqlite_where=_MANAGED,
        )
        op.create_index(
            f"{table}_of_deletion",
            table,
            ["deletion_id", "folder_id"],
            postgresql_where=_OF_DELETION,
            sqlite_where=_OF_DELETION,
        )
    op.create_index(
        "connected_system_by_name",
        "connected_system",
        ["organization_id", "name", "id"],
        postgresql_where=_MANAGED,
        sqlite_where=_MANAGED,
    )
