"""Acceptance: what whoever holds the link of an invitation may do with it (INV-3, INV-4, INV-10).

Each try is counted before its token is looked at, right or wrong (security 2.2).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from chassis.network import origin
from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.invitations import (
    InvitationSeen,
    InvitationStatus,
    InvitationToken,
    InvitedAddress,
)
from contracts.organizations import OrganizationView
from services.organizations.domain.access import Member
from services.organizations.domain.audit import Action
from services.organizations.domain.invitation import (
    AlreadyMember,
    Conferred,
    InvitationNotFound,
    NotInvited,
    conferred,
    over,
    require_inviter,
    require_pending,
)
from services.organizations.domain.throttle import Limit
from services.organizations.models import FolderGrant, Invitation, Membership, Organization
from services.organizations.queries import access, invitations, members, organizations, throttles
from services.organizations.service.changes import Change, Recipes


class AcceptanceRecipes(Recipes):
    @rpc(takes=InvitationToken, gives=InvitationSeen)
    def look_up_invitation(self, token: str) -> dict[str, Any]:
        found = self._looked_up(token)
        invitation = found.invitation
        gives = conferred(invitation.requested_role, self.own.invitation_role_policy)
        return {
            "organization_name": found.organization_name,
            "email": invitation.email,
            "role": gives.role,
            "requested_role": invitation.requested_role,
            "expires_at": invitation.expires_at,
        }

    @rpc(takes=InvitationToken, gives=InvitedAddress)
    def invited_address(self, token: str) -> dict[str, Any]:
        """Identity asks: the token proves the address, for it was in a mail to it alone (INV-4)."""
        found = self._looked_up(token)
        return {"email": found.invitation.email, "organization_name": found.organization_name}

    @rpc(takes=InvitationToken, gives=OrganizationView)
    def accept_invitation(self, token: str) -> organizations.SeenOrganization:
        """Once, and only by the account whose verified address was invited (I12)."""
        caller = self.caller
        caller.require_person()
        asked = self._looked_up(token).invitation
        address = self.call("identity", "identify_address", {"email": asked.email})
        if address["account_id"] != str(caller.account_id):
            refusal = NotInvited(
                "The invitation is for another e-mail address. Sign in with that one."
            )
            about = ("invitation", asked.id)
            self._record_refusal(caller, asked.organization_id, refusal, about=about)
            raise refusal
        now = self.clock.now()
        with self.db() as session:
            organization = access.organization_for_update(session, asked.organization_id)
            if organization is None:
                raise over()
            # Read again under the lock: revoked, sent again or accepted a moment ago is over.
            invitation = self._open_invitation(session, token, now).invitation
            if members.membership(session, organization.id, caller.account_id) is not None:
                raise AlreadyMember("You are a member of this organization already.")
            gives = conferred(invitation.requested_role, self.own.invitation_role_policy)
            membership = Membership(
                id=uuid4(),
                organization_id=organization.id,
                account_id=caller.account_id,
                role=gives.role,
                requested_role=gives.pending,
                joined_at=now,
            )
            session.add(membership)
            session.flush()
            granted = self._grant_invited(session, invitation, membership, now)
            invitation.status = InvitationStatus.ACCEPTED
            invitation.accepted_by = caller.account_id
            invitation.ended_at = now
            self._conclude(
                Change(session, caller, organization, _member(organization, membership)),
                Action.USER_JOINED,
                about=("account", caller.account_id),
                after={
                    "invitation_id": str(invitation.id),
                    **_given(gives),
                    "folder_ids": granted,
                },
            )
            seen = organizations.organization_of(session, caller.account_id, organization.id)
            assert seen is not None
            return seen.as_seen(is_strong=caller.is_strong)

    # Parts of the recipes above

    def _looked_up(self, token: str) -> invitations.Offered:
        now = self.clock.now()
        self._count_token(now)
        with self.db.reading() as session:
            return self._open_invitation(session, token, now)

    def _count_token(self, now: datetime) -> None:
        """In a transaction of its own, so that a refusal that follows does not uncount it."""
        if self.context.ip is None:
            return
        key = f"invitation:{self.kit.pepper.digest('ip', origin(self.context.ip))}"
        limit = Limit.read(self.own.invitation_tokens_per_ip)
        with self.db() as session:
            tally = throttles.tally_for_update(session, key, now)
            throttles.keep(session, key, tally.one_more(limit, now))

    @staticmethod
    def _open_invitation(session: Session, token: str, now: datetime) -> invitations.Offered:
        """The invitation, if it can be accepted now.

        :raises InvitationNotFound:
        :raises InvitationOver:
        """
        found = invitations.offered(session, token_hash(token))
        if found is None:
            raise InvitationNotFound("This link does not work. Ask for a new invitation.")
        invitation = found.invitation
        require_pending(invitation.status, invitation.expires_at, now)
        require_inviter(found.inviter_role, invitation.requested_role)
        if not found.is_active:
            raise over()
        return found

    @staticmethod
    def _grant_invited(
        session: Session, invitation: Invitation, membership: Membership, now: datetime
    ) -> list[str]:
        """The folders that are still there; an invitation as admin has none (INV-10, INV-11)."""
        found = invitations.invited_folders(session, invitation.organization_id, [invitation.id])
        kept = found[invitation.id]
        session.add_all(
            FolderGrant(
                membership_id=membership.id,
                folder_id=folder_id,
                organization_id=invitation.organization_id,
                granted_by=invitation.invited_by,
                granted_at=now,
            )
            for folder_id in kept
        )
        return [str(folder_id) for folder_id in kept]


def _member(organization: Organization, membership: Membership) -> Member:
    return Member(
        organization.id,
        membership.id,
        membership.account_id,
        membership.role,
        epoch=organization.access_epoch,
    )


def _given(gives: Conferred) -> dict[str, str | None]:
    return {
        "role": gives.role.value,
        "requested_role": None if gives.pending is None else gives.pending.value,
    }
