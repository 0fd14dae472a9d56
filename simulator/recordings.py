"""What is on a camera's SD card: a stretch every five minutes, and now and then a movement.

Nothing is kept. What was recorded follows from the serial number and the time, so that a card with
an hour of film costs no memory.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

DISK: Final = "SD_DISK"
CONTINUOUS: Final = "continuous"
MOTION: Final = "motion"
SIZE: Final = (640, 360)
FRAMES_PER_SECOND: Final = 1
# A frame of this size, for estimates.
FRAME_KILOBYTES: Final = 28
KEPT: Final = timedelta(hours=1)
STRETCH: Final = timedelta(minutes=5)
EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Part of what the camera saw; it still records while there is no end."""

    id: str
    event: str
    start: datetime
    stop: datetime | None

    @property
    def kind(self) -> str:
        return "continuous" if self.event == CONTINUOUS else "triggered"

    @property
    def status(self) -> str:
        return "recording" if self.stop is None else "completed"

    def end(self, now: datetime) -> datetime:
        return self.stop or now

    def is_within(self, start: datetime | None, stop: datetime | None, now: datetime) -> bool:
        """Any part of it is."""
        return (start is None or self.end(now) >= start) and (stop is None or self.start <= stop)


def on_card(serial: str, now: datetime) -> list[Recording]:
    """The earliest first."""
    found = []
    current = (now - EPOCH) // STRETCH
    for number in range((now - KEPT - EPOCH) // STRETCH, current + 1):
        start = EPOCH + number * STRETCH
        stop = None if number == current else start + STRETCH
        found.append(_recording(serial, CONTINUOUS, start, stop))
        movement = _movement(serial, number, start)
        if movement is not None and movement[1] <= now:
            found.append(_recording(serial, MOTION, *movement))
    return found


def moments(start: datetime, stop: datetime) -> Iterator[datetime]:
    """Of the frames between; there is always one."""
    step = timedelta(seconds=1) / FRAMES_PER_SECOND
    yield start
    moment = start + step
    while moment < stop:
        yield moment
        moment += step


def _movement(serial: str, number: int, start: datetime) -> tuple[datetime, datetime] | None:
    """In every other stretch somebody walks by, for some seconds."""
    if (number + sum(serial.encode())) % 2:
        return None
    digest = hashlib.sha256(f"{serial}/{number}".encode()).digest()
    began = start + timedelta(seconds=digest[0], microseconds=int.from_bytes(digest[1:3], "big"))
    return began, began + timedelta(seconds=5 + digest[3] % 20)


def _recording(serial: str, event: str, start: datetime, stop: datetime | None) -> Recording:
    mark = hashlib.sha256(f"{serial}/{event}/{start.isoformat()}".encode()).hexdigest()[:4]
    name = f"{start:%Y%m%d_%H%M%S}_{mark.upper()}_{serial}"
    return Recording(id=name, event=event, start=start, stop=stop)
