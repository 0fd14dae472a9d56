"""Accounts that were deleted a moment ago."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "deleted_account",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("sweep_at", Moment, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("deleted_account")
