"""Builders: devices, systems and upgrades as rows, where no camera has to answer for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from services.devices.domain.device import sealed_for
from services.devices.models import ConnectedSystem, Device
from tests.harness import Suite
from tests.service.organizations.world import Home, World

PASSWORD = "correct horse battery"


class Stock:
    """``stock.ask("list_devices")`` speaks as the owner of ``stock.home``."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.world = World(suite)
        self.home: Home = self.world.home()
        self.database = suite.databases["devices"]
        self._serials = iter(range(1, 1 << 24))

    def ask(self, method: str, /, *, as_: UUID | None = None, **payload: Any) -> Any:
        plain = {
            name: str(value)
            if isinstance(value, UUID)
            else [str(one) for one in value]
            if name.endswith("_ids")
            else value
            for name, value in payload.items()
        }
        plain.setdefault("organization_id", str(self.home.id))
        return self.suite.call("devices", method, plain, as_=as_ or self.home.owner)

    def serial(self) -> str:
        return f"ACCC8E{next(self._serials):06X}"

    def devices(self, folder: UUID, count: int = 1, **values: Any) -> list[UUID]:
        """Devices as if they had been added, with their passwords sealed."""
        ids = [uuid4() for _ in range(count)]
        now = self.suite.clock.now()
        sealed = self.suite.kits["devices"].box.seal
        rows = [
            {
                "id": device_id,
                "organization_id": self.home.id,
                "folder_id": folder,
                "serial": self.serial(),
                "name": f"Camera {number:06}",
                "host": "192.0.2.20",
                "port": 443,
                "scheme": "https",
                "trust": "pin",
                "user": "root",
                "sealed_password": sealed(PASSWORD, sealed_for(device_id)),
                "model": "P3265-V",
                "full_name": "AXIS P3265-V Dome Camera",
                "variant": "",
                "soc": "Axis Artpec-8",
                "hardware_id": "9EC",
                "version": "11.11.192",
                "version_key": "00011.00011.00192",
                "track": "lts-11.11",
                "reachability": "online",
                "last_seen_at": now,
                "state": "managed",
                "added_at": now,
                **values,
            }
            for number, device_id in enumerate(ids)
        ]
        with self.database() as session:
            session.execute(insert(Device), rows)
        return ids

    def systems(self, folder: UUID, count: int = 1, **values: Any) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        rows = [
            {
                "id": system_id,
                "organization_id": self.home.id,
                "folder_id": folder,
                "kind": "camera_station",
                "name": f"Server {number:06}",
                "address": "192.0.2.30",
                "state": "managed",
                "added_at": self.suite.clock.now(),
                **values,
            }
            for number, system_id in enumerate(ids)
        ]
        with self.database() as session:
            session.execute(insert(ConnectedSystem), rows)
        return ids

    def device(self, device_id: UUID) -> Device:
        with self.database.reading() as session:
            return session.scalars(select(Device).where(Device.id == device_id)).one()

    def system(self, system_id: UUID) -> ConnectedSystem:
        with self.database.reading() as session:
            return session.scalars(
                select(ConnectedSystem).where(ConnectedSystem.id == system_id)
            ).one()

    def states(self, ids: Sequence[UUID]) -> list[str]:
        return [self.device(device_id).state for device_id in ids]
