"""Two organizations with one of everything, and everybody who could ask about the first."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from werkzeug.test import TestResponse

from chassis.config import Config
from contracts.access import Role
from contracts.caller import Level
from demo.errand import PRODUCT
from gateway.app import create_app
from services.devices.models import Campaign, Device, UpgradeRow
from services.licensing.models import CommandRow, SystemRow
from services.organizations.domain.access import Status
from services.organizations.models import Organization
from tests.harness import Suite
from tests.in_process import InProcess, account_named
from tests.service.devices.rows import device_values
from tests.service.organizations.world import Home, World


class Neighborhood:
    """``send("owner", "GET", "/v1/organizations/{organization_id}")``; `restore` undoes it all."""

    def __init__(self, folder: Path, *, introspection_seconds: int = 0) -> None:
        self._folder = folder
        self.suite = Suite(folder, settings={"identity": {"argon2_memory_kib": 64}})
        gateway = {"requests_per_minute_per_ip": 0, "introspection_seconds": introspection_seconds}
        self._clients = {
            level: create_app(
                Config({"gateway": gateway}),
                InProcess(self.suite, account_named, level=level),
                clock=self.suite.clock,
            ).test_client()
            for level in (Level.AAL1, Level.AAL2)
        }
        self.world = World(self.suite)
        self._serial = 0
        self.home = self.world.home(self.world.person("owner@example.com"))
        self.foreign_home = self.world.home(self.world.person("foreign@example.com"))
        self.own = self._furnished(self.home)
        self.foreign = self._furnished(self.foreign_home)
        self._guest = self.world.person("guest@example.com")
        for name, email in (("token", "guest@example.com"), ("new_token", "new@example.com")):
            invitation_id = self._invited(self.home, self.own["folder_id"], email)
            self.own[name] = self.world.invitation_token(UUID(invitation_id))
        self.actors = self._actors()
        self.suite.deliver()
        self._kept = {path: self._copy(path) for path in folder.glob("*.sqlite")}

    def _actors(self) -> Mapping[str, UUID | None]:
        world, home = self.world, self.home
        site = UUID(self.own["folder_id"])
        removed = world.joins(home, Role.ADMIN, account=world.person())
        world.leaves(home, removed)
        return {
            "anonymous": None,
            "stranger": world.person(),
            "foreign owner": self.foreign_home.owner,
            "removed member": removed,
            "ungranted viewer": world.joins(home, Role.VIEWER, account=world.person()),
            "viewer": world.joins(home, Role.VIEWER, site, account=world.person()),
            "operator": world.joins(home, Role.OPERATOR, site, account=world.person()),
            "admin": world.joins(home, Role.ADMIN, account=world.person()),
            "owner": home.owner,
            "guest": self._guest,
        }

    def _furnished(self, home: Home) -> dict[str, str]:
        """One of everything a path or a body can name."""
        site = self.world.folder(home, "Site")
        mate = self.world.joins(home, Role.VIEWER, site, account=self.world.person())
        device_id, campaign_id, upgrade_id = self._devices(home, site)
        ids = {
            "organization_id": str(home.id),
            "root_id": str(home.root),
            "folder_id": str(site),
            "other_folder_id": str(self.world.folder(home, "Pier")),
            "account_id": str(mate),
            "device_id": str(device_id),
            "campaign_id": str(campaign_id),
            "upgrade_id": str(upgrade_id),
            "product": PRODUCT,
        }
        email = f"guest-{uuid4().hex}@example.com"
        ids["invitation_id"] = self._invited(home, ids["folder_id"], email)
        # Leaves an entry of theirs in the audit of the organization.
        tried = self._send(mate, "PATCH", f"/v1/organizations/{home.id}", {"name": "Mine"})
        assert tried.status_code == 403, tried.text
        made = self._send(
            home.owner,
            "POST",
            f"/v1/organizations/{home.id}/systems",
            {
                "kind": "camera_station",
                "name": "Harbor",
                "folder_id": str(site),
                "address": "192.0.2.20",
            },
        )
        assert made.status_code == 201, made.text
        ids["system_id"] = made.get_json()["id"]
        registered = self._send(
            home.owner, "POST", f"/v1/organizations/{home.id}/products", {"product": PRODUCT}
        )
        assert registered.status_code == 201, registered.text
        ids["licensed_system_id"] = self._licensed_system(home)
        return ids

    def _invited(self, home: Home, folder_id: str, email: str) -> str:
        wanted = {"email": email, "requested_role": "viewer", "folder_ids": [folder_id]}
        path = f"/v1/organizations/{home.id}/invitations"
        sent = self._send(home.owner, "POST", path, wanted)
        assert sent.status_code == 201, sent.text
        return str(sent.get_json()["id"])

    def _devices(self, home: Home, site: UUID) -> tuple[UUID, UUID, UUID]:
        """Rows, for there is no camera; in the site, so that its members see them."""
        now = self.suite.clock.now()
        self._serial += 1
        serial = f"ACCC8E{self._serial:06X}"
        device = Device(**device_values(home.id, site, serial, now))
        campaign = Campaign(
            id=uuid4(),
            organization_id=home.id,
            model=device.model,
            target="recommended",
            total=1,
            created_by=home.owner,
            created_at=now,
        )
        with self.suite.databases["devices"]() as session:
            session.add_all([device, campaign])
            session.flush()
            upgrade = UpgradeRow(
                id=uuid4(),
                organization_id=home.id,
                campaign_id=campaign.id,
                device_id=device.id,
                state="succeeded",
                from_version="11.11.100",
                to_version="11.11.148",
                attempt=1,
                tries=0,
                was_down=False,
                is_accepted=True,
                bytes_sent=1,
                bytes_total=1,
                since=now,
                created_at=now,
                finished_at=now,
            )
            session.add(upgrade)
            return device.id, campaign.id, upgrade.id

    def _licensed_system(self, home: Home) -> str:
        """A row, for registering it would begin the trial that is there to be started."""
        with self.suite.databases["licensing"]() as session:
            system = SystemRow(
                id=uuid4(),
                organization_id=home.id,
                product=PRODUCT,
                kind="online",
                name="Harbor",
                state="registered",
                registered_on=self.suite.clock.now().date(),
                command_id=session.scalars(
                    select(CommandRow.id).where(CommandRow.organization_id == home.id)
                ).one(),
            )
            session.add(system)
            return str(system.id)

    def archives(self, home: Home) -> None:
        with self.suite.databases["organizations"]() as session:
            session.execute(
                update(Organization)
                .where(Organization.id == home.id)
                .values(status=Status.ARCHIVED, archived_at=self.suite.clock.now())
            )

    # Asking

    def send(
        self,
        actor: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        ids: Mapping[str, str] | None = None,
        query: Any = None,
        level: Level = Level.AAL2,
    ) -> TestResponse:
        """With the ids of the first organization in the places of path, body and query."""
        known = ids or self.own
        path, body, query = (filled(part, known) for part in (path, body, query))
        return self._send(self.actors[actor], method, path, body, query=query, level=level)

    def _send(
        self,
        account: UUID | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Any = None,
        level: Level = Level.AAL2,
    ) -> TestResponse:
        headers = {} if account is None else {"Authorization": f"Bearer {account}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        return self._clients[level].open(
            path, method=method, json=body, query_string=query, headers=headers
        )

    def dump(self) -> dict[str, list[str]]:
        """Every row of every database but for the records and counts of refusals, which may grow."""
        rows: dict[str, list[str]] = {}
        for path in self._kept:
            with sqlite3.connect(path) as database:
                names = [
                    name
                    for (name,) in database.execute(
                        "SELECT name FROM sqlite_master WHERE type = 'table'"
                    )
                    if name not in ("audit", "throttle") and not name.startswith("sqlite_")
                ]
                for name in names:
                    found = database.execute(f'SELECT * FROM "{name}"')
                    rows[f"{path.stem}.{name}"] = sorted(map(repr, found))
            database.close()
        return rows

    # Beginning again

    def restore(self) -> None:
        for path, kept in self._kept.items():
            with sqlite3.connect(path, timeout=10) as database:
                kept.backup(database)
            database.close()
        self.suite.bus.nudges.clear()

    @staticmethod
    def _copy(path: Path) -> sqlite3.Connection:
        kept = sqlite3.connect(":memory:")
        with sqlite3.connect(path) as database:
            database.backup(kept)
        database.close()
        return kept

    def close(self) -> None:
        self.suite.close()
        for kept in self._kept.values():
            kept.close()


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """``{folder_id}`` and the like replaced wherever they stand; unknown ones stay."""
    if isinstance(value, dict):
        return {name: filled(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], found[0]), value)
    return value


def names_in(value: Any) -> set[str]:
    """The ids that stand in a path or body."""
    if isinstance(value, dict):
        return set().union(*(names_in(each) for each in value.values()), set())
    if isinstance(value, list):
        return set().union(*(names_in(each) for each in value), set())
    return set(re.findall(r"\{(\w+)\}", value)) if isinstance(value, str) else set()
