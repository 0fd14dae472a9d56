"""basicdeviceinfo.cgi: who a camera is; half of it is told to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.devices.domain.device import Identity
from services.devices.vapix import envelope
from services.devices.vapix.errors import ApiRefused, Unsupported, WrongSerial
from services.devices.vapix.session import Session

PATH = "/axis-cgi/basicdeviceinfo.cgi"


def read(session: Session) -> Identity:
    """All of it, once the serial number was found to be the one expected.

    :raises WrongSerial: it is another camera; no password was sent to it.
    """
    try:
        answer = session.anonymous(PATH, envelope.request("getAllUnrestrictedProperties"))
        _identity(session, envelope.data(answer))
    except (ApiRefused, Unsupported):
        # Older releases tell nobody; the realm of the challenge then names the camera.
        session.prepare(PATH)
    return _identity(
        session, envelope.data(session.signed(PATH, envelope.request("getAllProperties")))
    )


def _identity(session: Session, data: Mapping[str, Any]) -> Identity:
    found = data.get("propertyList")
    values: Mapping[str, Any] = found if isinstance(found, dict) else {}
    serial = envelope.text(values, "SerialNumber").upper()
    if serial != session.serial.upper():
        raise WrongSerial("Another camera answers at this address.")
    return Identity(
        serial=serial,
        product=envelope.text(values, "ProdNbr")[:60],
        full_name=envelope.text(values, "ProdFullName"),
        variant=envelope.text(values, "ProdVariant")[:60],
        hardware_id=envelope.text(values, "HardwareID")[:60],
        soc=envelope.text(values, "Soc")[:60],
        version=envelope.version(values, "Version"),
    )
