"""Tables of installed systems: what they report, and the license files of those without a line."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from chassis.columns import Moment
from services.licensing.models.base import Base, of_command, type_of_product

_REGISTERED = text("state = 'registered'")


def _system_of_organization() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "system_id"], ["licensed_system.organization_id", "licensed_system.id"]
    )


class SystemRow(Base):
    """An installed instance of a product; hardware where ``serial`` is that of a unit.

    ``sequence`` is that of its last report, ``reported_at`` when it came, ``counted_at`` when one it
    sent itself last changed what is needed. An offline system is known
    by ``public_key``, one with a line by its credential; ``file_digest`` is of the last system file.
    A system that was removed keeps its row, and its extension licenses stay with it (D-17); another
    organization that it comes to has a row of its own.
    """

    __tablename__ = "licensed_system"
    __table_args__ = (
        Index("licensed_system_of_product", "organization_id", "product", "name", "id"),
        # Of one organization: what others call theirs proves nothing. Units have proofs for that.
        Index(
            "licensed_system_serial",
            "organization_id",
            "product",
            "serial",
            unique=True,
            postgresql_where=_REGISTERED,
            sqlite_where=_REGISTERED,
        ),
        # It is with one organization at a time.
        Index(
            "licensed_system_registered",
            "id",
            unique=True,
            postgresql_where=_REGISTERED,
            sqlite_where=_REGISTERED,
        ),
        CheckConstraint(
            "state IN ('registered', 'removed', 'replaced')", name="licensed_system_state"
        ),
        CheckConstraint("kind IN ('online', 'offline', 'hardware')", name="licensed_system_kind"),
        ForeignKeyConstraint(
            ["organization_id", "product"], ["org_product.organization_id", "org_product.product"]
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    serial: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    public_key: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[str | None] = mapped_column(String(60))
    credential_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reported_at: Mapped[datetime | None] = mapped_column(Moment)
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
    file_digest: Mapped[str | None] = mapped_column(String(64))
    registered_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    command_id: Mapped[UUID] = of_command()


class SystemUsageRow(Base):
    """What one system needs of one type: ``counted`` less the licenses ``held`` by itself (D-16)."""

    __tablename__ = "system_usage"
    __table_args__ = (
        Index("system_usage_of_organization", "organization_id"),
        CheckConstraint("counted >= 0 AND held >= 0", name="system_usage_counts"),
        _system_of_organization(),
        type_of_product(),
    )

    system_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    type: Mapped[str] = mapped_column(String(60), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    counted: Mapped[int] = mapped_column(Integer, server_default="0")
    held: Mapped[int] = mapped_column(Integer, server_default="0")


class ReservationRow(Base):
    """What license files hold of a year's seats, through the day before ``until`` (D-19).

    Of files that end on one day the largest; it stays when the system is removed, or another's.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("seats > 0", name="reservation_seats"),
        _system_of_organization(),
        type_of_product(),
    )

    organization_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    system_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    type: Mapped[str] = mapped_column(String(60), primary_key=True)
    until: Mapped[date] = mapped_column(Date, primary_key=True)
    product: Mapped[str] = mapped_column(String(60))
    seats: Mapped[int] = mapped_column(Integer)


class UsageReportRow(Base):
    """A report as it came, once for each number the system gave it; never changed.

    The numbers are the system's own, in whichever organization it is.
    """

    __tablename__ = "usage_report"

    system_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    reported_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class LicenseFileRow(Base):
    """A license file that was issued; never changed, for an offline copy cannot be recalled.

    ``valid_until`` is its last day; ``reserved`` of the ``seats`` are a subscription year's.
    """

    __tablename__ = "license_file"
    __table_args__ = (
        UniqueConstraint("organization_id", "system_id", "serial", name="license_file_serial"),
        _system_of_organization(),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(Uuid)
    product: Mapped[str] = mapped_column(String(60))
    system_id: Mapped[UUID] = mapped_column(Uuid)
    serial: Mapped[int] = mapped_column(Integer)
    key_id: Mapped[str] = mapped_column(String(40))
    container: Mapped[str] = mapped_column(Text)
    seats: Mapped[dict[str, int]] = mapped_column(JSON)
    reserved: Mapped[dict[str, int]] = mapped_column(JSON)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    command_id: Mapped[UUID] = of_command()
