"""Closing: an organization is archived, and is gone for all its members at once (ARC-1 to ARC-4)."""

from __future__ import annotations

from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.organizations import ArchiveOrganization, OrganizationArchived
from services.organizations.domain.access import Status
from services.organizations.domain.archiving import require_confirmed_archiving
from services.organizations.domain.audit import Action
from services.organizations.domain.deletion import require_confirmed_risk
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
        now = self.clock.now()
        with self._changing(organization_id, Permission.ORGANIZATION_ARCHIVE) as change:
            change.caller.require_step_up(now)
            require_confirmed_archiving(organization_id, confirm_organization_id)
            require_confirmed_risk(confirmed=understand_risk)
            organization = change.organization
            organization.status = Status.ARCHIVED
            organization.archived_at = now
            organization.archived_by = change.caller.account_id
            revoked = invitations.revoke_invitations_of(change.session, organization_id, now=now)
            self._conclude(
                change,
                Action.ORGANIZATION_ARCHIVED,
                OrganizationArchived(
                    organization_id=organization_id,
                    archived_at=now,
                    epoch=organization.access_epoch + 1,
                ),
                about=("organization", organization_id),
                after={"invitations_revoked": revoked},
            )
