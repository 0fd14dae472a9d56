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


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The APIs of every release from `since` up to the next offer; what is listed may lag."""

    since: Release
    basic_device_info: str | None = None
    firmware_management: str | None = None
    listed_firmware_management: str | None = None
    system_ready: str | None = None
    listed_system_ready: str | None = None
    network_settings: str = "1.10"
    listed_network_settings: str = "1.10"
    time_service: str = "1.0"
    user_management: str = "1.0"
    ntp: str = "1.1"


OFFERS: Final = (
    Offer(since=(0,)),
    Offer(
        since=(7, 40),
        firmware_management="1.0",
        listed_firmware_management="1.0",
    ),
    Offer(
        since=(8, 40),
        basic_device_info="1.0",
        firmware_management="1.0",
        listed_firmware_management="1.0",
    ),
    Offer(
        since=(9, 50),
        basic_device_info="1.2",
        firmware_management="1.1",
        listed_firmware_management="1.1",
        system_ready="1.1",
        listed_system_ready="1.1",
    ),
    Offer(
        since=(9, 80),
        basic_device_info="1.2",
        firmware_management="1.2",
        listed_firmware_management="1.2",
        system_ready="1.1",
        listed_system_ready="1.1",
    ),
    Offer(
        since=(10, 12),
        basic_device_info="1.2",
        firmware_management="1.4",
        listed_firmware_management="1.4",
        system_ready="1.2",
        listed_system_ready="1.2",
        network_settings="1.15",
        listed_network_settings="1.15",
        user_management="1.1",
        ntp="1.2",
    ),
    Offer(
        since=(11, 0),
        basic_device_info="1.3",
        firmware_management="1.5",
        listed_firmware_management="1.4",
        system_ready="1.4",
        listed_system_ready="1.4",
        network_settings="1.33",
        listed_network_settings="1.33",
        time_service="1.1",
        user_management="1.2",
        ntp="1.4",
    ),
    Offer(
        since=(12, 0),
        basic_device_info="1.3",
        firmware_management="1.8",
        listed_firmware_management="1.8",
        system_ready="1.5",
        listed_system_ready="1.4",
        network_settings="1.38",
        listed_network_settings="1.37",
        time_service="1.1",
        user_management="1.2",
        ntp="1.5",
    ),
    Offer(
        since=(12, 11),
        basic_device_info="1.3",
        firmware_management="1.10",
        listed_firmware_management="1.10",
        system_ready="1.5",
        listed_system_ready="1.4",
        network_settings="1.38",
        listed_network_settings="1.37",
        time_service="1.1",
        user_management="1.2",
        ntp="1.5",
    ),
    Offer(
        since=(13, 0),
        basic_device_info="1.3",
        firmware_management="1.11",
        listed_firmware_management="1.10",
        system_ready="1.5",
        listed_system_ready="1.4",
        network_settings="1.40",
        listed_network_settings="1.40",
        time_service="1.1",
        user_management="1.2",
        ntp="1.5",
    ),
)


def offer(version: str) -> Offer:
    """What a camera with this version serves."""
    numbers = release(version)
    return next(entry for entry in reversed(OFFERS) if entry.since <= numbers)


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


def is_hardened(version: str) -> bool:
    """From 12 on less is on by default, and answers forbid browsers more."""
    return release(version) >= (12,)


def can_roll_back(version: str) -> bool:
    return release(version) >= (7, 40)


def has_legacy_commands(version: str) -> bool:
    """The commands before the firmware API, such as `restart.cgi`; AXIS OS 13 has none of them."""
    return release(version) < (13,)


def drops_legacy_upload(version: str) -> bool:
    """Old cameras answer nothing to an image: they hang up as soon as it is written."""
    return release(version) < (10,)


def has_rest_discovery(version: str) -> bool:
    return release(version) >= (11, 8)


def has_certificate_api(version: str) -> bool:
    return release(version) >= (11, 11)


def has_rest_time(version: str) -> bool:
    return release(version) >= (12,)


def has_time_parameters(version: str) -> bool:
    return release(version) < (13,)


def may_allow_unsigned_applications(version: str) -> bool:
    """Whether there is a switch for it at all."""
    return (11, 2) <= release(version) < (13,)


def takes_only_signed_applications(version: str) -> bool:
    return release(version) >= (13,)


def allows_unsigned_applications(version: str) -> bool:
    """Unless that switch says otherwise."""
    return release(version) < (12,)
