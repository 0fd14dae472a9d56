"""The page that the link opens which is mailed to who forgot a password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from contracts.errors import Refusal
from gateway import rpc
from gateway.console import frame
from gateway.console.links import Link
from gateway.console.words.links import RESET

blueprint = Blueprint("password_reset", __name__)


@blueprint.get("/reset-password")
def ask() -> Response:
    return _LINK.opened()


@blueprint.post("/reset-password")
def reset() -> Response:
    form = _LINK.sent()
    if form["new_password"] != request.form.get("repeated", ""):
        different = RESET[frame.language()]["different"]
        return _LINK.asked(replace(form, problems={"repeated": different}, status=422))
    return _LINK.followed(form)


def _rule() -> dict[str, Any]:
    """What a password needs, or None while identity is away."""
    try:
        return {"rule": rpc.call("identity", "get_password_rule", {}, read=True)}
    except Refusal:
        return {"rule": None}


_LINK = Link(
    "reset_password",
    "reset-refused",
    RESET,
    "verification/reset_password.html",
    fields=("new_password",),
    again="registration.ask_for_reset",
    values=_rule,
)
