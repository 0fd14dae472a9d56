"""A user > Roles and access: the role, which holds at once, and the folders (USR-2, USR-3, ACS-1)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, g

from contracts.access import Permission, Role
from contracts.errors import Refusal
from gateway import rpc
from gateway.console import folder_choice, forms, panel
from gateway.console.area import area
from gateway.console.credentials import stepped_up
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import allowed, inside, on_to
from gateway.console.words.members import ACCESS, CHOICE, OWNER_ROLE
from gateway.payload import Payload

blueprint = area(
    "roles_and_access", "/organizations/<uuid:organization_id>/users/<uuid:account_id>"
)


@blueprint.get("")
@inside()
def show(account_id: UUID) -> Response:
    return _show(account_id, Form())


@blueprint.get("/role/<any(owner,admin,operator,viewer):role>")
@inside(Permission.OWNER_CHANGE)
@stepped_up("role")
def confirm_role(account_id: UUID, role: str) -> Response:
    """Before the role of owner is given or taken (OWN-3)."""
    return _confirm_role(account_id, role, Form())


@blueprint.post("/role/<any(owner,admin,operator,viewer):role>")
@inside(Permission.ROLE_CHANGE)
@stepped_up("role")
def set_role(account_id: UUID, role: str) -> Response:
    try:
        panel.do("set_role", account_id=account_id, role=role)
    except Refusal as refusal:
        return _show(account_id, Form().refused(refusal))
    return on_to("roles_and_access.show", account_id=account_id, note="role-changed")


@blueprint.post("/folders")
@inside(Permission.ACCESS_GRANT)
def set_folders(account_id: UUID) -> Response:
    """The whole set at once."""
    form = forms.sent("folder_ids")
    chosen = folder_choice.sent("folder_ids")
    if folder_choice.is_opening():
        return _show(account_id, form, chosen)
    try:
        panel.do("set_grants", account_id=account_id, folder_ids=list(chosen))
    except Refusal as refusal:
        return _show(account_id, form.refused(refusal), chosen)
    return on_to("roles_and_access.show", account_id=account_id, note="access-changed")


def _show(account_id: UUID, form: Form, chosen: dict[str, str] | None = None) -> Response:
    member = panel.ask("get_member", account_id=account_id)
    role = Role(member["role"])
    grants = allowed(Permission.ACCESS_GRANT) and not role.sees_all_folders
    if grants and chosen is None:
        chosen = _granted(account_id)
    return panel.page(
        "roles_and_access.html",
        ACCESS,
        form.status,
        form=form,
        member=member,
        is_self=member["account_id"] == g.account["account_id"],
        choices=_choices(member),
        sees_all=role.sees_all_folders,
        choice=folder_choice.choice(chosen or {}) if grants else None,
        choosing=CHOICE[language()],
    )


def _choices(member: Payload) -> list[Role]:
    """The roles that the person in front of the page may give (OWN-5, USR-7)."""
    if allowed(Permission.OWNER_CHANGE):
        return list(Role)
    if allowed(Permission.ROLE_CHANGE) and member["role"] != Role.OWNER:
        return [role for role in Role if role is not Role.OWNER]
    return []


def _confirm_role(account_id: UUID, role: str, form: Form) -> Response:
    member = panel.ask("get_member", account_id=account_id)
    return panel.page(
        "owner_role.html", OWNER_ROLE, form.status, form=form, member=member, role=role
    )


def _granted(account_id: UUID) -> dict[str, str]:
    asked = {"organization_id": g.organization["id"], "account_id": str(account_id)}
    return {
        grant["folder_id"]: " / ".join([*grant["path"], grant["folder_name"]])
        for page in rpc.pages("organizations", "list_grants", asked)
        for grant in page
    }
