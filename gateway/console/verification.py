"""The page that the link in a verification mail opens.

It asks for the password again, for somebody else may have registered the address; and leads to one
where who reads the mail chooses another.
"""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.console.links import Link
from gateway.console.password_reset import new_password_link, with_new_password
from gateway.console.words.links import CHOOSE, VERIFY

blueprint = Blueprint("verification", __name__)

_LINK = Link(
    "verify_email",
    "verification-refused",
    VERIFY,
    "verification/verify.html",
    fields=("password",),
    again="registration.ask",
)
_CHOOSE = new_password_link(CHOOSE, again="registration.ask")


@blueprint.get("/verify-email")
def ask() -> Response:
    return _LINK.opened()


@blueprint.post("/verify-email")
def verify() -> Response:
    return _LINK.followed(_LINK.sent())


@blueprint.get("/verify-email/password")
def choose() -> Response:
    return _CHOOSE.opened()


@blueprint.post("/verify-email/password")
def verify_with_new_password() -> Response:
    return with_new_password(_CHOOSE)
