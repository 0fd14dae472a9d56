"""Who a request is made for: bearer tokens, as identity vouches for them."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app, g, request

from chassis.clock import Clock
from contracts.errors import Unauthenticated
from gateway.transport import Transport

EXTENSION = "freehold.sessions"
# An assertion must outlive the call it travels with.
ASSERTION_MARGIN = timedelta(seconds=10)

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,512}=*)")


class TokenMissing(Unauthenticated):
    """The request carries no readable bearer token."""

    code = "token-missing"


@dataclass(frozen=True)
class Vouched:
    """Identity's word on the token of a session, or on an API token.

    ``assertion`` is what the services verify themselves.
    """

    assertion: str = field(repr=False)
    account_id: str
    session_id: str
    level: str
    taken_at: datetime
    expires_at: datetime

    def is_usable(self, now: datetime) -> bool:
        return self.taken_at <= now < self.expires_at - ASSERTION_MARGIN


class Sessions:
    """Introspections, kept for a few seconds by the token's hash."""

    def __init__(
        self, transport: Transport, clock: Clock, hold: timedelta, *, capacity: int = 10_000
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._hold = hold
        self._capacity = capacity
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, Vouched] = OrderedDict()
        self._endings = 0

    def vouched(self, token: str, headers: Mapping[str, str]) -> Vouched:
        """:raises Unauthenticated: identity does not know the token, or it has ended."""
        key = hashlib.sha256(token.encode()).hexdigest()
        now = self._clock.now()
        with self._guard:
            kept = self._kept.get(key)
            endings = self._endings
        if kept is not None and kept.is_usable(now) and now - kept.taken_at < self._hold:
            return kept
        answer = self._transport.call(
            "identity", "introspect", {"token": token}, headers, retry=True
        )
        vouched = Vouched(
            assertion=answer["assertion"],
            account_id=answer["account_id"],
            session_id=answer["session_id"],
            level=answer["level"],
            taken_at=now,
            expires_at=datetime.fromisoformat(answer["expires_at"]),
        )
        with self._guard:
            # A session that ended while identity answered must not be kept.
            if self._endings == endings:
                self._kept[key] = vouched
                self._kept.move_to_end(key)
                if len(self._kept) > self._capacity:
                    self._kept.popitem(last=False)
        return vouched

    def forget(self, account_id: str) -> None:
        """Identity is asked anew for every token of the account."""
        with self._guard:
            self._endings += 1
            for key in [key for key, kept in self._kept.items() if kept.account_id == account_id]:
                del self._kept[key]

    def drop(self, payload: Mapping[str, Any], _headers: Mapping[str, Any]) -> None:
        """Heeds identity's ``session_ended``, of a session or an API token."""
        ended = payload.get("data") or {}
        with self._guard:
            self._endings += 1
            self._kept.pop(str(ended.get("token_hash")), None)


def bearer_token(authorization: str | None) -> str:
    """:raises TokenMissing: there is none, or it cannot be one."""
    found = _BEARER.fullmatch(authorization or "")
    if found is None:
        raise TokenMissing("Sign in and send the token as Authorization: Bearer <token>.")
    return found[1]


def authenticate() -> Vouched:
    """Has identity vouch for the running request; again when the assertion grew old meanwhile."""
    if "token" not in g:
        g.token = bearer_token(request.headers.get("Authorization"))
    g.vouched = _sessions().vouched(g.token, g.context.headers())
    return cast(Vouched, g.vouched)


def forget() -> None:
    """What the running request has identity do may end tokens, and the event may take a moment."""
    if "vouched" in g:
        _sessions().forget(g.vouched.account_id)


def _sessions() -> Sessions:
    return cast(Sessions, current_app.extensions[EXTENSION])


def assertion() -> str | None:
    """What the services verify, or None for a request nobody signed in for."""
    if "token" not in g:
        return None
    return authenticate().assertion
