"""How nameko carries a `Service`: the dependency that equips each call, and what runs beside it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import Timer

from chassis import inbox, outbox, purge
from chassis.context import CallContext
from chassis.db import DATABASE_AWAY
from chassis.events import retry_due
from chassis.producers import BROKER_ERRORS
from chassis.service import Kit, Service
from chassis.work import Depths

UPKEEP_SECONDS = 1.0
DEPTHS_SECONDS = 3.0
PURGE_SECONDS = 600.0

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
        self._measuring: Any = None

    def start(self) -> None:
        # A worker for each message that may be taken at once: work that waits takes nobody's turn.
        self.container._worker_pool.resize(room_for(self.container))
        if self.kit.service.relays:
            self._relaying = self.container.spawn_managed_thread(self._relay)
        self._upkeep = self.container.spawn_managed_thread(self._keep_up)
        self._measuring = self.container.spawn_managed_thread(self._measure_depths)

    def stop(self) -> None:
        self._stopping.set()
        self.kit.relay.stop()
        for thread in (self._relaying, self._upkeep):
            if thread is not None:
                thread.wait()
        # It may be waiting for an answer of a broker that will never give one.
        self._measuring.kill()
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
        purge_at = time.monotonic() + PURGE_SECONDS
        while not self._stopping.wait(UPKEEP_SECONDS):
            try:
                retry_due(service, self.kit)
                if service.relays:
                    outbox.measure(service.name, self.kit.db, self.kit.clock)
                    inbox.measure(service.name, self.kit.db)
                if service.relays and time.monotonic() >= purge_at:
                    purge_at = time.monotonic() + PURGE_SECONDS
                    purge.forget(self.kit.db, self.kit.clock, self.kit.config.suite.remembered)
            except Exception as error:
                # nameko would end the whole process for what the next turn may well do.
                if not isinstance(error, (*BROKER_ERRORS, *DATABASE_AWAY)):
                    _log.exception("upkeep failed")
                _log.warning("upkeep paused: %s", type(error).__name__)

    def _measure_depths(self) -> None:
        depths = Depths(self.kit.config.broker_url, queues_of(self.container))
        try:
            while not self._stopping.wait(DEPTHS_SECONDS):
                try:
                    depths.measure()
                except BROKER_ERRORS as error:
                    _log.warning("queue depths not measured: %s", type(error).__name__)
        finally:
            depths.close()


def taking(container: Any) -> dict[str, Any]:
    """By queue, who takes its messages."""
    takers = (getattr(each, "rpc_consumer", each) for each in container.entrypoints)
    return {taker.queue.name: taker for taker in takers if hasattr(taker, "queue_consumer")}


def queues_of(container: Any) -> list[str]:
    return sorted(taking(container))


def room_for(container: Any) -> int:
    """How many workers its queues can keep busy, and one for each timer."""
    timers = sum(isinstance(each, Timer) for each in container.entrypoints)
    most: int = container.max_workers
    return timers + sum(getattr(each, "at_once", most) for each in taking(container).values())


def hosted(service: type[Service]) -> type[Service]:
    """The class nameko runs: the service with its kit as a dependency."""
    return type(
        service.__name__,
        (service,),
        {"kit": KitProvider(), "name": service.name, "database": service.database},
    )
