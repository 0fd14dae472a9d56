"""The page that the link opens which is mailed to who forgot a password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from contracts.errors import Refusal
from gateway import rpc
from gateway.console import frame, strength
from gateway.console.forms import Form
from gateway.console.links import Link
from gateway.console.words import Words
from gateway.console.words.links import RESET

blueprint = Blueprint("password_reset", __name__)


@blueprint.get("/reset-password")
def ask() -> Response:
    return _LINK.opened()


@blueprint.post("/reset-password")
def reset() -> Response:
    return with_new_password(_LINK)


def new_password_link(words: Words, again: str) -> Link:
    """A link with which a new password is set, as `Link` describes it."""
    return Link(
        "reset_password",
        "reset-refused",
        words,
        "verification/reset_password.html",
        fields=("new_password",),
        again=again,
        values=_advice,
    )


def with_new_password(link: Link) -> Response:
    """The form of such a link, followed where the password was typed twice alike."""
    form = link.sent()
    if form["new_password"] != request.form.get("repeated", ""):
        different = link.words[frame.language()]["different"]
        return link.asked(replace(form, problems={"repeated": different}, status=422))
    return link.followed(form)


def _advice(form: Form) -> dict[str, Any]:
    """What a password needs, or None while identity is away; and how strong the typed one is."""
    try:
        rule = rpc.call("identity", "get_password_rule", {}, read=True)
    except Refusal:
        rule = None
    return {"rule": rule, **strength.beside(form, "new_password")}


_LINK = new_password_link(RESET, again="registration.ask_for_reset")
