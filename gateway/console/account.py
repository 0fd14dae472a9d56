"""Account settings: language, address, password, preferred method, and the end of it (ACC-8)."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, g

from contracts.errors import Refusal
from contracts.identity import Method
from gateway import rpc
from gateway.console import cookies, forms, people, strength
from gateway.console.area import area
from gateway.console.cookies import Cookie
from gateway.console.credentials import stepped_up
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page, remember
from gateway.console.people import signed_in
from gateway.console.words import LANGUAGES
from gateway.console.words import account as words
from gateway.console.words.frame import NAMES

blueprint = area("account", "/account")


@blueprint.get("")
@signed_in
def settings() -> Response:
    return page(
        "console/account/settings.html",
        words.SETTINGS,
        form=Form({"language": g.account["language"]}),
        choices=[(code, NAMES[code]) for code in LANGUAGES],
    )


@blueprint.post("/language")
@signed_in
def choose_language() -> Response:
    """Of mails; the pages follow."""
    chosen = forms.sent("language")["language"]
    rpc.call("identity", "update_account", {"language": chosen})
    remember(chosen)
    return on_to("account.settings", note="saved")


@blueprint.get("/security")
@signed_in
def security() -> Response:
    return _security(Form())


@blueprint.post("/security/preferred-method")
@signed_in
def prefer() -> Response:
    """ACC-6: the page to go to directly."""
    form = forms.sent("preferred_method")
    payload = {"preferred_method": form["preferred_method"] or None}
    try:
        rpc.call("identity", "update_account", payload)
    except Refusal as refusal:
        return _security(form.refused(refusal))
    return on_to("account.security", note="saved")


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    rpc.call("identity", "sign_out", {})
    _forget()
    return on_to("sign_in.ask", note="signed-out")


@blueprint.get("/password")
@stepped_up("password", only_with_authenticator=True)
def password() -> Response:
    return _password(Form())


@blueprint.post("/password")
@stepped_up("password", only_with_authenticator=True)
def change_password() -> Response:
    """Ends every session; this browser goes on under a new token."""
    form = forms.sent("current_password", "new_password")
    try:
        started = rpc.call("identity", "change_password", dict(form.values))
    except Refusal as refusal:
        # Of the two passwords it is the present one that credentials are refused for.
        is_present = refusal.code == "credentials-refused"
        name = "current_password" if is_present else "new_password"
        return _password(form.refused(refusal, password=name))
    people.hold(started)
    return on_to("account.security", note="password-changed")


@blueprint.get("/email")
@stepped_up("email")
def email() -> Response:
    return _email(Form())


@blueprint.post("/email")
@stepped_up("email")
def change_email() -> Response:
    form = forms.sent("email")
    try:
        rpc.call("identity", "request_email_change", dict(form.values))
    except Refusal as refusal:
        return _email(form.refused(refusal))
    return on_to("account.settings", note="email-asked")


@blueprint.get("/delete")
@stepped_up("delete")
def delete() -> Response:
    return _delete(Form())


@blueprint.post("/delete")
@stepped_up("delete")
def delete_for_good() -> Response:
    form = forms.sent("email")
    if form["email"].strip().casefold() != g.account["email"].casefold():
        problem = words.DELETE[language()]["differs"]
        return _delete(replace(form, problems={"email": problem}, status=422))
    try:
        rpc.call("identity", "delete_account", {})
    except Refusal as refusal:
        return _delete(form.refused(refusal))
    _forget()
    return on_to("sign_in.ask", note="account-deleted")


def _forget() -> None:
    """What the browser holds for who leaves it: nobody after them finds their invitation either."""
    for cookie in (Cookie.SESSION, Cookie.MANAGE, Cookie.INVITATION):
        cookies.drop(cookie)


# Pages


def _security(form: Form) -> Response:
    chosen = Form({"preferred_method": g.account["preferred_method"] or "", **form.values})
    own = words.SECURITY[language()]
    return page(
        "console/account/security.html",
        words.SECURITY,
        form.status,
        form=replace(form, values=chosen.values),
        choices=[
            ("", own["choose_each_time"]),
            (str(Method.TOTP), own["totp"]),
            (str(Method.EMAIL), own["email"]),
        ],
    )


def _password(form: Form) -> Response:
    return page(
        "console/account/password.html",
        words.PASSWORD,
        form.status,
        form=form,
        least=forms.least_password(),
        **strength.beside(form, "new_password"),
    )


def _email(form: Form) -> Response:
    return page("console/account/email.html", words.EMAIL, form.status, form=form)


def _delete(form: Form) -> Response:
    return page("console/account/delete.html", words.DELETE, form.status, form=form)
