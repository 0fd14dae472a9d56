"""The whole suite in one process, without a broker: real recipes, real databases, a test clock.

Calls and events pass through JSON and through the same wrappers as over the bus; what a bus adds
(order, loss, redelivery) is proved in tests/broker.
"""

from __future__ import annotations

import atexit
import importlib
import json
import shutil
import tempfile
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select

from chassis import caller as assertions
from chassis import migrations
from chassis.clock import Clock, FixedClock
from chassis.config import Config
from chassis.context import CallContext
from chassis.db import Database, engine_for
from chassis.events import handlers_of, retry_due
from chassis.service import Kit, Service
from chassis.tables import OutboxRow
from chassis.wire import WireRefusal
from contracts import errors
from contracts.caller import Caller, Level

START = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
MODULES = {
    "identity": "services.identity.service",
    "organizations": "services.organizations.service",
    "licensing": "services.licensing.service",
    "devices": "services.devices.service",
    "devices_worker": "services.devices.worker",
}


def service_class(module: str) -> type[Service]:
    found = importlib.import_module(module)
    return next(
        member
        for member in vars(found).values()
        if isinstance(member, type) and issubclass(member, Service) and "name" in member.__dict__
    )


@lru_cache
def migrated_file(database: str) -> Path:
    """A SQLite file with the newest schema, made once a test run and copied for each suite."""
    folder = Path(tempfile.mkdtemp(prefix="freehold-schema-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{database}.sqlite"
    migrations.upgrade(database, f"sqlite:///{path}")
    return path


class DirectBus:
    """Calls between services of one process, through JSON as on the wire."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self.nudges: dict[str, deque[dict[str, Any]]] = defaultdict(deque)

    def call(
        self,
        service: str,
        method: str,
        payload: Mapping[str, Any],
        context: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        retry: bool = False,
    ) -> Any:
        if service not in self._suite.kits:
            if (service, method) == ("identity", "public_keys"):
                return {"keys": {self._suite.key_id: self._suite.public_key}}
            raise errors.ServiceUnavailable(f"{service} is not part of this test.", retry_after=1)
        instance = self._suite.instance(service, CallContext.from_headers(context or {}))
        try:
            answer = getattr(instance, method)(json.loads(json.dumps(payload)))
        except WireRefusal as refusal:
            raise errors.from_wire(*refusal.args) from None
        answer = json.loads(json.dumps(answer))
        if (service, method) == ("identity", "public_keys"):
            answer["keys"][self._suite.key_id] = self._suite.public_key
        return answer

    def post(self, queue: str, payload: Mapping[str, Any]) -> None:
        self.nudges[queue].append(json.loads(json.dumps(payload)))

    def close(self) -> None:
        self.nudges.clear()


class Suite:
    """``suite.call("organizations", "create_folder", {...}, as_=account_id_or_token)``."""

    key_id = "harness"

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        services: Sequence[str] = tuple(MODULES),
        databases: Mapping[str, str] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.folder = folder
        self.clock: Any = clock or FixedClock(START)
        self._signing = Ed25519PrivateKey.generate()
        self.public_key = self._signing.public_key().public_bytes_raw().hex()
        self.bus = DirectBus(self)
        self.databases: dict[str, Database] = {}
        self.kits: dict[str, Kit] = {}
        self._urls = dict(databases or {})
        sections = {name: dict(values) for name, values in (settings or {}).items()}
        sections.setdefault("suite", {})["data_folder"] = str(folder)
        sections.setdefault("identity", {}).setdefault("mail_url", f"capture:{folder / 'mail'}")
        self.config = Config(sections)
        for name in services:
            kind = service_class(MODULES[name])
            self.kits[name] = Kit(
                kind, self.config, clock=self.clock, bus=self.bus, db=self._database(kind.database)
            )

    def _database(self, name: str) -> Database:
        if name not in self.databases:
            if name in self._urls:
                migrations.upgrade(name, self._urls[name])
                url = self._urls[name]
            else:
                path = self.folder / f"{name}.sqlite"
                shutil.copyfile(migrated_file(name), path)
                url = f"sqlite:///{path}"
            self.databases[name] = Database(engine_for(url))
        return self.databases[name]

    def instance(self, service: str, context: CallContext | None = None) -> Any:
        """A service object equipped for one call, as nameko would make it."""
        kit = self.kits[service]
        instance = kit.service()
        kit.equip(instance, context or CallContext(request_id=str(uuid4())))
        return instance

    def context(self, as_: UUID | str | None, **values: str) -> CallContext:
        """Who calls: nobody, a token (introspected by identity), or an account id (vouched for)."""
        caller = None
        if isinstance(as_, UUID):
            caller = self.assertion(as_)
        elif as_ is not None:
            caller = self.call("identity", "introspect", {"token": as_})["assertion"]
        defaults = {"request_id": str(uuid4()), "ip": "192.0.2.10", "user_agent": "tests"}
        return CallContext(**{**defaults, **values}, caller=caller)

    def assertion(self, account_id: UUID, level: Level = Level.AAL2) -> str:
        """Signed with a key of this harness that services accept beside identity's own."""
        now = self.clock.now()
        caller = Caller(account_id, uuid4(), level, now)
        return assertions.issue(self._signing, self.key_id, caller, now)

    def call(
        self,
        service: str,
        method: str,
        payload: Mapping[str, Any] | None = None,
        *,
        as_: UUID | str | None = None,
        **context: str,
    ) -> Any:
        """The answer as JSON; raises the refusal as a caller over the bus gets it."""
        headers = self.context(as_, **context).headers()
        return self.bus.call(service, method, payload or {}, headers)

    def waiting(self, service: str) -> list[tuple[str, dict[str, Any]]]:
        """The service's announcements that were not delivered yet, oldest first."""
        with self.databases[self.kits[service].service.database].reading() as session:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.seq)).all()
            return [(row.name, row.data) for row in rows]

    def deliver(self) -> int:
        """Moves every announced event through the inboxes of all who consume it; how many."""
        moved = 0
        while True:
            batch = [
                (name, row)
                for name, kit in self.kits.items()
                if kit.service.relays
                for row in self._take(name)
            ]
            if not batch:
                return moved
            for source, row in batch:
                moved += 1
                self._distribute(source, row)

    def _take(self, service: str) -> list[OutboxRow]:
        database = self.databases[self.kits[service].service.database]
        with database() as session:
            rows = list(session.scalars(select(OutboxRow).order_by(OutboxRow.seq)))
            session.execute(delete(OutboxRow).where(OutboxRow.seq.in_([r.seq for r in rows])))
            session.expunge_all()
        return rows

    def _distribute(self, source: str, row: OutboxRow) -> None:
        body = {"event_id": str(row.event_id), "data": json.loads(json.dumps(row.data))}
        for name, kit in self.kits.items():
            for method, kind, _effect in handlers_of(kit.service):
                if (kind.source, kind.name) == (source, row.name):
                    context = CallContext(request_id=row.request_id)
                    getattr(self.instance(name, context), method)(body)

    def retry_inbox(self, service: str) -> int:
        kit = self.kits[service]
        return retry_due(kit.service, kit)

    def run_job(self, service: str, job: str) -> None:
        """One turn of an ``@every`` method."""
        getattr(self.instance(service), job)()

    def work(self, most: int = 1000) -> int:
        """Hands waiting nudges to the ``@works`` methods until none is left; how many."""
        done = 0
        while done < most:
            taken = next(((queue, n) for queue, n in self.bus.nudges.items() if n), None)
            if taken is None:
                break
            queue, nudges = taken
            nudge = nudges.popleft()
            self._worker_of(queue)(nudge)
            done += 1
        return done

    def _worker_of(self, queue: str) -> Callable[[dict[str, Any]], None]:
        for name, kit in self.kits.items():
            for method in dir(kit.service):
                if getattr(getattr(kit.service, method), "queue", None) == queue:
                    found: Callable[[dict[str, Any]], None] = getattr(self.instance(name), method)
                    return found
        raise LookupError(f"Nobody works on {queue}.")

    def close(self) -> None:
        for kit in self.kits.values():
            kit.service.shut(kit.own)
        for database in self.databases.values():
            database.close()
