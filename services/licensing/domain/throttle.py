"""Throttle: guesses are counted before they are looked at, and success takes them back."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.errors import TooMany
from services.licensing.domain.policy import LicensingSettings

WINDOW = timedelta(hours=1)
FREE_FAILURES = 3
LONGEST_DELAY = timedelta(minutes=5)


class TooManyAttempts(TooMany):
    """Too many license keys or ownership proofs were wrong lately."""

    code = "too-many-attempts"


class Counter(StrEnum):
    """Whose failures are counted together."""

    ACCOUNT = "account"
    ADDRESS = "address"
    MALFORMED = "malformed"
    ORGANIZATION = "organization"


@dataclass(frozen=True)
class Failures:
    """Within a window that began at the first of them; an organization's are in a row instead."""

    counter: Counter
    count: int = 0
    since: datetime | None = None
    blocked_until: datetime | None = None


def limit_of(counter: Counter, settings: LicensingSettings) -> int:
    return {
        Counter.ACCOUNT: settings.redeem_failures_per_account,
        Counter.ADDRESS: settings.redeem_failures_per_address,
        Counter.MALFORMED: settings.malformed_keys_per_address,
        Counter.ORGANIZATION: settings.redeem_failures_consecutive,
    }[counter]


def counted(failures: Failures, limit: int, now: datetime) -> Failures:
    """One attempt more, taken for a failure until it is known to be none.

    :raises TooManyAttempts: the limit is reached, or the pause after the last failure is not over.
    """
    if failures.counter is Counter.ORGANIZATION:
        if failures.count >= limit:
            raise TooManyAttempts(
                "Redeeming is locked for this organization. Its supplier or operator can help."
            )
        return replace(failures, count=failures.count + 1, since=failures.since or now)
    if failures.since is None or now >= failures.since + WINDOW:
        failures = Failures(failures.counter, since=now)
    assert failures.since is not None
    until = failures.since + WINDOW if failures.count >= limit else failures.blocked_until
    if until is not None and now < until:
        raise TooManyAttempts(
            "Too many license keys or ownership proofs were wrong. Wait before the next one.",
            retry_after=max(1, math.ceil((until - now).total_seconds())),
        )
    count = failures.count + 1
    # People behind one address do not pause for one another.
    pauses = failures.counter is Counter.ACCOUNT
    return replace(failures, count=count, blocked_until=now + delay(count) if pauses else None)


def delay(failures: int) -> timedelta:
    """Three for free, then a second, doubling."""
    if failures <= FREE_FAILURES:
        return timedelta()
    # Doubled often enough to pass the longest delay, and no further.
    doublings = min(failures - FREE_FAILURES - 1, 10)
    return min(timedelta(seconds=2**doublings), LONGEST_DELAY)


def succeeded(failures: Failures) -> Failures:
    """An address only gets its own attempt back: its other failures may be somebody else's."""
    if failures.counter in (Counter.ADDRESS, Counter.MALFORMED):
        return replace(failures, count=max(0, failures.count - 1))
    return Failures(failures.counter)


def address_of(ip: str) -> str:
    """What one subscriber holds: an IPv4 address, or an IPv6 network of 64 bits."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
