"""What devices announces: from it follows the current need of products that count devices."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.devices import DeviceAdded, DeviceRemoved, DevicesDeleted, DevicesRestored
from services.licensing.queries import standing
from services.licensing.service.commands import Commands


class Devices(Commands):
    """In whichever order the news arrive, what happened last counts."""

    @consumes(DeviceAdded)
    def device_added(self, session: Session, event: DeviceAdded) -> None:
        standing.add_device(session, event.device_id, event.organization_id)

    @consumes(DeviceRemoved)
    def device_removed(self, session: Session, event: DeviceRemoved) -> None:
        standing.count_devices(session, [event.device_id], event.organization_id, present=False)

    @consumes(DevicesDeleted)
    def devices_deleted(self, session: Session, event: DevicesDeleted) -> None:
        standing.count_devices(
            session,
            event.device_ids,
            event.organization_id,
            present=False,
            revision=event.revision,
        )

    @consumes(DevicesRestored)
    def devices_restored(self, session: Session, event: DevicesRestored) -> None:
        standing.count_devices(
            session,
            event.device_ids,
            event.organization_id,
            present=True,
            revision=event.revision,
        )
