"""Equipment: what a process of this service holds open beside its database."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.service import Kit
from services.devices.domain.settings import DevicesSettings
from services.devices.store import ImageStore
from services.devices.vapix.connection import Reach

# The queue between the sweep and the workers.
STEPS = "devices.steps"


@dataclass(frozen=True)
class Equipment:
    settings: DevicesSettings
    store: ImageStore
    reach: Reach


def equipment(kit: Kit) -> Equipment:
    settings = kit.config.section(DevicesSettings, "devices")
    folder = kit.config.data_folder.resolve() / "images"
    return Equipment(
        settings=settings,
        store=ImageStore(settings.image_store or folder.as_uri()),
        reach=Reach.of(settings),
    )
