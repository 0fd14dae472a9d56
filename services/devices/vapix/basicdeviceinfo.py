"""basicdeviceinfo.cgi: who a camera is; most of it is told to everybody (AXIS OS 8.40)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.devices.domain.device import Identity
from services.devices.domain.version import Version
from services.devices.vapix import envelope
from services.devices.vapix.errors import ApiRefused, NotAxis, Unsupported, WrongSerial
from services.devices.vapix.session import Session

PATH = "/axis-cgi/basicdeviceinfo.cgi"
_FOR_EVERYBODY = "getAllUnrestrictedProperties"
_FOR_USERS = "getAllProperties"


@dataclass(frozen=True)
class Shown:
    """What a camera shows to everybody; old releases show the serial number only."""

    serial: str
    product: str = ""
    full_name: str = ""
    version: Version | None = None


def read(session: Session) -> Identity:
    """All of it, once the serial number was found to be the one expected.

    :raises WrongSerial: it is another camera; no password was sent to it.
    """
    recognize(session)
    answer = session.signed(PATH, envelope.request(_FOR_USERS))
    values = envelope.part(envelope.data(answer), "propertyList")
    _require_serial(session, _serial(values))
    return Identity(
        serial=_serial(values),
        product=envelope.text(values, "ProdNbr")[:60],
        full_name=envelope.text(values, "ProdFullName"),
        variant=envelope.text(values, "ProdVariant")[:60],
        hardware_id=envelope.text(values, "HardwareID")[:60],
        soc=envelope.text(values, "Soc")[:60],
        version=envelope.version(values, "Version"),
    )


def recognize(session: Session) -> None:
    """:raises WrongSerial: another camera answers; it was asked without a password."""
    _require_serial(session, shown(session).serial)


def shown(session: Session) -> Shown:
    """What everybody is told, also by a camera whose serial number nobody knows yet.

    :raises NotAxis: what answers is no Axis camera.
    """
    try:
        answer = session.anonymous(PATH, envelope.request(_FOR_EVERYBODY))
        values = envelope.part(envelope.data(answer), "propertyList")
    except (ApiRefused, Unsupported):
        # Older releases tell nobody; the realm of the challenge then names the camera.
        return Shown(session.shown_serial(PATH, envelope.request(_FOR_USERS)))
    if not _serial(values):
        raise NotAxis("What answers at this address does not say which camera it is.")
    return Shown(
        serial=_serial(values),
        product=envelope.text(values, "ProdNbr")[:60],
        full_name=envelope.text(values, "ProdFullName"),
        version=envelope.version_or_none(values, "Version"),
    )


def _serial(values: Mapping[str, Any]) -> str:
    return envelope.text(values, "SerialNumber").upper()


def _require_serial(session: Session, serial: str) -> None:
    if session.serial is None or serial != session.serial.upper():
        raise WrongSerial("Another camera answers at this address.")
