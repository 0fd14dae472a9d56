"""Queries on the history of commands, the audit, and the counters of failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.licensing.domain.history import Entry
from services.licensing.domain.throttle import Counter, Failures
from services.licensing.models import AuditRow, CommandRow, ThrottleRow

# The role of entries that no person and no system stands for.
SUITE = "suite"

_BY_KEY = select(CommandRow.request_hash, CommandRow.result).where(
    CommandRow.organization_id == bindparam("organization_id"),
    CommandRow.idempotency_key == bindparam("idempotency_key"),
)
_ADD_COMMAND = insert(CommandRow)
_ADD_AUDIT = insert(AuditRow)


@dataclass(frozen=True)
class Answered:
    """A command that was carried out before."""

    request_hash: str
    result: Any


def command_by_key(
    session: Session, organization_id: UUID, idempotency_key: str
) -> Answered | None:
    wanted = {"organization_id": organization_id, "idempotency_key": idempotency_key}
    found = session.connection().execute(_BY_KEY, wanted).one_or_none()
    return None if found is None else Answered(*found)


def add_command(session: Session, command_id: UUID, entry: Entry, digest: str) -> None:
    values = {"id": command_id, "hash": digest, **vars(entry)}
    session.connection().execute(_ADD_COMMAND, values)


def add_audit(session: Session, values: Mapping[str, Any]) -> None:
    session.connection().execute(_ADD_AUDIT, values)


def history(
    session: Session,
    organization_id: UUID,
    *,
    product: str | None,
    by_suite: bool,
    before: int | None,
    limit: int,
) -> Sequence[CommandRow]:
    """The newest first, one more than ``limit``.

    :param product: the only one to be told of; None: every one.
    :param by_suite: also what the suite itself wrote down, such as the number of devices.
    """
    statement = (
        select(CommandRow)
        .where(
            CommandRow.organization_id == organization_id,
            true() if by_suite else func.coalesce(CommandRow.role, "") != SUITE,
            true() if product is None else CommandRow.product == product,
        )
        .order_by(CommandRow.number.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(CommandRow.number < before)
    return session.scalars(statement).all()


def chain(session: Session, organization_id: UUID) -> Sequence[tuple[Entry, str]]:
    """Every entry with its hash, oldest first, for the proof that nothing was changed."""
    rows = session.scalars(
        select(CommandRow)
        .where(CommandRow.organization_id == organization_id)
        .order_by(CommandRow.number)
    )
    names = [field.name for field in fields(Entry)]
    return [(Entry(**{name: getattr(row, name) for name in names}), row.hash) for row in rows]


def failures_for_update(session: Session, counter: Counter, subject: str) -> Failures:
    """Made and locked by one statement, so that a guess costs little to count."""
    insert_or = (
        postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    row = (
        session.connection()
        .execute(
            insert_or(ThrottleRow)
            .values(counter=counter.value, subject=subject, failures=0)
            .on_conflict_do_update(
                index_elements=[ThrottleRow.counter, ThrottleRow.subject],
                set_={"failures": ThrottleRow.failures},
            )
            .returning(ThrottleRow.failures, ThrottleRow.since, ThrottleRow.blocked_until)
        )
        .one()
    )
    return Failures(counter, *row)


def keep_failures(session: Session, subject: str, failures: Failures) -> None:
    session.connection().execute(
        update(ThrottleRow)
        .where(ThrottleRow.counter == failures.counter.value, ThrottleRow.subject == subject)
        .values(failures=failures.count, since=failures.since, blocked_until=failures.blocked_until)
    )
