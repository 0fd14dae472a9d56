"""Tables of what organizations registered and started, and what their need is made of."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Uuid,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.licensing.models.base import Base, of_command

_OPEN = text("NOT is_archived")


class CalendarRow(Base):
    """One per organization: what every command of it locks first, and the end of its history.

    ``is_archived`` blocks them all (D-23); ``archive_epoch`` is that of the last news about it.
    Until ``swept_on`` all that time alone brings about is posted. ``devices`` are those that count
    now, and ``devices_logged`` as many as the history last told of. ``noticed_on`` is the last day
    on which was looked for notices that are due.
    """

    __tablename__ = "org_calendar"
    __table_args__ = (
        # Whoever looks for organizations whose day has begun finds them, and reads no others.
        Index(
            "org_calendar_noticed",
            "noticed_on",
            "time_zone",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    anchor: Mapped[date | None] = mapped_column(Date)
    last_number: Mapped[int] = mapped_column(Integer)
    last_hash: Mapped[str] = mapped_column(String(64))
    is_archived: Mapped[bool] = mapped_column(Boolean, server_default=false())
    archive_epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")
    swept_on: Mapped[date | None] = mapped_column(Date)
    noticed_on: Mapped[date | None] = mapped_column(Date)
    devices: Mapped[int] = mapped_column(Integer, server_default="0")
    devices_logged: Mapped[int] = mapped_column(Integer, server_default="0")
    has_systems: Mapped[bool] = mapped_column(Boolean, server_default=false())


class OrganizationProductRow(Base):
    """``trial_ends_on`` is the first day without it; ``exceeded_since`` while growth is (D-22)."""

    __tablename__ = "org_product"

    organization_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("org_calendar.organization_id"), primary_key=True
    )
    product: Mapped[str] = mapped_column(String(60), ForeignKey("product.code"), primary_key=True)
    registered_on: Mapped[date] = mapped_column(Date)
    trial_started_on: Mapped[date | None] = mapped_column(Date)
    trial_ends_on: Mapped[date | None] = mapped_column(Date)
    exceeded_since: Mapped[date | None] = mapped_column(Date)
    command_id: Mapped[UUID] = of_command()


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
    command_id: Mapped[UUID] = of_command()


class SettledYearRow(Base):
    """A year whose need was covered on some day of it; never changed."""

    __tablename__ = "settled_year"

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    settled_on: Mapped[date] = mapped_column(Date)


class VoidedYearRow(Base):
    """A settled year whose licenses ended, by archiving or because operators reversed them.

    ``settled_on`` once it is settled anew.
    """

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
