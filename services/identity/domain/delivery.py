"""When a mail is tried again.

waiting ──handed over──▶ sent
   ├──not handed over──▶ waiting, later each time; failed after the last
   ├──refused for good──▶ failed
   └──too late to be of use──▶ expired
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=30)
TRIES_MOST = 60
# A replica that died in the midst of sending lets go of its mails after this.
LEASE = timedelta(minutes=2)


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"


def delay_after(tries: int) -> timedelta:
    """Doubling from five seconds to half an hour."""
    return min(FIRST_DELAY * int(2 ** min(tries - 1, 20)), LONGEST_DELAY)


def after_failure(
    tries: int, now: datetime, expires_at: datetime, *, is_permanent: bool = False
) -> tuple[MailState, datetime]:
    """What becomes of a mail that was not handed over, and when it is due."""
    if is_permanent:
        return MailState.FAILED, now
    due_at = now + delay_after(tries)
    if due_at >= expires_at:
        return MailState.EXPIRED, now
    if tries >= TRIES_MOST:
        return MailState.FAILED, now
    return MailState.WAITING, due_at
