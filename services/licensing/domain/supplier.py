"""Suppliers: who may issue license keys, and how many."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from contracts.errors import Conflict, NotFound, TooMany, Unauthenticated

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
    """The supplier issued as many keys as it may within 24 hours."""

    code = "supplier-quota-exhausted"


def new_credential(token: Callable[[int], str]) -> str:
    return token(CREDENTIAL_BYTES)


def require_quota(
    *, issued: int, count: int, quota: int, oldest: datetime | None, now: datetime
) -> None:
    """Refuses an order that would exceed the quota.

    :param issued: keys of the last 24 hours, the oldest of them from ``oldest``.
    """
    if issued + count <= quota:
        return
    wait = QUOTA_WINDOW if oldest is None else oldest + QUOTA_WINDOW - now
    raise SupplierQuotaExhausted(
        f"{issued} of {quota} keys were issued within 24 hours.",
        issued=issued,
        quota=quota,
        retry_after=max(1, math.ceil(wait.total_seconds())),
    )
