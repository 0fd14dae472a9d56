"""Audit: what was done in an organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.organizations import AuditResult
from services.organizations.models import AuditEntry


@dataclass(frozen=True)
class Filter:
    """None: whatever it is. ``since`` is in it, ``until`` is not."""

    action: str | None = None
    account_id: UUID | None = None
    result: AuditResult | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_entries(
    session: Session, organization_id: UUID, chosen: Filter, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """The newest first; one more than ``limit``."""
    statement = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if chosen.action is not None:
        statement = statement.where(AuditEntry.action == chosen.action)
    if chosen.account_id is not None:
        statement = statement.where(AuditEntry.account_id == chosen.account_id)
    if chosen.result is not None:
        statement = statement.where(AuditEntry.result == chosen.result)
    if chosen.since is not None:
        statement = statement.where(AuditEntry.at >= chosen.since)
    if chosen.until is not None:
        statement = statement.where(AuditEntry.at < chosen.until)
    if before is not None:
        statement = statement.where(AuditEntry.seq < before)
    return session.scalars(statement.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
