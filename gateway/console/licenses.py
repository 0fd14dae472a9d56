"""LICENSE MANAGER > Licenses: the products of an organization (R1, R3, R5)."""

from __future__ import annotations

from flask import Response, request

from contracts.access import Permission
from contracts.errors import Refusal
from gateway import rpc
from gateway.console import forms, panel
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.licenses import LICENSES, PRODUCT_LIST, WHERE_TO_BUY

blueprint = area("licenses", "/organizations/<uuid:organization_id>")


@blueprint.get("/licenses")
@inside(Permission.LICENSE_READ)
def show() -> Response:
    return _show(Form())


@blueprint.post("/licenses")
@inside(Permission.LICENSE_MANAGE)
def register() -> Response:
    """R3."""
    form = forms.sent("product", "errand")
    try:
        shared.do("register_product", form["product"], idempotency_key=form["errand"])
    except Refusal as refusal:
        return _show(panel.refused(form, refusal))
    return on_to("licenses_overview.show", product=form["product"], note="product-registered")


@blueprint.get("/where-to-buy-licenses")
@inside(Permission.LICENSE_READ)
def where_to_buy() -> Response:
    """R4, R5."""
    listed = rpc.call("licensing", "list_products", {"country": _country()}, read=True)
    return panel.page("licenses/where_to_buy.html", WHERE_TO_BUY, partners=listed["where_to_buy"])


def _country() -> str | None:
    """Where the browser says it is used, as in ``en-SE``; None where it does not."""
    for tag in request.accept_languages.values():
        for part in tag.split("-")[1:]:
            if len(part) == 2 and part.isascii() and part.isalpha():
                return part.upper()
    return None


def _show(form: Form) -> Response:
    found = panel.ask("list_organization_products", "licensing")["items"]
    listed = {each["code"]: each for each in shared.catalogue()}
    held = {each["product"] for each in found}
    rows = [
        (each, shared.standing(each, shared.types_of(listed[each["product"]]))) for each in found
    ]
    return panel.page(
        "licenses/list.html",
        joined(LICENSES, PRODUCT_LIST),
        form.status,
        form=form,
        in_days=shared.in_days,
        listing=shared.part(rows),
        choices=[(code, each["name"]) for code, each in listed.items() if code not in held],
    )
