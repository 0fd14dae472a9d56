"""How much of a deletion devices did not hear of yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNHEARD = sa.text("unheard > 0")


def upgrade() -> None:
    op.add_column(
        "folder_deletion", sa.Column("unheard", sa.Integer, nullable=False, server_default="0")
    )
    op.create_index(
        "folder_deletion_unheard",
        "folder_deletion",
        ["organization_id"],
        postgresql_where=_UNHEARD,
        sqlite_where=_UNHEARD,
    )
