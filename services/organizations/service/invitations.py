"""Invitations: issued, changed, sent again and revoked by owners and admins (INV-1 to INV-11)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, once, recall
from chassis.rpc import rpc
from chassis.secrets import token_hash
from contracts.access import FolderNotFound, Permission, Role
from contracts.invitations import (
    InvitationPage,
    InvitationRequest,
    InvitationStatus,
    InvitationView,
    Invite,
    ListInvitations,
    ResendInvitation,
    UpdateInvitation,
)
from contracts.paging import Page, moment_in, page
from services.organizations.domain.audit import Action
from services.organizations.domain.invitation import (
    AlreadyMember,
    InvitationNotFound,
    conferred,
    folders_of,
    require_invitable,
    require_mail_left,
    require_pending,
    standing,
)
from services.organizations.domain.throttle import DAY
from services.organizations.models import Invitation, InvitationMail
from services.organizations.queries import folders, invitations, members
from services.organizations.service.changes import Change, Recipes


class InvitationRecipes(Recipes):
    @rpc(takes=Invite, gives=InvitationView)
    def invite(
        self,
        organization_id: UUID,
        email: str,
        requested_role: Role,
        folder_ids: Sequence[UUID],
        idempotency_key: str,
    ) -> Dumped:
        """The answer is the same for an address with an account and one without (security 2.8)."""
        request = {
            "organization_id": organization_id,
            "email": email,
            "requested_role": requested_role,
            "folder_ids": sorted(folder_ids),
        }
        with self._reading(organization_id, Permission.INVITATION_MANAGE) as (session, member):
            recall(session, member.account_id, "invite", idempotency_key, request)
            # Once: whoever still may invite under the lock is an admin, above whom nobody is invited.
            require_invitable(requested_role, member.role)
            kept = folders_of(requested_role, folder_ids)
        address = self.call("identity", "identify_address", {"email": email})
        now = self.clock.now()
        with self._changing(organization_id, Permission.INVITATION_MANAGE) as change:
            session = change.session
            attempt = once(
                session,
                change.member.account_id,
                "invite",
                idempotency_key,
                request,
                gives=InvitationView,
                now=now,
            )
            self._require_no_member(session, organization_id, address["account_id"])
            self._require_folders(session, organization_id, kept)
            replaced = self._supersede(session, organization_id, address["email_key"], now)
            token = secrets.token_urlsafe(32)
            invitation = Invitation(
                id=uuid4(),
                organization_id=organization_id,
                email=address["email"],
                email_key=address["email_key"],
                requested_role=requested_role,
                token_hash=token_hash(token),
                status=InvitationStatus.PENDING,
                invited_by=change.member.account_id,
                created_at=now,
                expires_at=self._invitation_expiry(now),
            )
            session.add(invitation)
            session.flush()
            invitations.set_invited_folders(session, invitation, kept)
            self._mail_invitation(change, invitation, token, now)
            self._conclude(
                change,
                Action.USER_INVITED,
                about=("invitation", invitation.id),
                before=None if replaced is None else {"superseded": str(replaced.id)},
                after={"email": invitation.email, **_chosen(requested_role, kept)},
            )
            return attempt.answer(self._invitation_view(invitation, kept, now))

    @rpc(takes=ListInvitations, gives=InvitationPage)
    def list_invitations(
        self, organization_id: UUID, status: InvitationStatus, limit: int, cursor: str | None
    ) -> Page[dict[str, Any]]:
        """The newest first; as they stand at this moment."""
        before = moment_in(cursor)
        now = self.clock.now()
        with self._reading(organization_id, Permission.INVITATION_READ) as (session, _member):
            rows = invitations.invitations(
                session, organization_id, status, now=now, before=before, limit=limit
            )
            found = page(rows, limit=limit, key=lambda row: (row.created_at.isoformat(), row.id))
            chosen = invitations.invited_folders(
                session, organization_id, [row.id for row in found.items]
            )
        views = [self._invitation_view(row, chosen[row.id], now) for row in found.items]
        return Page(views, found.next_cursor)

    @rpc(takes=InvitationRequest, gives=InvitationView)
    def get_invitation(self, organization_id: UUID, invitation_id: UUID) -> dict[str, Any]:
        with self._reading(organization_id, Permission.INVITATION_READ) as (session, _member):
            return self._invitation_seen(
                session, self._invitation(session, organization_id, invitation_id)
            )

    @rpc(takes=UpdateInvitation, gives=InvitationView)
    def update_invitation(
        self,
        organization_id: UUID,
        invitation_id: UUID,
        requested_role: Role | None = None,
        folder_ids: Sequence[UUID] | None = None,
    ) -> dict[str, Any]:
        """What is not named stays; the link in the mail stays good."""
        now = self.clock.now()
        with self._changing(organization_id, Permission.INVITATION_MANAGE) as change:
            session = change.session
            invitation = self._pending_invitation(session, organization_id, invitation_id, now)
            role = requested_role or invitation.requested_role
            require_invitable(role, change.member.role)
            present = self._chosen_folders(session, invitation)
            kept = folders_of(role, present if folder_ids is None else folder_ids)
            self._require_folders(session, organization_id, kept)
            before = _chosen(invitation.requested_role, present)
            after = _chosen(role, kept)
            if before != after:
                invitation.requested_role = role
                invitations.set_invited_folders(session, invitation, kept)
                self._conclude(
                    change,
                    Action.INVITATION_CHANGED,
                    about=("invitation", invitation.id),
                    before=before,
                    after=after,
                )
            return self._invitation_view(invitation, kept, now)

    @rpc(takes=ResendInvitation, gives=InvitationView)
    def resend_invitation(
        self, organization_id: UUID, invitation_id: UUID, idempotency_key: str
    ) -> Dumped:
        """With a new token; the one before is dead at once (security 2.9)."""
        now = self.clock.now()
        with self._changing(organization_id, Permission.INVITATION_MANAGE) as change:
            session = change.session
            attempt = once(
                session,
                change.member.account_id,
                "resend_invitation",
                idempotency_key,
                {"organization_id": organization_id, "invitation_id": invitation_id},
                gives=InvitationView,
                now=now,
            )
            invitation = self._pending_invitation(session, organization_id, invitation_id, now)
            require_invitable(invitation.requested_role, change.member.role)
            token = secrets.token_urlsafe(32)
            before = invitation.expires_at
            invitation.token_hash = token_hash(token)
            invitation.expires_at = self._invitation_expiry(now)
            self._mail_invitation(change, invitation, token, now)
            self._conclude(
                change,
                Action.INVITATION_RESENT,
                about=("invitation", invitation.id),
                before={"expires_at": before.isoformat()},
                after={"expires_at": invitation.expires_at.isoformat()},
            )
            return attempt.answer(self._invitation_seen(session, invitation))

    @rpc(takes=InvitationRequest)
    def revoke_invitation(self, organization_id: UUID, invitation_id: UUID) -> None:
        """INV-5."""
        now = self.clock.now()
        with self._changing(organization_id, Permission.INVITATION_MANAGE) as change:
            invitation = self._pending_invitation(
                change.session, organization_id, invitation_id, now
            )
            invitation.status = InvitationStatus.REVOKED
            invitation.ended_at = now
            self._conclude(
                change,
                Action.INVITATION_REVOKED,
                about=("invitation", invitation.id),
                before={"email": invitation.email},
            )

    # Parts of the recipes above

    def _invitation(
        self, session: Session, organization_id: UUID, invitation_id: UUID
    ) -> Invitation:
        found = invitations.invitation(session, organization_id, invitation_id)
        if found is None:
            raise InvitationNotFound("There is no such invitation in this organization.")
        return found

    def _pending_invitation(
        self, session: Session, organization_id: UUID, invitation_id: UUID, now: datetime
    ) -> Invitation:
        found = self._invitation(session, organization_id, invitation_id)
        require_pending(found.status, found.expires_at, now)
        return found

    @staticmethod
    def _require_no_member(session: Session, organization_id: UUID, account_id: str | None) -> None:
        if account_id and members.membership(session, organization_id, UUID(account_id)):
            raise AlreadyMember("Whoever has this address is a member already.")

    @staticmethod
    def _require_folders(
        session: Session, organization_id: UUID, folder_ids: Collection[UUID]
    ) -> None:
        if folders.live_among(session, organization_id, folder_ids) != frozenset(folder_ids):
            raise FolderNotFound("There is no such folder in this organization.")

    @staticmethod
    def _supersede(
        session: Session, organization_id: UUID, email_key: str, now: datetime
    ) -> Invitation | None:
        """Ends what waits for the address; the invitation, if its time was not over anyway."""
        earlier = invitations.waiting_for(session, organization_id, email_key)
        if earlier is None:
            return None
        is_over = standing(earlier.status, earlier.expires_at, now) is InvitationStatus.EXPIRED
        earlier.status = InvitationStatus.EXPIRED if is_over else InvitationStatus.SUPERSEDED
        earlier.ended_at = earlier.expires_at if is_over else now
        # Before the next one comes: only one may wait.
        session.flush()
        return None if is_over else earlier

    def _invitation_expiry(self, now: datetime) -> datetime:
        return now + timedelta(days=self.own.invitation_days)

    def _mail_invitation(
        self, change: Change, invitation: Invitation, token: str, now: datetime
    ) -> None:
        """Handed to identity after the commit; sealed until then.

        :raises TooManyInvitations: counted under the lock of the organization, and of the account:
            organizations cost nothing, so that theirs alone would limit nobody.
        """
        session, account_id = change.session, change.member.account_id
        sent, first_at = invitations.mails_since(session, invitation.organization_id, now - DAY)
        most = self.own.invitations_per_day
        require_mail_left(sent, first_at, most, now, whose="An organization")
        sent, first_at = invitations.mails_by_since(session, account_id, now - DAY)
        most = self.own.invitations_per_account_per_day
        require_mail_left(sent, first_at, most, now, whose="An account")
        mail_id = uuid4()
        session.add(
            InvitationMail(
                id=mail_id,
                organization_id=invitation.organization_id,
                invitation_id=invitation.id,
                sent_by=account_id,
                sealed_token=self.kit.box.seal(token, mail_place(mail_id)),
                created_at=now,
                due_at=now,
                tries=0,
            )
        )

    @staticmethod
    def _chosen_folders(session: Session, invitation: Invitation) -> Sequence[UUID]:
        found = invitations.invited_folders(session, invitation.organization_id, [invitation.id])
        return found[invitation.id]

    def _invitation_seen(self, session: Session, invitation: Invitation) -> dict[str, Any]:
        return self._invitation_view(
            invitation, self._chosen_folders(session, invitation), self.clock.now()
        )

    def _invitation_view(
        self, invitation: Invitation, folder_ids: Collection[UUID], now: datetime
    ) -> dict[str, Any]:
        gives = conferred(invitation.requested_role, self.own.invitation_role_policy)
        return {
            "id": invitation.id,
            "email": invitation.email,
            "role": gives.role,
            "requested_role": invitation.requested_role,
            "folder_ids": sorted(folder_ids),
            "status": standing(invitation.status, invitation.expires_at, now),
            "invited_by": invitation.invited_by,
            "created_at": invitation.created_at,
            "expires_at": invitation.expires_at,
        }


def mail_place(mail_id: UUID) -> str:
    """Where a sealed token belongs; it opens nowhere else."""
    return f"{mail_id}|invitation"


def _chosen(role: Role, folder_ids: Collection[UUID]) -> Mapping[str, Any]:
    """What an invitation is for, as the audit keeps it."""
    return {"requested_role": role.value, "folder_ids": sorted(map(str, folder_ids))}
