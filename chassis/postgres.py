"""psycopg2's transactions with fewer round trips.

The driver sends BEGIN and COMMIT by themselves, and SQLAlchemy asks for a ROLLBACK where nothing
was begun. Here BEGIN goes along with the first statement of a transaction, and what nobody waits
for with the statement after it or with COMMIT. The server takes several statements in one message
one after the other, each with a snapshot of its own, as if they had come singly.

Planning a small statement costs the server more than executing it: what is prepared is planned once
in each connection.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import Any, ClassVar

from psycopg2 import InternalError  # type: ignore[import-untyped]
from psycopg2.extensions import (  # type: ignore[import-untyped]
    TRANSACTION_STATUS_IDLE,
    connection,
    cursor,
)


class Cursor(cursor):
    """What `Connection` gives; the driver's own methods do as they always do."""

    connection: Connection

    def execute(self, query: str | bytes, vars: Any = None) -> None:  # noqa: A002 the driver's name
        # What cannot be written takes nothing that waits with it.
        text = self._text(query, vars)
        super().execute(b"".join([*self.connection.taken(), text]))

    def executemany(self, query: str | bytes, vars_list: Any) -> None:
        self.connection.send()
        super().executemany(query, vars_list)

    def execute_later(self, query: str | bytes, values: Any = None) -> None:
        """With the next statement of the transaction, or with its commit; errors show there."""
        self.connection.put_off(self._text(query, values))

    def prepared(self, query: str) -> str:
        """What executes the statement, with the same values, as it was planned once."""
        name, prepare, execute = _prepared(query)
        self.connection.prepare(name, prepare)
        return execute

    def _text(self, query: str | bytes, values: Any) -> bytes:
        # As the driver does: without values, a percent sign is one.
        if values is not None:
            text: bytes = self.mogrify(query, values)
            return text
        return query.encode() if isinstance(query, str) else query


class Connection(connection):
    """In the driver's autocommit mode always, as far as the driver knows."""

    begin: ClassVar[list[bytes]] = [b"BEGIN;"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.autocommit = True
        self.cursor_factory = Cursor
        self._waiting: list[bytes] = []
        self._prepared: set[str] = set()

    def taken(self) -> list[bytes]:
        """What has to go before a statement."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            return waiting
        return [] if self._is_open() else self.begin

    def put_off(self, text: bytes) -> None:
        self._waiting = [*self.taken(), text, b";"]

    def send(self) -> None:
        """Begins the transaction and sends what waits, where there is nothing to go along with."""
        first = b"".join(self.taken())
        if first:
            self._execute(first)

    def prepare(self, name: str, text: str) -> None:
        # Beside the transaction: what is prepared stays when it is rolled back.
        if name not in self._prepared:
            self._execute(text.encode())
            self._prepared.add(name)

    def commit(self) -> None:
        if self._waiting or self._is_open() or self.closed:
            first, self._waiting = self._waiting, []
            done = self._execute(b"".join([*first, b"COMMIT"]))
            if done != "COMMIT":
                # A statement failed before and its error was not heeded: the server rolls back.
                raise InternalError(f"The server answered COMMIT with {done}.")

    def rollback(self) -> None:
        self._waiting = []
        if self._is_open() or self.closed:
            self._execute(b"ROLLBACK")

    def _is_open(self) -> bool:
        return bool(self.get_transaction_status() != TRANSACTION_STATUS_IDLE)

    def _execute(self, text: bytes) -> str:
        """What the server says it did last."""
        with self.cursor(cursor_factory=cursor) as plain:
            plain.execute(text)
            return str(plain.statusmessage)


class ReadingConnection(Connection):
    """Each statement is a transaction of its own."""

    begin: ClassVar[list[bytes]] = []


_PLACE = re.compile(r"%\((\w+)\)s|%%")
_numbers = itertools.count(1)


@functools.cache
def _prepared(query: str) -> tuple[str, str, str]:
    """A name for the statement, what prepares it and what executes it with its values."""
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}" if found[1] else "%"

    name = f"freehold_{next(_numbers)}"
    text = _PLACE.sub(place, query)
    values = ", ".join(f"%({value})s" for value in places)
    return (
        name,
        f"PREPARE {name} AS {text}",
        f"EXECUTE {name}({values})" if places else f"EXECUTE {name}",
    )
