"""Credentials entered again: for the Manage area, and before what needs fresh ones (ACC-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, g, request, url_for
from werkzeug.exceptions import NotFound

from contracts.access import Role
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


@dataclass(frozen=True)
class _Purpose:
    """What credentials are entered again for.

    :param endpoint: the page that follows; never taken from an address.
    :param names: what an address may say of it, each read as what it has to be.
    """

    endpoint: str
    names: Mapping[str, Callable[[str], object]] = field(default_factory=dict)


_PURPOSES: Mapping[str, _Purpose] = {
    "api-token": _Purpose("api_tokens.new"),
    "archive": _Purpose("organization_settings.confirm_archive", {"organization_id": UUID}),
    "delete": _Purpose("account.delete"),
    "delete-folder": _Purpose(
        "folders_and_devices.delete", {"organization_id": UUID, "folder_id": UUID}
    ),
    "email": _Purpose("account.email"),
    "password": _Purpose("account.password"),
    "policy": _Purpose("organization_settings.policy", {"organization_id": UUID}),
    "role": _Purpose(
        "roles_and_access.confirm_role",
        {"organization_id": UUID, "account_id": UUID, "role": Role},
    ),
}


def stepped_up(purpose: str, *, only_with_authenticator: bool = False) -> Callable[[View], View]:
    """For who is signed in and entered credentials a short while ago (security 2.7)."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def serve(**values: Any) -> Response:
            is_asked = g.account["authenticator_id"] is not None or not only_with_authenticator
            if request.method == "GET" and is_asked and not is_fresh():
                return ask_again(purpose)
            try:
                return view(**values)
            except Forbidden as refusal:
                if refusal.code != StepUpRequired.code:
                    raise
                return ask_again(purpose)

        return serve

    return decorate


def is_fresh() -> bool:
    """Credentials were entered so lately that there is time to fill in a form."""
    held = rpc.call("identity", "get_session", {}, read=True)
    if held["fresh_until"] is None:
        return False
    fresh_until = datetime.fromisoformat(held["fresh_until"])
    # Where they are fresh for a moment only, asking for them again and again would lead nowhere.
    fresh_for = fresh_until - datetime.fromisoformat(held["authenticated_at"])
    return people.now() <= fresh_until - min(_TIME_FOR_A_FORM, fresh_for / 5)


def ask_again(purpose: str) -> Response:
    """To the page for credentials, which leads back to the running request's own."""
    return on_to("credentials.ask", purpose=purpose, **(request.view_args or {}))


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
    _endpoint, where = _way_back(purpose)
    return _step_up(Form(), purpose, where)


@blueprint.post("/credentials/<purpose>")
@signed_in
def step_up(purpose: str) -> Response:
    endpoint, where = _way_back(purpose)
    form = forms.sent("password", "code")
    payload = {"password": form["password"], "code": form["code"].strip() or None}
    try:
        started = rpc.call("identity", "step_up", payload)
    except Refusal as refusal:
        return _step_up(form.refused(refusal), purpose, where)
    people.hold(started)
    return on_to(endpoint, **where)


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
        cancel=url_for("account.security"),
    )


def _way_back(purpose: str) -> tuple[str, dict[str, Any]]:
    """The page that follows, and what its address says.

    :raises NotFound: there is no such purpose, or what it is about cannot be read.
    """
    try:
        known = _PURPOSES[purpose]
        where = {name: read(request.args[name]) for name, read in known.names.items()}
    except (KeyError, ValueError):
        raise NotFound from None
    return known.endpoint, where


def _step_up(form: Form, purpose: str, where: dict[str, Any]) -> Response:
    if "organization_id" in where:
        cancel = url_for("my_systems.overview", organization_id=where["organization_id"])
    else:
        cancel = url_for("account.security")
    return page(
        "console/account/credentials.html",
        CREDENTIALS,
        form.status,
        form=form,
        action=url_for("credentials.step_up", purpose=purpose, **where),
        label="one_time_password",
        asks_code=g.account["authenticator_id"] is not None,
        other=None,
        is_by_app=True,
        cancel=cancel,
    )
