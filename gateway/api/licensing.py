"""Licensing over HTTP."""

from __future__ import annotations

from flask import request

from contracts.access import INSTALLATION_OPERATE, Permission
from contracts.license_catalogue import ListProducts, ProductList
from contracts.license_history import (
    ExportLicenseHistory,
    HistoryEntry,
    HistoryPage,
    LicenseHistoryQuery,
)
from contracts.license_planning import AllocationPreview, Forecast
from contracts.licensing import (
    AllocateLicenses,
    AllocationView,
    CreateSupplier,
    KeyOrder,
    KeyOrderView,
    ListOrganizationProducts,
    LotView,
    NewKeyOrder,
    OrderQuery,
    PreviewAllocation,
    ProductOverview,
    ProductOverviewList,
    ProductRequest,
    RedeemLicenseKey,
    RedemptionView,
    RegisterProduct,
    StartSubscription,
    SupplierCreated,
    SupplierPage,
    SupplierRequest,
    WalletView,
)
from contracts.paging import PageQuery
from gateway import rpc
from gateway.caller import bearer_token
from gateway.conventions import Blueprint, Payload, Reply
from gateway.export import csv_answer

PRODUCTS = "/organizations/<uuid:organization_id>/products"
PRODUCT = f"{PRODUCTS}/<product>"
HISTORY = "/organizations/<uuid:organization_id>/license-history"
LOT_COLUMNS = tuple(LotView().fields)
HISTORY_COLUMNS = tuple(HistoryEntry().fields)

blueprint = Blueprint(
    "licensing", description="Products, license keys, wallets, subscriptions and their history."
)


@blueprint.operation(
    "GET", "/products", needs=Permission.LICENSE_READ, takes=ListProducts, gives=ProductList
)
def list_products(payload: Payload) -> Reply:
    """The catalogue of products and their license types, and where licenses are sold."""
    return rpc.call("licensing", "list_products", payload, read=True)


@blueprint.operation(
    "POST",
    "/suppliers",
    needs=INSTALLATION_OPERATE,
    takes=CreateSupplier,
    gives=SupplierCreated,
    status=201,
    problems=(409,),
)
def create_supplier(payload: Payload) -> Reply:
    """Create a supplier of license keys.

    For operators of the installation. The credential in the answer is shown this once.
    """
    return rpc.call("licensing", "create_supplier", payload)


@blueprint.operation(
    "GET", "/suppliers", needs=INSTALLATION_OPERATE, takes=PageQuery, gives=SupplierPage
)
def list_suppliers(payload: Payload) -> Reply:
    """The suppliers by name, for operators of the installation."""
    return rpc.call("licensing", "list_suppliers", payload, read=True)


@blueprint.operation(
    "DELETE",
    "/suppliers/<uuid:supplier_id>",
    needs=INSTALLATION_OPERATE,
    takes=SupplierRequest,
    status=204,
    problems=(404,),
)
def revoke_supplier(payload: Payload) -> Reply:
    """End a supplier's credential; keys it issued stay valid."""
    return rpc.call("licensing", "revoke_supplier", payload)


@blueprint.operation(
    "POST",
    "/license-keys",
    takes=KeyOrder,
    gives=NewKeyOrder,
    status=201,
    public=True,
    problems=(401, 404, 409),
)
def issue_license_keys(payload: Payload) -> Reply:
    """Issue license keys, as a supplier.

    Send the supplier's credential as `Authorization: Bearer`. An `order_ref` is carried out once:
    the same order again is answered with its keys' last five symbols only.
    """
    return rpc.call("licensing", "issue_license_keys", _as_supplier(payload))


@blueprint.operation(
    "GET", "/license-keys", takes=OrderQuery, gives=KeyOrderView, public=True, problems=(401, 404)
)
def list_license_keys(payload: Payload) -> Reply:
    """What became of an order's keys, as its supplier; the keys themselves are not kept."""
    return rpc.call("licensing", "list_license_keys", _as_supplier(payload), read=True)


@blueprint.operation(
    "DELETE", "/license-keys/<uuid:key_id>", status=204, public=True, problems=(401, 404, 409)
)
def revoke_license_key(payload: Payload) -> Reply:
    """Take back a license key that nobody has redeemed, as its supplier."""
    return rpc.call("licensing", "revoke_license_key", _as_supplier(payload))


@blueprint.operation(
    "POST",
    PRODUCTS,
    needs=Permission.LICENSE_MANAGE,
    takes=RegisterProduct,
    gives=ProductOverview,
    status=201,
    location="/organizations/{organization_id}/products/{product}",
    idempotent=True,
    problems=(404, 409),
)
def register_product(payload: Payload) -> Reply:
    """Register a product to the organization, the first step to license it.

    Needs `license:manage`, like every command on licenses.
    """
    return rpc.call("licensing", "register_product", payload)


@blueprint.operation(
    "GET",
    PRODUCTS,
    needs=Permission.LICENSE_READ,
    takes=ListOrganizationProducts,
    gives=ProductOverviewList,
    problems=(404,),
)
def list_organization_products(payload: Payload) -> Reply:
    """The organization's products and how it stands with each."""
    return rpc.call("licensing", "list_organization_products", payload, read=True)


