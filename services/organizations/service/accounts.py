"""Accounts: what becomes of the memberships of one that is deleted (OWN-4, USR-6).

identity ──release_account──▶ every membership ends, or the last owner is refused and none does
identity ──account_deleted──▶ what has appeared since ends too; once more when no assertion is left
"""

from __future__ import annotations

import logging
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy.orm import Session

from chassis import caller as assertions
from chassis.events import consumes
from chassis.jobs import every
from chassis.rpc import rpc
from contracts.caller import Caller
from contracts.identity import AccountDeleted
from services.organizations.domain.audit import Action
from services.organizations.domain.ownership import Place, require_owners_left
from services.organizations.models import Organization
from services.organizations.queries import accounts, invitations, members
from services.organizations.service.closing import ClosingRecipes

# What an assertion of the last moment began has ended by then, too.
SWEPT_AFTER = 2 * assertions.LIFE

OWNERLESS = Counter(
    "freehold_organizations_ownerless",
    "Organizations that lost their last owner and still have members.",
)

_log = logging.getLogger(__name__)


class AccountRecipes(ClosingRecipes):
    @rpc()
    def release_account(self) -> None:
        """Ends every membership of the caller's account: identity asks before it deletes it.

        Asked again, it finds nothing left to do.

        :raises LastOwner: then no membership ends.
        :raises StepUpRequired: as identity would refuse it.
        """
        caller = self.caller
        caller.require_step_up(self.clock.now())
        with self.db() as session:
            organizations, places = accounts.places_for_update(session, caller.account_id)
            require_owners_left(places)
            for place in places:
                self._end(
                    session, organizations[place.organization_id], place, caller.account_id, caller
                )

    @consumes(AccountDeleted)
    def account_deleted(self, session: Session, event: AccountDeleted) -> None:
        """Ends what an assertion that outlived the account may have begun."""
        self._clear(session, event.account_id)
        accounts.note_deleted(session, event.account_id, self.clock.now() + SWEPT_AFTER)

    @every(30.0)
    def sweep_deleted_accounts(self) -> None:
        with self.db.reading() as session:
            due = accounts.deleted_accounts_due(session, self.clock.now())
        for account_id in due:
            with self.db() as session:
                if accounts.forget_deleted(session, account_id):
                    self._clear(session, account_id)

    def _clear(self, session: Session, account_id: UUID) -> None:
        """Ends memberships whatever their role: nobody is there to be refused."""
        organizations, places = accounts.places_for_update(session, account_id)
        for place in places:
            organization = organizations[place.organization_id]
            self._end(session, organization, place, account_id)
            if place.is_last_owner:
                self._without_owner(session, organization, place)

    def _end(
        self,
        session: Session,
        organization: Organization,
        place: Place,
        account_id: UUID,
        caller: Caller | None = None,
    ) -> None:
        members.end_memberships(session, organization.id, [account_id])
        invitations.revoke_invitations_of(
            session, organization.id, [account_id], now=self.clock.now()
        )
        self._changed(
            session,
            caller,
            organization,
            Action.USER_REMOVED,
            about=("account", account_id),
            reason="account deleted",
            before={"role": place.role.value},
        )

    def _without_owner(self, session: Session, organization: Organization, place: Place) -> None:
        """Nobody rises because somebody else is gone (OWN-5): decision 0010."""
        if not place.other_members:
            self._archive(session, None, organization, reason="account deleted")
            return
        OWNERLESS.inc()
        _log.error("organization %s has members and no owner", organization.id)
        self._changed(
            session,
            None,
            organization,
            Action.OWNER_MISSING,
            about=("organization", organization.id),
            reason="account deleted",
        )
