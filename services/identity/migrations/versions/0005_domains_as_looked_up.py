"""Addresses are compared by their domain's A-labels: faß.de is not fass.de."""

import logging

import sqlalchemy as sa
from alembic import op

from services.identity.domain import email_address

revision = "0005"
down_revision = "0004"

_log = logging.getLogger(__name__)
# Tables with an address, by what their rows are known by.
_TABLES = {"account": "id", "registration": "id", "email_change": "account_id"}


def upgrade() -> None:
    connection = op.get_bind()
    for name, key in _TABLES.items():
        table = sa.table(name, sa.column(key), sa.column("email"), sa.column("email_key"))
        for row in connection.execute(sa.select(table)).all():
            email_key = email_address.key(row.email)
            if email_key == row.email_key:
                continue
            taken = sa.select(table.c[key]).where(table.c.email_key == email_key)
            if name == "account" and connection.execute(taken).first() is not None:
                # Written in both ways, one address has become two accounts: one has to be given up.
                _log.warning("account %s has the same address as another", getattr(row, key))
                continue
            connection.execute(
                sa.update(table)
                .where(table.c[key] == getattr(row, key))
                .values(email_key=email_key)
            )
