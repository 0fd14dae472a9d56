"""Books written by the first schema stay right in the ones that follow."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import text

from chassis import migrations
from chassis.db import Database, engine_for
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.queries import standing
from tests.conftest import NewDatabase

ORGANIZATION, COMMAND, LOT, USED_UP = (uuid4() for _ in range(4))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'licensing.sqlite'}"
    new_database: NewDatabase = request.getfixturevalue("postgres_database")
    return new_database()


def written(value: object, *, is_postgresql: bool) -> str:
    return str(value) if is_postgresql else str(value).replace("-", "")


def test_lots_and_seats_are_carried_over(url: str) -> None:
    command.upgrade(migrations.configuration("licensing", url), "0001")
    db = Database(engine_for(url))
    of = {
        name: written(value, is_postgresql=db.is_postgresql)
        for name, value in (
            ("organization", ORGANIZATION),
            ("command", COMMAND),
            ("lot", LOT),
            ("used_up", USED_UP),
        )
    }
    with db() as session:
        for statement in OLD_BOOKS:
            session.execute(
                text(statement),
                {**of, "lot_name": str(LOT), "used_up_name": str(USED_UP)}
                | {f"id{n}": written(uuid4(), is_postgresql=db.is_postgresql) for n in range(1, 6)},
            )
    migrations.upgrade("licensing", url)
    with db.reading() as session:
        books = standing.books(session, ORGANIZATION)
    db.close()
    assert books is not None
    position = books.position("camera-manager", books.anchor or pytest.fail("no anchor"))
    assert position.seats == {0: {"core": 5}}
    assert [(lot.id, lot.licenses, str(lot.expires_on)) for lot in position.lots] == [
        (LOT, 7, "2030-03-01")
    ]
    assert set(position.settled) == {0}


_LOT = (
    "INSERT INTO lot VALUES (:{lot}, :organization, 'camera-manager', 'core', 'key', :{lot}, "
    "'2025-03-01', '2030-03-01', :command)"
)
_ACCOUNT = (
    "INSERT INTO ledger_account VALUES (:{id}, :organization, 'camera-manager', 'core', "
    "'{kind}', {ref}, {balance})"
)
_ALLOCATION = (
    "INSERT INTO allocation VALUES (:{id}, :command, :organization, 'camera-manager', 'core', 0, "
    "{seats}, '2025-03-01', '2025-03-01 09:00:00+00:00')"
)
_COMMAND = (
    "INSERT INTO command_log (id, organization_id, number, idempotency_key, request_hash, name, "
    "on_date, recorded_at, arguments, result, previous_hash, hash) VALUES (:command, "
    ":organization, 1, 'first', 'x', 'x', '2025-03-01', '2025-03-01 09:00:00+00:00', '{}', '{}', "
    "'x', 'x')"
)
OLD_BOOKS = (
    "INSERT INTO org_calendar VALUES (:organization, 'UTC', '2025-03-01', 1, 'x')",
    _COMMAND,
    "INSERT INTO org_product VALUES (:organization, 'camera-manager', '2025-03-01', :command)",
    "INSERT INTO settled_year VALUES (:organization, 'camera-manager', 0, '2025-03-01')",
    _LOT.format(lot="lot"),
    _LOT.format(lot="used_up"),
    _ACCOUNT.format(id="id1", kind="wallet", ref=":lot_name", balance=7 * TICKS_PER_LICENSE),
    _ACCOUNT.format(id="id2", kind="wallet", ref=":used_up_name", balance=0),
    _ACCOUNT.format(id="id3", kind="year", ref="'0'", balance=5 * TICKS_PER_LICENSE),
    _ALLOCATION.format(id="id4", seats=2),
    _ALLOCATION.format(id="id5", seats=3),
)
