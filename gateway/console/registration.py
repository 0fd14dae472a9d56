"""Registering an account, and asking for another password; answered alike for every address."""

from __future__ import annotations

from flask import Response

from contracts.errors import Refusal
from gateway import rpc
from gateway.console import forms, strength
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page
from gateway.console.words import LANGUAGES
from gateway.console.words.frame import NAMES
from gateway.console.words.sign_in import FORGOT, REGISTER

blueprint = area("registration")


@blueprint.get("/register")
def ask() -> Response:
    return _register(Form({"language": language()}))


@blueprint.post("/register")
def register() -> Response:
    """ACC-1."""
    form = forms.sent("email", "password", "language")
    try:
        rpc.call("identity", "register_account", dict(form.values))
    except Refusal as refusal:
        return _register(form.refused(refusal))
    return on_to("registration.registered")


@blueprint.get("/register/done")
def registered() -> Response:
    return page("console/sign_in/mailed.html", REGISTER)


@blueprint.get("/forgot-password")
def ask_for_reset() -> Response:
    return _forgot(Form())


@blueprint.post("/forgot-password")
def send_reset() -> Response:
    form = forms.sent("email")
    try:
        rpc.call("identity", "request_password_reset", dict(form.values))
    except Refusal as refusal:
        return _forgot(form.refused(refusal))
    return on_to("registration.reset_sent")


@blueprint.get("/forgot-password/done")
def reset_sent() -> Response:
    return page("console/sign_in/mailed.html", FORGOT)


def _register(form: Form) -> Response:
    choices = [(code, NAMES[code]) for code in LANGUAGES]
    return page(
        "console/sign_in/register.html",
        REGISTER,
        form.status,
        form=form,
        choices=choices,
        least=forms.least_password(),
        **strength.beside(form, "password"),
    )


def _forgot(form: Form) -> Response:
    return page("console/sign_in/forgot.html", FORGOT, form.status, form=form)
