"""What licensing announces about an organization's products and licenses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.events import Event


@dataclass(frozen=True)
class ProductRegistered(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "product_registered"

    organization_id: UUID
    product: str


@dataclass(frozen=True)
class SubscriptionStarted(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "subscription_started"

    organization_id: UUID
    product: str
    started_on: date
    grace_last_day: date
    renews_on: date


@dataclass(frozen=True)
class LicenseKeyRedeemed(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "license_key_redeemed"

    organization_id: UUID
    product: str
    key_id: UUID
    licenses: int
    account_id: UUID


@dataclass(frozen=True)
class LicensesUpgraded(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licenses_upgraded"

    organization_id: UUID
    product: str
    upgrade_type: str
    licenses: int
    where: str
    account_id: UUID


@dataclass(frozen=True)
class LicensesAllocated(Event):
    source: ClassVar[str] = "licensing"
    name: ClassVar[str] = "licenses_allocated"

    organization_id: UUID
    product: str
    year: int
    seats: int
    effective_from: date
    account_id: UUID
