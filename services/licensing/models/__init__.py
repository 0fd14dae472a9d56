"""Tables of licensing; those of the ledger and the history are only ever added to."""

from __future__ import annotations

from services.licensing.models.base import Base
from services.licensing.models.catalogue import CatalogueVersionRow, LicenseTypeRow, ProductRow
from services.licensing.models.history import AuditRow, CommandRow, NoticeRow, ThrottleRow
from services.licensing.models.ledger import (
    AccountRow,
    AllocationRow,
    EntryRow,
    LotRow,
    WithdrawalRow,
)
from services.licensing.models.subscriptions import (
    CalendarRow,
    CountedDeviceRow,
    OrganizationProductRow,
    SettledYearRow,
    SubscriptionRow,
    VoidedYearRow,
)
from services.licensing.models.suppliers import (
    HardwareChangeRow,
    HardwareLineRow,
    HardwareOrderRow,
    HardwareUnitRow,
    KeyOrderLineRow,
    KeyOrderRow,
    LicenseKeyRow,
    SupplierRow,
    VoucherRow,
)
from services.licensing.models.systems import (
    LicenseFileRow,
    ReservationRow,
    SystemRow,
    SystemUsageRow,
    UsageReportRow,
)

__all__ = [
    "AccountRow",
    "AllocationRow",
    "AuditRow",
    "Base",
    "CalendarRow",
    "CatalogueVersionRow",
    "CommandRow",
    "CountedDeviceRow",
    "EntryRow",
    "HardwareChangeRow",
    "HardwareLineRow",
    "HardwareOrderRow",
    "HardwareUnitRow",
    "KeyOrderLineRow",
    "KeyOrderRow",
    "LicenseFileRow",
    "LicenseKeyRow",
    "LicenseTypeRow",
    "LotRow",
    "NoticeRow",
    "OrganizationProductRow",
    "ProductRow",
    "ReservationRow",
    "SettledYearRow",
    "SubscriptionRow",
    "SupplierRow",
    "SystemRow",
    "SystemUsageRow",
    "ThrottleRow",
    "UsageReportRow",
    "VoidedYearRow",
    "VoucherRow",
    "WithdrawalRow",
]
