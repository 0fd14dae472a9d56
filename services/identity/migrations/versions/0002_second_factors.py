"""Recovery codes, links that reset a password or change an address, API tokens, disabled accounts."""

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("preferred_method", sa.String(5)))
        account.add_column(sa.Column("disabled_at", Moment))
        account.create_check_constraint(
            "account_preferred_method", "preferred_method IN ('email', 'totp')"
        )
    op.create_table(
        "recovery_batch",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("state", sa.String(7), nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("shown_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("confirmed_at", Moment),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("disabled_at", Moment),
        sa.CheckConstraint("state IN ('pending', 'active')", name="recovery_batch_state"),
        sa.UniqueConstraint("account_id", "state", name="recovery_batch_one_of_each"),
    )
    op.create_index("recovery_batch_expiry", "recovery_batch", ["expires_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "batch_id",
            sa.Uuid,
            sa.ForeignKey("recovery_batch.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("used_at", Moment),
    )
    op.create_index("recovery_code_batch", "recovery_code", ["batch_id"])
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("password_reset_account", "password_reset", ["account_id"])
    op.create_index("password_reset_expiry", "password_reset", ["expires_at"])
    op.create_table(
        "email_change",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(300), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("requested_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("email_change_expiry", "email_change", ["expires_at"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("last_used_at", Moment),
        sa.UniqueConstraint("account_id", "name_key", name="api_token_name"),
    )
    op.create_index("api_token_expiry", "api_token", ["expires_at"])


def downgrade() -> None:
    for table in (
        "api_token",
        "email_change",
        "password_reset",
        "recovery_code",
        "recovery_batch",
    ):
        op.drop_table(table)
    with op.batch_alter_table("account") as account:
        account.drop_constraint("account_preferred_method", type_="check")
        account.drop_column("disabled_at")
        account.drop_column("preferred_method")
