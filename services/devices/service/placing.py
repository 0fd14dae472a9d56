"""Placing: devices and connected systems move from folder to folder (FLD-9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.access import Permission, Scope
from contracts.devices import DeviceView, MoveDevice, MoveDevices, MoveReport, MoveResult
from contracts.systems import MoveSystem, MoveSystems, SystemNotFound, SystemView
from services.devices.domain.device import DeviceNotFound
from services.devices.models import ConnectedSystem, Device
from services.devices.queries import catalogue, inventory, placing, systems
from services.devices.queries.parts import Kind
from services.devices.service.capability import Capability
from services.devices.service.inventory import device_view

_WORDS: Mapping[Kind, str] = {Device: "device", ConnectedSystem: "system"}


class Placing(Capability):
    @rpc(takes=MoveDevice, gives=DeviceView)
    def move_device(
        self, organization_id: UUID, device_id: UUID, folder_id: UUID
    ) -> dict[str, Any]:
        """One that is there already stays, and nothing is recorded."""
        with self._moving(organization_id, folder_id) as (session, scope):
            self._move(session, scope, Device, [device_id], folder_id)
            device = inventory.device(session, scope, device_id)
            if device is None:
                raise DeviceNotFound("There is no such device in this organization.")
            return device_view(device, catalogue.releases(session, [device.model]))

    @rpc(takes=MoveDevices, gives=MoveReport)
    def move_devices(
        self, organization_id: UUID, device_ids: list[UUID], folder_id: UUID
    ) -> dict[str, Any]:
        with self._moving(organization_id, folder_id) as (session, scope):
            return self._move(session, scope, Device, device_ids, folder_id)

    @rpc(takes=MoveSystem, gives=SystemView)
    def move_system(
        self, organization_id: UUID, system_id: UUID, folder_id: UUID
    ) -> ConnectedSystem:
        with self._moving(organization_id, folder_id) as (session, scope):
            self._move(session, scope, ConnectedSystem, [system_id], folder_id)
            system = systems.system(session, scope, system_id)
            if system is None:
                raise SystemNotFound("There is no such system in this organization.")
            return system

    @rpc(takes=MoveSystems, gives=MoveReport)
    def move_systems(
        self, organization_id: UUID, system_ids: list[UUID], folder_id: UUID
    ) -> dict[str, Any]:
        with self._moving(organization_id, folder_id) as (session, scope):
            return self._move(session, scope, ConnectedSystem, system_ids, folder_id)

    @contextmanager
    def _moving(self, organization_id: UUID, folder_id: UUID) -> Iterator[tuple[Session, Scope]]:
        """Where things come from and where they go must both be open to the caller."""
        scope = self.access.scope(organization_id, Permission.DEVICE_MANAGE)
        self.access.require_folder(organization_id, Permission.DEVICE_MANAGE, folder_id)
        with self.db() as session:
            self.enter(session, organization_id)
            self.require_live(session, folder_id)
            yield session, scope

    def _move(
        self, session: Session, scope: Scope, kind: Kind, ids: Sequence[UUID], folder_id: UUID
    ) -> dict[str, Any]:
        """A `MoveReport`; what was removed meanwhile is not found."""
        wanted = list(dict.fromkeys(ids))
        places = placing.folders_for_update(session, scope, kind, wanted)
        moved = {one: place for one, place in places.items() if place != folder_id}
        placing.move(session, kind, moved, folder_id)
        for one, place in moved.items():
            self.note(
                session,
                self.caller,
                f"{_WORDS[kind]}_moved",
                (_WORDS[kind], one),
                organization_id=scope.organization_id,
                before={"folder_id": str(place)},
                after={"folder_id": str(folder_id)},
            )
        return {
            "items": [
                {
                    "id": one,
                    "result": MoveResult.MOVED
                    if one in moved
                    else MoveResult.ALREADY_THERE
                    if one in places
                    else MoveResult.NOT_FOUND,
                }
                for one in wanted
            ]
        }
