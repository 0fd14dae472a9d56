"""Licenses that ended with the archiving of their organization."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "ledger_account",
        sa.Column("void_seats", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "voided_year",
        sa.Column("organization_id", sa.Uuid, primary_key=True),
        sa.Column("product", sa.String(60), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("settled_on", sa.Date),
    )
