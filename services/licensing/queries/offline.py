"""Queries on systems without a connection: who they are, and the license files they got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.licensing.domain.calendar import DAY
from services.licensing.domain.reservation import Reservation
from services.licensing.domain.system import SystemState
from services.licensing.models import LicenseFileRow, ReservationRow, SystemRow


def system_for_update(session: Session, system_id: UUID) -> SystemRow | None:
    """As it is now or was last, of any organization: a file's id is the system's everywhere."""
    return session.scalars(
        select(SystemRow)
        .where(SystemRow.id == system_id)
        .order_by(
            (SystemRow.state != SystemState.REGISTERED.value),
            SystemRow.reported_at.desc().nulls_last(),
            SystemRow.sequence.desc(),
        )
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def reservations(session: Session, organization_id: UUID, product: str) -> Sequence[Reservation]:
    rows = session.scalars(
        select(ReservationRow).where(
            ReservationRow.organization_id == organization_id, ReservationRow.product == product
        )
    )
    return [Reservation(row.system_id, row.type, row.seats, row.until) for row in rows]


def add_file(session: Session, file: LicenseFileRow, *, today: date) -> None:
    """With what it holds of its year; of files that end on one day the largest counts."""
    session.add(file)
    session.flush()
    until = file.valid_until + DAY
    of_system = (
        ReservationRow.organization_id == file.organization_id,
        ReservationRow.system_id == file.system_id,
    )
    session.execute(delete(ReservationRow).where(*of_system, ReservationRow.until <= today))
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    for code, seats in sorted(file.reserved.items()):
        added = insert(ReservationRow).values(
            organization_id=file.organization_id,
            system_id=file.system_id,
            type=code,
            until=until,
            product=file.product,
            seats=seats,
        )
        session.connection().execute(
            added.on_conflict_do_update(
                index_elements=["organization_id", "system_id", "type", "until"],
                set_={"seats": added.excluded.seats},
                where=ReservationRow.seats < added.excluded.seats,
            )
        )


def next_serial(session: Session, organization_id: UUID, system_id: UUID) -> int:
    last = session.scalar(
        select(func.max(LicenseFileRow.serial)).where(
            LicenseFileRow.organization_id == organization_id,
            LicenseFileRow.system_id == system_id,
        )
    )
    return (last or 0) + 1


def newest_file(
    session: Session, organization_id: UUID, product: str, system_id: UUID
) -> LicenseFileRow | None:
    return session.scalars(
        select(LicenseFileRow)
        .where(
            LicenseFileRow.organization_id == organization_id,
            LicenseFileRow.product == product,
            LicenseFileRow.system_id == system_id,
        )
        .order_by(LicenseFileRow.serial.desc())
        .limit(1)
    ).one_or_none()


def reserved(session: Session, organization_id: UUID) -> Mapping[tuple[str, ...], int]:
    """Seats by (system, type, day they are free again), as a history carried out again has them."""
    rows = session.scalars(
        select(ReservationRow).where(ReservationRow.organization_id == organization_id)
    )
    return {(str(row.system_id), row.type, row.until.isoformat()): row.seats for row in rows}
