"""Queries on hardware that suppliers sent out with licenses, and on whose it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.licensing.models import (
    HardwareChangeRow,
    HardwareLineRow,
    HardwareOrderRow,
    HardwareUnitRow,
)


def order_named(session: Session, supplier_id: UUID, order_ref: str) -> HardwareOrderRow | None:
    return session.scalars(
        select(HardwareOrderRow).where(
            HardwareOrderRow.supplier_id == supplier_id, HardwareOrderRow.order_ref == order_ref
        )
    ).one_or_none()


def order_lines(session: Session, order_id: UUID) -> Mapping[str, int]:
    rows = session.execute(
        select(HardwareLineRow.type, HardwareLineRow.quantity)
        .where(HardwareLineRow.order_id == order_id)
        .order_by(HardwareLineRow.type)
    )
    return {row.type: row.quantity for row in rows}


def units_of_order(session: Session, order_id: UUID) -> Sequence[HardwareUnitRow]:
    return session.scalars(
        select(HardwareUnitRow)
        .where(HardwareUnitRow.order_id == order_id)
        .order_by(HardwareUnitRow.serial)
    ).all()


def add_order(
    session: Session,
    order: HardwareOrderRow,
    quantities: Mapping[str, int],
    proofs: Mapping[str, str],
) -> Sequence[str]:
    """The serials that were not free; where there are any, not all units were added.

    :param proofs: the digest of each by its serial.
    """
    session.add(order)
    session.flush()
    session.add_all(
        HardwareLineRow(order_id=order.id, product=order.product, type=kind, quantity=quantity)
        for kind, quantity in quantities.items()
    )
    session.flush()
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    # In one order, so that two suppliers with the same serials do not wait for one another.
    rows = [
        {
            "id": uuid4(),
            "order_id": order.id,
            "product": order.product,
            "serial": serial,
            "proof_digest": digest,
        }
        for serial, digest in sorted(proofs.items())
    ]
    added = set(
        session.scalars(
            insert(HardwareUnitRow)
            .values(rows)
            .on_conflict_do_nothing()
            .returning(HardwareUnitRow.serial)
        )
    )
    return [serial for serial in sorted(proofs) if serial not in added]


def unit(session: Session, product: str, serial: str) -> HardwareUnitRow | None:
    return session.scalars(
        select(HardwareUnitRow).where(
            HardwareUnitRow.product == product, HardwareUnitRow.serial == serial
        )
    ).one_or_none()


def unit_of(session: Session, system_id: UUID) -> HardwareUnitRow | None:
    return session.scalars(
        select(HardwareUnitRow).where(HardwareUnitRow.system_id == system_id)
    ).one_or_none()


def claim(session: Session, unit_id: UUID, system_id: UUID) -> bool:
    """Compare and set: whether the unit was nobody's, and is the system's now."""
    changed = session.connection().execute(
        update(HardwareUnitRow)
        .where(HardwareUnitRow.id == unit_id, HardwareUnitRow.system_id.is_(None))
        .values(system_id=system_id)
    )
    return changed.rowcount == 1


def free(session: Session, unit_id: UUID) -> None:
    session.connection().execute(
        update(HardwareUnitRow).where(HardwareUnitRow.id == unit_id).values(system_id=None)
    )


def tied_to(
    session: Session, unit: HardwareUnitRow, *, until: datetime | None = None
) -> Mapping[str, int]:
    """The licenses that are the hardware's own: what it came with, and what became of them since.

    :param until: only what was known at a moment of the past.
    """
    tied = Counter(order_lines(session, unit.order_id))
    changes = session.execute(
        select(HardwareChangeRow.type, HardwareChangeRow.quantity).where(
            HardwareChangeRow.unit_id == unit.id,
            true() if until is None else HardwareChangeRow.changed_at <= until,
        )
    )
    for change in changes:
        tied[change.type] += change.quantity
    return {code: licenses for code, licenses in sorted(tied.items()) if licenses}


def note_left(
    session: Session,
    unit: HardwareUnitRow,
    organization_id: UUID,
    left: Mapping[str, int],
    now: datetime,
) -> None:
    """Keeps what is tied to the unit as an organization leaves it, where that has changed."""
    before = tied_to(session, unit)
    session.add_all(
        HardwareChangeRow(
            id=uuid4(),
            unit_id=unit.id,
            organization_id=organization_id,
            product=unit.product,
            type=code,
            quantity=change,
            changed_at=now,
        )
        for code in sorted({*before, *left})
        if (change := left.get(code, 0) - before.get(code, 0))
    )
    session.flush()
