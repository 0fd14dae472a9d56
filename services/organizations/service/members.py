"""Members: who belongs to an organization and as what, and how that changes and ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission, Role
from contracts.members import (
    ListMembers,
    MemberPage,
    MemberRequest,
    MembersRemoved,
    MemberView,
    RemoveMembers,
    SetRole,
)
from contracts.organizations import OrganizationRequest
from contracts.paging import Page, moment_in, page
from services.organizations.domain.access import Member, permitted
from services.organizations.domain.audit import Action
from services.organizations.domain.ownership import require_owner_left
from services.organizations.domain.roles import (
    keeps_invitations,
    permission_to_change,
    permission_to_remove,
    require_members,
    require_others,
    require_verified,
)
from services.organizations.models import Membership
from services.organizations.queries import invitations, members
from services.organizations.service.changes import Change
from services.organizations.service.memberships import Memberships


class MemberRecipes(Memberships):
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

    @rpc(takes=MemberRequest, gives=MemberView)
    def get_member(self, organization_id: UUID, account_id: UUID) -> dict[str, Any]:
        with self._reading(organization_id, Permission.MEMBER_READ) as (session, _member):
            membership = self._membership(session, organization_id, account_id)
        return self._introduced([membership])[0]

    @rpc(takes=SetRole, gives=MemberView)
    def set_role(self, organization_id: UUID, account_id: UUID, role: Role) -> dict[str, Any]:
        """Holds at once (USR-3), and answers what was asked for at the invitation (INV-7).

        :raises PersonRequired: an API token changes its owner's own role, or anybody's to or from
            owner.
        """
        if role is Role.OWNER:
            self._require_ownable(organization_id, account_id)
        with self._changing(organization_id, Permission.ROLE_CHANGE) as change:
            session = change.session
            membership = self._membership(session, organization_id, account_id)
            present = membership.role
            self._require(change.member, permission_to_change(present, role))
            if account_id == change.caller.account_id:
                # As leaving: no program changes who its owner is, and be it downwards.
                change.caller.require_person()
            if present is Role.OWNER and role is not Role.OWNER:
                left = members.owners_beside(session, organization_id, [account_id])
                require_owner_left(organization_id, owners=left)
            if present is not role or membership.requested_role is not None:
                self._give(change, membership, role)
        return self._introduced([membership])[0]

    @rpc(takes=MemberRequest)
    def remove_member(self, organization_id: UUID, account_id: UUID) -> None:
        with self._changing(organization_id, Permission.MEMBER_REMOVE) as change:
            (role,) = self._remove(change, [account_id]).values()
            self._conclude_end(
                change,
                Action.USER_REMOVED,
                [account_id],
                about=("account", account_id),
                before={"role": role.value},
            )

    @rpc(takes=RemoveMembers, gives=MembersRemoved)
    def remove_members(self, organization_id: UUID, account_ids: Sequence[UUID]) -> dict[str, int]:
        """One change, however many they are: one epoch and one audit entry, or nothing (I14)."""
        with self._changing(organization_id, Permission.MEMBER_REMOVE) as change:
            roles = self._remove(change, account_ids)
            self._conclude_end(
                change,
                Action.USER_REMOVED,
                account_ids,
                about=("organization", organization_id),
                before={"roles": {str(one): roles[one].value for one in account_ids}},
            )
        return {"removed": len(account_ids)}

    @rpc(takes=OrganizationRequest)
    def leave_organization(self, organization_id: UUID) -> None:
        """Open to every role, and to who cannot sign in as strongly as the organization asks."""
        caller = self.caller
        caller.require_person()
        with self._changing(
            organization_id, Permission.ORGANIZATION_READ, of_any_strength=True
        ) as change:
            role = change.member.role
            if role is Role.OWNER:
                caller.require_step_up(self.clock.now())
                left = members.owners_beside(change.session, organization_id, [caller.account_id])
                require_owner_left(organization_id, owners=left)
            self._conclude_end(
                change,
                Action.USER_LEFT,
                [caller.account_id],
                about=("account", caller.account_id),
                before={"role": role.value},
            )

    def _require_ownable(self, organization_id: UUID, account_id: UUID) -> None:
        """Identity is asked before the transaction, and only for who may make an owner (OWN-6).

        :raises Unavailable: identity does not answer, and nothing is taken for granted.
        """
        with self._reading(organization_id, Permission.ROLE_CHANGE) as (session, member):
            self._membership(session, organization_id, account_id)
            self._require(member, Permission.OWNER_CHANGE)
        described = self._described([account_id]).get(account_id)
        require_verified(is_verified=described is not None and described["is_verified"])

    def _require(self, member: Member, permission: Permission) -> None:
        """What an act needs beyond the permission it begins with, once it is known whom it is about.

        :raises StepUpRequired: also of API tokens, PersonRequired; who touches the owner role
            entered their credentials just now (security 2.7).
        """
        permitted(member, permission)
        if permission is Permission.OWNER_CHANGE:
            self.caller.require_step_up(self.clock.now())

    def _give(self, change: Change, membership: Membership, role: Role) -> None:
        before = _shown(membership)
        membership.role, membership.requested_role = role, None
        after: dict[str, Any] = _shown(membership)
        if not keeps_invitations(role):
            after["invitations_revoked"] = self._revoke_invitations(change, [membership.account_id])
        touches_owner = Role.OWNER.value in (before["role"], after["role"])
        self._conclude(
            change,
            Action.OWNER_CHANGED if touches_owner else Action.PERMISSIONS_CHANGED,
            about=("account", membership.account_id),
            before=before,
            after=after,
        )

    def _remove(self, change: Change, account_ids: Sequence[UUID]) -> Mapping[UUID, Role]:
        """The roles of those who may be removed together, all of them."""
        session, organization_id = change.session, change.organization.id
        found = members.memberships(session, organization_id, account_ids)
        roles = {each.account_id: each.role for each in found}
        require_members(account_ids, roles)
        self._require(change.member, permission_to_remove(roles.values()))
        if Role.OWNER in roles.values():
            left = members.owners_beside(session, organization_id, account_ids)
            require_owner_left(organization_id, owners=left)
        require_others(account_ids, own=change.caller.account_id)
        return roles

    def _conclude_end(
        self,
        change: Change,
        action: Action,
        account_ids: Sequence[UUID],
        *,
        about: tuple[str, UUID],
        before: Mapping[str, Any],
    ) -> None:
        members.end_memberships(change.session, change.organization.id, account_ids)
        revoked = self._revoke_invitations(change, account_ids)
        self._conclude(
            change, action, about=about, before=before, after={"invitations_revoked": revoked}
        )

    def _revoke_invitations(self, change: Change, account_ids: Sequence[UUID]) -> int:
        """What somebody sent out ends with their right to send it (USR-6)."""
        return invitations.revoke_invitations_of(
            change.session, change.organization.id, account_ids, now=self.clock.now()
        )

    def _introduced(self, memberships: Sequence[Membership]) -> Sequence[dict[str, Any]]:
        """As members are shown; outside of any transaction."""
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


def _shown(membership: Membership) -> dict[str, str | None]:
    requested = membership.requested_role
    return {"role": membership.role.value, "requested_role": requested and requested.value}
