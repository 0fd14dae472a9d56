"""Where a pan, tilt and zoom camera looks; time is a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

# Of a continuous move at full speed, per second.
DEGREES_PER_SECOND: Final = 100.0
STEPS_PER_SECOND: Final = 2000.0
# What one `move` turns by.
STEP_DEGREES: Final = 15.0
HOME: Final = "Home"

DIRECTIONS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "up": (0, 1),
        "down": (0, -1),
        "left": (-1, 0),
        "right": (1, 0),
        "upleft": (-1, 1),
        "upright": (1, 1),
        "downleft": (-1, -1),
        "downright": (1, -1),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A full turn has no ends."""

    pan: tuple[float, float] = (-180.0, 180.0)
    tilt: tuple[float, float] = (-20.0, 90.0)
    zoom: tuple[float, float] = (1.0, 9999.0)

    @property
    def turns_around(self) -> bool:
        return self.pan == (-180.0, 180.0)


@dataclass(frozen=True, slots=True)
class Position:
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where it was at one moment, and how fast it has been turning since."""

    limits: Limits
    position: Position = Position()
    velocity: Position = Position(0.0, 0.0, 0.0)
    since: float = 0.0
    speed: int = 100
    presets: Mapping[str, Position] = field(default_factory=lambda: {HOME: Position()})

    def at(self, now: float) -> Position:
        elapsed = max(now - self.since, 0.0)
        return self._within(
            Position(
                self.position.pan + self.velocity.pan * elapsed,
                self.position.tilt + self.velocity.tilt * elapsed,
                self.position.zoom + self.velocity.zoom * elapsed,
            )
        )

    def is_moving(self, now: float) -> bool:
        """Not when it has come to an end of its way."""
        return self.at(now) != self.at(now + 0.1)

    def turned_to(self, position: Position, now: float) -> "Head":
        """Looks there at once, and a move that was going on is over."""
        still = Position(0.0, 0.0, 0.0)
        return replace(self, position=self._within(position), velocity=still, since=now)

    def turning(
        self,
        now: float,
        *,
        pan: float | None = None,
        tilt: float | None = None,
        zoom: float | None = None,
    ) -> "Head":
        """Continuous moves in percent of full speed; what is not said goes on."""
        turn = self.speed / 100 * DEGREES_PER_SECOND / 100
        velocity = Position(
            self.velocity.pan if pan is None else pan * turn,
            self.velocity.tilt if tilt is None else tilt * turn,
            self.velocity.zoom if zoom is None else zoom * STEPS_PER_SECOND / 100,
        )
        return replace(self, position=self.at(now), velocity=velocity, since=now)

    def with_speed(self, speed: int) -> "Head":
        return replace(self, speed=speed)

    def with_preset(self, name: str, now: float) -> "Head":
        return replace(self, presets={**self.presets, name: self.at(now)})

    def without_preset(self, name: str) -> "Head":
        kept = {key: position for key, position in self.presets.items() if key != name}
        return replace(self, presets=kept)

    def preset_number(self, number: int) -> str | None:
        """Presets are numbered from 1 in the order in which they were made."""
        names = list(self.presets)
        return names[number - 1] if 1 <= number <= len(names) else None

    def _within(self, wanted: Position) -> Position:
        if self.limits.turns_around:
            pan = (wanted.pan + 180.0) % 360.0 - 180.0
        else:
            pan = _between(wanted.pan, self.limits.pan)
        return Position(
            pan, _between(wanted.tilt, self.limits.tilt), _between(wanted.zoom, self.limits.zoom)
        )


def _between(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
