"""Tables of the ledger: entries are only ever added, balances move with them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.columns import Moment
from services.licensing.models.base import Base, of_command, type_of_product

_OPEN = text("kind <> 'wallet' OR balance > 0")


class LotRow(Base):
    __tablename__ = "lot"
    __table_args__ = (
        Index("lot_of_product", "organization_id", "product"),
        CheckConstraint("expires_on > opened_on", name="lot_days"),
        type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID] = mapped_column(Uuid)
    opened_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)
    command_id: Mapped[UUID] = of_command()


class AccountRow(Base):
    """``seats`` are what allocations brought to a year; ``lot_id`` is a wallet account's own.

    ``void_seats`` of them ended when the organization was archived.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "product", "type", "kind", "ref", name="ledger_account_name"
        ),
        CheckConstraint("balance >= 0 OR kind LIKE 'external:%'", name="ledger_account_balance"),
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
        type_of_product(),
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
    command_id: Mapped[UUID] = of_command()
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
        type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    command_id: Mapped[UUID] = of_command()
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(Integer)
    seats: Mapped[int] = mapped_column(Integer)
    effective_from: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class WithdrawalRow(Base):
    """Seats that left a subscription year again, by an upgrade or a reversal; never changed."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        Index("withdrawal_of_product", "organization_id", "product", "year"),
        CheckConstraint("seats > 0", name="withdrawal_seats"),
        type_of_product(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    command_id: Mapped[UUID] = of_command()
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    type: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(Integer)
    seats: Mapped[int] = mapped_column(Integer)
    effective_from: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
