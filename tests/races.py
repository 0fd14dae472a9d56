"""Attempts at the same moment, and one that is overtaken by a change; on PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from chassis.db import Database
from contracts.errors import Refusal

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


def at_once(*errands: Callable[[], Any]) -> list[Any]:
    """What each answered, or the code it was refused with."""
    start = threading.Barrier(len(errands))
    outcomes: list[Any] = [None] * len(errands)

    def carry_out(place: int, errand: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes[place] = errand()
        except Refusal as refusal:
            outcomes[place] = refusal.code

    threads = [
        threading.Thread(target=carry_out, args=(place, errand))
        for place, errand in enumerate(errands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def outcome_of(outcomes: list[Any]) -> Counter[str]:
    return Counter(outcome if isinstance(outcome, str) else "done" for outcome in outcomes)
