"""The Manage area: authenticator app and recovery codes, each changed in two steps (REG, MAN, RC).

What is shown once is the answer to the form that asked for it, with no address of its own: opened
again it is asked for anew, and replaces what was not confirmed (REG-4, RC-5).
"""

from __future__ import annotations

import base64
from typing import Any, cast
from urllib.parse import quote

from flask import Response, current_app, g, request, url_for

from contracts.errors import NotFound, Refusal
from gateway import rpc
from gateway.console import cookies, forms, people
from gateway.console.area import area
from gateway.console.cookies import Cookie
from gateway.console.forms import Form
from gateway.console.frame import language, on_to, page
from gateway.console.people import managing
from gateway.console.words import joined
from gateway.console.words import manage as words
from gateway.conventions import EXTENSION as SETTINGS
from gateway.settings import GatewaySettings

blueprint = area("manage_area", "/manage")

_FACTORS = joined(words.AREA, words.FACTORS)
_AUTHENTICATOR = joined(words.AREA, words.AUTHENTICATOR)
_SETUP = joined(words.AREA, words.SETUP)
_CONFIRM = joined(words.AREA, words.CONFIRM)
_RECOVERY_CODES = joined(words.AREA, words.RECOVERY_CODES)
_SHEET = joined(words.AREA, words.RECOVERY_CODES, words.SHEET)
_BY_EMAIL = joined(words.AREA, words.BY_EMAIL)


@blueprint.get("")
@managing
def factors() -> Response:
    """MAN-6, MAN-7."""
    return page("console/manage/factors.html", _FACTORS, manage=g.manage)


@blueprint.post("/leave")
@managing
def leave() -> Response:
    rpc.call("identity", "leave_manage", {})
    cookies.drop(Cookie.MANAGE)
    return people.outside("manage-left")


@blueprint.get("/email")
@managing
def by_email() -> Response:
    return page("console/manage/by_email.html", _BY_EMAIL, manage=g.manage)


# The authenticator app


@blueprint.get("/authenticator")
@managing
def authenticator() -> Response:
    return page("console/manage/authenticator.html", _AUTHENTICATOR, manage=g.manage)


@blueprint.post("/authenticator/setup")
@managing
def register_authenticator() -> Response:
    """REG-2; what was shown before and not registered is replaced."""
    rpc.call("identity", "register_authenticator", {})
    return on_to("manage_area.setup")


@blueprint.get("/authenticator/setup")
@managing
def setup() -> Response:
    """The same QR code until REGISTER, in this Manage session only (REG-4)."""
    pending_id = g.manage["pending_authenticator_id"]
    if pending_id is None:
        return on_to("manage_area.authenticator", note="nothing-pending")
    payload = {"authenticator_id": pending_id}
    pending = rpc.call("identity", "show_pending_authenticator", payload, read=True)
    return page(
        "console/manage/setup.html",
        _SETUP,
        manage=g.manage,
        setup_key=pending["setup_key"],
        qr=_image(pending["qr_svg"]),
    )


@blueprint.get("/authenticator/registration")
@managing
def confirm_authenticator() -> Response:
    if g.manage["pending_authenticator_id"] is None:
        return on_to("manage_area.authenticator", note="nothing-pending")
    return _confirm(Form())


@blueprint.post("/authenticator/registration")
@managing
def confirmed_authenticator() -> Response:
    """REGISTER (REG-3)."""
    form = forms.sent("code")
    payload = {
        "authenticator_id": g.manage["pending_authenticator_id"],
        "code": form["code"],
        "end_other_sessions": request.form.get("end_other_sessions") == "on",
    }
    if payload["authenticator_id"] is None:
        return on_to("manage_area.authenticator", note="nothing-pending")
    try:
        rpc.call("identity", "confirm_authenticator", payload)
    except Refusal as refusal:
        return _confirm(form.refused(refusal))
    return on_to("manage_area.thanks")


@blueprint.get("/authenticator/thanks")
@managing
def thanks() -> Response:
    return page("console/manage/thanks.html", _CONFIRM)


@blueprint.post("/authenticator/cancel")
@managing
def cancel_authenticator() -> Response:
    payload = {"authenticator_id": g.manage["pending_authenticator_id"]}
    if payload["authenticator_id"] is not None:
        rpc.call("identity", "cancel_authenticator", payload)
    return on_to("manage_area.factors", note="cancelled")


@blueprint.post("/authenticator/remove")
@managing
def remove_authenticator() -> Response:
    rpc.call("identity", "remove_authenticator", {})
    return on_to("manage_area.factors", note="authenticator-removed")


# Recovery codes


@blueprint.get("/recovery-codes")
@managing
def recovery_codes() -> Response:
    """Only the answer to CREATE shows codes; who opens its address again finds their state."""
    return on_to("manage_area.factors")


@blueprint.post("/recovery-codes")
@managing
def create_recovery_codes() -> Response:
    """RC-3; the earlier ones stay valid until CONFIRM (RC-4)."""
    batch = rpc.call("identity", "create_recovery_codes", {})
    return page(
        "console/manage/recovery_codes.html",
        _RECOVERY_CODES,
        is_shown_once=True,
        manage=g.manage,
        batch=batch,
        file=_file(g.manage["email"], batch["codes"]),
    )


@blueprint.post("/recovery-codes/confirm")
@managing
def confirm_recovery_codes() -> Response:
    """CONFIRM, of the batch that the page showed (RC-4)."""
    return _decided("confirm_recovery_codes", "codes-confirmed")


@blueprint.post("/recovery-codes/cancel")
@managing
def cancel_recovery_codes() -> Response:
    """RC-5."""
    return _decided("cancel_recovery_codes", "cancelled")


# The provisioning sheet


@blueprint.get("/sheet")
@managing
def sheet() -> Response:
    return on_to("manage_area.factors")


@blueprint.post("/sheet")
@managing
def issue_sheet() -> Response:
    """Authenticator and recovery codes at once, given once (TOTP-9)."""
    issued = rpc.call("identity", "issue_provisioning_sheet", {})
    return page(
        "console/manage/sheet.html",
        _SHEET,
        is_shown_once=True,
        form=Form(),
        manage=g.manage,
        setup_key=issued["authenticator"]["setup_key"],
        qr=_image(issued["authenticator"]["qr_svg"]),
        batch=issued["recovery_codes"],
        address=_settings().public_url.rstrip("/") + url_for("sign_in.ask"),
    )


# Parts of the pages above


def _confirm(form: Form) -> Response:
    return page("console/manage/confirm.html", _CONFIRM, form.status, form=form, manage=g.manage)


def _decided(operation: str, note: str) -> Response:
    batch_id = forms.sent("batch_id")["batch_id"]
    try:
        rpc.call("identity", operation, {"batch_id": batch_id})
    except NotFound:
        return on_to("manage_area.factors", note="nothing-pending")
    return on_to("manage_area.factors", note=note)


def _settings() -> GatewaySettings:
    return cast(GatewaySettings, current_app.extensions[SETTINGS])


def _image(svg: str) -> str:
    """The address of an image that the page carries itself."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _file(email: str, codes: list[Any]) -> str:
    """The address of a text file that the page carries itself: nothing is kept for it."""
    head = words.RECOVERY_CODES[language()]["file_head"].format(email=email)
    text = "\r\n".join([head, f"{people.now():%Y-%m-%d %H:%M} UTC", "", *codes, ""])
    # Some programs take a file without the mark for another encoding.
    return f"data:text/plain;charset=utf-8,{quote(chr(0xFEFF) + text)}"
