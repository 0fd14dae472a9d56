"""Services in memory: the same way in as over the bus, to functions in a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import FixedClock
from contracts.errors import ServiceUnavailable, Unauthenticated

Method = Callable[[dict[str, Any], dict[str, str]], Any]
Handler = Callable[[dict[str, Any], dict[str, Any]], None]

TOKEN = "a-token-of-adas"
ADA = "0b9a3f0e-9d55-4a3c-8a44-6d2f0a3c1a11"


@dataclass(frozen=True)
class Call:
    operation: str
    payload: dict[str, Any]
    context: dict[str, str]
    timeout: float | None
    is_read: bool


@dataclass
class Services:
    """A transport whose services are functions; identity knows one token."""

    clock: FixedClock
    is_connected: bool = True
    calls: list[Call] = field(default_factory=list)
    methods: dict[str, Method] = field(default_factory=dict)
    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    life: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        self.methods["identity.introspect"] = self._introspect

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
        operation = f"{service}.{method}"
        given = json.loads(json.dumps(payload)), dict(context or {})
        self.calls.append(Call(operation, *given, timeout, retry))
        if operation not in self.methods:
            raise ServiceUnavailable(f"The {service} service is unavailable.", retry_after=2)
        return json.loads(json.dumps(self.methods[operation](*given)))

    def subscribe(self, exchange: str, routing_key: str, handler: Handler) -> None:
        self.handlers[exchange, routing_key] = handler

    def start(self) -> None:
        """There is nothing to connect to."""

    def close(self) -> None:
        self.is_connected = False

    def calls_of(self, operation: str) -> list[Call]:
        return [call for call in self.calls if call.operation == operation]

    def _introspect(self, payload: dict[str, Any], _context: dict[str, str]) -> Any:
        if payload["token"] != TOKEN:
            raise Unauthenticated("Sign in again.")
        now: datetime = self.clock.now()
        return {
            "assertion": f"vouched-at-{now.timestamp():.0f}",
            "account_id": ADA,
            "session_id": "5a4d7f1c-0c07-4b0b-a3f5-6f5b8a4d9f10",
            "level": "aal2",
            "expires_at": (now + self.life).isoformat(),
        }
