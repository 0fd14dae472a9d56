"""`with self.db() as session`: one transaction, committed at the end of the block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Executable,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from chassis import postgres

POOL_SIZE = 20
STATEMENT_TIMEOUT_MS = 10_000
# The planner takes recursions to be dear, and compiling one would cost more than executing it.
_OPTIONS = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC -c jit=off"
# A connection used within the last second is taken to be alive; the others are asked first.
PING_AFTER_SECONDS = 1.0
_WRITES = "freehold_writes"
_LATER = "freehold_later"
_PREPARED = "freehold_prepared"
# Options of a statement that is built once and asked all the time; on SQLite they say nothing.
PREPARED = {_PREPARED: True}
# What a database that is away, or whose connections are all in use, makes itself known by.
DATABASE_AWAY = (DBAPIError, PoolTimeout)


def engine_for(url: str, *, pool_size: int = POOL_SIZE, autocommits: bool = False) -> Engine:
    """An engine for PostgreSQL (psycopg2, cooperative under eventlet) or a SQLite file.

    :param autocommits: on PostgreSQL only: each statement is a transaction of its own.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, pool_size)
    if parsed.drivername in ("postgresql", "postgres"):
        # SQLAlchemy would take psycopg 3 here, which stalls all green threads.
        parsed = parsed.set(drivername="postgresql+psycopg2")
    engine = create_engine(
        parsed,
        # A failed statement is logged without its values: they may be anybody's address.
        hide_parameters=True,
        # Nobody uses the type, and every new connection would look for it.
        use_native_hstore=False,
        isolation_level="AUTOCOMMIT" if autocommits else None,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        connect_args={
            "connect_timeout": 3,
            "options": _OPTIONS,
            "connection_factory": postgres.ReadingConnection
            if autocommits
            else postgres.Connection,
        },
    )
    _ping_what_was_idle(engine)
    event.listen(engine, "do_execute", _executed)
    event.listen(engine, "handle_error", _replace_what_was_planned)
    return engine


def _executed(cursor: postgres.Cursor, statement: str, values: Any, context: Any) -> bool:
    """False for what SQLAlchemy is to execute as it always does."""
    options = context.execution_options
    is_prepared = _PREPARED in options
    if is_prepared:
        statement = cursor.prepared(statement)
    if _LATER in options:
        cursor.execute_later(statement, values)
        return True
    if is_prepared:
        cursor.execute(statement, values)
    return is_prepared


def _replace_what_was_planned(context: ExceptionContext) -> None:
    """A migration under way changed a column's type: connections from before cannot go on."""
    told = getattr(context.original_exception, "diag", None)
    if told is not None and told.source_function == "RevalidateCachedQuery":
        context.is_disconnect = True


def execute_later(session: Session, statement: Executable, values: dict[str, Any]) -> None:
    """Executes a statement whose result nobody looks at, in its turn.

    On PostgreSQL without a round trip: it goes along with the next statement of the transaction or
    with its commit, which raises its error. On SQLite and within a savepoint at once.
    """
    # A savepoint's release that fails would not be rolled back to it.
    options = {} if session.in_nested_transaction() else {_LATER: True}
    session.connection().execute(statement, values, execution_options=options)


def _ping_what_was_idle(engine: Engine) -> None:
    """Replaces connections a database restart has closed, without a round trip for busy ones."""

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", 0.0) < PING_AFTER_SECONDS:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _sqlite(url: URL, pool_size: int) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"timeout": 10, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling is switched off: BEGIN is ours, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Database:
    """One service's own database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        # SQLite has one writer at a time; a green thread that yields inside its write
        # transaction would freeze the process for the others' whole busy time-out.
        self._writer = nullcontext() if self.is_postgresql else threading.Semaphore(1)
        self._reader = self._reading_engine()
        self._after_commit: list[Callable[[Session], None]] = []

    def _reading_engine(self) -> Engine:
        """Connections that stay in autocommit: no BEGIN, no ROLLBACK, and no switching of modes."""
        if not self.is_postgresql:
            return self.engine.execution_options(**{_WRITES: False})
        return engine_for(self.engine.url.render_as_string(hide_password=False), autocommits=True)

    def after_commit(self, hook: Callable[[Session], None]) -> None:
        """Runs ``hook`` with the session after each committed write transaction."""
        self._after_commit.append(hook)

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """A write transaction: commits when the block ends, rolls back when it raises."""
        with (
            self._writer,
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session
        for hook in self._after_commit:
            hook(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """For reading only, and never waiting for the writer.

        One snapshot for the whole block on SQLite, one for each statement on PostgreSQL.
        """
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def is_reachable(self) -> bool:
        try:
            with self.reading() as session:
                session.connection().exec_driver_sql("SELECT 1")
        except DATABASE_AWAY:
            return False
        return True

    def close(self) -> None:
        self._reader.dispose()
        self.engine.dispose()
