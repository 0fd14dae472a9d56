"""What is counted for each account, refusals found by an index, and an audit that nobody empties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("invitation_mail", sa.Column("sent_by", sa.Uuid))
    op.execute(
        "UPDATE invitation_mail SET sent_by = (SELECT invitation.invited_by FROM invitation "
        "WHERE invitation.id = invitation_mail.invitation_id)"
    )
    with op.batch_alter_table("invitation_mail") as table:
        table.alter_column("sent_by", existing_type=sa.Uuid(), nullable=False)
    op.create_index("invitation_mail_of_sender", "invitation_mail", ["sent_by", "created_at"])
    op.create_index("organization_of_creator", "organization", ["created_by", "created_at"])
    op.create_index("audit_by_result", "audit", ["organization_id", "result", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        # SQLite has no TRUNCATE; its DELETE without a condition meets the trigger on each row.
        op.execute(
            "CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()"
        )
