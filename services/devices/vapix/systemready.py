"""systemready.cgi: whether a camera is up, and since which boot; told to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.devices.vapix import envelope
from services.devices.vapix.errors import Unsupported
from services.devices.vapix.session import Session

PATH = "/axis-cgi/systemready.cgi"


class PassphrasePolicy(StrEnum):
    """What a camera asks of passwords: nothing, 15 characters, or 12 of four kinds."""

    NONE = "none"
    LENGTH = "length"
    COMPLEX = "complex"


@dataclass(frozen=True)
class Readiness:
    """Releases before 11 tell neither uptime nor boot id, and before 12 no policy.

    ``preview_seconds`` is how long a camera without a user shows its pictures to everybody.
    """

    is_ready: bool
    needs_setup: bool = False
    uptime: int | None = None
    boot_id: str | None = None
    preview_seconds: int | None = None
    passphrase_policy: PassphrasePolicy | None = None


def read(session: Session) -> Readiness:
    """A camera before 9.50 does not have the API: that it answers has to do."""
    try:
        answer = session.anonymous(PATH, envelope.request("systemready", {"timeout": 1}))
    except Unsupported:
        return Readiness(is_ready=True)
    data = envelope.data(answer)
    return Readiness(
        is_ready=envelope.text(data, "systemready") == "yes",
        needs_setup=envelope.text(data, "needsetup") == "yes",
        uptime=envelope.number(data, "uptime"),
        boot_id=envelope.text(data, "bootid")[:64] or None,
        preview_seconds=envelope.number(data, "previewmode"),
        passphrase_policy=_policy(envelope.text(data, "passphrasepolicy")),
    )


def _policy(text: str) -> PassphrasePolicy | None:
    try:
        return PassphrasePolicy(text)
    except ValueError:
        return None
