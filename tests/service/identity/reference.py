"""What identity is expected to do with second factors, told naively and independently of its code."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

STEP_SECONDS = 30
# Defaults of the specification (security 2.2).
SECOND_FACTOR = ((5, 300), (20, 3_600), (50, 86_400))
RECOVERY = ((5, 900), (10, 3_600), (20, 86_400))
PENDING_LIFE = timedelta(minutes=15)
LOGIN_LIFE = timedelta(minutes=10)
APPLICATION = (timedelta(hours=1), timedelta(hours=24))
MANAGE = (timedelta(minutes=10), timedelta(minutes=15))
SEEN_EVERY = timedelta(minutes=1)


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def one_time_password(setup_key: str, step: int) -> str:
    """RFC 4226, section 5.3."""
    digest = hmac.digest(base64.b32decode(setup_key), step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[19] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**6:06d}"


class Counter:
    """Tries under one key: all of them in each window since the first try in it."""

    def __init__(self, limits: tuple[tuple[int, int], ...]) -> None:
        self._limits = limits
        self._windows: dict[int, tuple[datetime, int]] = {}

    def is_full(self, now: datetime) -> bool:
        return any(self._count(seconds, now) >= most for most, seconds in self._limits)

    def count(self, now: datetime) -> None:
        for _most, seconds in self._limits:
            tries = self._count(seconds, now)
            began = self._windows[seconds][0] if tries else now
            self._windows[seconds] = (began, tries + 1)

    def forget(self) -> None:
        self._windows.clear()

    def _count(self, seconds: int, now: datetime) -> int:
        began, tries = self._windows.get(seconds, (now, 0))
        return tries if now < began + timedelta(seconds=seconds) else 0


@dataclass
class Held:
    """A session as its owner holds it."""

    token: str = field(repr=False)
    started_at: datetime
    life: tuple[timedelta, timedelta]
    seen_at: datetime = field(init=False)
    is_ended: bool = False

    def __post_init__(self) -> None:
        self.seen_at = self.started_at

    def is_live(self, now: datetime) -> bool:
        idle, longest = self.life
        ends_at = min(self.seen_at + idle, self.started_at + longest)
        return not self.is_ended and now < ends_at

    def see(self, now: datetime) -> None:
        if now - self.seen_at >= SEEN_EVERY:
            self.seen_at = now


@dataclass
class Shown:
    """Something a Manage session showed and nobody confirmed yet."""

    shown_id: str
    secret: list[str] = field(repr=False)
    held: Held
    until: datetime

    def is_confirmable(self, shown_id: str, held: Held, now: datetime) -> bool:
        return shown_id == self.shown_id and held is self.held and now < self.until


@dataclass
class Reference:
    """One account. Each ``…_outcome`` is what a call must answer, and does what the call does."""

    failures_most: int
    setup_key: str | None = None
    old_keys: list[str] = field(default_factory=list)
    is_disabled: bool = False
    failures: int = 0
    last_step: int = 0
    told_step: int = -1
    codes: dict[str, bool] = field(default_factory=dict)
    old_codes: list[str] = field(default_factory=list)
    batch_failures: int = 0
    is_batch_disabled: bool = False
    shown_key: Shown | None = None
    shown_codes: Shown | None = None
    second: Counter = field(default_factory=lambda: Counter(SECOND_FACTOR))
    recovery: Counter = field(default_factory=lambda: Counter(RECOVERY))

    def try_totp(self, digits: str, now: datetime) -> str:
        """``done`` uses the code up."""
        if self.second.is_full(now):
            return "throttled"
        self.second.count(now)
        if self.is_disabled:
            return "authenticator-disabled"
        self.failures += 1
        assert self.setup_key is not None
        outcome = self._step_outcome(self.setup_key, digits, now)
        if outcome == "done":
            self.failures = 0
            self.second.forget()
        self.is_disabled = self.failures >= self.failures_most
        return outcome

    def try_recovery_code(self, code: str, now: datetime) -> str:
        """``done`` uses the code up."""
        if self.second.is_full(now) or self.recovery.is_full(now):
            return "throttled"
        self.second.count(now)
        self.recovery.count(now)
        if self.is_batch_disabled:
            return "recovery-codes-disabled"
        self.batch_failures += 1
        self.is_batch_disabled = self.batch_failures >= self.failures_most
        if code not in self.codes:
            return "code-refused"
        if self.codes[code]:
            return "code-used"
        self.is_batch_disabled = False
        self.codes[code] = True
        self.batch_failures = 0
        self.second.forget()
        self.recovery.forget()
        return "done"

    def register(self, shown_id: str, held: Held, digits: str, now: datetime) -> str:
        """REGISTER: only ``done`` changes which authenticator counts."""
        shown = self.shown_key
        if shown is None or not shown.is_confirmable(shown_id, held, now):
            return "authenticator-not-found"
        if self.second.is_full(now):
            return "throttled"
        self.second.count(now)
        outcome = self._step_outcome(shown.secret[0], digits, now)
        if outcome == "done":
            if self.setup_key is not None:
                self.old_keys.append(self.setup_key)
            self.setup_key, self.shown_key = shown.secret[0], None
            self.is_disabled, self.failures = False, 0
            self.second.forget()
        return outcome

    def remove(self) -> str:
        """What was used up stays so, whatever is registered next."""
        if self.setup_key is None:
            return "authenticator-not-found"
        self.old_keys.append(self.setup_key)
        self.setup_key, self.is_disabled, self.failures = None, False, 0
        return "done"

    def confirm(self, shown_id: str, held: Held, now: datetime) -> str:
        """CONFIRM: only ``done`` changes which recovery codes count."""
        shown = self.shown_codes
        if shown is None or not shown.is_confirmable(shown_id, held, now):
            return "recovery-codes-not-found"
        self.old_codes.extend(self.codes)
        self.codes, self.shown_codes = dict.fromkeys(shown.secret, False), None
        self.is_batch_disabled, self.batch_failures = False, 0
        self.recovery.forget()
        return "done"

    def end(self, held: Held) -> None:
        held.is_ended = True
        if self.shown_key is not None and self.shown_key.held is held:
            self.shown_key = None
        if self.shown_codes is not None and self.shown_codes.held is held:
            self.shown_codes = None

    def _step_outcome(self, setup_key: str, digits: str, now: datetime) -> str:
        present = step_of(now)
        if digits == one_time_password(setup_key, present):
            if present <= self.last_step or present == self.told_step:
                return "code-used"
            self.last_step = present
            return "done"
        near = range(present - 10, present + 11)
        away = [step for step in near if digits == one_time_password(setup_key, step)]
        if not away:
            return "code-refused"
        if away[-1] > present:
            if present <= self.told_step and self.told_step != away[-1]:
                return "code-refused"
            self.told_step = away[-1]
        return "totp-out-of-sync"
