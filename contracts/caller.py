"""Caller: who a request is made for, as identity vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.errors import PersonRequired, StepUpRequired, TokenScopeMissing

# How long credentials are fresh, where identity says nothing else (security 2.7).
STEP_UP_WITHIN = timedelta(minutes=10)


class Level(StrEnum):
    """How a session was opened (security 2.6)."""

    AAL1 = "aal1"
    AAL1_EMAIL = "aal1+"
    AAL2 = "aal2"
    MANAGE = "manage"
    TOKEN = "token"


@dataclass(frozen=True)
class Caller:
    account_id: UUID
    session_id: UUID
    level: Level
    authenticated_at: datetime
    scopes: frozenset[str] | None = None
    """What an API token is limited to; None: a session, limited by nothing."""
    has_authenticator: bool = False
    """Whether the owner of an API token has one registered; of a session its level says it."""
    fresh_for: timedelta = STEP_UP_WITHIN
    """How long its credentials are fresh, as identity's settings say."""

    def __post_init__(self) -> None:
        # A token whose scopes were lost on the way would be worth as much as a session.
        if (self.level is Level.TOKEN) is not (self.scopes is not None):
            raise ValueError("API tokens have scopes, sessions have none.")

    @property
    def is_strong(self) -> bool:
        """An authenticator stands behind it: what an organization may ask of its members."""
        return self.level is Level.AAL2 or (self.level is Level.TOKEN and self.has_authenticator)

    def require_scope(self, scope: str) -> None:
        """Refuse unless a person is signed in, or their API token was given the scope.

        Asked before anything is read, so that a token learns nothing by what it may not do.

        :raises TokenScopeMissing: ``scope`` among the facts.
        """
        if self.scopes is not None and scope not in self.scopes:
            raise TokenScopeMissing("The API token was not given this scope.", scope=scope)

    def require_person(self) -> None:
        """Refuse API tokens: nothing a program does may change who its owner is.

        :raises PersonRequired:
        """
        if self.scopes is not None:
            raise PersonRequired("Only a person who signed in may do this, no API token.")

    def require_step_up(self, now: datetime) -> None:
        """Refuse unless credentials were entered a short while ago, ten minutes as a rule (2.7).

        :raises PersonRequired:
        :raises StepUpRequired:
        """
        self.require_person()
        if now - self.authenticated_at > self.fresh_for:
            raise StepUpRequired("Enter your credentials again, then repeat the request.")
