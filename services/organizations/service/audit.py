"""Audit: what was done in an organization, for its owners and admins (chapter 13)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.organizations import AuditPage, AuditResult, ListAuditEntries
from contracts.paging import Page, number_in, page
from services.organizations.models import AuditEntry
from services.organizations.queries import audit
from services.organizations.service.changes import Recipes


class AuditRecipes(Recipes):
    @rpc(takes=ListAuditEntries, gives=AuditPage)
    def list_audit_entries(
        self,
        organization_id: UUID,
        limit: int,
        cursor: str | None,
        action: str | None,
        account_id: UUID | None,
        result: AuditResult | None,
        since: datetime | None,
        until: datetime | None,
    ) -> Page[AuditEntry]:
        """Changes to the organization, and what members tried without the right, newest first."""
        before = number_in(cursor)
        chosen = audit.Filter(action, account_id, result, since, until)
        with self._reading(organization_id, Permission.AUDIT_READ) as (session, _member):
            rows = audit.audit_entries(session, organization_id, chosen, before=before, limit=limit)
        return page(rows, limit=limit, key=lambda row: (row.seq,))
