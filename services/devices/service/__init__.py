"""The RPC surface of the devices service, one mixin per capability."""

from __future__ import annotations

from typing import ClassVar

from services.devices.service.campaigns import Campaigns
from services.devices.service.catalogue import Catalogue
from services.devices.service.inventory import Inventory


class DevicesService(Inventory, Catalogue, Campaigns):
    name: ClassVar[str] = "devices"
