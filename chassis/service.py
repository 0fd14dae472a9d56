"""What a service's class stands on: `Service`, and the `Kit` of things one process holds open."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from chassis import caller as assertions
from chassis.access import Access
from chassis.client import RpcClient
from chassis.clock import Clock, clock_from
from chassis.config import Config, ConfigurationError
from chassis.context import CallContext
from chassis.db import Database, engine_for
from chassis.inbox import Inbox
from chassis.outbox import Announcer, Relay
from chassis.rotation import Sealed
from chassis.secrets import Pepper, SecretBox, keys_from, new_key
from contracts.caller import Caller, Level
from contracts.errors import ManageSession, Unauthenticated


class Bus(Protocol):
    """How services call one another: `RpcClient`, or directly where a test runs them all."""

    def call(
        self,
        service: str,
        method: str,
        payload: Mapping[str, Any],
        context: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        retry: bool = False,
    ) -> Any: ...

    def post(self, queue: str, payload: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class DatabaseSettings:
    """What each service's own section holds besides its rules' numbers."""

    database_url: str = field(
        default="",
        metadata={"help": "SQLAlchemy URL of this service's own database; empty: a SQLite file."},
    )
    secret_keys: str = field(
        default="",
        metadata={"help": "`id:base64,…` of 32 bytes each, the current one first."},
    )
    pepper: str = field(
        default="", metadata={"help": "`id:base64` of 32 bytes for keyed hashes; never changed."}
    )


class Kit:
    """What one process of one service opens once; `equip` hands it to each call."""

    def __init__(
        self,
        service: type[Service],
        config: Config,
        *,
        clock: Clock | None = None,
        bus: Bus | None = None,
        db: Database | None = None,
    ) -> None:
        self.service = service
        self.config = config
        self.settings = config.section(DatabaseSettings, service.database)
        self.clock = clock or clock_from(config.suite.clock, production=config.is_production)
        self.db = db or database_at(database_url(config, service.database))
        self.bus: Bus = bus or RpcClient(
            config.broker_url, service.name, config.suite.rpc_timeout_seconds
        )
        self.announce = Announcer(self.clock)
        self.inbox = Inbox(service.name, self.db, self.clock)
        self.relay = Relay(service.database, self.db, config.broker_url, self.clock)
        keys = assertions.PublicKeys(self._fetch_keys, time.monotonic)
        self.vouched = assertions.Vouched(keys)
        self._box: SecretBox | None = None
        self._pepper: Pepper | None = None
        self.own = service.open(self)

    @property
    def box(self) -> SecretBox:
        if self._box is None:
            text = self.settings.secret_keys or self.local_secret(f"{self.service.database}.keys")
            self._box = SecretBox(keys_from(text))
        return self._box

    @property
    def pepper(self) -> Pepper:
        if self._pepper is None:
            text = self.settings.pepper or self.local_secret(f"{self.service.database}.pepper")
            self._pepper = Pepper(next(iter(keys_from(text).values())))
        return self._pepper

    def local_secret(self, name: str) -> str:
        """A key of the embedded mode, made on first use and kept in the data folder.

        :raises ConfigurationError: in production, where keys come from the environment.
        """
        if self.config.is_production:
            raise ConfigurationError(f"Production needs a key for {name} from its environment.")
        path = self.config.data_folder / "secrets" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(new_key("local"))
            # A link fails where another process was first; its key then counts.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        return path.read_text()

    def equip(self, service: Service, context: CallContext) -> None:
        service.kit = self
        service.db = self.db
        service.clock = self.clock
        service.announce = self.announce
        service.own = self.own
        service.context = context
        service.access = Access(service.call)

    def close(self) -> None:
        self.relay.stop()
        self.bus.close()
        self.service.shut(self.own)

    def _fetch_keys(self) -> Mapping[str, str]:
        keys: Mapping[str, str] = self.bus.call("identity", "public_keys", {}, retry=True)["keys"]
        return keys


class Service:
    """Subclasses add one recipe per RPC method and per event; the attributes are there in each."""

    name: ClassVar[str]
    database: ClassVar[str]
    relays: ClassVar[bool] = True
    sealed: ClassVar[tuple[Sealed, ...]] = ()

    kit: Kit
    db: Database
    clock: Clock
    announce: Announcer
    access: Access
    context: CallContext
    own: Any

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in cls.__dict__ and "database" not in cls.__dict__:
            cls.database = cls.name

    @classmethod
    def open(cls, _kit: Kit) -> Any:
        """What this service alone holds for the life of its process; set as ``self.own``."""
        return None

    @classmethod
    def shut(cls, own: Any) -> None:
        """Closes what `open` opened."""

    @property
    def caller(self) -> Caller:
        """Whom the call is made for; Manage sessions are nobody here.

        :raises Unauthenticated: nobody signed in for this call, or the assertion is not valid.
        :raises ManageSession: the session was opened for the Manage area only.
        """
        caller = self.any_caller
        if caller.level is Level.MANAGE:
            raise ManageSession("Sign in with your second factor: this session manages it only.")
        return caller

    @property
    def any_caller(self) -> Caller:
        """Like `caller`, and Manage sessions too: only identity has a use for those."""
        if self.context.caller is None:
            raise Unauthenticated("Sign in first.")
        return self.kit.vouched.caller_of(self.context.caller, self.clock.now())

    def call(
        self, service: str, method: str, payload: Mapping[str, Any], *, timeout: float | None = None
    ) -> Any:
        """Asks another service in the name of this call's caller.

        :param timeout: seconds, where an answer is not worth the usual ones.
        """
        return self.kit.bus.call(service, method, payload, self.context.headers(), timeout=timeout)


def service_in(module: str) -> type[Service]:
    """`services.licensing` and `services.devices.worker` alike: the one service class in it."""
    found = importlib.import_module(module)
    if hasattr(found, "__path__"):
        found = importlib.import_module(f"{module}.service")
    classes = [
        member
        for _name, member in inspect.getmembers(found, inspect.isclass)
        if issubclass(member, Service)
        and "name" in member.__dict__
        and member.__module__.startswith(module)
    ]
    if len(classes) != 1:
        raise ConfigurationError(f"{module} holds {len(classes)} services, not one.")
    return classes[0]


_databases: dict[str, Database] = {}


def database_url(config: Config, name: str) -> str:
    settings = config.section(DatabaseSettings, name)
    return settings.database_url or f"sqlite:///{config.data_folder / name}.sqlite"


def database_at(url: str) -> Database:
    """One per URL and process: two writers' locks on one SQLite file would not know of each other."""
    if url not in _databases:
        _databases[url] = Database(engine_for(url))
    return _databases[url]
