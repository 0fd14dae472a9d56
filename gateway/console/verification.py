"""The page that the link in a verification mail opens."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.console.links import Link
from gateway.console.words.links import VERIFY

blueprint = Blueprint("verification", __name__)

_LINK = Link(
    "verify_email",
    "verification-refused",
    VERIFY,
    "verification/confirm.html",
    again="registration.ask",
)


@blueprint.get("/verify-email")
def ask() -> Response:
    return _LINK.opened()


@blueprint.post("/verify-email")
def verify() -> Response:
    return _LINK.followed(_LINK.sent())
