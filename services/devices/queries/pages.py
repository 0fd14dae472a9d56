"""Pages, by name, of what is in the folders of a scope.

A million devices must not make a page slower than a thousand do (M4), whatever the order of their
names is. So PostgreSQL does not walk through the names until enough are of the scope, nor sort
everything that is in it: what the page holds lies in the folders whose next name comes first, as
many folders as rows, and each folder has its names in an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import LateralFromClause, Subquery

from contracts.access import Scope
from services.devices.models import ConnectedSystem, Device
from services.devices.queries.parts import array_of, is_managed, within

Row = TypeVar("Row", Device, ConnectedSystem)


def by_name(
    session: Session,
    scope: Scope,
    kind: type[Row],
    *conditions: ColumnElement[bool],
    folder_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Row]:
    """One more than ``limit``; of one folder, if one is given.

    :param conditions: on ``kind``, beside that it is managed and within the scope.
    """
    if folder_id is not None and not scope.holds(folder_id):
        return []
    wanted = [is_managed(kind), *conditions]
    if after is not None:
        wanted.append(tuple_(kind.name, kind.id) > tuple_(*after))
    statement = select(kind).where(kind.organization_id == scope.organization_id, *wanted)
    if folder_id is not None:
        statement = statement.where(kind.folder_id == folder_id)
    elif session.get_bind().dialect.name == "postgresql" and not scope.all_folders:
        statement = statement.where(kind.id.in_(_first(scope, kind, wanted, limit + 1)))
    else:
        statement = statement.where(within(session, scope, kind))
    return list(session.scalars(statement.order_by(kind.name, kind.id).limit(limit + 1)))


def _first(
    scope: Scope, kind: type[Row], wanted: Sequence[ColumnElement[bool]], most: int
) -> Select[UUID]:
    """The ids of the first ``most``: whatever is among them has fewer than that before it."""
    folders = select(func.unnest(array_of(scope.folder_ids)).label("id")).subquery("scope")
    begins = _in_order(kind, folders, wanted, 1)
    nearest = (
        select(folders.c.id)
        .join(begins, true())
        .order_by(begins.c.name, begins.c.id)
        .limit(most)
        .subquery("nearest")
    )
    found = _in_order(kind, nearest, wanted, most)
    return (
        select(found.c.id)
        .select_from(nearest)
        .join(found, true())
        .order_by(found.c.name, found.c.id)
        .limit(most)
        .correlate(None)
    )


def _in_order(
    kind: type[Row], folders: Subquery, wanted: Sequence[ColumnElement[bool]], most: int
) -> LateralFromClause:
    """The first ``most`` of each folder."""
    return (
        select(kind.name, kind.id)
        .where(kind.folder_id == folders.c.id, *wanted)
        .order_by(kind.name, kind.id)
        .limit(most)
        .correlate(folders)
        .lateral()
    )
