"""What devices announces: from it follows the current need of products that count devices."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.events import consumes
from contracts.devices import DeviceAdded, DeviceRemoved, DevicesDeleted, DevicesRestored
from services.licensing.queries import devices
from services.licensing.service.commands import Command, Commands, suite_recipe


class Devices(Commands):
    """In whichever order the news arrive, what happened last counts.

    The history tells of their number before the next command, and at once where it decides over a
    year: a thousand new devices are not a thousand entries.
    """

    @consumes(DeviceAdded)
    def device_added(self, session: Session, event: DeviceAdded) -> None:
        self._count(
            session,
            event.organization_id,
            lambda: devices.add_device(session, event.device_id, event.organization_id),
        )

    @consumes(DeviceRemoved)
    def device_removed(self, session: Session, event: DeviceRemoved) -> None:
        self._count(
            session,
            event.organization_id,
            lambda: devices.count_devices(
                session, [event.device_id], event.organization_id, present=False
            ),
        )

    @consumes(DevicesDeleted)
    def devices_deleted(self, session: Session, event: DevicesDeleted) -> None:
        self._count(
            session,
            event.organization_id,
            lambda: devices.count_devices(
                session,
                event.device_ids,
                event.organization_id,
                present=False,
                revision=event.revision,
            ),
        )

    @consumes(DevicesRestored)
    def devices_restored(self, session: Session, event: DevicesRestored) -> None:
        self._count(
            session,
            event.organization_id,
            lambda: devices.count_devices(
                session,
                event.device_ids,
                event.organization_id,
                present=True,
                revision=event.revision,
            ),
        )

    def _count(self, session: Session, organization_id: UUID, change: Callable[[], int]) -> None:
        command = self.opened(session, "devices_counted", organization_id, {})
        more = change()
        if more:
            command.request = {"devices": command.calendar.devices + more}
            self._devices_counted(command)

    @suite_recipe
    def _devices_counted(self, command: Command) -> None:
        command.count(command.request["devices"])
        if command.settle_by_need() or self.is_replaying:
            self.log(command, dict(command.request))
        else:
            self.keep(command)
