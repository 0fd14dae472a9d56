"""Licensing's RPC and event surface: one mixin per capability."""

from __future__ import annotations

from chassis.service import Kit
from services.licensing.service.archiving import Archiving
from services.licensing.service.catalogue import Catalogue
from services.licensing.service.corrections import Corrections
from services.licensing.service.devices import Devices
from services.licensing.service.extensions import Extensions
from services.licensing.service.hardware import Hardware
from services.licensing.service.license_files import LicenseFiles
from services.licensing.service.notices import Notices
from services.licensing.service.offline import Offline
from services.licensing.service.previews import Previews
from services.licensing.service.replacements import Replacements
from services.licensing.service.signing import Own, own
from services.licensing.service.subscriptions import Subscriptions
from services.licensing.service.suppliers import Suppliers
from services.licensing.service.systems import Systems
from services.licensing.service.test_clock import MovingTime
from services.licensing.service.trials import Trials
from services.licensing.service.upgrades import Upgrades
from services.licensing.service.usage import Usage
from services.licensing.service.wallets import Wallets


class LicensingService(
    Archiving,
    Catalogue,
    Corrections,
    Devices,
    Extensions,
    Hardware,
    LicenseFiles,
    MovingTime,
    Notices,
    Offline,
    Previews,
    Replacements,
    Subscriptions,
    Suppliers,
    Systems,
    Trials,
    Upgrades,
    Usage,
    Wallets,
):
    name = "licensing"

    @classmethod
    def open(cls, kit: Kit) -> Own:
        return own(kit, cls.database)
