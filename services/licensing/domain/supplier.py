"""Suppliers: who may issue license keys and hardware with licenses, what of, and how many."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from contracts.errors import Conflict, Invalid, NotFound, TooMany, Unauthenticated
from contracts.licensing import LicenseKind
from services.licensing.domain.product import LicenseKindMismatch, require_types

CREDENTIAL_BYTES = 32
QUOTA_WINDOW = timedelta(hours=24)


class SupplierCredentialInvalid(Unauthenticated):
    """It is nobody's, or was revoked."""

    code = "supplier-credential-invalid"


class SupplierNameTaken(Conflict):
    """Another supplier bears the name."""

    code = "supplier-name-taken"


class SupplierNotFound(NotFound):
    """There is no supplier with this id."""

    code = "supplier-not-found"


class OrderRefMismatch(Conflict):
    """The supplier used this order_ref for another order."""

    code = "order-ref-mismatch"


class OrderNotFound(NotFound):
    """The supplier has no such order."""

    code = "order-not-found"


class LicenseKeyNotFound(NotFound):
    """The supplier issued no such key."""

    code = "license-key-not-found"


class SupplierQuotaExhausted(TooMany):
    """The supplier issued as many keys and units as it may within 24 hours."""

    code = "supplier-quota-exhausted"


class LicenseTermMismatch(Invalid):
    """Only licenses for subscription years come for several years."""

    code = "license-term-mismatch"


class HardwareSerialTaken(Conflict):
    """A unit of the product bears the serial number already."""

    code = "hardware-serial-taken"


def new_credential(token: Callable[[int], str]) -> str:
    return token(CREDENTIAL_BYTES)


def require_quota(
    *, issued: int, count: int, quota: int, oldest: datetime | None, now: datetime
) -> None:
    """Refuses an order that would exceed the quota.

    :param issued: keys and units of the last 24 hours, the oldest of them from ``oldest``.
    """
    if issued + count <= quota:
        return
    wait = QUOTA_WINDOW if oldest is None else oldest + QUOTA_WINDOW - now
    raise SupplierQuotaExhausted(
        f"{issued} of {quota} keys and units were issued within 24 hours.",
        issued=issued,
        quota=quota,
        retry_after=max(1, math.ceil(wait.total_seconds())),
    )


_SOLD_AS: Mapping[LicenseKind, str] = {
    LicenseKind.SUBSCRIPTION: "are bought as license keys",
    LicenseKind.EXTENSION: "are bought as license keys",
    LicenseKind.TIED: "come with their hardware",
    LicenseKind.UPGRADE: "are bought as license keys",
}


def require_in_keys(
    kinds: Mapping[str, LicenseKind], types: Sequence[str], *, term_years: int
) -> None:
    """Refuses what no license key may hold.

    :param kinds: of the product's license types.
    :raises LicenseTypeUnknown:
    :raises LicenseKindMismatch: licenses are tied to hardware.
    :raises LicenseTermMismatch: what is used once, or for good, has no years.
    """
    _require_sold(kinds, types, set(LicenseKind) - {LicenseKind.TIED})
    for license_type in types:
        if term_years > 1 and kinds[license_type] is not LicenseKind.SUBSCRIPTION:
            raise LicenseTermMismatch(
                f"Licenses of type {license_type} do not come for years: let term_years be 1.",
                type=license_type,
            )


def require_on_hardware(kinds: Mapping[str, LicenseKind], types: Sequence[str]) -> None:
    """:raises LicenseKindMismatch: only licenses tied to hardware come with it (R2)."""
    _require_sold(kinds, types, {LicenseKind.TIED})


def _require_sold(
    kinds: Mapping[str, LicenseKind], types: Sequence[str], sold: Collection[LicenseKind]
) -> None:
    require_types(types, kinds)
    for license_type in types:
        kind = kinds[license_type]
        if kind not in sold:
            raise LicenseKindMismatch(
                f"Licenses of type {license_type} {_SOLD_AS[kind]}.",
                type=license_type,
                kind=kind.value,
            )
