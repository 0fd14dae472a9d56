"""AXIS DEVICE MANAGER > Devices: the folder tree, and the devices in it (FLD-2 to FLD-9, ACS-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, g

from contracts.access import Permission
from contracts.errors import Refusal, Unavailable
from contracts.paging import LIMIT_MOST
from gateway.console import credentials, folder_choice, forms, panel
from gateway.console.area import area
from gateway.console.folder_choice import Node
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import Listing, inside, on_to
from gateway.console.words import Words
from gateway.console.words.folders import (
    CREATE_FOLDER,
    DELETE_FOLDER,
    DEVICES,
    MOVE_FOLDER,
    RENAME_FOLDER,
)
from gateway.console.words.members import CHOICE
from gateway.payload import Payload

blueprint = area("folders_and_devices", "/organizations/<uuid:organization_id>/devices")

_ONE = "/folders/<uuid:folder_id>"
_ON = "true"
_KINDS = {"body_worn": "AXIS Body Worn", "camera_station": "AXIS Camera Station"}


@blueprint.get("")
@inside()
def show() -> Response:
    """The default folder; of who may not see it, the folders that are open to them (ACS-4)."""
    if g.organization["default_folder_id"] is not None:
        return _folder(g.organization["default_folder_id"])
    folders = panel.listing("list_folders", cursor_name="folders")
    if folders.is_first and folders.next_cursor is None:
        # Those below one of them are found in it.
        tops = [each for each in folders.items if each["parent_id"] is None]
        folders = replace(folders, items=tops)
    return panel.page("granted.html", DEVICES, folders=folders)


@blueprint.get(_ONE)
@inside()
def folder(folder_id: UUID) -> Response:
    return _folder(folder_id)


@blueprint.get(f"{_ONE}/create")
@inside(Permission.FOLDER_MANAGE)
def new(folder_id: UUID) -> Response:
    return _new(folder_id, Form())


@blueprint.post(f"{_ONE}/create")
@inside(Permission.FOLDER_MANAGE)
def create(folder_id: UUID) -> Response:
    """FLD-2."""
    form = forms.sent("name", "errand")
    try:
        panel.do(
            "create_folder",
            parent_id=folder_id,
            name=form["name"],
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _new(folder_id, panel.refused(form, refusal))
    return on_to("folders_and_devices.folder", folder_id=folder_id, note="folder-created")


@blueprint.get(f"{_ONE}/rename")
@inside(Permission.FOLDER_MANAGE)
def ask_name(folder_id: UUID) -> Response:
    return _rename(folder_id, None)


@blueprint.post(f"{_ONE}/rename")
@inside(Permission.FOLDER_MANAGE)
def rename(folder_id: UUID) -> Response:
    form = forms.sent("name")
    try:
        panel.do("rename_folder", folder_id=folder_id, name=form["name"])
    except Refusal as refusal:
        return _rename(folder_id, form.refused(refusal))
    return on_to("folders_and_devices.folder", folder_id=folder_id, note="saved")


@blueprint.get(f"{_ONE}/move")
@inside(Permission.FOLDER_MANAGE)
def ask_place(folder_id: UUID) -> Response:
    return _move(folder_id, Form(), None)


@blueprint.post(f"{_ONE}/move")
@inside(Permission.FOLDER_MANAGE)
def move(folder_id: UUID) -> Response:
    """FLD-9."""
    form = forms.sent("parent_id")
    chosen = folder_choice.sent("parent_id")
    if folder_choice.is_opening():
        return _move(folder_id, form, chosen)
    try:
        panel.do("move_folder", folder_id=folder_id, parent_id=form["parent_id"])
    except Refusal as refusal:
        return _move(folder_id, form.refused(refusal), chosen)
    return on_to("folders_and_devices.folder", folder_id=folder_id, note="folder-moved")


@blueprint.get(f"{_ONE}/delete")
@inside(Permission.FOLDER_MANAGE)
def delete(folder_id: UUID) -> Response:
    """FLD-3; asks for credentials first where devices or systems would go."""
    going = panel.ask("preview_deletion", folder_id=folder_id)
    is_empty = going["devices"] == 0 and going["systems"] == 0
    if not is_empty and not credentials.is_fresh():
        return credentials.ask_again("delete-folder")
    return _delete(folder_id, Form(), going)


@blueprint.post(f"{_ONE}/delete")
@inside(Permission.FOLDER_MANAGE)
@credentials.stepped_up("delete-folder")
def delete_for_good(folder_id: UUID) -> Response:
    """FLD-7."""
    form = forms.sent("confirm_risk", "errand")
    above = panel.ask("get_folder", folder_id=folder_id)["parent_id"]
    try:
        panel.do(
            "delete_folder",
            folder_id=folder_id,
            confirm_risk=form["confirm_risk"] == _ON,
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        again = panel.refused(form, refusal)
        return _delete(folder_id, again, panel.ask("preview_deletion", folder_id=folder_id))
    where = above or g.organization["default_folder_id"]
    return on_to("folders_and_devices.folder", folder_id=where, note="folder-deleted")


# Pages


def _folder(folder_id: UUID | str) -> Response:
    found = panel.ask("get_folder", folder_id=folder_id)
    return panel.page(
        "folder.html",
        DEVICES,
        folder=found,
        folders=panel.listing("list_folders", cursor_name="folders", parent_id=found["id"]),
        devices=_held("list_devices", found["id"], "cursor"),
        systems=_systems(found["id"]),
        kinds=_KINDS,
        tree=_tree() if found["is_default"] else (),
    )


def _tree() -> Sequence[Node]:
    """Of all folders, where one call lists them."""
    listed = panel.ask("list_folders", limit=LIMIT_MOST)
    return () if listed["next_cursor"] else folder_choice.grown(listed["items"])


def _systems(folder_id: str) -> Listing | None:
    if not panel.allowed(Permission.SERVER_MONITOR):
        return Listing([], None)
    return _held("list_systems", folder_id, "systems")


def _held(method: str, folder_id: str, cursor_name: str) -> Listing | None:
    """None: devices is away, which leaves the folders to be seen."""
    try:
        return panel.listing(
            method, service="devices", cursor_name=cursor_name, folder_id=folder_id
        )
    except Unavailable:
        return None


def _new(folder_id: UUID, form: Form) -> Response:
    return _about("create_folder.html", CREATE_FOLDER, folder_id, form)


def _rename(folder_id: UUID, form: Form | None) -> Response:
    found = panel.ask("get_folder", folder_id=folder_id)
    form = form or Form({"name": found["name"]})
    return panel.page("rename_folder.html", RENAME_FOLDER, form.status, form=form, folder=found)


def _move(folder_id: UUID, form: Form, chosen: Mapping[str, str] | None) -> Response:
    if chosen is None:
        found = panel.ask("get_folder", folder_id=folder_id)
        place = " / ".join(step["name"] for step in found["path"])
        chosen = {} if found["parent_id"] is None else {found["parent_id"]: place}
    return _about(
        "move_folder.html",
        MOVE_FOLDER,
        folder_id,
        form,
        choice=folder_choice.choice(chosen, without=str(folder_id)),
        choosing=CHOICE[language()],
    )


def _delete(folder_id: UUID, form: Form, going: Payload) -> Response:
    return _about("delete_folder.html", DELETE_FOLDER, folder_id, form, going=going)


def _about(template: str, words: Words, folder_id: UUID, form: Form, **values: Any) -> Response:
    """A page about one folder, with a form."""
    found = panel.ask("get_folder", folder_id=folder_id)
    return panel.page(template, words, form.status, form=form, folder=found, **values)
