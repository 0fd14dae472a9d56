"""The test clock: operators of a demo move time, and each night on the way passes as always (M1)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import MovableClock
from chassis.idempotency import Dumped, Replayed, once
from chassis.rpc import rpc
from contracts.errors import NotFound
from contracts.test_clock import AdvanceTestClock, ClockView
from services.licensing.service.nightly import Nightly

DAY = timedelta(days=1)
# From an announcement here to the mail about it.
FOLLOW_SECONDS = 3.0

# Time belongs to nobody's account: an errand is known again whichever operator repeats it.
_INSTALLATION = UUID(int=0)
_one_at_a_time = threading.Lock()


class NoTestClock(NotFound):
    """Time moves by itself here."""

    code = "test-clock-unavailable"


class MovingTime(Nightly):
    @rpc(gives=ClockView)
    def get_test_clock(self) -> dict[str, Any]:
        """For operators."""
        return {"now": self._test_clock().now()}

    @rpc(takes=AdvanceTestClock, gives=ClockView)
    def advance_test_clock(self, days: int, idempotency_key: str) -> Dumped:
        """Forward only; whoever asks again while it moves waits for it to arrive."""
        clock = self._test_clock()
        with _one_at_a_time:
            try:
                with self.db() as session:
                    claim = once(
                        session,
                        _INSTALLATION,
                        "advance_test_clock",
                        idempotency_key,
                        {"days": days},
                        gives=ClockView,
                        now=clock.now(),
                    )
                    answer = claim.answer({"now": clock.now() + days * DAY}).answer
            except Replayed as earlier:
                # It may have been interrupted on the way.
                answer = earlier.answer
            self._move(clock, datetime.fromisoformat(answer["now"]))
        return Dumped(answer)

    def _move(self, clock: MovableClock, until: datetime) -> None:
        while (left := until - clock.now()) > timedelta():
            clock.advance(min(DAY, left))
            # A mail that was not sent in its days is of no use: whoever carries it has time to.
            clock.rest(FOLLOW_SECONDS if self.begin_days() else 0)

    def _test_clock(self) -> MovableClock:
        """:raises NoTestClock: in production to everybody, before anything is asked."""
        if self.kit.config.is_production:
            raise _unavailable()
        self.access.require_operator()
        if not isinstance(self.clock, MovableClock):
            raise _unavailable()
        return self.clock


def _unavailable() -> NoTestClock:
    return NoTestClock("This installation has no test clock: its time is everybody's.")
