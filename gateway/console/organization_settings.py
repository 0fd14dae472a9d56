"""ORGANIZATION > Settings: General, the policy, archiving (ORG-7, ORG-8, ARC-2); and leaving."""

from __future__ import annotations

from uuid import UUID

from flask import Response, g

from contracts.access import OrganizationNotFound, Permission
from contracts.errors import Refusal
from gateway import rpc
from gateway.console import forms, frame, panel
from gateway.console.area import area
from gateway.console.credentials import stepped_up
from gateway.console.forms import Form
from gateway.console.panel import inside, on_to
from gateway.console.people import signed_in
from gateway.console.words.organization_settings import (
    ARCHIVE,
    ARCHIVE_CONFIRM,
    GENERAL,
    LEAVE,
    POLICY,
    SETTINGS,
)
from gateway.payload import Payload

blueprint = area("organization_settings", "/organizations/<uuid:organization_id>")

_ON = "true"


@blueprint.get("/settings")
@inside()
def show() -> Response:
    return panel.page("settings.html", SETTINGS)


@blueprint.get("/settings/general")
@inside(Permission.ORGANIZATION_EDIT)
def general() -> Response:
    """ORG-7."""
    return _general(Form({"name": g.organization["name"], "notes": g.organization["notes"]}))


@blueprint.post("/settings/general")
@inside(Permission.ORGANIZATION_EDIT)
def update() -> Response:
    form = forms.sent("name", "notes")
    # A form says line breaks its own way.
    notes = form["notes"].replace("\r\n", "\n")
    try:
        panel.do("update_organization", name=form["name"], notes=notes)
    except Refusal as refusal:
        return _general(form.refused(refusal))
    return on_to("organization_settings.show", note="saved")


@blueprint.get("/settings/policy")
@inside(Permission.POLICY_CHANGE)
@stepped_up("policy")
def policy() -> Response:
    return _policy(Form())


@blueprint.post("/settings/policy")
@inside(Permission.POLICY_CHANGE)
@stepped_up("policy")
def set_policy() -> Response:
    form = forms.sent("members_need_authenticator")
    is_on = form["members_need_authenticator"] == _ON
    try:
        panel.do("set_policy", members_need_authenticator=is_on)
    except Refusal as refusal:
        return _policy(form.refused(refusal))
    return on_to("organization_settings.show", note="policy-changed")


@blueprint.get("/settings/archive")
@inside(Permission.ORGANIZATION_ARCHIVE)
def archive() -> Response:
    """ARC-2, ARC-3: the caution, and the ID to copy."""
    return panel.page("archive.html", ARCHIVE)


@blueprint.get("/settings/archive/confirm")
@inside(Permission.ORGANIZATION_ARCHIVE)
@stepped_up("archive")
def confirm_archive() -> Response:
    return _confirm_archive(Form())


@blueprint.post("/settings/archive/confirm")
@inside(Permission.ORGANIZATION_ARCHIVE)
@stepped_up("archive")
def archive_for_good() -> Response:
    form = forms.sent("confirm_organization_id", "understand_risk")
    # People copy the spaces around the ID along; the API, for programs, takes it exactly (ARC-4).
    pasted = form["confirm_organization_id"].strip()
    try:
        panel.do(
            "archive_organization",
            confirm_organization_id=pasted,
            understand_risk=form["understand_risk"] == _ON,
        )
    except Refusal as refusal:
        return _confirm_archive(form.refused(refusal, confirm_risk="understand_risk"))
    return frame.on_to("my_systems.all_organizations", note="organization-archived")


@blueprint.get("/leave")
@signed_in
def ask_to_leave(organization_id: UUID) -> Response:
    return _leave(organization_id, Form())


@blueprint.post("/leave")
@signed_in
def leave(organization_id: UUID) -> Response:
    """Also open to members whom the policy lets do nothing else."""
    try:
        rpc.call("organizations", "leave_organization", {"organization_id": str(organization_id)})
    except Refusal as refusal:
        return _leave(organization_id, Form().refused(refusal))
    return frame.on_to("my_systems.start", note="organization-left")


# Pages


def _general(form: Form) -> Response:
    return panel.page("general.html", GENERAL, form.status, form=form)


def _policy(form: Form) -> Response:
    return panel.page("policy.html", POLICY, form.status, form=form)


def _confirm_archive(form: Form) -> Response:
    return panel.page("archive_confirm.html", ARCHIVE_CONFIRM, form.status, form=form)


def _leave(organization_id: UUID, form: Form) -> Response:
    return frame.page(
        "console/organization/leave.html",
        LEAVE,
        form.status,
        form=form,
        left=_listed(organization_id),
    )


def _listed(organization_id: UUID) -> Payload:
    """The organization as the list has it, where it is even when the policy closes it."""
    for page in rpc.pages("organizations", "list_organizations", {}):
        for each in page:
            if each["id"] == str(organization_id):
                return each
    raise OrganizationNotFound("There is no such organization, or you are not a member of it.")
