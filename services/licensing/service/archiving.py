"""Archiving: what organizations announces about it blocks every command, and nothing else (D-23)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.organizations import OrganizationArchived, OrganizationRestored
from services.licensing.queries import standing
from services.licensing.service.commands import Commands


class Archiving(Commands):
    @consumes(OrganizationArchived)
    def organization_archived(self, session: Session, event: OrganizationArchived) -> None:
        standing.block(session, event.organization_id, is_archived=True, epoch=event.epoch)

    @consumes(OrganizationRestored)
    def organization_restored(self, session: Session, event: OrganizationRestored) -> None:
        """The block is lifted; no day of the time meanwhile is given back (ARC-4)."""
        standing.block(session, event.organization_id, is_archived=False, epoch=event.epoch)
