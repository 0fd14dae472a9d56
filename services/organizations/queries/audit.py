"""Audit: what was done in an organization."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session

from services.organizations.models import (
    AuditEntry,
)


def audit_entries(
    session: Session, organization_id: UUID, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """The newest first; one more than ``limit``."""
    statement = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if before is not None:
        statement = statement.where(AuditEntry.seq < before)
    return session.scalars(statement.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
