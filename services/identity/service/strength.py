"""The meter of passwords, beside the loop and never in its way."""

from __future__ import annotations

import threading
from datetime import timedelta

import eventlet.patcher
import eventlet.tpool

from chassis.rpc import rpc
from contracts.identity import PasswordStrength, RatePassword
from services.identity.domain import strength
from services.identity.domain.strength import Strength
from services.identity.domain.throttle import throttled
from services.identity.service.recipes import Recipes

# Nobody needs a meter so much that a sign-in should wait for it.
TURN_WITHIN = timedelta(seconds=1)

# Whoever asks for a thousand leaves the other cores to the hashes.
_turn = threading.Semaphore(1)


class StrengthRecipes(Recipes):
    @rpc(takes=RatePassword, gives=PasswordStrength)
    def rate_password(self, password: str) -> dict[str, object]:
        """:raises Throttled: too many of one address, or just now of all."""
        now = self.clock.now()
        self.count_alone(
            self.per_ip("password-rating", self.settings.limit_password_ratings_per_ip), now
        )
        if not _turn.acquire(timeout=TURN_WITHIN.total_seconds()):
            raise throttled(now + TURN_WITHIN, now)
        try:
            found = _aside(password)
        finally:
            _turn.release()
        return {"score": found.score, "advice": found.advice}


def _aside(password: str) -> Strength:
    """In a real thread where others are green."""
    if eventlet.patcher.is_monkey_patched("thread"):
        found: Strength = eventlet.tpool.execute(strength.rated, password)
        return found
    return strength.rated(password)
