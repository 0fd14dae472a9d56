"""Accounts, credentials, sign-in, sessions, throttles, outgoing mail and audit."""

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment
from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(300), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_digest", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("registration_email", "registration", ["email_key"])
    op.create_index("registration_expiry", "registration", ["expires_at"])
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(300), nullable=False, unique=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("is_operator", sa.Boolean, nullable=False),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("verified_at", Moment, nullable=False),
        sa.CheckConstraint("language IN ('en', 'ja', 'ko')", name="account_language"),
    )
    op.create_table(
        "password_credential",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("digest", sa.String(200), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_table(
        "totp_active",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("sealed_key", sa.String(300), nullable=False),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("disabled_at", Moment),
    )
    op.create_table(
        "totp_pending",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("sealed_key", sa.String(300), nullable=False),
        sa.Column("shown_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("totp_pending_expiry", "totp_pending", ["expires_at"])
    op.create_table(
        "totp_step",
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("last_used_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "login_transaction",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("login_transaction_expiry", "login_transaction", ["expires_at"])
    op.create_table(
        "email_code",
        sa.Column(
            "login_transaction_id",
            sa.Uuid,
            sa.ForeignKey("login_transaction.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("level", sa.String(6), nullable=False),
        sa.Column("authenticated_at", Moment, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("last_seen_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.String(400)),
        sa.CheckConstraint("level IN ('aal1', 'aal1+', 'aal2', 'manage')", name="session_level"),
    )
    op.create_index("session_account", "session", ["account_id", "last_seen_at"])
    op.create_index("session_expiry", "session", ["ends_at"])
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("counted_at", Moment, nullable=False),
        sa.Column("blocked_until", Moment),
    )
    op.create_index("throttle_age", "throttle", ["counted_at"])
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("sealed_body", sa.Text),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("failure", sa.String(200)),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'expired', 'failed')", name="outgoing_mail_state"
        ),
    )
    op.create_index("outgoing_mail_due", "outgoing_mail", ["state", "due_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor_account_id", sa.Uuid),
        sa.Column("session_id", sa.Uuid),
        sa.Column("acting_as", sa.String(40), nullable=False),
        sa.Column("organization_id", sa.Uuid),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", sa.String(80)),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(120)),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.String(400)),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("audit_actor", "audit", ["actor_account_id", "at"])
    op.create_index("audit_object", "audit", ["object_id", "at"])
    _keep_audit_as_written()


def downgrade() -> None:
    for table in (
        "audit",
        "outgoing_mail",
        "throttle",
        "session",
        "email_code",
        "login_transaction",
        "totp_step",
        "totp_pending",
        "totp_active",
        "password_credential",
        "account",
        "registration",
        "idempotency",
        "inbox",
        "outbox",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")


def _keep_audit_as_written() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        )
