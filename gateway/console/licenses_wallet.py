"""LICENSE MANAGER > a product > Product wallet: what is stored, and redeeming (R12, R18)."""

from __future__ import annotations

from flask import Response

from contracts.access import Permission
from contracts.errors import Refusal
from gateway.api.licensing import LOT_COLUMNS
from gateway.console import forms, panel
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.panel import inside, on_to
from gateway.console.words.licenses_product import WALLET
from gateway.export import csv_answer

blueprint = area(
    "licenses_wallet", "/organizations/<uuid:organization_id>/licenses/<product>/wallet"
)


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str) -> Response:
    return _show(product, Form())


@blueprint.post("")
@inside(Permission.LICENSE_MANAGE)
def redeem(product: str) -> Response:
    form = forms.sent("key", "errand")
    try:
        shared.do("redeem_license_key", product, key=form["key"], idempotency_key=form["errand"])
    except Refusal as refusal:
        return _show(product, panel.refused(form, refusal))
    return on_to("licenses_wallet.show", product=product, note="license-key-redeemed")


@blueprint.get("/wallet.csv")
@inside(Permission.LICENSE_READ)
def export(product: str) -> Response:
    return csv_answer("wallet.csv", LOT_COLUMNS, [shared.ask("get_wallet", product)["lots"]])


def _show(product: str, form: Form) -> Response:
    found = shared.ask("get_product_overview", product)
    wallet = shared.ask("get_wallet", product)
    return shared.page(
        "wallet.html", WALLET, found, form, wallet=wallet, listing=shared.part(wallet["lots"])
    )
