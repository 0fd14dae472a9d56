"""/config/rest/cert/v1: the certificates on a camera (AXIS OS 11.11); their keys never leave it."""

from __future__ import annotations

from dataclasses import dataclass

from services.devices.vapix import envelope
from services.devices.vapix.errors import AnswerUnreadable
from services.devices.vapix.session import Session

PATH = "/config/rest/cert/v1/certificates"
_PEM_LENGTH = 16 * 1024


@dataclass(frozen=True)
class Certificate:
    """``keystore`` names where its key is kept, such as ``SE0``, a secure element."""

    alias: str
    pem: str
    keystore: str

    @property
    def is_factory_made(self) -> bool:
        """One of those by which Axis vouches for the camera (802.1AR)."""
        return self.alias.startswith("Axis device ID ")


def listed(session: Session) -> tuple[Certificate, ...]:
    found = session.rest(PATH)
    if not isinstance(found, list):
        raise AnswerUnreadable("The camera's answer cannot be read.")
    return tuple(
        Certificate(
            alias=envelope.text(entry, "alias", 128),
            pem=_pem(entry.get("certificate")),
            keystore=envelope.text(entry, "keystore"),
        )
        for entry in found
        if isinstance(entry, dict) and envelope.text(entry, "alias")
    )


def _pem(value: object) -> str:
    """Empty where it is none: it goes on to who will parse it."""
    is_pem = isinstance(value, str) and value.startswith("-----BEGIN CERTIFICATE-----")
    return str(value) if is_pem and len(str(value)) <= _PEM_LENGTH and str(value).isascii() else ""
