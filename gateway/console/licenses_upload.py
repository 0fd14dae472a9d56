"""LICENSE MANAGER > Licenses > Upload system file (R8, R9)."""

from __future__ import annotations

from base64 import b64encode

from flask import Response, request

from contracts.access import Permission
from contracts.errors import Refusal
from contracts.license_files import MOST_BYTES
from gateway.console import forms, panel
from gateway.console import licenses_of_product as shared
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.licenses import LICENSES
from gateway.console.words.licenses_systems import UPLOAD

blueprint = area("licenses_upload", "/organizations/<uuid:organization_id>/upload-system-file")

_NOTES = {
    "registered": "system-registered",
    "updated": "system-updated",
    "unchanged": "system-unchanged",
}


@blueprint.get("")
@inside(Permission.LICENSE_MANAGE)
def ask() -> Response:
    return _ask(Form({"product": request.args.get("product", "")}))


@blueprint.post("")
@inside(Permission.LICENSE_MANAGE)
def upload() -> Response:
    form = forms.sent("product", "name", "file", "errand")
    content = _content()
    if content is None:
        wrong = {"file": UPLOAD[language()]["no_file"]}
        return _ask(Form(form.values, problems=wrong, status=422))
    try:
        done = shared.do(
            "upload_system_file",
            form["product"],
            file=b64encode(content).decode(),
            name=form["name"].strip() or None,
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _ask(panel.refused(form, refusal))
    return on_to(
        "licenses_system.show",
        product=form["product"],
        system_id=done["system"]["id"],
        note=_NOTES[done["result"]],
    )


def _content() -> bytes | None:
    """None: no file came with the form, or more than any system file holds."""
    sent = request.files.get("file")
    content = sent.read(MOST_BYTES + 1) if sent else b""
    return content if 0 < len(content) <= MOST_BYTES else None


def _ask(form: Form) -> Response:
    found = panel.ask("list_organization_products", "licensing")["items"]
    return panel.page(
        "licenses/upload.html",
        joined(LICENSES, UPLOAD),
        form.status,
        form=form,
        choices=[(each["product"], each["name"]) for each in found],
    )
