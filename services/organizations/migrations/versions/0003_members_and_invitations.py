"""Invitations, deletions that can be undone, and what an organization asks of its members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.columns import Moment

revision = "0003"
down_revision = "0002"

_PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.add_column(
        "organization",
        sa.Column(
            "members_need_authenticator", sa.Boolean, nullable=False, server_default=sa.false()
        ),
    )
    op.create_index("folder_of_deletion", "folder", ["deletion_id"])
    op.create_index("audit_by_action", "audit", ["organization_id", "action", "seq"])
    op.create_index("audit_by_account", "audit", ["organization_id", "account_id", "seq"])
    op.create_table(
        "folder_deletion",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("folder_id", sa.Uuid, nullable=False),
        sa.Column("folder_name", sa.String(64), nullable=False),
        sa.Column("folders", sa.Integer, nullable=False),
        sa.Column("grants", sa.Integer, nullable=False),
        sa.Column("deleted_by", sa.Uuid, nullable=False),
        sa.Column("deleted_at", Moment, nullable=False),
        sa.Column("forget_at", Moment, nullable=False),
        sa.Column("restored_at", Moment),
    )
    op.create_index(
        "folder_deletion_of_organization",
        "folder_deletion",
        ["organization_id", "deleted_at", "id"],
    )
    op.create_index("folder_deletion_due", "folder_deletion", ["forget_at"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("requested_role", sa.String(10), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("invited_by", sa.Uuid, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("accepted_by", sa.Uuid),
        sa.Column("ended_at", Moment),
        sa.UniqueConstraint("organization_id", "id", name="invitation_in_organization"),
        sa.CheckConstraint(
            "status IN ('pending', 'accepted', 'revoked', 'superseded', 'expired')",
            name="invitation_status_known",
        ),
        sa.CheckConstraint(
            "requested_role IN ('admin', 'operator', 'viewer')",
            name="invitation_requested_role_known",
        ),
    )
    op.create_index(
        "invitation_one_pending",
        "invitation",
        ["organization_id", "email_key"],
        unique=True,
        postgresql_where=_PENDING,
        sqlite_where=_PENDING,
    )
    op.create_index(
        "invitation_by_age", "invitation", ["organization_id", "status", "created_at", "id"]
    )
    op.create_index("invitation_of_inviter", "invitation", ["organization_id", "invited_by"])
    op.create_index(
        "invitation_due",
        "invitation",
        ["expires_at"],
        postgresql_where=_PENDING,
        sqlite_where=_PENDING,
    )
    op.create_table(
        "invitation_folder",
        sa.Column("invitation_id", sa.Uuid, primary_key=True),
        sa.Column("folder_id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "invitation_id"],
            ["invitation.organization_id", "invitation.id"],
            name="invitation_folder_of_invitation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "folder_id"],
            ["folder.organization_id", "folder.id"],
            name="invitation_folder_in_organization",
        ),
    )
    op.create_index("invitation_folder_of_folder", "invitation_folder", ["folder_id"])
    op.create_table(
        "invitation_mail",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
        sa.Column("invitation_id", sa.Uuid, nullable=False),
        sa.Column("sealed_token", sa.Text),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index(
        "invitation_mail_of_organization", "invitation_mail", ["organization_id", "created_at"]
    )
    op.create_index("invitation_mail_due", "invitation_mail", ["due_at"])
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("window_start", Moment, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("throttle")
    op.drop_table("invitation_mail")
    op.drop_table("invitation_folder")
    op.drop_table("invitation")
    op.drop_table("folder_deletion")
    op.drop_index("audit_by_account", "audit")
    op.drop_index("audit_by_action", "audit")
    op.drop_index("folder_of_deletion", "folder")
    with op.batch_alter_table("organization") as table:
        table.drop_column("members_need_authenticator")
