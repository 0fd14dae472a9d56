"""oak.cgi: a camera's owner authentication key, which only an administrator is told (DEV-8)."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.devices.vapix import envelope
from services.devices.vapix.errors import AnswerUnreadable
from services.devices.vapix.session import Session

PATH = "/axis-cgi/oak.cgi"
# The camera asks Axis for it and cannot reach Axis itself; it takes no proxy for that.
NO_INTERNET = 1100


@dataclass(frozen=True)
class OwnerKey:
    secret: str = field(repr=False)


def read(session: Session) -> OwnerKey:
    """:raises ApiRefused: with ``NO_INTERNET`` as its code where the camera reaches nobody."""
    data = envelope.data(session.signed(PATH, envelope.request("getOAK")))
    secret = envelope.text(data, "oak")
    if not secret:
        raise AnswerUnreadable("The camera's answer holds no key.")
    return OwnerKey(secret)
