"""Members: who belongs to an organization, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission, Role
from contracts.members import ListMembers, MemberPage
from contracts.paging import Page, moment_in, page
from services.organizations.models import Membership
from services.organizations.queries import members
from services.organizations.service.descriptions import DescribingRecipes


class MemberRecipes(DescribingRecipes):
    @rpc(takes=ListMembers, gives=MemberPage)
    def list_members(
        self, organization_id: UUID, role: Role | None, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """Who belongs to the organization, and as what, in the order of joining."""
        after = moment_in(cursor)
        with self._reading(organization_id, Permission.MEMBER_READ) as (session, _member):
            rows = members.members(session, organization_id, role=role, after=after, limit=limit)
        found = page(rows, limit=limit, key=lambda row: (row.joined_at.isoformat(), row.id))
        return Page(self._introduced(found.items), found.next_cursor)

    def _introduced(self, memberships: Sequence[Membership]) -> Sequence[dict[str, Any]]:
        emails = self._emails([each.account_id for each in memberships])
        return [
            {
                "account_id": each.account_id,
                "email": emails.get(each.account_id),
                "role": each.role,
                "elevation_pending": each.requested_role,
                "joined_at": each.joined_at,
            }
            for each in memberships
        ]
