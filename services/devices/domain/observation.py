"""Observation: what a worker saw or brought about at a camera, without judgment."""

from __future__ import annotations

from dataclasses import dataclass

from services.devices.domain.recommendation import Objection
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import Upgrade
from services.devices.domain.version import Version


@dataclass(frozen=True)
class Looked:
    """The camera answered.

    ``version`` is unknown while it is not ready; ``boot_id`` and ``uptime`` on releases before 11;
    ``is_committed`` is None where there is no second firmware to speak of. ``objection`` is what
    the catalogue has against the upgrade, judged by the version seen.
    """

    is_ready: bool
    version: Version | None = None
    boot_id: str | None = None
    uptime: int | None = None
    is_committed: bool | None = None
    objection: Objection | None = None

    @property
    def is_on_trial(self) -> bool:
        return self.is_committed is False

    def is_new_boot(self, upgrade: Upgrade) -> bool:
        """A changed boot id; where there is none, a smaller uptime, an absence, or the target."""
        if self.boot_id is not None and upgrade.boot_id is not None:
            return self.boot_id != upgrade.boot_id
        if self.uptime is not None and upgrade.uptime is not None and self.uptime < upgrade.uptime:
            return True
        # The boot id itself appears with version 11, and the target only runs after a boot.
        return upgrade.was_down or self.version == upgrade.to_version


@dataclass(frozen=True)
class Troubled:
    """It did not answer, or not as wished; ``words`` are the camera's own, where it had any."""

    cause: Cause
    words: str = ""


@dataclass(frozen=True)
class Accepted:
    """The camera has the image, found it good, and is about to restart."""


@dataclass(frozen=True)
class AnswerLost:
    """The whole image was sent and no answer came."""


@dataclass(frozen=True)
class Confirmed:
    """The camera keeps the new version from now on."""


Observation = Looked | Troubled | Accepted | AnswerLost | Confirmed
