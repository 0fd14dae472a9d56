"""Archiving: every command is blocked, and the licenses in use have ended (D-23, R37, ARC-4)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.organizations import OrganizationArchived, OrganizationRestored
from services.licensing.queries import ledger, standing
from services.licensing.service.commands import Command, Commands, suite_recipe


class Archiving(Commands):
    @consumes(OrganizationArchived)
    def organization_archived(self, session: Session, event: OrganizationArchived) -> None:
        self._take(session, event)

    @consumes(OrganizationRestored)
    def organization_restored(self, session: Session, event: OrganizationRestored) -> None:
        """The block is lifted; what was allocated before stays ended, the wallet can be used."""
        self._take(session, event)

    def _take(self, session: Session, event: OrganizationArchived | OrganizationRestored) -> None:
        request = {"epoch": event.epoch}
        command = self.opened(session, event.name, event.organization_id, request)
        if command.calendar.archive_epoch >= event.epoch:
            self.keep(command)
            return
        if isinstance(event, OrganizationArchived):
            self._organization_archived(command)
        else:
            self._organization_restored(command)
        self.audit(
            session,
            event.name,
            "organization",
            event.organization_id,
            organization_id=event.organization_id,
            acting_as=event.source,
            after=request,
        )

    @suite_recipe
    def _organization_archived(self, command: Command) -> None:
        self._block(command, is_archived=True)
        ledger.void(command.session, command.organization_id)
        self.log(command, command.request)

    @suite_recipe
    def _organization_restored(self, command: Command) -> None:
        if not command.calendar.is_archived:
            # Nobody brings back what was not archived: that news is still under way, and will be
            # too old to end anything.
            ledger.void(command.session, command.organization_id)
        self._block(command, is_archived=False)
        self.log(command, command.request)

    def _block(self, command: Command, *, is_archived: bool) -> None:
        standing.block(
            command.session,
            command.organization_id,
            is_archived=is_archived,
            epoch=command.request["epoch"],
        )
