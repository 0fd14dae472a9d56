"""Trials of products and upgrades of licenses over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.license_upgrades import LicenseUpgradeView, StartTrial, UpgradeLicenses
from contracts.licensing import ProductOverview
from gateway import rpc
from gateway.api.licensing import PRODUCT
from gateway.conventions import Blueprint, Payload, Reply

blueprint = Blueprint(
    "license-upgrades", description="Trials of products, and licenses that become others."
)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/trial",
    needs=Permission.LICENSE_MANAGE,
    takes=StartTrial,
    gives=ProductOverview,
    status=201,
    location="/organizations/{organization_id}/products/{product}",
    idempotent=True,
    problems=(404, 409),
)
def start_trial(payload: Payload) -> Reply:
    """Start the product's trial, of as many days as the catalogue says.

    There is one for each product of an organization. It cannot be started again, nor after the
    subscription, whose start ends it.
    """
    return rpc.call("licensing", "start_trial", payload)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/upgrades",
    needs=Permission.LICENSE_MANAGE,
    takes=UpgradeLicenses,
    gives=LicenseUpgradeView,
    status=201,
    idempotent=True,
    problems=(404, 409),
)
def upgrade_licenses(payload: Payload) -> Reply:
    """Upgrade licenses in the wallet, in a subscription year or on a licensed system.

    Each takes one upgrade license from the wallet, and keeps the expiry, the year or the system of
    the license it was. A year must not lack more of what is upgraded than it did before.
    """
    return rpc.call("licensing", "upgrade_licenses", payload)
