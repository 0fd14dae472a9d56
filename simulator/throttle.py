"""The protection against guessed passwords: too many wrong ones, and an address has to wait."""

from dataclasses import dataclass, field
from typing import Final

SWITCH: Final = "System.PreventDoSAttack.ActivatePasswordThrottling"
FAILURES: Final = 20
WINDOW_SECONDS: Final = 1.0
BLOCK_SECONDS: Final = 10.0


@dataclass(slots=True)
class Throttle:
    """The failures of one camera by client address."""

    _recent: dict[str, list[float]] = field(default_factory=dict)
    _blocked: dict[str, float] = field(default_factory=dict)

    def is_blocked(self, address: str, now: float) -> bool:
        until = self._blocked.get(address)
        if until is None:
            return False
        if now >= until:
            del self._blocked[address]
            return False
        return True

    def failed(self, address: str, now: float) -> None:
        recent = [
            moment for moment in self._recent.get(address, []) if moment > now - WINDOW_SECONDS
        ]
        recent.append(now)
        self._recent[address] = recent
        if len(recent) > FAILURES:
            self._blocked[address] = now + BLOCK_SECONDS
            del self._recent[address]
