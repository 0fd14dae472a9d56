"""Device: what is known of a camera, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from contracts.errors import Conflict, NotFound
from services.devices.domain.recommendation import Model
from services.devices.domain.version import Version


class DeviceNotFound(NotFound):
    """There is none with this id in the organization, or the caller may not see it."""

    code = "device-not-found"


class DeviceExists(Conflict):
    """A device with this serial number is managed already, here or by another organization."""

    code = "device-exists"


class DeviceUpgrading(Conflict):
    """An upgrade of the device is under way; wait until it has ended."""

    code = "device-upgrading"


class CampaignNotFound(NotFound):
    """There is none with this id in the organization."""

    code = "campaign-not-found"


class UpgradeNotFound(NotFound):
    """There is none with this id in the organization, or the caller may not see its device."""

    code = "upgrade-not-found"


class Scheme(StrEnum):
    HTTP = "http"
    HTTPS = "https"


class Trust(StrEnum):
    """What a certificate is checked against; nothing stands for plain HTTP."""

    PIN = "pin"
    CA = "ca"


class Reachability(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"
    CREDENTIALS_REFUSED = "credentials_refused"
    CERTIFICATE_CHANGED = "certificate_changed"
    WRONG_SERIAL = "wrong_serial"


class DeviceState(StrEnum):
    MANAGED = "managed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Address:
    """``fingerprint`` is the SHA-256 of the pinned certificate in hex."""

    host: str
    port: int
    scheme: Scheme
    trust: Trust = Trust.PIN
    fingerprint: str | None = None

    @property
    def is_secure(self) -> bool:
        return self.scheme is Scheme.HTTPS


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """What a camera says of itself."""

    serial: str
    product: str
    full_name: str
    variant: str
    hardware_id: str
    soc: str
    version: Version

    @property
    def model(self) -> Model:
        return Model(self.product, self.hardware_id)


def sealed_for(device_id: UUID) -> str:
    """The place a password is sealed for: it opens nowhere else."""
    return f"device-password|{device_id}"
