"""The account's sessions: seen, and ended one by one or all others at once."""

from __future__ import annotations

import re
from contextlib import suppress

from flask import Response

from contracts.errors import NotFound
from gateway import rpc
from gateway.console import cookies, forms
from gateway.console.area import area
from gateway.console.cookies import Cookie
from gateway.console.frame import on_to, page
from gateway.console.people import signed_in
from gateway.console.words.account import SESSIONS

blueprint = area("sessions", "/account/sessions")

# Each browser also names those before it in this list.
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@blueprint.get("")
@signed_in
def show() -> Response:
    listed = rpc.call("identity", "list_sessions", {}, read=True)
    return page("console/account/sessions.html", SESSIONS, sessions=listed["items"])


@blueprint.post("/end")
@signed_in
def end() -> Response:
    # It may have ended meanwhile, as was wanted.
    with suppress(NotFound):
        rpc.call("identity", "end_session", dict(forms.sent("session_id").values))
    return on_to("sessions.show", note="session-ended")


@blueprint.post("/end-others")
@signed_in
def end_others() -> Response:
    rpc.call("identity", "end_other_sessions", {})
    cookies.drop(Cookie.MANAGE)
    return on_to("sessions.show", note="sessions-ended")


@blueprint.app_template_filter("device")
def device(user_agent: str | None) -> str:
    """Browser and system, as far as the program names itself; empty when it does not."""
    text = user_agent or ""
    browser = next((name for name in _BROWSERS if re.search(rf"\b{name}/", text)), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    return " · ".join(part for part in (_NAMES.get(browser, browser), system) if part)
