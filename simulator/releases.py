"""What AXIS OS offers from which release on."""

from dataclasses import dataclass
from typing import Final

Release = tuple[int, ...]


def release(version: str) -> Release:
    """`9.80.3.9` as numbers, so that 9.80 is newer than 9.9."""
    return tuple(int(number) for number in version.split("."))


def is_version(text: str) -> bool:
    """Three or four numbers with dots between them."""
    parts = text.split(".")
    return len(parts) in (3, 4) and all(part.isascii() and part.isdigit() for part in parts)


@dataclass(frozen=True, slots=True)
class Api:
    """One entry of the discovery list; what is served may be newer than what is listed."""

    id: str
    name: str
    served: str
    listed: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The APIs of every release from `since` up to the next offer."""

    since: Release
    basic_device_info: str | None
    firmware_management: str | None
    listed_firmware_management: str | None
    system_ready: str | None
    listed_system_ready: str | None
    network_settings: str = "1.10"
    time_service: str = "1.0"
    user_management: str = "1.0"
    ntp: str = "1.1"


OFFERS: Final = (
    Offer((0,), None, None, None, None, None),
    Offer((7, 40), None, "1.0", "1.0", None, None),
    Offer((8, 40), "1.0", "1.0", "1.0", None, None),
    Offer((9, 50), "1.2", "1.1", "1.1", "1.1", "1.1"),
    Offer((9, 80), "1.2", "1.2", "1.2", "1.1", "1.1"),
    Offer((10, 12), "1.2", "1.4", "1.4", "1.2", "1.2", "1.15", "1.0", "1.1", "1.2"),
    Offer((11, 0), "1.3", "1.5", "1.4", "1.4", "1.4", "1.33", "1.1", "1.2", "1.4"),
    Offer((12, 0), "1.3", "1.8", "1.8", "1.5", "1.4", "1.37", "1.1", "1.2", "1.5"),
    Offer((12, 11), "1.3", "1.10", "1.10", "1.5", "1.4", "1.37", "1.1", "1.2", "1.5"),
    Offer((13, 0), "1.3", "1.11", "1.10", "1.5", "1.4", "1.40", "1.1", "1.2", "1.5"),
)


def offer(version: str) -> Offer:
    """What a camera with this version serves."""
    numbers = release(version)
    return next(entry for entry in reversed(OFFERS) if entry.since <= numbers)


def discoverable(version: str) -> list[Api]:
    """The discovery list of this version, whose numbers may lag behind the APIs themselves."""
    o = offer(version)
    entries = [
        ("api-discovery", "API Discovery Service", "1.1", "1.1"),
        ("basic-device-info", "Basic Device Information", o.basic_device_info, o.basic_device_info),
        (
            "fwmgr",
            "Firmware Management API",
            o.firmware_management,
            o.listed_firmware_management,
        ),
        ("network-settings", "Network Settings API", o.network_settings, o.network_settings),
        ("ntp", "NTP API", o.ntp, o.ntp),
        ("param-cgi", "Legacy Parameter Handling", "1.0", "1.0"),
        ("systemready", "Systemready API", o.system_ready, o.listed_system_ready),
        ("time-service", "Time API", o.time_service, o.time_service),
        ("user-management", "User Management", o.user_management, o.user_management),
    ]
    return [
        Api(id_, name, served, listed or served) for id_, name, served, listed in entries if served
    ]


def has_boot_id(version: str) -> bool:
    return release(version) >= (11,)


def has_passphrase_policy(version: str) -> bool:
    return release(version) >= (12,)


def has_reset_source(version: str) -> bool:
    return release(version) >= (12, 11)


def any_initial_user_name(version: str) -> bool:
    """Before 11.5 the first user of a camera had to be called root."""
    return release(version) >= (11, 5)


def is_basic_over_tls(version: str) -> bool:
    """From 12 the recommended policy offers nothing but Basic over TLS."""
    return release(version) >= (12,)


def can_roll_back(version: str) -> bool:
    return release(version) >= (7, 40)
