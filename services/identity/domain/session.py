"""Sessions: how long they last, and how often it is noted that they are used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.caller import Level
from contracts.errors import Invalid, NotFound
from services.identity.domain.settings import IdentitySettings

# Introspection is on the way of every request: it writes at most this often.
SEEN_EVERY = timedelta(minutes=1)


class SessionNotFound(NotFound):
    """The account has no live session with this id."""

    code = "session-not-found"


class KeepingNotAllowed(Invalid):
    """This installation keeps nobody signed in for longer."""

    code = "keeping-not-allowed"


@dataclass(frozen=True)
class Lifetime:
    """``ends_at`` stands from the beginning; unused for ``idle`` it ends sooner."""

    ends_at: datetime
    last_seen_at: datetime
    idle: timedelta

    @property
    def over_at(self) -> datetime:
        return min(self.ends_at, self.last_seen_at + self.idle)

    def is_live(self, now: datetime) -> bool:
        return now < self.over_at


def life(settings: IdentitySettings, level: Level, *, is_kept: bool) -> timedelta:
    """How long a session lasts at the most."""
    if level is Level.MANAGE:
        return settings.manage_life
    return settings.kept_session_life if is_kept else settings.session_life


def lifetime(
    settings: IdentitySettings,
    level: Level,
    plain: Lifetime,
    started_at: datetime,
    *,
    is_kept: bool,
) -> Lifetime:
    """A kept session is as short as any other once nobody is to be kept any more.

    :param plain: as if it was neither kept nor one of the Manage area.
    """
    if level is Level.MANAGE:
        return replace(plain, idle=settings.manage_idle)
    if is_kept and settings.keep_signed_in:
        return replace(plain, idle=settings.kept_session_idle)
    return replace(plain, ends_at=min(plain.ends_at, started_at + settings.session_life))


def is_due_to_be_noted(noted_at: datetime | None, now: datetime) -> bool:
    """Whether to write down that a session or an API token is used ``now``."""
    return noted_at is None or now - noted_at >= SEEN_EVERY
