"""Builders: an organization with cameras, its people, and an operator's catalogue."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import fsspec

from contracts.errors import Refusal
from services.identity.models import Account
from simulator.image import file_name, image_bytes
from tests.harness import Suite
from tests.service.devices.cameras import Camera, Simulator, until
from tests.service.organizations.world import Home, World

ENDED = ("succeeded", "failed", "rolled_back", "cancelled", "skipped")


class Site:
    """``site.ask("list_devices")`` speaks as the owner of ``site.home``."""

    def __init__(self, suite: Suite, cameras: Simulator) -> None:
        self.suite = suite
        self.cameras = cameras
        self.world = World(suite)
        self.home: Home = self.world.home()
        self.operator = self._operator()

    def ask(self, method: str, /, *, as_: UUID | None = None, **payload: Any) -> Any:
        plain = {
            name: str(value) if isinstance(value, UUID) else value
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

    def wanted(self, camera: Camera, **changes: Any) -> dict[str, Any]:
        """What is sent to add a camera."""
        scheme = changes.get("scheme", "http")
        return {
            "folder_id": str(self.home.root),
            "name": f"Camera {camera.serial}",
            "serial": camera.serial,
            "host": camera.host,
            "port": camera.https_port if scheme == "https" else camera.http_port,
            "scheme": scheme,
            "user": camera.user,
            "password": camera.password,
            "idempotency_key": str(uuid4()),
            **changes,
        }

    def add(self, camera: Camera, **changes: Any) -> dict[str, Any]:
        added: dict[str, Any] = self.ask("add_device", **self.wanted(camera, **changes))
        return added

    # The catalogue

    def upload(self, content: bytes, name: str, **changes: Any) -> dict[str, Any]:
        """As the gateway does it: begin, write into the store, finish."""
        digest = hashlib.sha256(content).hexdigest()
        asked = {"sha256": digest, "file_name": name, "size": len(content), **changes}
        begun = self.operate("begin_firmware_upload", **asked)
        with fsspec.open(begun["url"], "wb") as file:
            file.write(content)
        finished: dict[str, Any] = self.operate(
            "finish_firmware_upload",
            upload_id=begun["upload_id"],
            sha256=digest,
            size=len(content),
        )
        return finished

    def release(
        self, model: str, version: str, *, size: int = 64 * 1024, **more: Any
    ) -> dict[str, Any]:
        content = image_bytes(model, version, size=size, **more)
        return self.upload(content, file_name(model, version))

    def operate(self, method: str, /, **payload: Any) -> Any:
        return self.suite.call("devices", method, payload, as_=self.operator)

    # Upgrades

    def campaign(self, **payload: Any) -> dict[str, Any]:
        started: dict[str, Any] = self.ask(
            "start_campaign", idempotency_key=str(uuid4()), **payload
        )
        return started

    def upgrades(self, campaign: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(
            "list_campaign_upgrades", campaign_id=campaign["id"]
        )["items"]
        return found

    def upgrade(self, campaign: dict[str, Any]) -> dict[str, Any]:
        """The only one, with its log."""
        (only,) = self.upgrades(campaign)
        found: dict[str, Any] = self.ask("get_upgrade", upgrade_id=only["id"])
        return found

    def turn(self, step: timedelta = timedelta(seconds=5)) -> None:
        """Time passes, the sweep looks, the workers work."""
        self.suite.clock.advance(step)
        self.suite.run_job("devices", "announce_due")
        self.suite.work()

    def finish(self, campaign: dict[str, Any], within: float = 20.0) -> dict[str, Any]:
        """Turns until the campaign has ended; its only upgrade."""

        def ended() -> bool:
            self.turn()
            return all(one["state"] in ENDED for one in self.upgrades(campaign))

        until(ended, within)
        return self.upgrade(campaign)

    def _operator(self) -> UUID:
        account_id = uuid4()
        now = self.suite.clock.now()
        with self.suite.databases["identity"]() as session:
            session.add(
                Account(
                    id=account_id,
                    email="ops@example.com",
                    email_key="ops@example.com",
                    language="en",
                    is_operator=True,
                    registered_at=now,
                    verified_at=now,
                )
            )
        return account_id
