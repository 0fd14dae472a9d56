"""LICENSE MANAGER > a product > System setup: the systems, and registering one (R32)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request

from contracts.access import Permission
from contracts.errors import Refusal
from gateway.console import forms, panel
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.panel import inside, on_to
from gateway.console.words.licenses_systems import REGISTER, SYSTEMS
from gateway.payload import Payload

blueprint = area(
    "licenses_systems", "/organizations/<uuid:organization_id>/licenses/<product>/systems"
)

_ON = "true"


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str) -> Response:
    with_removed = request.args.get("removed") == _ON
    return shared.page(
        "systems.html",
        SYSTEMS,
        shared.ask("get_product_overview", product),
        with_removed=with_removed,
        numbers=_numbers,
        listing=panel.listing(
            "list_licensed_systems", service="licensing", product=product, removed=with_removed
        ),
    )


@blueprint.get("/register")
@inside(Permission.LICENSE_MANAGE)
def ask(product: str) -> Response:
    return _ask(product, Form())


@blueprint.post("/register")
@inside(Permission.LICENSE_MANAGE)
def register(product: str) -> Response:
    form = forms.sent("name", "serial", "ownership_proof", "errand")
    try:
        made = shared.do(
            "register_licensed_system",
            product,
            name=form["name"],
            serial=form["serial"].strip() or None,
            ownership_proof=form["ownership_proof"].strip() or None,
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _ask(product, panel.refused(form, refusal))
    return on_to(
        "licenses_system.show", product=product, system_id=made["id"], note="system-registered"
    )


def _ask(product: str, form: Form) -> Response:
    found = shared.ask("get_product_overview", product)
    return shared.page("register_system.html", REGISTER, found, form)


def _numbers(lines: Sequence[Payload], name: str) -> str:
    return shared.counted((each["type"], each[name]) for each in lines) or "0"
