"""systemready.cgi: whether a camera is up, and since which boot; told to everybody."""

from __future__ import annotations

from dataclasses import dataclass

from services.devices.vapix import envelope
from services.devices.vapix.errors import Unsupported
from services.devices.vapix.session import Session

PATH = "/axis-cgi/systemready.cgi"


@dataclass(frozen=True)
class Readiness:
    """Releases before 11 tell neither uptime nor boot id."""

    is_ready: bool
    needs_setup: bool = False
    uptime: int | None = None
    boot_id: str | None = None


def read(session: Session) -> Readiness:
    """A camera before 9.50 does not have the API: that it answers has to do."""
    try:
        answer = session.anonymous(PATH, envelope.request("systemready", {"timeout": 1}))
    except Unsupported:
        return Readiness(is_ready=True)
    data = envelope.data(answer)
    uptime = envelope.text(data, "uptime")
    return Readiness(
        is_ready=envelope.text(data, "systemready") == "yes",
        needs_setup=envelope.text(data, "needsetup") == "yes",
        uptime=int(uptime) if uptime.isascii() and uptime.isdigit() else None,
        boot_id=envelope.text(data, "bootid")[:64] or None,
    )
