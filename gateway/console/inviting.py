"""ORGANIZATION > Users > Invite users; and the invitations that wait (INV-1 to INV-7)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response

from contracts.access import Permission, Role
from contracts.errors import Refusal
from contracts.invitations import InvitationStatus
from gateway.console import folder_choice, forms, panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language
from gateway.console.panel import inside, on_to
from gateway.console.words import joined
from gateway.console.words.members import (
    CHOICE,
    EDIT_INVITATION,
    INVITATIONS,
    INVITE,
    USERS,
)
from gateway.payload import Payload

blueprint = area("inviting", "/organizations/<uuid:organization_id>/users")

_INVITABLE = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)
_PENDING = joined(USERS, INVITATIONS)
# Nothing waits any more, for whatever reason: accepted, replaced, or revoked in another window.
_OVER = frozenset({"invitation-over", "invitation-not-found"})


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


@blueprint.get("/invitations/<uuid:invitation_id>")
@inside(Permission.INVITATION_MANAGE)
def edit(invitation_id: UUID) -> Response:
    """The role and the folders, while the invitation waits."""
    invitation = panel.ask("get_invitation", invitation_id=invitation_id)
    if invitation["status"] != InvitationStatus.PENDING:
        return on_to("users.show", note="invitation-over")
    form = Form({"requested_role": invitation["requested_role"]})
    return _edit(invitation, form, dict.fromkeys(invitation["folder_ids"], ""))


@blueprint.post("/invitations/<uuid:invitation_id>")
@inside(Permission.INVITATION_MANAGE)
def update(invitation_id: UUID) -> Response:
    form = forms.sent("requested_role", "folder_ids")
    chosen = folder_choice.sent("folder_ids")
    if folder_choice.is_opening():
        return _edit(panel.ask("get_invitation", invitation_id=invitation_id), form, chosen)
    try:
        panel.do(
            "update_invitation",
            invitation_id=invitation_id,
            requested_role=form["requested_role"],
            folder_ids=list(chosen),
        )
    except Refusal as refusal:
        if refusal.code in _OVER:
            return on_to("users.show", note="invitation-over")
        invitation = panel.ask("get_invitation", invitation_id=invitation_id)
        return _edit(invitation, form.refused(refusal), chosen)
    return on_to("users.show", note="invitation-changed")


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
        if refusal.code in _OVER:
            return on_to("users.show", note="invitation-over")
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


def _edit(invitation: Payload, form: Form, chosen: Mapping[str, str]) -> Response:
    return panel.page(
        "edit_invitation.html",
        EDIT_INVITATION,
        form.status,
        form=form,
        invitation=invitation,
        choices=panel.role_choices(*_INVITABLE),
        choice=folder_choice.choice(chosen),
        choosing=CHOICE[language()],
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
