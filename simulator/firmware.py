"""The two firmware slots of a camera: upgrade on trial, commit, rollback, purge."""

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Final, TypeVar

from simulator.image import ImageHeader
from simulator.profiles import Profile
from simulator.releases import can_roll_back, release
from simulator.settings import Settings

DEFAULT_ROLLBACK_MINUTES: Final = 10


class Code(IntEnum):
    """The error codes of the firmware API."""

    UNPARSABLE = 400
    NOTHING_TO_ROLL_BACK_TO = 404
    UNKNOWN_METHOD = 405
    OLDER_VERSION = 409
    REVOKED = 410
    UNCOMMITTED = 412
    INVALID_IMAGE = 415
    API_VERSION = 417
    OTHER_DEVICE = 421
    UNSIGNED = 422
    BUSY = 423
    UNKNOWN_CERTIFICATE = 424
    INTERNAL = 500


TEXTS: Final = {
    Code.UNPARSABLE: "The request could not be parsed.",
    Code.NOTHING_TO_ROLL_BACK_TO: "There is no old firmware to roll back to.",
    Code.UNKNOWN_METHOD: "Unknown method in request.",
    Code.OLDER_VERSION: "Downgrade is only allowed if factoryDefault=hard is set.",
    Code.REVOKED: "The firmware version has been revoked.",
    Code.UNCOMMITTED: "The active firmware is not committed.",
    Code.INVALID_IMAGE: "Invalid firmware image.",
    Code.API_VERSION: "The requested API version is not supported.",
    Code.OTHER_DEVICE: "Firmware image does not match this device.",
    Code.UNSIGNED: "The mandatory firmware signature is missing.",
    Code.BUSY: "Another firmware management request is in progress.",
    Code.UNKNOWN_CERTIFICATE: "The custom firmware certificate is unknown.",
    Code.INTERNAL: "Internal error.",
}


class FirmwareRefused(Exception):
    """The camera's no, in its own words."""

    def __init__(self, code: int, message: str | None = None) -> None:
        known = Code(code) if code in list(Code) else Code.INTERNAL
        super().__init__(message or TEXTS[known])
        self.code = code
        self.message = message or TEXTS[known]


class AutoCommit(StrEnum):
    NEVER = "never"
    BOOT = "boot"
    STARTED = "started"


class FactoryDefault(StrEnum):
    NONE = "none"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeOptions:
    """What the client asked for, with every `default` resolved."""

    factory_default: FactoryDefault = FactoryDefault.NONE
    auto_commit: AutoCommit = AutoCommit.STARTED
    rollback_minutes: int | None = DEFAULT_ROLLBACK_MINUTES


_Kind = TypeVar("_Kind", bound=StrEnum)


def _choice(kind: type[_Kind], value: object, default: _Kind) -> _Kind:
    if value is None:
        return default
    try:
        return kind(str(value))
    except ValueError:
        raise FirmwareRefused(Code.UNPARSABLE) from None


def upgrade_options(params: dict[str, object]) -> UpgradeOptions:
    """Each automatism is off by default as soon as the other one was chosen."""
    if params.keys() - {"factoryDefaultMode", "autoCommit", "autoRollback"}:
        raise FirmwareRefused(Code.UNPARSABLE)
    if not all(isinstance(value, str) for value in params.values()):
        raise FirmwareRefused(Code.UNPARSABLE)
    mode = _choice(FactoryDefault, params.get("factoryDefaultMode"), FactoryDefault.NONE)
    commit = str(params.get("autoCommit", "default"))
    rollback = str(params.get("autoRollback", "default"))

    if commit != "default":
        auto_commit = _choice(AutoCommit, commit, AutoCommit.NEVER)
    elif rollback != "default":
        auto_commit = AutoCommit.NEVER
    else:
        is_kept = mode is FactoryDefault.NONE
        auto_commit = AutoCommit.STARTED if is_kept else AutoCommit.BOOT

    minutes: int | None = None
    if rollback == "default":
        minutes = DEFAULT_ROLLBACK_MINUTES if commit == "default" else None
    elif rollback.isascii() and rollback.isdigit() and int(rollback) > 0:
        minutes = int(rollback)
    elif rollback != "never":
        raise FirmwareRefused(Code.UNPARSABLE)
    return UpgradeOptions(factory_default=mode, auto_commit=auto_commit, rollback_minutes=minutes)


@dataclass(frozen=True, slots=True)
class Slot:
    """A firmware with the settings it ran with."""

    version: str
    part: str
    settings: Settings = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """The running firmware, the one before it, and what is still to be decided."""

    active: Slot
    inactive: Slot | None = None
    is_committed: bool = True
    auto_commit: AutoCommit = AutoCommit.NEVER
    rollback_minutes: int | None = None
    upgraded_at: str | None = None

    def purged(self) -> "Firmware":
        """Without the old firmware; refused while the new one is on trial."""
        if not self.is_committed:
            raise FirmwareRefused(Code.UNCOMMITTED)
        return replace(self, inactive=None, upgraded_at=None)

    def committed(self) -> "Firmware":
        return replace(self, is_committed=True, auto_commit=AutoCommit.NEVER, rollback_minutes=None)

    def without_automatisms(self) -> "Firmware":
        return replace(self, auto_commit=AutoCommit.NEVER, rollback_minutes=None)

    def rolled_back(self) -> "Firmware":
        """The old firmware with its settings; there is one step only."""
        if self.inactive is None:
            raise FirmwareRefused(Code.NOTHING_TO_ROLL_BACK_TO)
        return Firmware(active=self.inactive)

    def upgraded(
        self, header: ImageHeader, options: UpgradeOptions, upgraded_at: str
    ) -> "Firmware":
        """The new firmware, on trial when it knows how to go back."""
        settings = self.active.settings
        if options.factory_default is not FactoryDefault.NONE:
            is_hard = options.factory_default is FactoryDefault.HARD
            settings = settings.defaulted(hard=is_hard)
        new = Slot(header.version, header.part, settings)
        if not can_roll_back(header.version):
            return Firmware(active=new)
        return Firmware(
            active=new,
            inactive=self.active,
            is_committed=False,
            auto_commit=options.auto_commit,
            rollback_minutes=options.rollback_minutes,
            upgraded_at=upgraded_at,
        )

    def defaulted(self, *, hard: bool) -> "Firmware":
        """Factory settings; the old firmware stays only for a trial that still needs it."""
        active = replace(self.active, settings=self.active.settings.defaulted(hard=hard))
        if self.is_committed:
            return Firmware(active=active)
        return replace(self, active=active)

    def with_settings(self, settings: Settings) -> "Firmware":
        return replace(self, active=replace(self.active, settings=settings))


def check_image(
    header: ImageHeader | None,
    size: int,
    *,
    profile: Profile,
    version: str,
    options: UpgradeOptions,
) -> ImageHeader:
    """The image, if this camera takes it."""
    # Real cameras call garbage an image of another device, too.
    if header is None or not header.is_for(profile) or not header.may_follow(version):
        raise FirmwareRefused(Code.OTHER_DEVICE)
    if size < header.payload_size:
        raise FirmwareRefused(Code.INVALID_IMAGE)
    if header.signing_domain == "":
        raise FirmwareRefused(Code.UNSIGNED)
    if header.signing_domain != "release":
        raise FirmwareRefused(Code.UNKNOWN_CERTIFICATE)
    if header.version in profile.revoked:
        raise FirmwareRefused(Code.REVOKED)
    is_older = release(header.version) < release(version)
    if is_older and options.factory_default is not FactoryDefault.HARD:
        raise FirmwareRefused(Code.OLDER_VERSION)
    return header
