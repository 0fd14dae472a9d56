"""What can be wrong with a camera, switched on and off through the control API."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from types import MappingProxyType
from typing import Final

# What a fault may be beside true and false.
KINDS: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {
        "answer_delay_seconds": (int, float),
        "answers_lost": (bool, int),
        "http_status": (int,),
        "slow_bytes_per_second": (int,),
        "drop_after_bytes": (int,),
        "answer_lost": (bool, int),
        "upgrade_error": (int,),
        "upgrade_error_times": (int,),
        "boot_fails": (bool, int),
        "other_serial": (str,),
        "stream_breaks_after": (int,),
    }
)


class UnknownFault(ValueError):
    """The control API was asked for a fault that does not exist or cannot have this value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """All of them off.

    Counted faults go away by themselves after that many times; `True` stays until it is cleared.
    """

    offline: bool = False
    """Connections are refused."""
    silent: bool = False
    """Connections are taken and requests never answered."""
    answer_delay_seconds: float | None = None
    """Every answer takes so much longer."""
    answers_lost: bool | int = False
    """Counted. What is asked for is done, and the connection closed instead of an answer."""
    throttled: bool = False
    """Whoever asks is kept out, as after too many wrong passwords."""
    html_instead: bool = False
    """Every answer is an HTML page with status 200, as from a portal in between."""
    http_status: int | None = None
    """Every VAPIX request is answered with this status."""
    slow_bytes_per_second: int | None = None
    """The rate at which an image is taken."""
    drop_after_bytes: int | None = None
    """The connection breaks when so much of an image has arrived."""
    answer_lost: bool | int = False
    """Counted. The connection is closed after the image; the upgrade goes on."""
    upgrade_error: int | None = None
    """The error code that every upgrade gets."""
    upgrade_error_times: int | None = None
    """How often `upgrade_error` happens; always unless told."""
    boot_fails: bool | int = False
    """Counted. A new firmware does not boot: the camera comes back with the old one."""
    stuck: bool = False
    """After the next boot the camera never gets ready."""
    reboot_loop: bool = False
    """The camera restarts as soon as it is up, again and again."""
    never_back: bool = False
    """After the next reboot the camera stays away."""
    other_serial: str | None = None
    """The serial number of the camera that somebody put at this address."""
    other_certificate: bool = False
    """Another certificate over TLS."""
    refuse_sign_in: bool = False
    """No account is accepted, as after a change of the password."""
    locked_until_setup: bool = False
    """Without a first account not even the serial number is told."""
    stream_breaks_after: int | None = None
    """The connection breaks after so many live pictures."""
    disk_gone: bool = False
    """There is no SD card, and nothing that was recorded."""
    no_internet: bool = False
    """The owner authentication key cannot be fetched."""

    def changed(self, wanted: Mapping[str, object]) -> "Faults":
        """With these values; `None` clears one."""
        defaults = Faults()
        names = {entry.name for entry in fields(self)}
        values: dict[str, object] = {}
        for name, value in wanted.items():
            if name not in names:
                raise UnknownFault(f"There is no fault {name}.")
            if value is None:
                values[name] = getattr(defaults, name)
                continue
            if not _is_allowed(name, value):
                raise UnknownFault(f"The fault {name} cannot be {value!r}.")
            values[name] = value
        return replace(self, **values)  # type: ignore[arg-type]

    def after(self, name: str) -> "Faults":
        """One time less of a counted fault."""
        value = getattr(self, name)
        if value is True or not value:
            return self
        return self.changed({name: value - 1 or None})

    def as_json(self) -> dict[str, object]:
        """Only those that are on."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, False)}


def _is_allowed(name: str, value: object) -> bool:
    if type(value) not in KINDS.get(name, (bool,)):
        return False
    return isinstance(value, bool | str) or (
        isinstance(value, int | float) and isfinite(value) and value > 0
    )
