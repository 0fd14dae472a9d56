"""Tries under keys.

Counting them is on the way of every sign-in, beside a hash that is to be the whole of its cost: so
all keys of a try are locked by one statement and written by another, whose texts are made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import TextClause, bindparam, delete, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TextualSelect

from chassis.columns import Moment
from chassis.db import PREPARED, execute_later
from services.identity.models import Throttle


@dataclass(frozen=True)
class Kept:
    """What stands under one key, as it was read or is to be written."""

    key: str
    count: int
    started_at: datetime
    blocked_until: datetime | None


def lock(session: Session, keys: Iterable[str], now: datetime) -> dict[str, Kept]:
    """The rows under the keys, made if absent, locked until the transaction ends."""
    # Sorted, so that two transactions wait for each other in one direction only.
    ordered = sorted(set(keys))
    if not ordered:
        return {}
    values = {f"key{number}": key for number, key in enumerate(ordered)}
    rows = session.connection().execute(_locking(len(ordered)), {**values, "now": now})
    return {kept.key: kept for kept in (Kept(*row) for row in rows)}


def keep(session: Session, changed: Sequence[Kept], now: datetime) -> None:
    """Writes locked rows anew."""
    if not changed:
        return
    values: dict[str, object] = {"now": now}
    for number, one in enumerate(sorted(changed, key=lambda one: one.key)):
        values |= {f"{name}{number}": value for name, value in vars(one).items()}
    execute_later(session, _keeping(len(changed)), values)


@lru_cache
def _locking(number: int) -> TextualSelect:
    rows = ", ".join(f"(:key{each}, 0, :now, :now)" for each in range(number))
    # An update takes the lock at once: between a mere insert and a select a row could vanish.
    return (
        text(
            "INSERT INTO throttle (key, count, started_at, counted_at) "  # noqa: S608 names only
            f"VALUES {rows} ON CONFLICT (key) DO UPDATE SET counted_at = excluded.counted_at "
            "RETURNING key, count, started_at, blocked_until"
        )
        .bindparams(bindparam("now", type_=Moment))
        .columns(
            Throttle.key.expression,
            Throttle.count.expression,
            Throttle.started_at.expression,
            Throttle.blocked_until.expression,
        )
        .execution_options(**PREPARED)
    )


@lru_cache
def _keeping(number: int) -> TextClause:
    rows = ", ".join(
        f"(:key{each}, :count{each}, :started_at{each}, :now, :blocked_until{each})"
        for each in range(number)
    )
    moments = [
        bindparam(f"{name}{each}", type_=Moment)
        for name in ("started_at", "blocked_until")
        for each in range(number)
    ]
    return (
        text(
            "INSERT INTO throttle "  # noqa: S608 names only
            f"(key, count, started_at, counted_at, blocked_until) VALUES {rows} "
            "ON CONFLICT (key) DO UPDATE SET count = excluded.count, "
            "started_at = excluded.started_at, counted_at = excluded.counted_at, "
            "blocked_until = excluded.blocked_until"
        )
        .bindparams(bindparam("now", type_=Moment), *moments)
        .execution_options(**PREPARED)
    )


_TAKE_BACK = (
    update(Throttle)
    .where(
        Throttle.key == bindparam("of"),
        Throttle.started_at == bindparam("since"),
        Throttle.count > 0,
    )
    .values(count=Throttle.count - 1)
    .execution_options(**PREPARED)
)
_FORGET = delete(Throttle).where(Throttle.key == bindparam("of")).execution_options(**PREPARED)


def take_back(session: Session, key: str, started_at: datetime) -> None:
    """Uncounts one try of a window that is still the same."""
    execute_later(session, _TAKE_BACK, {"of": key, "since": started_at})


def throttle(session: Session, key: str) -> Throttle | None:
    return session.scalars(
        select(Throttle).where(Throttle.key == key).execution_options(populate_existing=True)
    ).one_or_none()


def throttle_keys_of(session: Session, account_id: UUID) -> Sequence[str]:
    return session.scalars(select(Throttle.key).where(Throttle.key.contains(account_id.hex))).all()


def forget(session: Session, keys: Sequence[str]) -> None:
    """One by one in the order in which they are counted, so that nobody waits in a circle."""
    for key in sorted(keys):
        execute_later(session, _FORGET, {"of": key})
