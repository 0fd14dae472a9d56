"""Links that set the password of an address that was registered and not verified."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("registration") as registration:
        registration.alter_column(
            "password_digest", existing_type=sa.String(200), existing_nullable=False, nullable=True
        )
