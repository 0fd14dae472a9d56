"""Tables of what was done: commands with their answers, notices, the audit, failures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, Index, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.columns import Moment
from services.licensing.models.base import Base


class CommandRow(Base):
    """A command that was carried out, with its answer: idempotency and history in one.

    ``request`` is what the command was asked, for whoever carries it out again; none before 0005.
    """

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
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
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


class NoticeRow(Base):
    """A notice that was announced, once for what it is about (D-21).

    ``subject`` tells those of one kind apart: the year and the days before, or a lot's last day.
    """

    __tablename__ = "license_notice"
    __table_args__ = (
        Index("license_notice_of_organization", "organization_id", "announced_at", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    on_date: Mapped[date | None] = mapped_column(Date)
    days: Mapped[int | None] = mapped_column(Integer)
    licenses: Mapped[int | None] = mapped_column(Integer)
    year: Mapped[int | None] = mapped_column(Integer)
    announced_at: Mapped[datetime] = mapped_column(Moment)
