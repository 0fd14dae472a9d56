"""Throttle: how often something may be tried, and how often it is written down.

Tokens of invitations are counted before they are looked at, refusals when they are recorded.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.errors import TooMany

DAY = timedelta(days=1)
# Somebody who is refused the same thing again and again leaves one record in this time.
RECORDED_EACH = timedelta(minutes=1)
_LIMIT = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


class TooManyInvitationTokens(TooMany):
    """Too many tokens of invitations came from one IP address."""

    code = "too-many-invitation-tokens"


@dataclass(frozen=True)
class Limit:
    most: int
    within: timedelta

    @classmethod
    def read(cls, text: str) -> Limit:
        """``20/60`` as twenty within a minute.

        :raises ValueError: it is not of that form.
        """
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError(f"A limit is written as `count/seconds`, not {text!r}.")
        return cls(int(found[1]), timedelta(seconds=int(found[2])))


@dataclass(frozen=True)
class Tally:
    """Tries since ``started_at``; a window opens with the first try in it."""

    count: int
    started_at: datetime

    def one_more(self, limit: Limit, now: datetime) -> Tally:
        """:raises TooManyInvitationTokens: the window is full; says when it ends."""
        ends_at = self.started_at + limit.within
        if now >= ends_at:
            return Tally(1, now)
        if self.count >= limit.most:
            raise TooManyInvitationTokens(
                "Too many links of invitations were tried. Wait a while.",
                retry_after=max(1, math.ceil((ends_at - now).total_seconds())),
            )
        return Tally(self.count + 1, self.started_at)

    def one_more_refusal(self, now: datetime) -> tuple[Tally, int | None]:
        """With how many were only counted since the last record; None: so is this one."""
        if self.count and now < self.started_at + RECORDED_EACH:
            return Tally(self.count + 1, self.started_at), None
        return Tally(1, now), max(0, self.count - 1)


def until_a_day_after(moment: datetime, now: datetime) -> int:
    """In whole seconds, one at least."""
    return max(1, math.ceil((moment + DAY - now).total_seconds()))
