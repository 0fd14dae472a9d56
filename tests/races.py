"""An attempt that is overtaken: it waits for a row, and finds it changed; on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from chassis.db import Database

Row = TypeVar("Row")
# All of them wait for a lock that is held by somebody else.
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def overtaken(
    database: Database,
    row: Select[Row],
    attempt: Callable[[], Any],
    change: Callable[[Session, Row], None],
) -> Any:
    """What an attempt comes to when the row changes after it began and before it has the lock.

    :param row: locks the row when it is selected.
    """
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(attempt()))
    with database() as session:
        held = session.scalars(row).one()
        thread.start()
        with database.reading() as looking:
            while thread.is_alive() and not looking.scalar(WAITING):
                pass
        assert thread.is_alive(), "it did not wait for the lock"
        change(session, held)
    thread.join()
    return results[0]