@blueprint.operation(
    "GET",
    PRODUCT,
    needs=Permission.LICENSE_READ,
    takes=ProductRequest,
    gives=ProductOverview,
    problems=(404,),
)
def get_product_overview(payload: Payload) -> Reply:
    """How the organization stands with a product.

    The status with its reason and the day it changes, the subscription year and its grace period,
    the current need, the years ahead that hold licenses, and what the wallet holds.
    """
    return rpc.call("licensing", "get_product_overview", payload, read=True)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/subscription",
    needs=Permission.LICENSE_MANAGE,
    takes=StartSubscription,
    gives=ProductOverview,
    status=201,
    location="/organizations/{organization_id}/products/{product}",
    idempotent=True,
    problems=(404, 409),
)
def start_subscription(payload: Payload) -> Reply:
    """Start the product's subscription, and with it thirty days of grace.

    The first subscription fixes the organization's time zone and its subscription years; check
    that it is the right organization, for licenses cannot be moved to another one.
    """
    return rpc.call("licensing", "start_subscription", payload)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/redemptions",
    needs=Permission.LICENSE_MANAGE,
    takes=RedeemLicenseKey,
    gives=RedemptionView,
    status=201,
    idempotent=True,
    problems=(404, 409),
)
def redeem_license_key(payload: Payload) -> Reply:
    """Redeem a license key: all its licenses go to the product wallet.

    Check that it is the right organization, for licenses cannot be moved to another one.
    """
    return rpc.call("licensing", "redeem_license_key", payload)


@blueprint.operation(
    "GET",
    f"{PRODUCT}/wallet",
    needs=Permission.LICENSE_READ,
    takes=ProductRequest,
    gives=WalletView,
    problems=(404,),
)
def get_wallet(payload: Payload) -> Reply:
    """The licenses that are not allocated yet, those that expire first on top."""
    return rpc.call("licensing", "get_wallet", payload, read=True)


@blueprint.operation(
    "GET",
    f"{PRODUCT}/wallet.csv",
    needs=Permission.LICENSE_READ,
    takes=ProductRequest,
    media_type="text/csv",
    problems=(404,),
)
def export_wallet(payload: Payload) -> Reply:
    """Export the licenses that are not allocated yet as CSV, those that expire first on top."""
    wallet = rpc.call("licensing", "get_wallet", payload, read=True)
    return csv_answer("wallet.csv", LOT_COLUMNS, [wallet["lots"]])


@blueprint.operation(
    "GET",
    f"{PRODUCT}/forecast",
    needs=Permission.LICENSE_READ,
    takes=ProductRequest,
    gives=Forecast,
    problems=(404,),
)
def get_forecast(payload: Payload) -> Reply:
    """What each renewal of the next five years needs, and what will be there for it.

    It takes today's need to stay, nothing to be bought, and each year to be allocated what it lacks
    when it begins, with the licenses that expire first.
    """
    return rpc.call("licensing", "get_forecast", payload, read=True)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/allocations/preview",
    needs=Permission.LICENSE_MANAGE,
    takes=PreviewAllocation,
    gives=AllocationPreview,
    problems=(404,),
)
def preview_allocation(payload: Payload) -> Reply:
    """What an allocation would do, or why it would be refused; nothing is changed."""
    return rpc.call("licensing", "preview_allocation", payload, read=True)


@blueprint.operation(
    "POST",
    f"{PRODUCT}/allocations",
    needs=Permission.LICENSE_MANAGE,
    takes=AllocateLicenses,
    gives=AllocationView,
    status=201,
    idempotent=True,
    problems=(404, 409),
)
def allocate_licenses(payload: Payload) -> Reply:
    """Allocate licenses from the wallet to the current subscription year, or to one ahead.

    All lines or none. What an allocation cannot cover because days of the year are over is
    compensated: whole licenses go back to the wallet at once. Years that begin within five years can
    be licensed in advance, each once the one before is.
    """
    return rpc.call("licensing", "allocate_licenses", payload)


@blueprint.operation(
    "GET",
    HISTORY,
    needs=Permission.LICENSE_READ,
    takes=LicenseHistoryQuery,
    gives=HistoryPage,
    problems=(404,),
)
def list_license_history(payload: Payload) -> Reply:
    """Who redeemed and allocated what, and when; the newest first."""
    return rpc.call("licensing", "list_license_history", payload, read=True)


@blueprint.operation(
    "GET",
    f"{HISTORY}.csv",
    needs=Permission.LICENSE_READ,
    takes=ExportLicenseHistory,
    media_type="text/csv",
    problems=(404,),
)
def export_license_history(payload: Payload) -> Reply:
    """Export who redeemed and allocated what, and when, as CSV; the newest first."""
    return csv_answer(
        "license-history.csv",
        HISTORY_COLUMNS,
        rpc.pages("licensing", "list_license_history", payload),
    )


def _as_supplier(payload: Payload) -> Payload:
    credential = bearer_token(request.headers.get("Authorization"))
    return {**payload, "credential": credential}
