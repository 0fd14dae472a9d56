"""Signing in, page by page: password, second step, and the ways into the Manage area (ACC, MAN)."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Response

from contracts.errors import Conflict, Refusal, TooMany, Unavailable
from contracts.identity import ManageMethod, Method
from gateway import rpc
from gateway.console import cookies, forms, people
from gateway.console.area import area
from gateway.console.cookies import Cookie
from gateway.console.forms import Form
from gateway.console.frame import on_to, page
from gateway.console.login import Login, signing_in
from gateway.console.words import joined
from gateway.console.words.sign_in import (
    CHOOSE,
    EMAIL_CODE,
    ENTER_MANAGE,
    METHODS,
    ONE_TIME_PASSWORD,
    RECOVERY_CODE,
    SIGN_IN,
)

blueprint = area("sign_in", "/sign-in")

_CHOOSE = joined(METHODS, CHOOSE)
_ENTER_MANAGE = joined(METHODS, ENTER_MANAGE)
_EMAIL_CODE = joined(CHOOSE, ONE_TIME_PASSWORD, EMAIL_CODE)


@blueprint.get("")
def ask() -> Response:
    return _ask(Form())


@blueprint.post("")
def begin() -> Response:
    """ACC-3."""
    form = forms.sent("email", "password", "keep_signed_in")
    credentials = {name: form[name] for name in ("email", "password")}
    try:
        answer = rpc.call("identity", "sign_in", credentials)
    except Refusal as refusal:
        return _ask(form.refused(refusal))
    login = Login.begun(answer, form["email"], is_to_be_kept=bool(form["keep_signed_in"]))
    login.keep()
    if not login.methods:
        return _without_second_step(login)
    # One usable or a preferred method: its page directly; else people choose (ACC-6).
    suggested = answer["suggested_method"]
    if suggested == Method.EMAIL:
        return _send(login)
    return on_to("sign_in.one_time_password" if suggested else "sign_in.choose")


@blueprint.get("/method")
@signing_in
def choose(login: Login) -> Response:
    """ACC-4, ACC-5."""
    if not login.methods:
        return on_to("sign_in.manage")
    return page("console/sign_in/choose.html", _CHOOSE, login=login)


@blueprint.get("/one-time-password")
@signing_in
def one_time_password(login: Login) -> Response:
    return _one_time_password(login, Form())


@blueprint.post("/one-time-password")
@signing_in
def verify_one_time_password(login: Login) -> Response:
    form = forms.sent("code")
    try:
        return _complete(login, Method.TOTP, form["code"])
    except Refusal as refusal:
        return _one_time_password(login, form.refused(refusal))


@blueprint.get("/email")
@signing_in
def email_code(login: Login) -> Response:
    return _email_code(login, Form())


@blueprint.post("/email")
@signing_in
def verify_email_code(login: Login) -> Response:
    form = forms.sent("code")
    try:
        return _complete(login, Method.EMAIL, form["code"])
    except Refusal as refusal:
        return _email_code(login, form.refused(refusal))


@blueprint.post("/email/code")
@signing_in
def send_email_code(login: Login) -> Response:
    """EM-2."""
    return _send(login)


@blueprint.get("/manage")
@signing_in
def manage(login: Login) -> Response:
    """MAN-2: a mailed code is no way in."""
    return page("console/sign_in/manage.html", _ENTER_MANAGE, login=login)


@blueprint.get("/manage/one-time-password")
@signing_in
def manage_one_time_password(login: Login) -> Response:
    return _one_time_password(login, Form(), to_manage=True)


@blueprint.post("/manage/one-time-password")
@signing_in
def open_with_one_time_password(login: Login) -> Response:
    form = forms.sent("code")
    try:
        return _open_manage(login, ManageMethod.TOTP, form["code"])
    except Refusal as refusal:
        return _one_time_password(login, form.refused(refusal), to_manage=True)


@blueprint.get("/manage/recovery-code")
@signing_in
def recovery_code(_login: Login) -> Response:
    return _recovery_code(Form())


@blueprint.post("/manage/recovery-code")
@signing_in
def open_with_recovery_code(login: Login) -> Response:
    """MAN-4, MAN-5."""
    form = forms.sent("code")
    try:
        return _open_manage(login, ManageMethod.RECOVERY_CODE, form["code"])
    except Refusal as refusal:
        return _recovery_code(form.refused(refusal))


# Steps


def _without_second_step(login: Login) -> Response:
    """None is asked for, or the only one is disabled: then the Manage area is the way (MAN-3)."""
    try:
        return _complete(login, None, None)
    except Conflict:
        return on_to("sign_in.manage", note="authenticator-disabled")


def _send(login: Login) -> Response:
    try:
        answer = rpc.call("identity", "send_sign_in_code", {"sign_in": login.secret})
        login = login.waiting(datetime.fromisoformat(answer["resend_at"]), sent=True)
    except TooMany as refusal:
        seconds = int(refusal.facts.get("retry_after", "60"))
        login = login.waiting(people.now() + timedelta(seconds=seconds), sent=login.sent)
    login.keep()
    return on_to("sign_in.email_code")


def _complete(login: Login, method: Method | None, code: str | None) -> Response:
    payload = {
        "sign_in": login.secret,
        "method": method,
        "code": code,
        "keep_signed_in": login.is_to_be_kept,
    }
    started = rpc.call("identity", "complete_sign_in", payload)
    cookies.drop(Cookie.SIGN_IN)
    return people.enter(started)


def _open_manage(login: Login, method: ManageMethod, code: str) -> Response:
    payload = {"sign_in": login.secret, "method": method, "code": code}
    started = rpc.call("identity", "open_manage", payload)
    cookies.drop(Cookie.SIGN_IN)
    return people.enter_manage(started)


# Pages


def _ask(form: Form) -> Response:
    return page(
        "console/sign_in/ask.html",
        SIGN_IN,
        form.status,
        form=form,
        is_signed_in=cookies.read(Cookie.SESSION) is not None,
        kept_days=_kept_days(),
    )


def _kept_days() -> int | None:
    """How long somebody may ask to stay signed in; None also where identity is away."""
    try:
        rule = rpc.call("identity", "get_sign_in_rule", {}, read=True)
    except Unavailable:
        return None
    seconds = rule["kept_seconds"]
    return None if seconds is None else max(1, round(seconds / 86_400))


def _one_time_password(login: Login, form: Form, *, to_manage: bool = False) -> Response:
    return page(
        "console/sign_in/one_time_password.html",
        ONE_TIME_PASSWORD,
        form.status,
        form=form,
        login=login,
        to_manage=to_manage,
    )


def _email_code(login: Login, form: Form) -> Response:
    seconds = login.seconds_to_resend
    return page(
        "console/sign_in/email_code.html",
        _EMAIL_CODE,
        form.status,
        form=form,
        login=login,
        resend=forms.waiting(seconds, EMAIL_CODE, "resend") if seconds else None,
    )


def _recovery_code(form: Form) -> Response:
    return page("console/sign_in/recovery_code.html", RECOVERY_CODE, form.status, form=form)
