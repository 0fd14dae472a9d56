"""What devices announces: from it follows the current need of products that count devices."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.devices import DeviceAdded, DeviceRemoved
from services.licensing.queries import standing
from services.licensing.service.commands import Commands


class Devices(Commands):
    @consumes(DeviceAdded)
    def device_added(self, session: Session, event: DeviceAdded) -> None:
        standing.count_device(session, event.device_id, event.organization_id, present=True)

    @consumes(DeviceRemoved)
    def device_removed(self, session: Session, event: DeviceRemoved) -> None:
        standing.count_device(session, event.device_id, event.organization_id, present=False)
