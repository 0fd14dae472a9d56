"""What operators of the installation do to organizations, from a shell on it; never over the bus."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.access import Role
from contracts.organizations import AccessChanged, AuditResult
from services.organizations.domain.access import outsider
from services.organizations.domain.audit import Action
from services.organizations.domain.ownership import OwnerPresent
from services.organizations.domain.roles import MemberNotFound
from services.organizations.queries import access, members, organizations
from services.organizations.service.changes import Recipes


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
                raise outsider()
            if organization_id not in organizations.ownerless(session):
                raise OwnerPresent("The organization has an owner, who can appoint others.")
            membership = members.membership(session, organization_id, account_id)
            if membership is None:
                raise MemberNotFound("The account is no member of the organization.")
            before = membership.role
            membership.role, membership.requested_role = Role.OWNER, None
            organization.access_epoch += 1
            self._record(
                session,
                None,
                organization_id,
                action=Action.OWNER_CHANGED,
                about=("account", account_id),
                result=AuditResult.DONE,
                reason=why,
                before={"role": before.value},
                after={"role": Role.OWNER.value},
            )
            session.flush()
            self.announce(session, AccessChanged(organization_id, organization.access_epoch))
