"""Look: readiness and version of a camera in one glance."""

from __future__ import annotations

from services.devices.domain.observation import Looked
from services.devices.vapix import firmwaremanagement, systemready
from services.devices.vapix.session import Session


def look(session: Session) -> Looked:
    """The version is asked for only when the camera is ready, and needs the password."""
    readiness = systemready.read(session)
    if not readiness.is_ready:
        return Looked(is_ready=False, boot_id=readiness.boot_id, uptime=readiness.uptime)
    found = firmwaremanagement.status(session)
    return Looked(
        is_ready=True,
        version=found.version,
        boot_id=readiness.boot_id,
        uptime=readiness.uptime,
        is_committed=found.is_committed,
    )
