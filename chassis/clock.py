"""Time as a dependency: rules are given moments and never read a clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


@runtime_checkable
class MovableClock(Clock, Protocol):
    def advance(self, step: timedelta) -> None:
        """:raises ValueError: the step leads back."""

    def rest(self, seconds: float) -> None:
        """Lets that much real time pass, where others follow the clock in it."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 the one place that reads it


class FixedClock:
    """A clock that stands until it is moved; forward only."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        if step < timedelta():
            raise ValueError("A test clock moves forward only.")
        self._now += step

    def rest(self, seconds: float) -> None:
        """Nobody follows it but the test that moves it."""


class FileClock:
    """The system's time plus an offset that all processes of a test or demo read from one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._system = SystemClock()
        self._guard = threading.Lock()
        self._seen: tuple[int, timedelta] = (-1, timedelta())

    def now(self) -> datetime:
        return self._system.now() + self._offset()

    def advance(self, step: timedelta) -> None:
        if step < timedelta():
            raise ValueError("A test clock moves forward only.")
        seconds = (self._offset() + step).total_seconds()
        written = self._path.with_suffix(".new")
        written.write_text(f"{seconds}\n")
        written.replace(self._path)

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def _offset(self) -> timedelta:
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return timedelta()
        with self._guard:
            if self._seen[0] != changed:
                self._seen = (changed, timedelta(seconds=float(self._path.read_text())))
            return self._seen[1]


def clock_from(setting: str, *, production: bool) -> Clock:
    """``system``, or ``file:<path>`` for a test clock, which production refuses."""
    if setting == "system":
        return SystemClock()
    if setting.startswith("file:") and not production:
        return FileClock(Path(setting.removeprefix("file:")))
    raise ValueError("The clock is 'system', or 'file:<path>' in test and demo mode only.")
