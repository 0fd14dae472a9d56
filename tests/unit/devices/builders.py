"""Builders: values of the devices rules with what does not matter left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.devices.domain.recommendation import Model, Release
from services.devices.domain.upgrade import Pace, State, Upgrade
from services.devices.domain.version import Version

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
OLD, NEW = Version.parse("11.11.148"), Version.parse("12.11.77")
MODEL = Model("P3245-LV", "793.2")
PACE = Pace(
    poll=timedelta(seconds=5),
    linger=timedelta(seconds=30),
    health=timedelta(seconds=10),
    boot_patience=timedelta(minutes=45),
    patience=timedelta(days=7),
    retry_first=timedelta(seconds=15),
    retry_most=timedelta(minutes=30),
)


def upgrade(state: State = State.PREFLIGHT, **changes: Any) -> Upgrade:
    values: dict[str, Any] = {
        "state": state,
        "to_version": NEW,
        "from_version": OLD,
        "created_at": NOW,
        "since": NOW,
        "boot_id": "first"
        if state in (State.UPLOADING, State.REBOOTING, State.VERIFYING)
        else None,
    }
    return Upgrade(**{**values, **changes})


def release(version: str, model: Model = MODEL, **changes: Any) -> Release:
    return Release(UUID(int=1), model, Version.parse(version), **changes)
