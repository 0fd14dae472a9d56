"""AXIS DEVICE MANAGER > Devices: one device or connected system put into another folder (FLD-9)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response

from contracts.access import Permission
from contracts.errors import Refusal
from gateway.console import folder_choice, forms, panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words.folders import MOVE_ITEM
from gateway.console.words.members import CHOICE

blueprint = area("placing", "/organizations/<uuid:organization_id>/devices")

_PLACE = "/<any(device,system):kind>/<uuid:item_id>/move"


@blueprint.get(_PLACE)
@inside(Permission.DEVICE_MANAGE)
def ask(kind: str, item_id: UUID) -> Response:
    return _ask(kind, item_id, Form(), None)


@blueprint.post(_PLACE)
@inside(Permission.DEVICE_MANAGE)
def move(kind: str, item_id: UUID) -> Response:
    form = forms.sent("folder_id")
    chosen = folder_choice.sent("folder_id")
    if folder_choice.is_opening():
        return _ask(kind, item_id, form, chosen)
    try:
        panel.do(
            f"move_{kind}",
            service="devices",
            folder_id=form["folder_id"],
            **{f"{kind}_id": item_id},
        )
    except Refusal as refusal:
        return _ask(kind, item_id, form.refused(refusal), chosen)
    return on_to("folders_and_devices.folder", folder_id=form["folder_id"], note="item-moved")


def _ask(kind: str, item_id: UUID, form: Form, chosen: Mapping[str, str] | None) -> Response:
    item = panel.ask(f"get_{kind}", "devices", **{f"{kind}_id": item_id})
    if chosen is None:
        place = panel.ask("get_folder", folder_id=item["folder_id"])
        names = [step["name"] for step in (*place["path"], place)]
        chosen = {place["id"]: " / ".join(names)}
    return panel.page(
        "move_item.html",
        MOVE_ITEM,
        form.status,
        form=form,
        kind=kind,
        item=item,
        choice=folder_choice.choice(chosen),
        choosing=CHOICE[language()],
    )
