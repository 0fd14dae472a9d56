"""The page that the link of an invitation opens: register or sign in, then accept (INV-3, INV-4).

Opening it changes nothing, for mail scanners open links too. Who signs in first comes back to it:
the browser holds the link's token meanwhile.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from contracts.errors import InvalidRequest, Refusal
from gateway import rpc
from gateway.console import cookies, forms, people, strength
from gateway.console.area import area
from gateway.console.cookies import Cookie
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page
from gateway.console.words import LANGUAGES, joined
from gateway.console.words.frame import NAMES
from gateway.console.words.invitation import INVITATION, REGISTER_INVITED
from gateway.console.words.organizations import ROLES
from gateway.console.words.sign_in import REGISTER
from gateway.payload import Payload
from gateway.problems import status_of

# As long as somebody may take to sign in.
_HELD_SECONDS = 900
_OVER = frozenset({"invitation-not-found", "invitation-over"})
_REGISTER = joined(REGISTER, REGISTER_INVITED)

blueprint = area("invitation", "/invitation")


@blueprint.get("")
def show() -> Response:
    token = request.args.get("token") or cookies.read(Cookie.INVITATION) or ""
    people.recognize()
    return _shown(token)


@blueprint.post("")
def accept() -> Response:
    """INV-10."""
    token = forms.sent("token")["token"]
    if not people.recognize():
        return _to_sign_in(token)
    try:
        joined_one = rpc.call("organizations", "accept_invitation", {"token": token})
    except Refusal as refusal:
        if refusal.code == "not-invited":
            # The page goes on with the token; who signs in anew is not led back here.
            cookies.drop(Cookie.INVITATION)
            return _shown(token, status_of(refusal))
        return _answered(refusal)
    cookies.drop(Cookie.INVITATION)
    return on_to("my_systems.overview", note="joined", organization_id=joined_one["id"])


@blueprint.post("/sign-in")
def sign_in() -> Response:
    return _to_sign_in(forms.sent("token")["token"])


@blueprint.get("/register")
def ask_to_register() -> Response:
    return _register(Form({"token": request.args.get("token", ""), "language": language()}))


@blueprint.post("/register")
def register() -> Response:
    form = forms.sent("token", "password", "language")
    try:
        rpc.call("identity", "register_invited", dict(form.values))
    except Refusal as refusal:
        if refusal.code in _OVER or _is_token_wrong(refusal):
            return _answered(refusal)
        return _register(form.refused(refusal))
    return _to_sign_in(form["token"], note="registered-invited")


# Parts of the views above


def _shown(token: str, status: int = 200) -> Response:
    try:
        seen = _looked_up(token)
    except Refusal as refusal:
        return _answered(refusal)
    account = g.get("account")
    return page(
        "invitation/show.html",
        INVITATION,
        status,
        is_shown_once=request.method == "POST",
        token=token,
        invitation=seen,
        roles=ROLES[language()],
        is_theirs=account is not None and _are_alike(account["email"], seen["email"]),
    )


def _register(form: Form) -> Response:
    try:
        seen = _looked_up(form["token"])
    except Refusal as refusal:
        return _answered(refusal)
    form = Form({**form.values, "email": seen["email"]}, form.refusal, form.problems, form.status)
    return page(
        "invitation/register.html",
        _REGISTER,
        form.status,
        is_shown_once=request.method == "POST",
        form=form,
        invitation=seen,
        choices=[(code, NAMES[code]) for code in LANGUAGES],
        least=forms.least_password(),
        **strength.beside(form, "password"),
    )


def _looked_up(token: str) -> Payload:
    seen: dict[str, Any] = rpc.call(
        "organizations", "look_up_invitation", {"token": token}, read=True
    )
    return seen


def _answered(refusal: Refusal) -> Response:
    """The page that says why nothing is left to do here.

    :raises Refusal: one that is not about the invitation.
    """
    is_member = refusal.code == "already-member"
    if not (is_member or refusal.code in _OVER or _is_token_wrong(refusal)):
        raise refusal
    cookies.drop(Cookie.INVITATION)
    return page(
        "invitation/over.html",
        INVITATION,
        status_of(refusal),
        is_shown_once=True,
        state="member" if is_member else "over",
    )


def _is_token_wrong(refusal: Refusal) -> bool:
    return refusal.code == InvalidRequest.code and "token" in refusal.facts


def _to_sign_in(token: str, note: str | None = None) -> Response:
    """And from there back to the invitation."""
    cookies.keep(Cookie.INVITATION, token, _HELD_SECONDS)
    return on_to("sign_in.ask", note=note)


def _are_alike(address: str, other: str) -> bool:
    """Only for what the page says: organizations decide."""
    return address.casefold() == other.casefold()
