"""Closing: an organization is archived, and is gone for all its members at once (ARC-1 to ARC-4)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.caller import Caller
from contracts.organizations import ArchiveOrganization, OrganizationArchived
from services.organizations.domain.access import Status
from services.organizations.domain.audit import Action
from services.organizations.domain.deletion import require_confirmed_risk
from services.organizations.domain.lifecycle import require_confirmed_archiving
from services.organizations.models import Organization
from services.organizations.queries import invitations
from services.organizations.service.changes import Recipes


class ClosingRecipes(Recipes):
    @rpc(takes=ArchiveOrganization)
    def archive_organization(
        self, organization_id: UUID, confirm_organization_id: str, understand_risk: bool
    ) -> None:
        """Everything of it is kept, and every request about it finds nothing (M5.6).

        :raises StepUpRequired: security 2.7.
        """
        self.caller.require_person()
        with self._changing(organization_id, Permission.ORGANIZATION_ARCHIVE) as change:
            change.caller.require_step_up(self.clock.now())
            require_confirmed_archiving(organization_id, confirm_organization_id)
            require_confirmed_risk(confirmed=understand_risk)
            self._archive(change.session, change.caller, change.organization)

    def _archive(
        self,
        session: Session,
        caller: Caller | None,
        organization: Organization,
        *,
        reason: str | None = None,
    ) -> None:
        """With it the invitations that wait end (ARC-4)."""
        now = self.clock.now()
        organization.status = Status.ARCHIVED
        organization.archived_at = now
        organization.archived_by = caller.account_id if caller else None
        revoked = invitations.revoke_invitations_of(session, organization.id, now=now)
        self._changed(
            session,
            caller,
            organization,
            Action.ORGANIZATION_ARCHIVED,
            OrganizationArchived(
                organization_id=organization.id,
                archived_at=now,
                epoch=organization.access_epoch + 1,
            ),
            about=("organization", organization.id),
            reason=reason,
            after={"invitations_revoked": revoked},
        )
