"""Queries on organizations whose day has begun, and on the notices that were announced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    String,
    Subquery,
    Uuid,
    and_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contracts.license_notices import NoticeKind
from services.licensing.domain.notices import Notice
from services.licensing.domain.throttle import Counter
from services.licensing.models import CalendarRow, NoticeRow, ThrottleRow

# In the very words of the index that serves it.
_IS_OPEN: ColumnElement[bool] = literal_column("NOT is_archived")


def organizations_due(
    session: Session,
    days: Mapping[date, Collection[str]],
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[tuple[UUID, str]]:
    """Those whose day has begun since somebody looked, with their time zones.

    :param days: the days there are just now, and the time zones where it is which.
    """
    due = _due(days)
    statement = select(due.c.organization_id, due.c.time_zone)
    # Not by the id itself: for the order of its index a database would go through all of them.
    turn = cast(due.c.organization_id, String)
    if after is not None:
        statement = statement.where(turn > cast(literal(after, Uuid), String))
    rows = session.connection().execute(statement.order_by(turn).limit(limit))
    return [(organization_id, time_zone) for organization_id, time_zone in rows]


def count_due(session: Session, days: Mapping[date, Collection[str]]) -> int:
    return session.scalar(select(func.count()).select_from(_due(days))) or 0


def take_up(session: Session, organization_id: UUID, today: date) -> bool:
    """Whether it is still due; its row is locked then. Not where somebody else works on it."""
    statement = (
        select(CalendarRow.organization_id)
        .where(
            CalendarRow.organization_id == organization_id,
            _IS_OPEN,
            or_(CalendarRow.noticed_on.is_(None), CalendarRow.noticed_on < today),
        )
        .with_for_update(skip_locked=True)
    )
    return session.scalar(statement) is not None


def looked(session: Session, organization_id: UUID, today: date) -> None:
    """Nobody has to look again today; only of a locked one."""
    session.connection().execute(
        update(CalendarRow)
        .where(CalendarRow.organization_id == organization_id)
        .values(noticed_on=today)
    )


def add(
    session: Session, organization_id: UUID, notices: Iterable[Notice], now: datetime
) -> Sequence[Notice]:
    """Those of them that were not there before, and are from now on."""
    wanted = {(notice.product, notice.kind.value, notice.subject): notice for notice in notices}
    if not wanted:
        return []
    insert: Any = (
        postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    added = session.connection().execute(
        insert(NoticeRow)
        .values([_row(organization_id, notice, now) for notice in wanted.values()])
        .on_conflict_do_nothing()
        .returning(NoticeRow.product, NoticeRow.kind, NoticeRow.subject)
    )
    new = {tuple(row) for row in added}
    return [notice for key, notice in wanted.items() if key in new]


def notices(
    session: Session,
    organization_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[NoticeRow]:
    """The newest first, one more than ``limit``."""
    statement = (
        select(NoticeRow)
        .where(NoticeRow.organization_id == organization_id)
        .order_by(NoticeRow.announced_at.desc(), NoticeRow.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        moment, key = before
        statement = statement.where(
            or_(
                NoticeRow.announced_at < moment,
                and_(NoticeRow.announced_at == moment, NoticeRow.id < key),
            )
        )
    return session.scalars(statement).all()


def locked_since(session: Session, organization_id: UUID, most: int) -> datetime | None:
    """When the first of so many wrong keys in a row was tried; the next to ask waits."""
    return session.scalar(
        select(ThrottleRow.since)
        .where(
            ThrottleRow.counter == Counter.ORGANIZATION.value,
            ThrottleRow.subject == str(organization_id),
            ThrottleRow.failures >= most,
        )
        .with_for_update()
    )


def is_told(session: Session, organization_id: UUID, kind: NoticeKind, subject: str) -> bool:
    """Of whichever product."""
    statement = select(NoticeRow.id).where(
        NoticeRow.organization_id == organization_id,
        NoticeRow.kind == kind.value,
        NoticeRow.subject == subject,
    )
    return session.scalar(statement.limit(1)) is not None


def _due(days: Mapping[date, Collection[str]]) -> Subquery:
    """Each part is found by the index; an OR of them is not, everywhere."""
    noticed_on, known = CalendarRow.noticed_on, sorted(days)
    # Of a zone that this machine does not know, only that its day before is over everywhere.
    parts: list[ColumnElement[bool]] = [noticed_on.is_(None), noticed_on < known[0]]
    for day in known[:-1]:
        ahead = sorted(zone for later in known if later > day for zone in days[later])
        parts.append(and_(noticed_on == day, CalendarRow.time_zone.in_(ahead)))
    columns = (CalendarRow.organization_id, CalendarRow.time_zone)
    return union_all(*(select(*columns).where(_IS_OPEN, part) for part in parts)).subquery()


def _row(organization_id: UUID, notice: Notice, now: datetime) -> dict[str, object]:
    return {
        "organization_id": organization_id,
        "product": notice.product,
        "kind": notice.kind.value,
        "subject": notice.subject,
        "id": uuid4(),
        "on_date": notice.on,
        "days": notice.days,
        "licenses": notice.licenses,
        "year": notice.year,
        "announced_at": now,
    }
