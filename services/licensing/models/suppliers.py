"""Tables of suppliers and what they issued: keys, vouchers, hardware with licenses."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.columns import Moment
from services.licensing.models.base import Base, of_command, type_of_product


class SupplierRow(Base):
    """``public_key``: hexadecimal Ed25519, for vouchers of a supplier without a connection."""

    __tablename__ = "supplier"
    __table_args__ = (CheckConstraint("keys_per_day > 0", name="supplier_keys_per_day"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    credential_digest: Mapped[str] = mapped_column(String(64), unique=True)
    keys_per_day: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    public_key: Mapped[str | None] = mapped_column(String(64))


class KeyOrderRow(Base):
    __tablename__ = "key_order"
    __table_args__ = (
        UniqueConstraint("supplier_id", "order_ref", name="key_order_once"),
        CheckConstraint("term_years BETWEEN 1 AND 5", name="key_order_term"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("supplier.id"))
    order_ref: Mapped[str] = mapped_column(String(80))
    request_hash: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"))
    term_years: Mapped[int] = mapped_column(Integer)
    redeem_before: Mapped[date | None] = mapped_column(Date)
    key_count: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime] = mapped_column(Moment)


class KeyOrderLineRow(Base):
    """What each key of the order holds."""

    __tablename__ = "key_order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="key_order_line_quantity"),
        type_of_product(),
    )

    order_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("key_order.id"), primary_key=True)
    type: Mapped[str] = mapped_column(String(60), primary_key=True)
    product: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(Integer)


class LicenseKeyRow(Base):
    """A key is known by its keyed hash alone."""

    __tablename__ = "license_key"
    __table_args__ = (
        CheckConstraint("status IN ('issued', 'redeemed', 'revoked')", name="license_key_status"),
        CheckConstraint(
            "(status = 'redeemed') = (redeemed_organization_id IS NOT NULL)",
            name="license_key_redeemed",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("key_order.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    last5: Mapped[str] = mapped_column(String(5))
    status: Mapped[str] = mapped_column(String(10))
    redeemed_organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    redeemed_by: Mapped[UUID | None] = mapped_column(Uuid)
    redeemed_on: Mapped[date | None] = mapped_column(Date)


class VoucherRow(Base):
    """A voucher that was redeemed, by the serial its supplier gave it."""

    __tablename__ = "voucher"

    supplier_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("supplier.id"), primary_key=True)
    serial: Mapped[str] = mapped_column(String(64), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    redeemed_by: Mapped[UUID | None] = mapped_column(Uuid)
    redeemed_on: Mapped[date] = mapped_column(Date)
    command_id: Mapped[UUID] = of_command()


class HardwareOrderRow(Base):
    """Hardware that left a supplier with licenses on it."""

    __tablename__ = "hardware_order"
    __table_args__ = (UniqueConstraint("supplier_id", "order_ref", name="hardware_order_once"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("supplier.id"))
    order_ref: Mapped[str] = mapped_column(String(80))
    request_hash: Mapped[str] = mapped_column(String(64))
    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"))
    unit_count: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime] = mapped_column(Moment)


class HardwareLineRow(Base):
    """The tied licenses that each unit of the order holds."""

    __tablename__ = "hardware_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="hardware_line_quantity"),
        type_of_product(),
    )

    order_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("hardware_order.id"), primary_key=True)
    type: Mapped[str] = mapped_column(String(60), primary_key=True)
    product: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(Integer)


class HardwareUnitRow(Base):
    """One unit, whose proof of ownership is known by its keyed hash alone.

    ``system_id`` is the system it is registered as now, of any organization.
    """

    __tablename__ = "hardware_unit"
    __table_args__ = (UniqueConstraint("product", "serial", name="hardware_unit_serial"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("hardware_order.id"), index=True)
    product: Mapped[str] = mapped_column(String(60))
    serial: Mapped[str] = mapped_column(String(64))
    proof_digest: Mapped[str] = mapped_column(String(64), unique=True)
    system_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)


class HardwareChangeRow(Base):
    """What an organization leaves tied to a unit beyond the order's, or less; never changed.

    Upgrades and replacements are for the lifetime of the hardware too (R36).
    """

    __tablename__ = "hardware_change"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="hardware_change_quantity"),
        type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("hardware_unit.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(Moment)
