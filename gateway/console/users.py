"""ORGANIZATION > Users: who belongs to an organization; elevated and removed (USR-2 to USR-6)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import NotFound as NoSuchPage

from contracts.access import Permission
from contracts.errors import Refusal
from gateway.console import forms, panel
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.panel import Listing, allowed, inside, on_to
from gateway.console.words import joined
from gateway.console.words.members import INVITATIONS, REMOVAL, USERS

blueprint = area("users", "/organizations/<uuid:organization_id>/users")

_USERS = joined(INVITATIONS, USERS)


@blueprint.get("")
@inside()
def show() -> Response:
    return _users(Form())


@blueprint.post("/elevate")
@inside()
def elevate() -> Response:
    """INV-7: the role that was asked for at the invitation."""
    form = forms.sent("account_id", "role")
    try:
        panel.do("set_role", **form.values)
    except Refusal as refusal:
        return _users(form.refused(refusal))
    return on_to("users.show", note="role-changed")


@blueprint.post("/selection")
@inside(Permission.MEMBER_REMOVE)
def select() -> Response:
    """USR-5: the trash can."""
    chosen = request.form.getlist("account_id")
    if not chosen:
        return on_to("users.show", note="nobody-selected")
    return on_to("users.removal", account_id=chosen)


@blueprint.get("/removal")
@inside(Permission.MEMBER_REMOVE)
def removal() -> Response:
    return _removal(Form(), request.args.getlist("account_id"))


@blueprint.post("/removal")
@inside(Permission.MEMBER_REMOVE)
def remove() -> Response:
    """All of them, or none (USR-5)."""
    form = forms.sent("account_ids")
    chosen = request.form.getlist("account_ids")
    try:
        panel.do("remove_members", account_ids=chosen)
    except Refusal as refusal:
        return _removal(form.refused(refusal), chosen)
    return on_to("users.show", note="users-removed")


def _users(form: Form) -> Response:
    invitations = Listing([], None)
    if allowed(Permission.INVITATION_READ):
        waiting = panel.ask("list_invitations", limit=panel.ROWS)
        invitations = Listing(waiting["items"], waiting["next_cursor"])
    return panel.page(
        "users.html",
        _USERS,
        form.status,
        form=form,
        listing=panel.listing("list_members"),
        invitations=invitations,
    )


def _removal(form: Form, account_ids: Sequence[str]) -> Response:
    going = [each for each in map(panel.member, _distinct(account_ids)) if each is not None]
    if not going and form.refusal is None:
        return on_to("users.show")
    return panel.page("removal.html", REMOVAL, form.status, form=form, going=going)


def _distinct(account_ids: Sequence[str]) -> list[UUID]:
    """As many as one page can have selected."""
    try:
        return list(dict.fromkeys(map(UUID, account_ids)))[: panel.ROWS]
    except ValueError:
        raise NoSuchPage from None
