"""`Database`: what a transaction keeps, and how often it waits for the server."""

from __future__ import annotations

import select as io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg2 import extensions  # type: ignore[import-untyped]
from psycopg2.errors import UniqueViolation  # type: ignore[import-untyped]
from sqlalchemy import Integer, String, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from chassis.db import PREPARED, Database, engine_for, execute_later


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "post"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(String(20))


PUT = insert(Post)
PUT_PREPARED = PUT.execution_options(**PREPARED)
NAMED = (
    select(Post.id, Post.name)
    .where(Post.name == bindparam("name", type_=String))
    .execution_options(**PREPARED)
)

# No driver can adapt it.
UNWRITABLE: Any = object()


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Iterator[Database]:
    yield from made(request.getfixturevalue("postgres_database")())


@pytest.fixture(params=["postgresql", "sqlite"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield from made(f"sqlite:///{tmp_path / 'posts.sqlite'}")
    else:
        yield from made(request.getfixturevalue("postgres_database")())


def made(url: str) -> Iterator[Database]:
    database = Database(engine_for(url))
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def waits() -> Iterator[list[str]]:
    """Grows by one each time the driver waits for the server."""
    seen: list[str] = []

    def wait(connection: Any) -> None:
        seen.append("")
        while (state := connection.poll()) != extensions.POLL_OK:
            reads = [connection] if state == extensions.POLL_READ else []
            writes = [connection] if state == extensions.POLL_WRITE else []
            io.select(reads, writes, [], 5)

    extensions.set_wait_callback(wait)
    yield seen
    extensions.set_wait_callback(None)


def put(session: Session, number: int, name: str | None = None) -> None:
    execute_later(session, PUT_PREPARED, {"id": number, "name": name})


def put_all(session: Session, *numbers: int) -> None:
    for number in numbers:
        put(session, number)


def give_up(db: Database, number: int) -> None:
    with db() as session:
        session.execute(PUT_PREPARED, {"id": number, "name": None})
        put(session, number + 1)
        raise LookupError


def put_in_a_savepoint(session: Session, *numbers: int) -> None:
    with session.begin_nested():
        put_all(session, *numbers)


def posts(db: Database) -> list[int]:
    with db.reading() as session:
        return list(session.scalars(select(Post.id).order_by(Post.id)))


def in_a_transaction(db: Database) -> int:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )
    with db.reading() as session:
        return int(session.execute(asked).scalar_one())


def test_what_was_put_off_is_seen_by_the_next_statement_and_kept(db: Database) -> None:
    with db() as session:
        put(session, 1)
        put(session, 2)
        assert session.scalars(select(Post.id).order_by(Post.id)).all() == [1, 2]
        put(session, 3)
    assert posts(db) == [1, 2, 3]


def test_what_was_put_off_and_fails_takes_the_whole_transaction_with_it(db: Database) -> None:
    with db() as session:
        put(session, 1)
    with pytest.raises(IntegrityError), db() as session:
        put_all(session, 2, 1)
    assert posts(db) == [1]
    with db() as session:
        put(session, 3)
    assert posts(db) == [1, 3]


def test_what_was_put_off_goes_with_the_block_that_raises(db: Database) -> None:
    with pytest.raises(LookupError):
        give_up(db, 1)
    with db() as session:
        put(session, 2)
    assert posts(db) == [2]


def test_what_was_put_off_outlasts_a_statement_that_cannot_be_written(db: Database) -> None:
    """The server never saw it, so nothing of the transaction failed."""
    with db() as session:
        put(session, 1)
        with pytest.raises((SQLAlchemyError, ValueError)):
            session.execute(PUT_PREPARED, {"id": 2, "name": UNWRITABLE})
        put(session, 3)
    assert posts(db) == [1, 3]


def test_who_goes_on_after_an_error_is_told_that_nothing_was_kept(postgres: Database) -> None:
    """PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and with no error."""

    def go_on_after_an_error() -> None:
        with postgres() as session:
            put(session, 1)
            driver = session.connection().connection.cursor()
            with pytest.raises(UniqueViolation):
                driver.execute("INSERT INTO post (id) VALUES (1)")

    with pytest.raises(DBAPIError, match="ROLLBACK"):
        go_on_after_an_error()
    assert posts(postgres) == []
    assert in_a_transaction(postgres) == 0
    with postgres() as session:
        put(session, 2)
    assert posts(postgres) == [2]


def test_a_savepoint_gives_up_only_what_came_after_it(db: Database) -> None:
    with db() as session:
        put(session, 1)
        with pytest.raises(IntegrityError):
            put_in_a_savepoint(session, 2, 1)
        put(session, 3)
    assert posts(db) == [1, 3]


def test_many_rows_at_once_follow_what_was_put_off(db: Database) -> None:
    with db() as session:
        put(session, 1)
        session.connection().execute(
            text("INSERT INTO post (id) SELECT id + :more FROM post"),
            [{"more": 1}, {"more": 2}],
        )
    assert posts(db) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["100%", "%s %(id)s", "O'Brien\\", "$1; SELECT 1", ""])
