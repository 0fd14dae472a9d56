"""The gateway's way to the services of a `tests.harness.Suite`, without a broker between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from contracts.caller import STEP_UP_WITHIN
from tests.harness import Suite


class InProcess:
    """Tokens of ``vouched_for`` stand for those accounts; any other is asked of identity."""

    is_connected = True

    def __init__(self, suite: Suite, vouched_for: Mapping[str, UUID] | None = None) -> None:
        self._suite = suite
        self._vouched_for = dict(vouched_for or {})

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
        if (service, method) == ("identity", "introspect"):
            account_id = self._vouched_for.get(payload["token"])
            if account_id is not None:
                return self._word_on(account_id)
        return self._suite.bus.call(service, method, payload, context)

    def _word_on(self, account_id: UUID) -> dict[str, Any]:
        return {
            "assertion": self._suite.assertion(account_id),
            "account_id": str(account_id),
            "session_id": str(uuid4()),
            "level": "aal2",
            "expires_at": (self._suite.clock.now() + STEP_UP_WITHIN).isoformat(),
        }

    def subscribe(
        self,
        exchange: str,
        routing_key: str,
        handler: Callable[[dict[str, Any], dict[str, Any]], None],
    ) -> None:
        """No event comes this way: keep no introspection where a session may end."""

    def start(self) -> None:
        """There is nothing to connect to."""

    def close(self) -> None:
        """There is nothing to close."""
