"""Members: who belongs to an organization, and the records of what was done in it."""

from __future__ import annotations

from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.members import ListMembers, MemberPage
from contracts.organizations import AuditPage, ListAuditEntries
from contracts.paging import Page, moment_in, number_in, page
from services.organizations.models import AuditEntry, Membership
from services.organizations.queries import audit, members
from services.organizations.service.changes import Recipes


class MemberRecipes(Recipes):
    @rpc(takes=ListMembers, gives=MemberPage)
    def list_members(
        self, organization_id: UUID, limit: int, cursor: str | None
    ) -> Page[Membership]:
        """Who belongs to the organization, and as what, in the order of joining."""
        after = moment_in(cursor)
        with self._reading(organization_id, Permission.MEMBER_READ) as (session, _member):
            rows = members.members(session, organization_id, after=after, limit=limit)
        return page(rows, limit=limit, key=lambda row: (row.joined_at.isoformat(), row.id))

    @rpc(takes=ListAuditEntries, gives=AuditPage)
    def list_audit_entries(
        self, organization_id: UUID, limit: int, cursor: str | None
    ) -> Page[AuditEntry]:
        """Changes to the organization, and what members tried without the right, newest first."""
        before = number_in(cursor)
        with self._reading(organization_id, Permission.AUDIT_READ) as (session, _member):
            rows = audit.audit_entries(session, organization_id, before=before, limit=limit)
        return page(rows, limit=limit, key=lambda row: (row.seq,))
