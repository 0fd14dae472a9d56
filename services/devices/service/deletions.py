"""Deletions: what goes with folders and organizations, and what comes back with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.events import consumes
from chassis.rpc import rpc
from contracts.devices import (
    ContentCount,
    CountContent,
    DevicesDeleted,
    DevicesRestored,
    FoldersEmptied,
)
from contracts.organizations import (
    DeletionForgotten,
    FoldersDeleted,
    FoldersRestored,
    OrganizationArchived,
    OrganizationRestored,
)
from services.devices.domain.cancelling import WORDS, is_cancellable
from services.devices.domain.upgrade import Outcome
from services.devices.models import Audit, ConnectedSystem, Device, OrganizationRow
from services.devices.queries import deletions, engine
from services.devices.queries.deletions import LeftOut
from services.devices.queries.engine import Active
from services.devices.service.capability import Capability

# Devices that one event speaks of.
PART = 500

_log = logging.getLogger(__name__)


class Deletions(Capability):
    @rpc(takes=CountContent, gives=ContentCount)
    def count_content(self, organization_id: UUID, folder_ids: list[UUID]) -> dict[str, Any]:
        """What a deletion of the folders would take, for organizations while it prepares one.

        No rights are asked for: organizations has decided them, and to ask it here would be a
        circle. Two numbers are all that can be had this way, and the gateway has no way to it.
        """
        with self.db.reading() as session:
            devices, systems = deletions.content(session, organization_id, folder_ids)
        return {"devices": devices, "systems": systems}

    @consumes(FoldersDeleted)
    def folders_deleted(self, session: Session, event: FoldersDeleted) -> None:
        """A part of a deletion; one whose restoration was heard first takes nothing (FLD-4)."""
        organization = deletions.organization_for_update(session, event.organization_id)
        deletion = deletions.deletion(session, event.deletion_id, event.organization_id)
        gone = deletions.note_deleted(session, event.deletion_id, event.folder_ids)
        self._call_off(session, engine.active_in_folders(session, gone), Outcome.DEVICE_DELETED)
        at = event.deleted_at
        taken = deletions.take(session, Device, event.deletion_id, gone, at=at)
        deletions.take(session, ConnectedSystem, event.deletion_id, gone, at=at)
        self._tell(session, DevicesDeleted, organization, taken)
        self.announce(
            session,
            FoldersEmptied(event.organization_id, event.deletion_id, len(event.folder_ids)),
        )
        if deletion.is_forgotten:
            self._remove_for_good(session, event.deletion_id)

    @consumes(FoldersRestored)
    def folders_restored(self, session: Session, event: FoldersRestored) -> None:
        """Everything comes back but devices that are managed elsewhere by now (FLD-6)."""
        organization = deletions.organization_for_update(session, event.organization_id)
        if deletions.deletion(session, event.deletion_id, event.organization_id).is_forgotten:
            return
        back = deletions.note_restored(session, event.deletion_id, event.folder_ids)
        active = engine.active_of_deletion(session, event.deletion_id)
        left_out = {
            left.device_id: left for left in deletions.leave_out(session, event.deletion_id, back)
        }
        self._end(session, [one for one in active if one.device_id in left_out])
        for left in left_out.values():
            self._report(session, event, left)
        restored = deletions.bring_back(session, Device, event.deletion_id, back)
        deletions.bring_back(session, ConnectedSystem, event.deletion_id, back)
        self._tell(session, DevicesRestored, organization, restored)

    @consumes(DeletionForgotten)
    def deletion_forgotten(self, session: Session, event: DeletionForgotten) -> None:
        deletions.organization_for_update(session, event.organization_id)
        deletion = deletions.deletion(session, event.deletion_id, event.organization_id)
        deletion.is_forgotten = True
        self._remove_for_good(session, event.deletion_id)

    @consumes(OrganizationArchived)
    def organization_archived(self, session: Session, event: OrganizationArchived) -> None:
        """Upgrades end as far as they can, and none begins any more (ARC-4)."""
        organization = deletions.organization_for_update(session, event.organization_id)
        if event.epoch <= organization.epoch:
            return
        organization.epoch, organization.is_archived = event.epoch, True
        active = engine.active_of_organization(session, event.organization_id)
        self._call_off(session, active, Outcome.ORGANIZATION_ARCHIVED)

    @consumes(OrganizationRestored)
    def organization_restored(self, session: Session, event: OrganizationRestored) -> None:
        """Upgrades that were cancelled stay so."""
        organization = deletions.organization_for_update(session, event.organization_id)
        if event.epoch > organization.epoch:
            organization.epoch, organization.is_archived = event.epoch, False

    def _remove_for_good(self, session: Session, deletion_id: UUID) -> None:
        self._end(session, engine.active_of_deletion(session, deletion_id))
        deletions.forget(session, deletion_id)

    def _call_off(self, session: Session, active: Sequence[Active], reason: Outcome) -> None:
        """What can be cancelled; the rest finishes."""
        ids = [one.id for one in active if is_cancellable(one.state, is_held=one.is_held)]
        engine.cancel(session, ids, reason, WORDS[reason], self.clock.now())

    def _end(self, session: Session, active: Sequence[Active]) -> None:
        """However far they are: without its password nothing can be done for a device any more."""
        ids, reason = [one.id for one in active], Outcome.DEVICE_DELETED
        engine.cancel(session, ids, reason, WORDS[reason], self.clock.now())

    def _tell(
        self,
        session: Session,
        kind: type[DevicesDeleted] | type[DevicesRestored],
        organization: OrganizationRow,
        device_ids: Sequence[UUID],
    ) -> None:
        """Announced in parts, under a number by which licensing knows what was last."""
        if not device_ids:
            return
        organization.revision += 1
        for start in range(0, len(device_ids), PART):
            part = tuple(device_ids[start : start + PART])
            self.announce(session, kind(organization.organization_id, part, organization.revision))

    def _report(self, session: Session, event: FoldersRestored, left: LeftOut) -> None:
        _log.warning(
            "device %s did not come back: its serial number is managed elsewhere", left.device_id
        )
        session.add(
            Audit(
                id=uuid4(),
                at=self.clock.now(),
                acting_as="devices",
                organization_id=event.organization_id,
                action="device_not_restored",
                object_type="device",
                object_id=left.device_id,
                result="refused",
                reason="device-exists",
                request_id=self.context.request_id,
                before={"serial": left.serial, "deletion_id": str(event.deletion_id)},
            )
        )
