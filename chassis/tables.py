"""Tables every service's database has beside its own: outbox, inbox, idempotency keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.columns import Moment

# SQLite counts rows by itself only in a column declared INTEGER.
Serial = BigInteger().with_variant(Integer, "sqlite")


class ChassisBase(DeclarativeBase):
    """Metadata of these tables; a service's own tables have a base of their own."""


class OutboxRow(ChassisBase):
    """An event that is committed and not yet confirmed by the broker."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    event_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[datetime] = mapped_column(Moment)


class InboxRow(ChassisBase):
    """An event that has arrived: ``done`` once its effect is committed with it."""

    __tablename__ = "inbox"
    __table_args__ = (Index("inbox_due", "state", "due_at"),)

    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    handler: Mapped[str] = mapped_column(String(80), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    request_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    failure: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Moment)


class IdempotencyRow(ChassisBase):
    """What a command answered, so that its repetition gets the same answer (D-24)."""

    __tablename__ = "idempotency"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    operation: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any | None] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
