"""What operators of the installation do to organizations, from a shell on it; never over the bus."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.access import OrganizationNotFound, Role
from contracts.organizations import OrganizationRestored
from services.organizations.domain.access import Status
from services.organizations.domain.audit import Action
from services.organizations.domain.lifecycle import require_archived
from services.organizations.domain.ownership import OwnerPresent
from services.organizations.domain.roles import MemberNotFound
from services.organizations.queries import access, members, organizations
from services.organizations.service.changes import Recipes


def unknown() -> OrganizationNotFound:
    return OrganizationNotFound("There is no such organization.")


class OperatingRecipes(Recipes):
    def ownerless_organizations(self) -> Sequence[UUID]:
        with self.db.reading() as session:
            return organizations.ownerless(session)

    def appoint_owner(self, organization_id: UUID, account_id: UUID, *, why: str) -> None:
        """For an organization whose last owner's account is gone: decision 0010.

        :raises OrganizationNotFound: none, or archived.
        :raises OwnerPresent:
        :raises MemberNotFound:
        """
        with self.db() as session:
            organization = access.organization_for_update(session, organization_id)
            if organization is None:
                raise unknown()
            if organization_id not in organizations.ownerless(session):
                raise OwnerPresent("The organization has an owner, who can appoint others.")
            membership = members.membership(session, organization_id, account_id)
            if membership is None:
                raise MemberNotFound("The account is no member of the organization.")
            before = membership.role
            membership.role, membership.requested_role = Role.OWNER, None
            self._changed(
                session,
                None,
                organization,
                Action.OWNER_CHANGED,
                about=("account", account_id),
                reason=why,
                before={"role": before.value},
                after={"role": Role.OWNER.value},
            )

    def overview(self, organization_id: UUID) -> organizations.Overview:
        """:raises OrganizationNotFound:"""
        with self.db.reading() as session:
            found = organizations.overview(session, organization_id, self.clock.now())
        if found is None:
            raise unknown()
        return found

    def unarchive(self, organization_id: UUID, *, why: str) -> None:
        """As it was, but for its licenses and invitations, which stay ended (ARC-4).

        :raises OrganizationNotFound:
        :raises OrganizationActive:
        """
        with self.db() as session:
            organization = organizations.any_organization_for_update(session, organization_id)
            if organization is None:
                raise unknown()
            require_archived(is_archived=organization.status is Status.ARCHIVED)
            organization.status = Status.ACTIVE
            organization.archived_at = organization.archived_by = None
            self._changed(
                session,
                None,
                organization,
                Action.ORGANIZATION_RESTORED,
                OrganizationRestored(
                    organization_id=organization_id, epoch=organization.access_epoch + 1
                ),
                about=("organization", organization_id),
                reason=why,
            )
