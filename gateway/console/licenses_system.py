"""LICENSE MANAGER > a product > System setup > a system: its licenses, credential and file (R35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from flask import Response, request

from contracts.access import Permission
from contracts.errors import NotFound, Refusal
from gateway.console import forms, panel
from gateway.console import licenses_numbers as numbers
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.licenses_systems import (
    CREDENTIAL,
    REMOVE_SYSTEM,
    RENAME_SYSTEM,
    SYSTEM,
    SYSTEMS,
)
from gateway.payload import Payload

blueprint = area(
    "licenses_system",
    "/organizations/<uuid:organization_id>/licenses/<product>/systems/<uuid:system_id>",
)


@blueprint.get("")
@inside(Permission.LICENSE_READ)
def show(product: str, system_id: UUID) -> Response:
    return _show(product, system_id, Form())


@blueprint.post("/allocate")
@inside(Permission.LICENSE_MANAGE)
def allocate(product: str, system_id: UUID) -> Response:
    """R35."""
    typed = numbers.read(request.form.to_dict())
    form = Form({**typed.values, **forms.sent("errand").values})
    if typed.unreadable:
        wrong = dict.fromkeys(typed.unreadable, SYSTEM[language()]["wrong_number"])
        return _show(product, system_id, Form(form.values, problems=wrong, status=422))
    try:
        shared.do(
            "allocate_to_system",
            product,
            licensed_system_id=system_id,
            lines=[{"type": kind, "licenses": count} for kind, count in typed.counts.items()],
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _show(product, system_id, panel.refused(form, refusal))
    return _back(product, system_id, "system-extended")


@blueprint.post("/credential")
@inside(Permission.LICENSE_MANAGE)
def create_credential(product: str, system_id: UUID) -> Response:
    try:
        made = shared.do("issue_system_credential", product, licensed_system_id=system_id)
    except Refusal as refusal:
        return _show(product, system_id, Form().refused(refusal))
    return _about(product, system_id, "credential.html", CREDENTIAL, made=made, is_shown_once=True)


@blueprint.post("/license-file")
@inside(Permission.LICENSE_MANAGE)
def issue_file(product: str, system_id: UUID) -> Response:
    """D-19."""
    form = forms.sent("errand")
    try:
        shared.do(
            "issue_license_file",
            product,
            licensed_system_id=system_id,
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _show(product, system_id, panel.refused(form, refusal))
    return _back(product, system_id, "license-file-issued")


@blueprint.get("/license-file.txt")
@inside(Permission.LICENSE_READ)
def download_file(product: str, system_id: UUID) -> Response:
    found = shared.ask("get_license_file", product, licensed_system_id=system_id)
    response = Response(found["content"], mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="{found["name"]}"'
    return response


@blueprint.get("/rename")
@inside(Permission.LICENSE_MANAGE)
def ask_name(product: str, system_id: UUID) -> Response:
    name = shared.ask("get_licensed_system", product, licensed_system_id=system_id)["name"]
    return _about(product, system_id, "rename_system.html", RENAME_SYSTEM, Form({"name": name}))


@blueprint.post("/rename")
@inside(Permission.LICENSE_MANAGE)
def rename(product: str, system_id: UUID) -> Response:
    form = forms.sent("name")
    try:
        shared.do(
            "rename_licensed_system", product, licensed_system_id=system_id, name=form["name"]
        )
    except Refusal as refusal:
        again = form.refused(refusal)
        return _about(product, system_id, "rename_system.html", RENAME_SYSTEM, again)
    return _back(product, system_id, "saved")


@blueprint.get("/remove")
@inside(Permission.LICENSE_MANAGE)
def ask_removal(product: str, system_id: UUID) -> Response:
    return _about(product, system_id, "remove_system.html", REMOVE_SYSTEM)


@blueprint.post("/remove")
@inside(Permission.LICENSE_MANAGE)
def remove(product: str, system_id: UUID) -> Response:
    try:
        shared.do("remove_licensed_system", product, licensed_system_id=system_id)
    except Refusal as refusal:
        again = Form().refused(refusal)
        return _about(product, system_id, "remove_system.html", REMOVE_SYSTEM, again)
    return on_to("licenses_systems.show", product=product, note="system-removed")


def _back(product: str, system_id: UUID, note: str) -> Response:
    return on_to("licenses_system.show", product=product, system_id=system_id, note=note)


def _show(product: str, system_id: UUID, form: Form) -> Response:
    wallet = shared.ask("get_wallet", product)
    held: Counter[str] = Counter()
    for lot in wallet["lots"]:
        held[lot["type"]] += lot["licenses"]
    return _about(
        product,
        system_id,
        "system.html",
        joined(SYSTEMS, SYSTEM),
        form,
        held=held,
        prefix=numbers.PREFIX,
        has_file=lambda: _has_file(product, system_id),
    )


def _has_file(product: str, system_id: UUID) -> bool:
    try:
        shared.ask("get_license_file", product, licensed_system_id=system_id)
    except NotFound:
        return False
    return True


def _about(
    product: str,
    system_id: UUID,
    template: str,
    words: Mapping[str, Mapping[str, str]],
    form: Form | None = None,
    **values: object,
) -> Response:
    system: Payload = shared.ask("get_licensed_system", product, licensed_system_id=system_id)
    found = shared.ask("get_product_overview", product)
    return shared.page(template, words, found, form, system=system, **values)
