"""Time steps to come that somebody was told about."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("totp_step") as step:
        step.add_column(sa.Column("given_up_step", sa.BigInteger))
