"""What archiving blocks, and in which order devices go and come back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "org_calendar",
        sa.Column("is_archived", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "org_calendar",
        sa.Column("archive_epoch", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.add_column(
        "counted_device",
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    )
