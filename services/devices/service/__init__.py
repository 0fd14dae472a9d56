"""The RPC surface of the devices service, one mixin per capability."""

from __future__ import annotations

from typing import ClassVar

from chassis.rotation import Sealed
from services.devices.domain.device import sealed_for
from services.devices.models import Device
from services.devices.service.campaigns import Campaigns
from services.devices.service.catalogue import Catalogue
from services.devices.service.deletions import Deletions
from services.devices.service.inventory import Inventory
from services.devices.service.placing import Placing
from services.devices.service.systems import Systems


class DevicesService(Inventory, Placing, Systems, Catalogue, Campaigns, Deletions):
    name: ClassVar[str] = "devices"
    sealed = (Sealed(Device.sealed_password, lambda row: sealed_for(row.id)),)
