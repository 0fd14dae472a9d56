"""Queries on managed devices as they count into need, from what devices announces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    String,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.models import CountedDeviceRow

# Above every revision: nothing comes after it.
_LAST = 2**62


def present(session: Session, organization_id: UUID) -> int:
    """How many there are by their rows; the calendar keeps the count from its first day on."""
    counted = select(func.count()).where(
        CountedDeviceRow.organization_id == organization_id, CountedDeviceRow.is_present.is_(True)
    )
    return session.scalar(counted) or 0


def add_device(session: Session, device_id: UUID, organization_id: UUID) -> int:
    """How many more count now: none where something newer is known of it."""
    values = {"device_id": device_id, "organization_id": organization_id, "is_present": True}
    added = session.connection().execute(insert_or_nothing(session, CountedDeviceRow, values))
    return added.rowcount


def count_devices(
    session: Session,
    device_ids: Sequence[UUID],
    organization_id: UUID,
    *,
    present: bool,
    revision: int = _LAST,
) -> int:
    """Whether they count from now on; without a revision for good, whatever news arrive later.

    :return: how many more count now, below zero where there are fewer; the organization is locked.
    """
    known = _known(session, device_ids)
    among = select(func.count()).where(
        CountedDeviceRow.device_id.in_(select(known)),
        CountedDeviceRow.organization_id == organization_id,
        CountedDeviceRow.is_present.is_(True),
    )
    before = session.scalar(among) or 0
    insert: Any = (
        postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    news = select(
        known,
        literal(organization_id, Uuid),
        literal(present, Boolean),
        literal(revision, BigInteger),
        # Without a WHERE, SQLite takes ON CONFLICT for a part of the SELECT.
    ).where(literal_column("1") == literal_column("1"))
    new = insert(CountedDeviceRow).from_select(
        ["device_id", "organization_id", "is_present", "revision"], news
    )
    session.connection().execute(
        new.on_conflict_do_update(
            index_elements=[CountedDeviceRow.device_id],
            set_={"is_present": new.excluded.is_present, "revision": new.excluded.revision},
            where=CountedDeviceRow.revision < new.excluded.revision,
        )
    )
    return (session.scalar(among) or 0) - before


def _known(session: Session, device_ids: Sequence[UUID]) -> Any:
    # In one order, so that two parts of news never wait for one another; and as one parameter, for
    # a statement with hundreds of rows takes longer to write than to execute.
    ids = sorted(device_ids)
    if session.get_bind().dialect.name == "postgresql":
        texts = bindparam(None, f"{{{','.join(map(str, ids))}}}", type_=String, unique=True)
        listed = select(func.unnest(cast(texts, postgresql.ARRAY(Uuid))).label("id")).subquery()
        return listed.c.id
    stored = bindparam(None, [one.hex for one in ids], type_=JSON, unique=True)
    return func.json_each(stored).table_valued("value").c.value
