"""Accounts know their lot and their seats, so that nobody sums up what was recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

OPEN = sa.text("kind <> 'wallet' OR balance > 0")


def upgrade() -> None:
    # Written out: SQLite takes a new column's constraints only together with the column.
    op.execute(
        "ALTER TABLE ledger_account ADD COLUMN seats INTEGER DEFAULT 0 NOT NULL "
        "CONSTRAINT ledger_account_seats CHECK (seats >= 0)"
    )
    uuid = sa.Uuid().compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE ledger_account ADD COLUMN lot_id {uuid} REFERENCES lot (id)")
    account = sa.table(
        "ledger_account", sa.column("lot_id"), sa.column("ref", sa.String), sa.column("kind")
    )
    op.execute(
        account.update()
        .where(account.c.kind == "wallet")
        .values(lot_id=sa.cast(sa.func.replace(account.c.ref, "-", ""), sa.Uuid))
    )
    op.execute(
        "UPDATE ledger_account SET seats = coalesce((SELECT sum(allocation.seats) FROM allocation "
        "WHERE allocation.organization_id = ledger_account.organization_id "
        "AND allocation.product = ledger_account.product "
        "AND allocation.type = ledger_account.type "
        "AND CAST(allocation.year AS VARCHAR(40)) = ledger_account.ref), 0) WHERE kind = 'year'"
    )
    op.create_index(
        "ledger_account_open",
        "ledger_account",
        ["organization_id", "product", "type"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
