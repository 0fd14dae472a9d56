"""Queries on installed systems, what they hold, and what they report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.licensing.domain.system import Report, SystemKind, SystemState
from services.licensing.models import SystemRow, SystemUsageRow, UsageReportRow

_IS_REGISTERED = SystemRow.state == SystemState.REGISTERED.value
# What was read before the organization was locked may be old.
_AS_IT_IS = {"populate_existing": True}
_Usage = Mapping[UUID, Sequence[SystemUsageRow]]


def system(session: Session, organization_id: UUID, system_id: UUID) -> SystemRow | None:
    """In any state."""
    return session.scalars(
        select(SystemRow)
        .where(SystemRow.id == system_id, SystemRow.organization_id == organization_id)
        .execution_options(**_AS_IT_IS)
    ).one_or_none()


def registered(session: Session, organization_id: UUID, system_id: UUID) -> SystemRow | None:
    found = system(session, organization_id, system_id)
    return found if found and found.state == SystemState.REGISTERED.value else None


def by_credential(session: Session, digest: str) -> SystemRow | None:
    return session.scalars(
        select(SystemRow)
        .where(SystemRow.credential_digest == digest, _IS_REGISTERED)
        .execution_options(**_AS_IT_IS)
    ).one_or_none()


def with_serial(
    session: Session, organization_id: UUID, product: str, serial: str
) -> SystemRow | None:
    """The registered one."""
    return session.scalars(
        select(SystemRow).where(
            SystemRow.organization_id == organization_id,
            SystemRow.product == product,
            SystemRow.serial == serial,
            _IS_REGISTERED,
        )
    ).one_or_none()


def once_removed(
    session: Session, organization_id: UUID, product: str, serial: str, kind: SystemKind
) -> SystemRow | None:
    """The same machine, as it was when the organization removed it last."""
    return session.scalars(
        select(SystemRow)
        .where(
            SystemRow.organization_id == organization_id,
            SystemRow.product == product,
            SystemRow.serial == serial,
            SystemRow.kind == kind.value,
            SystemRow.state == SystemState.REMOVED.value,
        )
        .order_by(SystemRow.ended_on.desc(), SystemRow.id)
        .limit(1)
    ).one_or_none()


def systems(
    session: Session,
    organization_id: UUID,
    product: str,
    *,
    removed: bool,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[SystemRow]:
    """By name, one more than ``limit``."""
    statement = (
        select(SystemRow)
        .where(SystemRow.organization_id == organization_id, SystemRow.product == product)
        .order_by(SystemRow.name, SystemRow.id)
        .limit(limit + 1)
    )
    if not removed:
        statement = statement.where(_IS_REGISTERED)
    if after is not None:
        name, system_id = after
        statement = statement.where(
            or_(
                SystemRow.name > name,
                and_(SystemRow.name == name, SystemRow.id > system_id),
            )
        )
    return session.scalars(statement).all()


def usage(session: Session, system_ids: Collection[UUID]) -> _Usage:
    found: dict[UUID, list[SystemUsageRow]] = defaultdict(list)
    for row in session.scalars(
        select(SystemUsageRow)
        .where(SystemUsageRow.system_id.in_(system_ids))
        .order_by(SystemUsageRow.type)
        .execution_options(**_AS_IT_IS)
    ):
        found[row.system_id].append(row)
    return found


def keep_usage(
    session: Session,
    system: SystemRow,
    *,
    counted: Mapping[str, int] | None = None,
    held: Mapping[str, int] | None = None,
) -> None:
    """By needed type; what is None stays, or is none where the system is new."""
    types = counted if counted is not None else held
    assert types is not None, "nothing was to be kept"
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    for code in types:
        changed = {
            name: values[code]
            for name, values in (("counted", counted), ("held", held))
            if values is not None
        }
        values = {
            "system_id": system.id,
            "type": code,
            "organization_id": system.organization_id,
            "product": system.product,
            **changed,
        }
        insert = postgresql.insert if is_postgresql else sqlite.insert
        session.connection().execute(
            insert(SystemUsageRow)
            .values(values)
            .on_conflict_do_update(index_elements=["system_id", "type"], set_=changed)
        )


def drop_usage(session: Session, system: SystemRow) -> None:
    """It counts 0 from now on; what its license files reserved cannot be called back (D-19)."""
    session.execute(
        delete(SystemUsageRow).where(
            SystemUsageRow.system_id == system.id,
            SystemUsageRow.organization_id == system.organization_id,
        )
    )


def report(session: Session, system_id: UUID, sequence: int) -> Report | None:
    row = session.get(UsageReportRow, (system_id, sequence))
    return None if row is None else Report(row.sequence, row.reported_at, row.counts)


def last_report(session: Session, system_id: UUID) -> Report | None:
    row = session.scalars(
        select(UsageReportRow)
        .where(UsageReportRow.system_id == system_id)
        .order_by(UsageReportRow.sequence.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Report(row.sequence, row.reported_at, row.counts)


def add_report(session: Session, system: SystemRow, report: Report, now: datetime) -> None:
    session.add(
        UsageReportRow(
            system_id=system.id,
            sequence=report.sequence,
            counts=dict(report.counts),
            reported_at=report.reported_at,
            recorded_at=now,
        )
    )
    system.sequence = report.sequence
    system.reported_at = now
    session.flush()


def end(session: Session, system: SystemRow, state: SystemState, on: date) -> None:
    """Its credential ends with it."""
    system.state = state.value
    system.ended_on = on
    system.credential_digest = None
    session.flush()
