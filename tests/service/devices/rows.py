"""A device as adding its camera leaves it, where no camera has to answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4


def device_values(
    organization_id: UUID, folder_id: UUID, serial: str, now: datetime, **values: Any
) -> dict[str, Any]:
    """By column of the device's table."""
    return {
        "id": uuid4(),
        "organization_id": organization_id,
        "folder_id": folder_id,
        "serial": serial,
        "name": "Gate",
        "host": "192.0.2.20",
        "port": 443,
        "scheme": "https",
        "trust": "pin",
        "user": "root",
        "sealed_password": "none",
        "model": "P3265-V",
        "full_name": "AXIS P3265-V Dome Camera",
        "variant": "",
        "soc": "Axis Artpec-8",
        "hardware_id": "9EC",
        "version": "11.11.192",
        "version_key": "00011.00011.00192",
        "track": "lts-11.11",
        "reachability": "online",
        "last_seen_at": now,
        "state": "managed",
        "added_at": now,
        **values,
    }
