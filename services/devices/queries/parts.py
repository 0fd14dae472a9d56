"""Parts that statements of several capabilities are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.access import Scope
from services.devices.domain.upgrade import ACTIVE
from services.devices.models import Device

ACTIVE_STATES = tuple(state.value for state in ACTIVE)
MANAGED = "managed"
# Statements with one parameter per row stay far below both databases' limits.
_BATCH = 500

# Where a page ended: the moment and the id of its last row.
Position = tuple[datetime, UUID]


def among(
    session: Session, column: InstrumentedAttribute[UUID], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """``column`` is one of ``ids``, of which there may be a hundred thousand.

    One parameter, for SQLite takes only some ten thousand of them in a statement.
    """
    if session.get_bind().dialect.name == "postgresql":
        return column == func.any(
            bindparam(None, list(ids), type_=postgresql.ARRAY(Uuid), unique=True)
        )
    known = func.json_each(bindparam(None, [one.hex for one in ids], type_=JSON, unique=True))
    return column.in_(select(known.table_valued("value").c.value))


def within(scope: Scope) -> ColumnElement[bool]:
    if scope.all_folders:
        return true()
    return Device.folder_id.in_(scope.folder_ids)


def managed(scope: Scope) -> Select[Device]:
    return select(Device).where(
        Device.organization_id == scope.organization_id, Device.state == MANAGED, within(scope)
    )


def older(at: Any, id_: Any, after: Position) -> ColumnElement[bool]:
    moment, key = after
    return or_(at < moment, and_(at == moment, id_ < key))


def batches(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
