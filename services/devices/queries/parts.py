"""Parts that statements of several capabilities are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.access import FolderIds, Scope
from services.devices.domain.upgrade import ACTIVE
from services.devices.models import ConnectedSystem, Device

ACTIVE_STATES = tuple(state.value for state in ACTIVE)
# Statements with one parameter per row stay far below both databases' limits.
_BATCH = 500

Kind = type[Device] | type[ConnectedSystem]

# Where a page ended: the moment and the id of its last row.
Position = tuple[datetime, UUID]


def among(
    session: Session, column: InstrumentedAttribute[UUID], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """``column`` is one of ``ids``, of which there may be a hundred thousand.

    One parameter, for SQLite takes only some ten thousand of them in a statement.
    """
    if session.get_bind().dialect.name == "postgresql":
        return column == func.any(array_of(ids))
    return column.in_(_stored(ids))


def outside(
    session: Session, column: InstrumentedAttribute[UUID], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """``column`` is none of ``ids``; SQLAlchemy's own inverse of `among` would be another thing."""
    if session.get_bind().dialect.name == "postgresql":
        return column != func.all(array_of(ids))
    return column.not_in(_stored(ids))


def _stored(ids: Collection[UUID]) -> Select[Any]:
    """As SQLite keeps them."""
    texts = [text.replace("-", "") for text in _texts(ids)]
    known = bindparam(None, texts, type_=JSON, unique=True)
    return select(func.json_each(known).table_valued("value").c.value)


def array_of(ids: Collection[UUID]) -> ColumnElement[Any]:
    """On PostgreSQL only."""
    known = bindparam(None, "{" + ",".join(_texts(ids)) + "}", type_=String, unique=True)
    return cast(known, postgresql.ARRAY(Uuid))


def _texts(ids: Collection[UUID]) -> Iterable[str]:
    return ids.texts if isinstance(ids, FolderIds) else map(str, ids)


def is_managed(kind: Kind) -> ColumnElement[bool]:
    # In the very words of the indexes that serve it, and so without a parameter.
    return kind.state == literal_column("'managed'")


def insert_missing(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Those of ``rows`` that are not there yet, in batches."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for batch in batches(rows):
        session.connection().execute(make(table).values(list(batch)).on_conflict_do_nothing())


def within(session: Session, scope: Scope, kind: Kind = Device) -> ColumnElement[bool]:
    if scope.all_folders:
        return outside(session, kind.folder_id, scope.without) if scope.without else true()
    return among(session, kind.folder_id, scope.folder_ids)


def of_scope(session: Session, scope: Scope, kind: Kind) -> ColumnElement[bool]:
    """What is managed where the caller may."""
    return and_(
        kind.organization_id == scope.organization_id,
        is_managed(kind),
        within(session, scope, kind),
    )


def managed(session: Session, scope: Scope) -> Select[Device]:
    return select(Device).where(of_scope(session, scope, Device))


def older(at: Any, id_: Any, after: Position) -> ColumnElement[bool]:
    moment, key = after
    return or_(at < moment, and_(at == moment, id_ < key))


def batches(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
