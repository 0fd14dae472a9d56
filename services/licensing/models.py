"""Tables of licensing; those of the ledger and the history are only ever added to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.columns import Moment


class Base(DeclarativeBase):
    """Metadata of licensing's own tables."""


def _type_of_product() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["product", "type"], ["license_type.product", "license_type.code"])


_OPEN = text("kind <> 'wallet' OR balance > 0")


def _command() -> Mapped[UUID]:
    # A command is logged last, with its result; the rows it made are there before.
    return mapped_column(
        Uuid, ForeignKey("command_log.id", deferrable=True, initially="DEFERRED"), index=True
    )


class ProductRow(Base):
    __tablename__ = "product"
    __table_args__ = (CheckConstraint("trial_days >= 0", name="product_trial_days"),)

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    trial_days: Mapped[int] = mapped_column(Integer)
    counts_devices_as: Mapped[str | None] = mapped_column(String(60))


class LicenseTypeRow(Base):
    __tablename__ = "license_type"

    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))


class CalendarRow(Base):
    """One per organization: what every command of it locks first, and the end of its history.

    ``is_archived`` blocks them all (D-23); ``archive_epoch`` is that of the last news about it.
    """

    __tablename__ = "org_calendar"

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    anchor: Mapped[date | None] = mapped_column(Date)
    last_number: Mapped[int] = mapped_column(Integer)
    last_hash: Mapped[str] = mapped_column(String(64))
    is_archived: Mapped[bool] = mapped_column(Boolean, server_default=false())
    archive_epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")


class OrganizationProductRow(Base):
    __tablename__ = "org_product"

    organization_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("org_calendar.organization_id"), primary_key=True
    )
    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"), primary_key=True)
    registered_on: Mapped[date] = mapped_column(Date)
    command_id: Mapped[UUID] = _command()


class SubscriptionRow(Base):
    __tablename__ = "subscription"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "product"], ["org_product.organization_id", "org_product.product"]
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_on: Mapped[date] = mapped_column(Date)
    command_id: Mapped[UUID] = _command()


class SupplierRow(Base):
    __tablename__ = "supplier"
    __table_args__ = (CheckConstraint("keys_per_day > 0", name="supplier_keys_per_day"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    credential_digest: Mapped[str] = mapped_column(String(64), unique=True)
    keys_per_day: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


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
        _type_of_product(),
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


class LotRow(Base):
    __tablename__ = "lot"
    __table_args__ = (
        Index("lot_of_product", "organization_id", "product"),
        CheckConstraint("expires_on > opened_on", name="lot_days"),
        _type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID] = mapped_column(Uuid)
    opened_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)
    command_id: Mapped[UUID] = _command()


class AccountRow(Base):
    """``seats`` are what allocations brought to a year; ``lot_id`` is a wallet account's own.

    ``void_seats`` of them ended when the organization was archived.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "product", "type", "kind", "ref", name="ledger_account_name"
        ),
        CheckConstraint(
            "balance >= 0 OR kind = 'external:supplier'", name="ledger_account_balance"
        ),
        CheckConstraint("seats >= 0", name="ledger_account_seats"),
        # Lots that are used up become ever more; whoever asks how things stand passes them over.
        Index(
            "ledger_account_open",
            "organization_id",
            "product",
            "type",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        _type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(30))
    ref: Mapped[str] = mapped_column(String(40))
    balance: Mapped[int] = mapped_column(BigInteger)
    seats: Mapped[int] = mapped_column(Integer, server_default="0")
    void_seats: Mapped[int] = mapped_column(Integer, server_default="0")
    lot_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("lot.id"))


class EntryRow(Base):
    """``ticks`` left the debit account and came to the credit account; never changed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("ticks > 0", name="ledger_entry_ticks"),
        CheckConstraint("debit_id <> credit_id", name="ledger_entry_accounts"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    command_id: Mapped[UUID] = _command()
    debit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("ledger_account.id"), index=True)
    credit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("ledger_account.id"), index=True)
    ticks: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    effective_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class AllocationRow(Base):
    """Seats of a subscription year; never changed."""

    __tablename__ = "allocation"
    __table_args__ = (
        Index("allocation_of_product", "organization_id", "product", "year"),
        CheckConstraint("seats > 0", name="allocation_seats"),
        _type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    command_id: Mapped[UUID] = _command()
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(Integer)
    seats: Mapped[int] = mapped_column(Integer)
    effective_from: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class SettledYearRow(Base):
    """A year whose need was covered on some day of it; never changed."""

    __tablename__ = "settled_year"

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    settled_on: Mapped[date] = mapped_column(Date)


class VoidedYearRow(Base):
    """A settled year whose licenses ended with archiving; ``settled_on`` once it is so anew."""

    __tablename__ = "voided_year"

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    settled_on: Mapped[date | None] = mapped_column(Date)


class CountedDeviceRow(Base):
    """A managed device as devices told of it, also of one whose removal was heard first.

    ``revision`` is that of the last news, so that older ones change nothing.
    """

    __tablename__ = "counted_device"
    __table_args__ = (Index("counted_device_present", "organization_id", "is_present"),)

    device_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    is_present: Mapped[bool] = mapped_column(Boolean)
    revision: Mapped[int] = mapped_column(BigInteger, server_default="0")


class CommandRow(Base):
    """A command that was carried out, with its answer: idempotency and history in one."""

    __tablename__ = "command_log"
    __table_args__ = (
        UniqueConstraint("organization_id", "number", name="command_log_number"),
        UniqueConstraint("organization_id", "idempotency_key", name="command_log_once"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column(Integer)
    idempotency_key: Mapped[str] = mapped_column(String(128))
    request_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[UUID | None] = mapped_column(Uuid)
    role: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    product: Mapped[str | None] = mapped_column(String(60))
    on_date: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[Any] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ThrottleRow(Base):
    """Failed redemptions of one account, address or organization."""

    __tablename__ = "throttle"

    counter: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime | None] = mapped_column(Moment)
    blocked_until: Mapped[datetime | None] = mapped_column(Moment)


class AuditRow(Base):
    """Who did what from where, refused attempts included; never changed."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_of_organization", "organization_id", "at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[UUID | None] = mapped_column(Uuid)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)
    acting_as: Mapped[str | None] = mapped_column(String(80))
    organization_id: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    result: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(80))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(256))
    request_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