def test_a_prepared_statement_takes_any_text(db: Database, name: str) -> None:
    with db() as session:
        session.execute(PUT_PREPARED, {"id": 1, "name": name})
        put(session, 2, name)
        put(session, 3)
        rows = session.connection().execute(NAMED, {"name": name}).all()
    assert sorted(map(tuple, rows)) == [(1, name), (2, name)]


def test_a_prepared_statement_survives_its_transaction(postgres: Database) -> None:
    with pytest.raises(LookupError):
        give_up(postgres, 1)
    with postgres() as session:
        session.execute(PUT_PREPARED, {"id": 2, "name": None})
    assert posts(postgres) == [2]


def test_a_migration_below_a_prepared_statement_costs_one_call(postgres: Database) -> None:
    with postgres() as session:
        put(session, 1, "gate")
        assert session.connection().execute(NAMED, {"name": "gate"}).all()
    with postgres() as session:
        session.execute(text("ALTER TABLE post ALTER COLUMN name TYPE text"))
    with pytest.raises(DBAPIError) as failed, postgres() as session:
        session.connection().execute(NAMED, {"name": "gate"})
    assert failed.value.connection_invalidated
    with postgres() as session:
        assert session.connection().execute(NAMED, {"name": "gate"}).all() == [(1, "gate")]


def test_reading_what_is_prepared_waits_once_and_begins_nothing(
    postgres: Database, waits: list[str]
) -> None:
    with postgres() as session:
        put(session, 1, "gate")

    def read() -> list[tuple[Any, ...]]:
        with postgres.reading() as session:
            found = session.execute(NAMED, {"name": "gate"}).all()
            driver = session.connection().connection.dbapi_connection
            assert driver is not None
            assert driver.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE
            return [tuple(row) for row in found]

    assert read() == [(1, "gate")]
    waits.clear()
    assert read() == [(1, "gate")]
    assert len(waits) == 1


def test_begin_and_commit_wait_with_the_statements(postgres: Database, waits: list[str]) -> None:
    def transaction(number: int) -> None:
        with postgres() as session:
            put(session, number)
            session.connection().execute(NAMED, {"name": "gate"})
            put(session, number + 1)
            put(session, number + 2)

    transaction(1)
    waits.clear()
    transaction(4)
    assert len(waits) == 2
    assert posts(postgres) == [1, 2, 3, 4, 5, 6]


def test_a_transaction_in_which_nothing_happened_costs_nothing(
    postgres: Database, waits: list[str]
) -> None:
    posts(postgres)
    with postgres() as session:
        session.connection()
    waits.clear()
    with postgres() as session:
        session.connection()
    assert waits == []


def test_no_transaction_is_left_open(postgres: Database) -> None:
    with postgres() as session:
        session.execute(text("SELECT 1"))
    with pytest.raises(IntegrityError), postgres() as session:
        put_all(session, 1, 1)
    with pytest.raises(LookupError):
        give_up(postgres, 1)
    with postgres() as session:
        session.execute(text("SELECT 1"))
        assert in_a_transaction(postgres) == 1
    assert in_a_transaction(postgres) == 0
