"""The way to the services, as the gateway sees it; `chassis.client.RpcClient` is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Transport(Protocol):
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
        """The service's answer as JSON; raises its refusal, or ServiceUnavailable."""
        ...

    def subscribe(
        self,
        exchange: str,
        routing_key: str,
        handler: Callable[[dict[str, Any], dict[str, Any]], None],
    ) -> None: ...

    def start(self) -> None: ...

    def close(self) -> None: ...

    @property
    def is_connected(self) -> bool: ...
