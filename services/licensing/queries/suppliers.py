"""Queries on suppliers, their orders, and the keys and hardware they issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, union_all, update
from sqlalchemy.orm import Session

from contracts.licensing import KeyStatus, LicenseKind
from services.licensing.models import (
    HardwareOrderRow,
    KeyOrderLineRow,
    KeyOrderRow,
    LicenseKeyRow,
    LicenseTypeRow,
    SupplierRow,
)


@dataclass(frozen=True)
class FoundKey:
    """A license key with its order and what it holds."""

    key: LicenseKeyRow
    order: KeyOrderRow
    lines: Sequence[tuple[str, int]]


def suppliers(session: Session, *, after: str | None, limit: int) -> Sequence[SupplierRow]:
    """By name, one more than ``limit``."""
    statement = select(SupplierRow).order_by(SupplierRow.name).limit(limit + 1)
    if after is not None:
        statement = statement.where(SupplierRow.name > after)
    return session.scalars(statement).all()


def supplier_for_update(session: Session, supplier_id: UUID) -> SupplierRow | None:
    return session.scalars(
        select(SupplierRow).where(SupplierRow.id == supplier_id).with_for_update()
    ).one_or_none()


def supplier_by_credential(
    session: Session, digest: str, *, locked: bool = False
) -> SupplierRow | None:
    """None too for a credential that was revoked."""
    statement = select(SupplierRow).where(
        SupplierRow.credential_digest == digest, SupplierRow.revoked_at.is_(None)
    )
    return session.scalars(statement.with_for_update() if locked else statement).one_or_none()


def order_named(session: Session, supplier_id: UUID, order_ref: str) -> KeyOrderRow | None:
    return session.scalars(
        select(KeyOrderRow).where(
            KeyOrderRow.supplier_id == supplier_id, KeyOrderRow.order_ref == order_ref
        )
    ).one_or_none()


def order_lines(session: Session, order_id: UUID) -> Sequence[tuple[str, int]]:
    rows = session.execute(
        select(KeyOrderLineRow.type, KeyOrderLineRow.quantity)
        .where(KeyOrderLineRow.order_id == order_id)
        .order_by(KeyOrderLineRow.type)
    )
    return [(row.type, row.quantity) for row in rows]


def keys_of_order(session: Session, order_id: UUID) -> Sequence[LicenseKeyRow]:
    return session.scalars(
        select(LicenseKeyRow)
        .where(LicenseKeyRow.order_id == order_id)
        .order_by(LicenseKeyRow.position)
    ).all()


def kinds_of(session: Session, product: str) -> Mapping[str, LicenseKind]:
    """Of each license type of the product."""
    rows = session.execute(
        select(LicenseTypeRow.code, LicenseTypeRow.kind).where(LicenseTypeRow.product == product)
    )
    return {row.code: LicenseKind(row.kind) for row in rows}


def issued_since(
    session: Session, supplier_id: UUID, moment: datetime
) -> tuple[int, datetime | None]:
    """How many keys and units the supplier ordered after a moment, and when the first of them."""
    orders = union_all(
        *(
            select(number.label("issued"), order.issued_at.label("at")).where(
                order.supplier_id == supplier_id, order.issued_at > moment
            )
            for order, number in (
                (KeyOrderRow, KeyOrderRow.key_count),
                (HardwareOrderRow, HardwareOrderRow.unit_count),
            )
        )
    ).subquery()
    count, oldest = session.execute(select(func.sum(orders.c.issued), func.min(orders.c.at))).one()
    return int(count or 0), oldest


def add_order(
    session: Session,
    order: KeyOrderRow,
    quantities: Mapping[str, int],
    keys: Sequence[tuple[str, str]],
) -> None:
    """:param keys: (digest, last five symbols) of each."""
    session.add(order)
    session.flush()
    session.add_all(
        KeyOrderLineRow(order_id=order.id, product=order.product, type=kind, quantity=quantity)
        for kind, quantity in quantities.items()
    )
    session.add_all(
        LicenseKeyRow(
            id=uuid4(),
            order_id=order.id,
            position=position,
            digest=digest,
            last5=last5,
            status=KeyStatus.ISSUED.value,
        )
        for position, (digest, last5) in enumerate(keys, start=1)
    )
    session.flush()


def key_by_digest(session: Session, digest: str) -> FoundKey | None:
    row = session.execute(
        select(LicenseKeyRow, KeyOrderRow)
        .join(KeyOrderRow, KeyOrderRow.id == LicenseKeyRow.order_id)
        .where(LicenseKeyRow.digest == digest)
    ).one_or_none()
    if row is None:
        return None
    key, order = row
    return FoundKey(key, order, order_lines(session, order.id))


def key_of_supplier(session: Session, supplier_id: UUID, key_id: UUID) -> LicenseKeyRow | None:
    return session.scalars(
        select(LicenseKeyRow)
        .join(KeyOrderRow, KeyOrderRow.id == LicenseKeyRow.order_id)
        .where(LicenseKeyRow.id == key_id, KeyOrderRow.supplier_id == supplier_id)
    ).one_or_none()


def redeem_key(
    session: Session, key_id: UUID, *, organization_id: UUID, account_id: UUID, on: date
) -> bool:
    """Compare and set: whether this transaction is the one that redeems the key."""
    changed = session.connection().execute(
        update(LicenseKeyRow)
        .where(LicenseKeyRow.id == key_id, LicenseKeyRow.status == KeyStatus.ISSUED.value)
        .values(
            status=KeyStatus.REDEEMED.value,
            redeemed_organization_id=organization_id,
            redeemed_by=account_id,
            redeemed_on=on,
        )
    )
    return changed.rowcount == 1


def revoke_key(session: Session, key_id: UUID) -> bool:
    """Whether the key was still issued; a redeemed one stays redeemed."""
    changed = session.connection().execute(
        update(LicenseKeyRow)
        .where(LicenseKeyRow.id == key_id, LicenseKeyRow.status == KeyStatus.ISSUED.value)
        .values(status=KeyStatus.REVOKED.value)
    )
    return changed.rowcount == 1
