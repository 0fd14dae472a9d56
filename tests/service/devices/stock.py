"""Builders: devices, systems and upgrades as rows, where no camera has to answer for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from contracts.devices import DeviceAdded
from contracts.errors import Refusal
from contracts.events import Event
from services.devices.domain.device import sealed_for
from services.devices.models import (
    Campaign,
    ConnectedSystem,
    Device,
    FirmwareImage,
    UpgradeRow,
)
from services.licensing.models import CountedDeviceRow
from tests.harness import Suite
from tests.service.devices.rows import device_values
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

    def refused(self, method: str, /, *, as_: UUID | None = None, **payload: Any) -> str:
        try:
            answer = self.ask(method, as_=as_, **payload)
        except Refusal as refusal:
            return refusal.code
        raise AssertionError(f"{method} was answered: {answer}")

    def refused_or_done(
        self, method: str, /, *, as_: UUID | None = None, **payload: Any
    ) -> str | None:
        """The code of the refusal; None where it was carried out."""
        try:
            self.ask(method, as_=as_, **payload)
        except Refusal as refusal:
            return refusal.code
        return None

    def serial(self) -> str:
        return f"ACCC8E{next(self._serials):06X}"

    def devices(self, folder: UUID, count: int = 1, **values: Any) -> list[UUID]:
        """Devices as if they had been added, with their passwords sealed."""
        ids = [uuid4() for _ in range(count)]
        now = self.suite.clock.now()
        sealed = self.suite.kits["devices"].box.seal
        rows = [
            device_values(
                self.home.id,
                folder,
                self.serial(),
                now,
                id=device_id,
                name=f"Camera {number:06}",
                sealed_password=sealed(PASSWORD, sealed_for(device_id)),
            )
            | values
            for number, device_id in enumerate(ids)
        ]
        with self.database() as session:
            session.execute(insert(Device), rows)
        return ids

    def counted(self, folder: UUID, count: int = 1, **values: Any) -> list[UUID]:
        """Devices that licensing heard of."""
        ids = self.devices(folder, count, **values)
        for device_id in ids:
            added = DeviceAdded(device_id, self.home.id, folder, "P3265-V", "ACCC8E000000")
            self.hear("licensing", added)
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

    def campaign(self) -> UUID:
        campaign_id = uuid4()
        with self.database() as session:
            session.add(
                Campaign(
                    id=campaign_id,
                    organization_id=self.home.id,
                    target="12.9.57",
                    total=1,
                    created_by=self.home.owner,
                    created_at=self.suite.clock.now(),
                )
            )
        return campaign_id

    def upgrade(
        self,
        device: UUID,
        state: str = "scheduled",
        *,
        held: bool = False,
        campaign: UUID | None = None,
    ) -> UUID:
        """An upgrade of the device, due now; a worker may hold it."""
        now, upgrade_id, campaign_id = self.suite.clock.now(), uuid4(), campaign or self.campaign()
        with self.database() as session:
            image = session.scalars(select(FirmwareImage)).first() or self._image(session)
            session.add(
                UpgradeRow(
                    id=upgrade_id,
                    organization_id=self.home.id,
                    campaign_id=campaign_id,
                    device_id=device,
                    image_id=image.id,
                    state=state,
                    from_version="11.11.192",
                    to_version="12.9.57",
                    attempt=0,
                    tries=0,
                    was_down=False,
                    is_accepted=False,
                    bytes_sent=0,
                    bytes_total=1,
                    since=now,
                    due_at=now,
                    lease_owner=uuid4() if held else None,
                    lease_until=now + timedelta(seconds=60) if held else None,
                    created_at=now,
                )
            )
        return upgrade_id

    def _image(self, session: Session) -> FirmwareImage:
        image = FirmwareImage(
            id=uuid4(),
            sha256="0" * 64,
            size=1,
            file_name="image.bin",
            version="12.9.57",
            track="active",
            is_preview=False,
            uploaded_by=self.home.owner,
            uploaded_at=self.suite.clock.now(),
        )
        session.add(image)
        session.flush()
        return image

    def upgraded(self, upgrade_id: UUID) -> UpgradeRow:
        with self.database.reading() as session:
            return session.scalars(select(UpgradeRow).where(UpgradeRow.id == upgrade_id)).one()

    def deletes(self, folder: UUID, *, delivered: bool = True) -> UUID:
        """As its owner does, over organizations; the deletion's id."""
        deleted = self.world.ask(
            "delete_folder",
            self.home.owner,
            organization_id=self.home.id,
            folder_id=folder,
            confirm_risk=True,
            idempotency_key=str(uuid4()),
        )
        if delivered:
            self.suite.deliver()
        return UUID(deleted["deletion_id"])

    def restores(self, deletion_id: UUID) -> None:
        """As operators of the installation do."""
        self.suite.instance("organizations").restore_folders(deletion_id, why="by tests")
        self.suite.deliver()

    def hear(self, service: str, event: Event, event_id: UUID | None = None) -> None:
        """An announcement as it comes out of its queue."""
        body = {"event_id": str(event_id or uuid4()), "data": event.to_json()}
        getattr(self.suite.instance(service), event.name)(json.loads(json.dumps(body)))

    def listed(self, *, as_: UUID | None = None) -> set[UUID]:
        return {UUID(one["id"]) for one in self.ask("list_devices", as_=as_, limit=200)["items"]}

    def need(self) -> int:
        """How many devices licensing counts."""
        with self.suite.databases["licensing"].reading() as session:
            return (
                session.scalar(
                    select(func.count())
                    .select_from(CountedDeviceRow)
                    .where(CountedDeviceRow.is_present)
                )
                or 0
            )

    def states(self, ids: Sequence[UUID]) -> list[str]:
        return [self.device(device_id).state for device_id in ids]
