"""The page that the link opens which is mailed to the new address of an account."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.console.links import Link
from gateway.console.words.links import CHANGE_EMAIL

blueprint = Blueprint("email_change", __name__)

_LINK = Link(
    "confirm_email_change", "email-change-refused", CHANGE_EMAIL, "verification/confirm.html"
)


@blueprint.get("/confirm-email")
def ask() -> Response:
    return _LINK.opened()


@blueprint.post("/confirm-email")
def confirm() -> Response:
    return _LINK.followed(_LINK.sent())
