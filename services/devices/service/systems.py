"""Systems: camera stations and body worn systems that belong to the organization (FLD-4)."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import Dumped, once
from chassis.rpc import rpc
from contracts.access import Permission, Scope
from contracts.paging import Page, name_in, page
from contracts.systems import (
    AddSystem,
    ListSystems,
    SystemNotFound,
    SystemOne,
    SystemPage,
    SystemView,
    UpdateSystem,
)
from services.devices.domain.device import DeviceState
from services.devices.models import ConnectedSystem
from services.devices.queries import systems
from services.devices.service.capability import Capability


class Systems(Capability):
    @rpc(takes=AddSystem, gives=SystemView)
    def add_system(
        self,
        organization_id: UUID,
        folder_id: UUID,
        kind: str,
        name: str,
        address: str,
        idempotency_key: str,
    ) -> Dumped:
        caller = self.caller
        self.access.require_folder(organization_id, Permission.DEVICE_MANAGE, folder_id)
        facts = {"folder_id": folder_id, "kind": kind, "name": name, "address": address}
        with self.db() as session:
            self.enter(session, organization_id)
            attempt = once(
                session,
                caller.account_id,
                "add_system",
                idempotency_key,
                {"organization_id": organization_id, **facts},
                gives=SystemView,
                now=self.clock.now(),
            )
            self.require_live(session, folder_id)
            system = ConnectedSystem(
                id=uuid4(),
                organization_id=organization_id,
                state=DeviceState.MANAGED.value,
                added_at=self.clock.now(),
                **facts,
            )
            session.add(system)
            self.note(
                session,
                caller,
                "system_added",
                ("system", system.id),
                organization_id=organization_id,
                after={**facts, "folder_id": str(folder_id)},
            )
            return attempt.answer(system)

    @rpc(takes=ListSystems, gives=SystemPage)
    def list_systems(
        self,
        organization_id: UUID,
        limit: int,
        cursor: str | None,
        folder_id: UUID | None,
        kind: str | None,
    ) -> Page[ConnectedSystem]:
        """Those whose health the caller may see, by name."""
        scope = self.access.scope(organization_id, Permission.SERVER_MONITOR)
        with self.db.reading() as session:
            rows = systems.systems(
                session, scope, limit=limit, after=name_in(cursor), folder_id=folder_id, kind=kind
            )
        return page(rows, limit=limit, key=lambda row: (row.name, row.id))

    @rpc(takes=SystemOne, gives=SystemView)
    def get_system(self, organization_id: UUID, system_id: UUID) -> ConnectedSystem:
        scope = self.access.scope(organization_id, Permission.SERVER_MONITOR)
        with self.db.reading() as session:
            return _found(systems.system(session, scope, system_id))

    @rpc(takes=UpdateSystem, gives=SystemView)
    def update_system(
        self, organization_id: UUID, system_id: UUID, **wanted: str
    ) -> ConnectedSystem:
        """What is not among ``wanted`` stays; where nothing changes nothing is recorded."""
        caller = self.caller
        scope = self.access.scope(organization_id, Permission.DEVICE_MANAGE)
        with self.db() as session:
            system = self._locked(session, scope, system_id)
            before = {
                name: getattr(system, name)
                for name, value in wanted.items()
                if getattr(system, name) != value
            }
            if before:
                after = {name: wanted[name] for name in before}
                for name, value in after.items():
                    setattr(system, name, value)
                self.note(
                    session,
                    caller,
                    "system_changed",
                    ("system", system_id),
                    organization_id=organization_id,
                    before=before,
                    after=after,
                )
            return system

    @rpc(takes=SystemOne)
    def remove_system(self, organization_id: UUID, system_id: UUID) -> None:
        caller = self.caller
        scope = self.access.scope(organization_id, Permission.DEVICE_MANAGE)
        with self.db() as session:
            system = self._locked(session, scope, system_id)
            system.state = DeviceState.REMOVED.value
            system.removed_at = self.clock.now()
            self.note(
                session,
                caller,
                "system_removed",
                ("system", system_id),
                organization_id=organization_id,
                before={"name": system.name, "folder_id": str(system.folder_id)},
            )

    def _locked(self, session: Session, scope: Scope, system_id: UUID) -> ConnectedSystem:
        """After the organization's row, as news of deletions lock both."""
        self.enter(session, scope.organization_id)
        return _found(systems.system_for_update(session, scope, system_id))


def _found(system: ConnectedSystem | None) -> ConnectedSystem:
    if system is None:
        raise SystemNotFound("There is no such system in this organization.")
    return system
