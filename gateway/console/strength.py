"""The meter beside the field where a password is chosen; it decides nothing (security 2.1).

It stands under a field that was refused, and with a script while one types. The page works as well
without it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from contracts.errors import Refusal
from gateway import rpc
from gateway.console import forms, frame
from gateway.console.forms import Form
from gateway.console.words.strength import STRENGTH

blueprint = Blueprint("strength", __name__)


@blueprint.post("/password-strength")
def rate() -> Response:
    """The meter alone, for the script; nothing where it is not to be had."""
    found = _rated(forms.sent("password")["password"])
    if found is None:
        return Response(status=204)
    words = STRENGTH[frame.language()]
    return make_response(render_template("console/strength.html", rated=found, meter=words))


def beside(form: Form, name: str) -> dict[str, Any]:
    """What a page is given for the meter of its field ``name``."""
    typed = form[name] if form.status >= 400 else ""
    return {
        "is_scripted": True,
        "rated": _rated(typed) if typed else None,
        "meter": STRENGTH[frame.language()],
    }


def _rated(password: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = rpc.call(
            "identity", "rate_password", {"password": password}, read=True
        )
    except Refusal:
        return None
    return found
