"""Sessions of who asked to be kept signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("session") as session:
        session.add_column(
            sa.Column("is_kept", sa.Boolean, nullable=False, server_default=sa.false())
        )
