"""Limits per request: the client's address, its rate, and the request's id."""

from __future__ import annotations

import ipaddress
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from contracts.errors import TooMany

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_USER_AGENT_MOST = 256
# Of a peer without one, such as a socket file: all of those are counted together, not never.
_NO_ADDRESS = "::"


class RateExceeded(TooMany):
    """One address sent more requests than the installation takes."""

    code = "rate-exceeded"


def request_id(offered: str | None) -> str:
    """The client's own id where it is well-formed, else a fresh one."""
    if offered is not None and _REQUEST_ID.fullmatch(offered):
        return offered
    return str(uuid4())


def client_ip(peer: str | None, forwarded_for: str | None, trusted_proxies: int) -> str:
    """The address a request came from.

    Each trusted proxy appended the address it saw, so only the last ``trusted_proxies`` entries of
    X-Forwarded-For are theirs; a client may write anything in front of them. A header with fewer
    entries did not come through all proxies, and the peer itself counts.
    """
    if trusted_proxies > 0 and forwarded_for:
        hops = forwarded_for.split(",")
        if len(hops) >= trusted_proxies:
            address = _address(hops[-trusted_proxies])
            if address is not None:
                return address
    return _address(peer or "") or _NO_ADDRESS


def user_agent(given: str | None) -> str | None:
    """The header shortened, without what could break a log line or a table."""
    if not given:
        return None
    return "".join(c if " " <= c <= "~" else "?" for c in given[:_USER_AGENT_MOST])


def network(ip: str) -> str:
    """What one subscriber holds: an IPv4 address, or an IPv6 /64."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return ip


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """Token buckets, one per network, in this process; the oldest are forgotten first."""

    def __init__(
        self, per_minute: int, monotonic: Callable[[], float], *, capacity: int = 20_000
    ) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._capacity = capacity
        self._guard = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, ip: str) -> None:
        """Takes one request from the address's bucket.

        :raises RateExceeded: it is empty; says in how many seconds it is not.
        """
        if not self._per_minute:
            return
        key = network(ip)
        per_second = self._per_minute / 60
        now = self._monotonic()
        with self._guard:
            bucket = self._buckets.pop(key, None) or _Bucket(float(self._per_minute), now)
            self._buckets[key] = bucket
            if len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            bucket.tokens = min(
                float(self._per_minute), bucket.tokens + (now - bucket.filled_at) * per_second
            )
            bucket.filled_at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return
            missing = 1 - bucket.tokens
        raise RateExceeded(
            f"This address sends more than {self._per_minute} requests a minute. Slow down.",
            retry_after=max(1, math.ceil(missing / per_second)),
        )


def _address(text: str) -> str | None:
    """In the one way it is counted and kept: without port and zone, IPv4 as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text, closing, _port = text[1:].partition("]")
        if not closing:
            return None
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        # A zone is the network card of whoever wrote it, and any text of any length.
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))
    return str(address)
