"""How nameko carries a `Service`: the dependency that equips each call, and what runs beside it."""

from __future__ import annotations

import logging
import threading
from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy.exc import DBAPIError

from chassis import inbox, outbox
from chassis.producers import BROKER_ERRORS
from chassis.context import CallContext
from chassis.events import retry_due
from chassis.service import Kit, Service
from chassis.work import Depths, queues_of

UPKEEP_SECONDS = 1.0

# Nothing is relayed before every service of this process has bound its queues: the in-process bus
# forgets them with the process, and an event nobody is bound to is gone.
all_started = threading.Event()

_log = logging.getLogger(__name__)


class KitProvider(DependencyProvider):
    """Opens the service's kit, runs its relay and inbox upkeep, and equips every call."""

    def setup(self) -> None:
        self._stopping = threading.Event()
        self._relaying: Any = None
        self._upkeep: Any = None
        self.kit = Kit(self.container.service_cls, self.container.config["freehold"])
        self._depths = Depths(self.kit.config.broker_url, queues_of(self.kit.service))

    def start(self) -> None:
        if self.kit.service.relays:
            self._relaying = self.container.spawn_managed_thread(self._relay)
        self._upkeep = self.container.spawn_managed_thread(self._keep_up)

    def stop(self) -> None:
        self._stopping.set()
        self.kit.relay.stop()
        for thread in (self._relaying, self._upkeep):
            if thread is not None:
                thread.wait()
        self._depths.close()
        self.kit.close()

    def get_dependency(self, _worker_ctx: Any) -> Kit:
        return self.kit

    def worker_setup(self, worker_ctx: Any) -> None:
        self.kit.equip(worker_ctx.service, CallContext.from_headers(worker_ctx.data))

    def _relay(self) -> None:
        while not all_started.wait(UPKEEP_SECONDS):
            if self._stopping.is_set():
                return
        self.kit.relay.run()

    def _keep_up(self) -> None:
        """Retries what waits in the inbox and sets the gauges, each second."""
        service = self.kit.service
        while not self._stopping.wait(UPKEEP_SECONDS):
            try:
                retry_due(service, self.kit)
                if service.relays:
                    outbox.measure(service.name, self.kit.db, self.kit.clock)
                    inbox.measure(service.name, self.kit.db)
                self._depths.measure()
            except (*BROKER_ERRORS, DBAPIError) as error:
                _log.warning("upkeep paused: %s", type(error).__name__)


def hosted(service: type[Service]) -> type[Service]:
    """The class nameko runs: the service with its kit as a dependency."""
    return type(
        service.__name__,
        (service,),
        {"kit": KitProvider(), "name": service.name, "database": service.database},
    )
