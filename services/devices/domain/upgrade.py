"""Upgrade: one device on its way to one version, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.devices.domain.recommendation import Objection
from services.devices.domain.trouble import Cause
from services.devices.domain.version import Version


class State(StrEnum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    PREFLIGHT = "preflight"
    UPLOADING = "uploading"
    REBOOTING = "rebooting"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def is_active(self) -> bool:
        return self in ACTIVE


ACTIVE = frozenset(
    {
        State.SCHEDULED,
        State.WAITING,
        State.PREFLIGHT,
        State.UPLOADING,
        State.REBOOTING,
        State.VERIFYING,
    }
)


class Outcome(StrEnum):
    """Why an upgrade ended otherwise than by success, beside the causes of trouble."""

    NEVER_CAME_BACK = "never_came_back"
    NEVER_REBOOTED = "never_rebooted"
    NEVER_READY = "never_ready"
    CAME_BACK_WITH_THE_OLD_VERSION = "came_back_with_the_old_version"
    RAN_ANOTHER_VERSION = "ran_another_version"
    DEVICE_DELETED = "device_deleted"
    ORGANIZATION_ARCHIVED = "organization_archived"


Reason = Objection | Cause | Outcome


@dataclass(frozen=True)
class Pace:
    """How patient upgrades are; from the settings."""

    poll: timedelta
    linger: timedelta
    health: timedelta
    boot_patience: timedelta
    patience: timedelta
    retry_first: timedelta
    retry_most: timedelta

    def retry(self, tries: int, jitter: float) -> timedelta:
        """Doubles with each try up to the longest; ``jitter`` in 0..1 adds up to a quarter."""
        doublings: int = 2 ** min(max(tries - 1, 0), 20)
        return min(self.retry_first * doublings, self.retry_most) * (1 + jitter / 4)


@dataclass(frozen=True)
class Upgrade:
    """``attempt`` counts uploads that were begun, ``tries`` the setbacks since the last progress.

    ``boot_id`` and ``uptime`` are those of the boot before the upload; ``was_down`` that the camera
    was away since; ``is_accepted`` that it said yes to the image.
    """

    state: State
    to_version: Version
    from_version: Version
    created_at: datetime
    since: datetime
    attempt: int = 0
    tries: int = 0
    boot_id: str | None = None
    uptime: int | None = None
    was_down: bool = False
    is_accepted: bool = False
    reason: Reason | None = None

    def moved(self, state: State, now: datetime, reason: Reason | None = None) -> Upgrade:
        return replace(
            self,
            state=state,
            since=now if state is not self.state else self.since,
            reason=reason,
        )


@dataclass(frozen=True)
class Transition:
    """``due_at`` is None once the upgrade has ended; ``says`` goes into its log."""

    upgrade: Upgrade
    due_at: datetime | None
    says: str = ""


@dataclass(frozen=True)
class Instant:
    """When it was seen, how patient we are, and this time's share of chance (0 to 1)."""

    now: datetime
    pace: Pace
    jitter: float = 0.0
