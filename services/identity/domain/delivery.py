"""When a mail is tried again.

waiting ──handed over──▶ sent
   ├──not handed over──▶ waiting, later each time; failed after the last
   ├──refused for good──▶ failed
   └──too late to be of use──▶ expired
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from contracts.delays import delay_after

TRIES_MOST = 60
# A replica that died in the midst of sending lets go of its mails after this.
LEASE = timedelta(minutes=2)


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    EXPIRED = "expired"
    FAILED = "failed"


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
