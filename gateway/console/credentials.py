"""Credentials entered again: for the Manage area, and before what needs fresh ones (ACC-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, g, redirect, request, url_for
from werkzeug.exceptions import NotFound

from contracts.caller import STEP_UP_WITHIN
from contracts.errors import Forbidden, Refusal, StepUpRequired
from contracts.identity import ManageMethod
from gateway import rpc
from gateway.console import forms, people
from gateway.console.area import area
from gateway.console.forms import Form
from gateway.console.frame import on_to, page
from gateway.console.people import View, signed_in
from gateway.console.words.account import CREDENTIALS

blueprint = area("credentials", "/account")

# Who has just begun to fill in a form shall not have to begin again.
_TIME_FOR_A_FORM = timedelta(minutes=2)
# What credentials are entered again for; the page that follows is never taken from an address.
_PURPOSES: Mapping[str, str] = {
    "api-token": "api_tokens.new",
    "delete": "account.delete",
    "email": "account.email",
    "password": "account.password",
}


def stepped_up(purpose: str, *, only_with_authenticator: bool = False) -> Callable[[View], View]:
    """For who is signed in and entered credentials a short while ago (security 2.7)."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def serve(**values: Any) -> Response:
            if request.method == "GET" and (
                g.account["authenticator_id"] is not None or not only_with_authenticator
            ):
                held = rpc.call("identity", "get_session", {}, read=True)
                entered_at = datetime.fromisoformat(held["authenticated_at"])
                if people.now() - entered_at > STEP_UP_WITHIN - _TIME_FOR_A_FORM:
                    return _ask_again(purpose)
            try:
                return view(**values)
            except Forbidden as refusal:
                if refusal.code != StepUpRequired.code:
                    raise
                return _ask_again(purpose)

        return serve

    return decorate


@blueprint.get("/security/two-factor")
@signed_in
def two_factor() -> Response:
    """Step 6 of ACC-8: also in a live session (ACC-9)."""
    return _manage(Form(), ManageMethod.TOTP)


@blueprint.post("/security/two-factor")
@signed_in
def enter_manage() -> Response:
    return _entered(ManageMethod.TOTP)


@blueprint.get("/security/two-factor/recovery-code")
@signed_in
def two_factor_by_recovery_code() -> Response:
    return _manage(Form(), ManageMethod.RECOVERY_CODE)


@blueprint.post("/security/two-factor/recovery-code")
@signed_in
def enter_manage_by_recovery_code() -> Response:
    return _entered(ManageMethod.RECOVERY_CODE)


@blueprint.get("/credentials/<purpose>")
@signed_in
def ask(purpose: str) -> Response:
    if purpose not in _PURPOSES:
        raise NotFound
    return _step_up(Form(), purpose)


@blueprint.post("/credentials/<purpose>")
@signed_in
def step_up(purpose: str) -> Response:
    if purpose not in _PURPOSES:
        raise NotFound
    form = forms.sent("password", "code")
    payload = {"password": form["password"], "code": form["code"].strip() or None}
    try:
        started = rpc.call("identity", "step_up", payload)
    except Refusal as refusal:
        return _step_up(form.refused(refusal), purpose)
    people.hold(started)
    return on_to(_PURPOSES[purpose])


# Parts of the pages above


def _entered(method: ManageMethod) -> Response:
    form = forms.sent("password", "code")
    code = form["code"].strip() or None
    payload = {
        "password": form["password"],
        "method": None if code is None else method,
        "code": code,
    }
    try:
        started = rpc.call("identity", "enter_manage", payload)
    except Refusal as refusal:
        return _manage(form.refused(refusal), method)
    return people.enter_manage(started)


def _manage(form: Form, method: ManageMethod) -> Response:
    is_by_app = method is ManageMethod.TOTP
    action = (
        "credentials.enter_manage" if is_by_app else "credentials.enter_manage_by_recovery_code"
    )
    return page(
        "console/account/credentials.html",
        CREDENTIALS,
        form.status,
        form=form,
        action=url_for(action),
        label="one_time_password" if is_by_app else "recovery_code",
        # Of a disabled authenticator the account says nothing; then the refusal asks for a code.
        asks_code=g.account["authenticator_id"] is not None or not is_by_app or form.status != 200,
        other="credentials.two_factor_by_recovery_code" if is_by_app else "credentials.two_factor",
        is_by_app=is_by_app,
    )


def _step_up(form: Form, purpose: str) -> Response:
    return page(
        "console/account/credentials.html",
        CREDENTIALS,
        form.status,
        form=form,
        action=url_for("credentials.step_up", purpose=purpose),
        label="one_time_password",
        asks_code=g.account["authenticator_id"] is not None,
        other=None,
        is_by_app=True,
    )


def _ask_again(purpose: str) -> Response:
    return redirect(url_for("credentials.ask", purpose=purpose), 303)  # type: ignore[return-value]
