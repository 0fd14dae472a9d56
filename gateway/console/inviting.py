"""ORGANIZATION > Users > Invite users; and the invitations that wait (INV-1 to INV-5)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from contracts.access import Permission, Role
from contracts.errors import Refusal
from gateway.console import folder_choice, forms, panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.members import CHOICE, INVITATIONS, INVITE, USERS

blueprint = area("inviting", "/organizations/<uuid:organization_id>/users")

_INVITABLE = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
_PENDING = joined(USERS, INVITATIONS)


@blueprint.get("/invite")
@inside(Permission.INVITATION_MANAGE)
def ask() -> Response:
    return _ask(Form({"requested_role": str(Role.VIEWER)}), {})


@blueprint.post("/invite")
@inside(Permission.INVITATION_MANAGE)
def invite() -> Response:
    form = forms.sent("email", "requested_role", "folder_ids", "errand")
    chosen = folder_choice.sent("folder_ids")
    if folder_choice.is_opening():
        return _ask(form, chosen)
    try:
        invited = panel.do(
            "invite",
            email=form["email"],
            requested_role=form["requested_role"],
            folder_ids=list(chosen),
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _ask(panel.refused(form, refusal), chosen)
    is_lower = invited["role"] != invited["requested_role"]
    return on_to("users.show", note="invited-as-viewer" if is_lower else "invited")


@blueprint.get("/invitations")
@inside(Permission.INVITATION_READ)
def pending() -> Response:
    return _pending(Form())


@blueprint.post("/invitations/resend")
@inside(Permission.INVITATION_MANAGE)
def resend() -> Response:
    """With a new link; the one sent before is dead."""
    form = forms.sent("invitation_id", "errand")
    try:
        panel.do(
            "resend_invitation",
            invitation_id=form["invitation_id"],
            idempotency_key=form["errand"],
        )
    except Refusal as refusal:
        return _pending(form.refused(refusal))
    return on_to("users.show", note="invitation-resent")


@blueprint.post("/invitations/revoke")
@inside(Permission.INVITATION_MANAGE)
def revoke() -> Response:
    """INV-5."""
    form = forms.sent("invitation_id")
    try:
        panel.do("revoke_invitation", **form.values)
    except Refusal as refusal:
        return _pending(form.refused(refusal))
    return on_to("users.show", note="invitation-revoked")


def _pending(form: Form) -> Response:
    return panel.page(
        "invitations.html",
        _PENDING,
        form.status,
        form=form,
        invitations=panel.listing("list_invitations"),
    )


def _ask(form: Form, chosen: Mapping[str, str]) -> Response:
    return panel.page(
        "invite.html",
        INVITE,
        form.status,
        form=form,
        choices=panel.role_choices(*_INVITABLE),
        choice=folder_choice.choice(chosen),
        choosing=CHOICE[language()],
    )
