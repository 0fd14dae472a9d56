"""Idempotency keys: a command and its answer are committed together, once (D-24)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.tables import IdempotencyRow
from contracts.errors import IdempotencyMismatch


class Replayed(Exception):
    """The command was carried out before: `@rpc` sends the earlier answer instead."""

    def __init__(self, answer: Any) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True)
class Dumped:
    """An answer that went through its schema already."""

    answer: Any


@dataclass(frozen=True)
class Once:
    """A claimed key; the command ends with ``return once.answer(result)`` inside the transaction."""

    session: Session
    account_id: UUID
    operation: str
    key: str
    gives: Schema

    def answer(self, result: Any) -> Dumped:
        answer = self.gives.dump(result)
        self.session.execute(
            update(IdempotencyRow)
            .where(
                IdempotencyRow.account_id == self.account_id,
                IdempotencyRow.operation == self.operation,
                IdempotencyRow.key == self.key,
            )
            .values(answer=answer)
        )
        return Dumped(answer)


def once(
    session: Session,
    account_id: UUID,
    operation: str,
    key: str,
    request: Mapping[str, object],
    *,
    gives: type[Schema],
    now: datetime,
) -> Once:
    """Claims ``key`` for the running transaction; a second taker waits for the first to end.

    A refusal rolls the claim back with everything else, so the same key may be tried again.

    :raises Replayed: the command was committed before; carries its answer.
    :raises IdempotencyMismatch: the key was used for another request.
    """
    values = {
        "account_id": account_id,
        "operation": operation,
        "key": key,
        "request_hash": request_hash(request),
        "recorded_at": now,
    }
    claimed = (
        session.connection().execute(insert_or_nothing(session, IdempotencyRow, values)).rowcount
    )
    if not claimed:
        recall(session, account_id, operation, key, request)
        raise AssertionError("unreachable")
    return Once(session, account_id, operation, key, gives())


def recall(
    session: Session, account_id: UUID, operation: str, key: str, request: Mapping[str, object]
) -> None:
    """For what a command does before its transaction: nothing of it is needed for a repetition.

    :raises Replayed: as `once` does.
    :raises IdempotencyMismatch: as `once` does.
    """
    earlier = session.execute(
        select(IdempotencyRow).where(
            IdempotencyRow.account_id == account_id,
            IdempotencyRow.operation == operation,
            IdempotencyRow.key == key,
        )
    ).scalar_one_or_none()
    if earlier is None:
        return
    if earlier.request_hash != request_hash(request):
        raise IdempotencyMismatch(
            "This Idempotency-Key came with another request before. Use a new key."
        )
    raise Replayed(earlier.answer)


def request_hash(request: Mapping[str, object]) -> str:
    text = json.dumps(request, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def insert_or_nothing(session: Session, table: Any, values: Mapping[str, object]) -> Any:
    """INSERT … ON CONFLICT DO NOTHING: its rowcount tells whether this transaction was first."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        return postgresql.insert(table).values(**values).on_conflict_do_nothing()
    return sqlite.insert(table).values(**values).on_conflict_do_nothing()
