"""Archiving: every command is blocked, and the licenses in use have ended (D-23, R37, ARC-4)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.organizations import OrganizationArchived, OrganizationRestored
from services.licensing.queries import ledger, standing
from services.licensing.service.commands import Commands


class Archiving(Commands):
    @consumes(OrganizationArchived)
    def organization_archived(self, session: Session, event: OrganizationArchived) -> None:
        organization_id = event.organization_id
        if (
            standing.block(session, organization_id, is_archived=True, epoch=event.epoch)
            is not None
        ):
            ledger.void(session, organization_id)
            self._note(session, event)

    @consumes(OrganizationRestored)
    def organization_restored(self, session: Session, event: OrganizationRestored) -> None:
        """The block is lifted; what was allocated before stays ended, the wallet can be used."""
        organization_id = event.organization_id
        before = standing.block(session, organization_id, is_archived=False, epoch=event.epoch)
        if before is None:
            return
        if not before.is_archived:
            # Nobody brings back what was not archived: that news is still under way, and will be
            # too old to end anything.
            ledger.void(session, organization_id)
        self._note(session, event)

    def _note(self, session: Session, event: OrganizationArchived | OrganizationRestored) -> None:
        self.audit(
            session,
            event.name,
            "organization",
            event.organization_id,
            organization_id=event.organization_id,
            acting_as=event.source,
            after={"epoch": event.epoch},
        )
