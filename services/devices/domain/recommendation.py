"""Recommendation: which release a device should run, and why another one does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.errors import Conflict, Invalid
from services.devices.domain.version import Version, next_long_term

RECOMMENDED = "recommended"


class NothingToUpgrade(Conflict):
    """None of the chosen devices is there, or none of them may be upgraded by the caller."""

    code = "nothing-to-upgrade"


class CampaignUnclear(Invalid):
    """A campaign is for certain devices or for a model: say one of the two."""

    code = "campaign-unclear"


class ReleaseUnknown(Invalid):
    """The catalogue holds no image of the version, and none of the devices runs it."""

    code = "firmware-release-unknown"


class Objection(StrEnum):
    """Why an upgrade is not begun."""

    ALREADY_INSTALLED = "already_installed"
    INCOMPATIBLE = "incompatible"
    NO_PATH = "no_path"
    REVOKED = "revoked"
    ALREADY_UPGRADING = "already_upgrading"


@dataclass(frozen=True)
class Model:
    """What decides which images a device takes."""

    product: str
    hardware_id: str


@dataclass(frozen=True)
class Release:
    """One image as one product may take it.

    ``upgradeable_from`` lists whole versions or their beginnings; None where the image, made before
    version 11, does not say. An empty ``hardware_id`` stands for any.
    """

    image_id: UUID
    model: Model
    version: Version
    upgradeable_from: tuple[str, ...] | None = None
    is_preview: bool = False
    is_revoked: bool = False

    def fits(self, model: Model) -> bool:
        own, other = self.model.hardware_id, model.hardware_id
        return self.model.product == model.product and (own == other or not own or not other)

    def admits(self, current: Version) -> bool:
        """Whether a device may go to it in one step: the image's word, else the long-term rule."""
        if self.version <= current:
            return False
        if self.upgradeable_from is not None:
            return any(current.begins_with(prefix) for prefix in self.upgradeable_from)
        stop = next_long_term(current)
        return stop is None or self.version.branch <= stop


def recommended(model: Model, current: Version, releases: Iterable[Release]) -> Release | None:
    """The newest release the device may go to; None when it is as new as can be."""
    candidates = [
        release
        for release in releases
        if release.fits(model)
        and release.admits(current)
        and not release.is_revoked
        and not release.is_preview
    ]
    return max(candidates, key=lambda release: release.version, default=None)


def objection(model: Model, current: Version, release: Release) -> Objection | None:
    """What stands against bringing a device of this model from ``current`` to ``release``."""
    if not release.fits(model):
        return Objection.INCOMPATIBLE
    if release.version == current:
        return Objection.ALREADY_INSTALLED
    if release.is_revoked:
        return Objection.REVOKED
    if not release.admits(current):
        return Objection.NO_PATH
    return None


@dataclass(frozen=True)
class Plan:
    """What a campaign does with one device: bring it to a release, or pass it over."""

    release: Release | None
    objection: Objection | None


def plan(model: Model, current: Version, releases: Iterable[Release], target: str) -> Plan:
    """``target`` is a version or ``recommended``."""
    known = list(releases)
    if target == RECOMMENDED:
        found = recommended(model, current, known)
        return Plan(found, None if found else Objection.ALREADY_INSTALLED)
    wanted = Version.parse(target)
    if wanted == current:
        return Plan(None, Objection.ALREADY_INSTALLED)
    release = next((one for one in known if one.version == wanted and one.fits(model)), None)
    if release is None:
        return Plan(None, Objection.INCOMPATIBLE)
    stands_against = objection(model, current, release)
    return Plan(None if stands_against else release, stands_against)


def require_known(target: str, current: Iterable[Version], releases: Iterable[Release]) -> None:
    """:raises ReleaseUnknown: the version is neither in the catalogue nor on a device."""
    if target == RECOMMENDED:
        return
    wanted = Version.parse(target)
    if wanted not in {*current, *(release.version for release in releases)}:
        raise ReleaseUnknown(f"The catalogue holds no image of {target} for these devices.")
