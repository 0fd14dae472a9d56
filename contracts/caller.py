"""Caller: who a request is made for, as identity vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.errors import StepUpRequired

STEP_UP_WITHIN = timedelta(minutes=10)


class Level(StrEnum):
    """How a session was opened (security 2.6)."""

    AAL1 = "aal1"
    AAL1_EMAIL = "aal1+"
    AAL2 = "aal2"
    MANAGE = "manage"


@dataclass(frozen=True)
class Caller:
    account_id: UUID
    session_id: UUID
    level: Level
    authenticated_at: datetime

    def require_step_up(self, now: datetime) -> None:
        """Refuse unless credentials were entered within the last ten minutes (security 2.7)."""
        if now - self.authenticated_at > STEP_UP_WITHIN:
            raise StepUpRequired("Enter your credentials again, then repeat the request.")
