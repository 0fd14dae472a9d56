"""The gateway's way to the services of a `tests.harness.Suite`, without a broker between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

from contracts.caller import STEP_UP_WITHIN, Level
from contracts.errors import Unauthenticated
from tests.harness import Suite

Vouching = Callable[[str], UUID | None]


def account_named(token: str) -> UUID:
    """Lets an account's id be its token, in a suite without identity."""
    try:
        return UUID(token)
    except ValueError:
        raise Unauthenticated("Sign in again.") from None


class InProcess:
    """``vouching`` says which account a token stands for; where it says None, identity is asked.

    :param level: of the sessions that are vouched for.
    """

    is_connected = True

    def __init__(
        self,
        suite: Suite,
        vouching: Vouching = lambda _token: None,
        *,
        level: Level = Level.AAL2,
    ) -> None:
        self._suite = suite
        self._vouching = vouching
        self._level = level

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
            account_id = self._vouching(payload["token"])
            if account_id is not None:
                return self._word_on(account_id)
        return self._suite.bus.call(service, method, payload, context)

    def _word_on(self, account_id: UUID) -> dict[str, Any]:
        return {
            "assertion": self._suite.assertion(account_id, self._level),
            "account_id": str(account_id),
            "session_id": str(uuid4()),
            "level": self._level.value,
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
