"""Who a page is for: somebody signed in, somebody in the Manage area, somebody about to be either.

The tokens come from cookies and go to identity as the API's bearer tokens do. A Manage token is
never taken where a session is asked for, and the other way round (J4).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, cast

from flask import Response, current_app, g

from chassis.clock import Clock
from contracts.caller import Level
from contracts.errors import PersonRequired, Refusal, Unauthenticated
from gateway import caller, rpc
from gateway.console import cookies
from gateway.console.cookies import Cookie
from gateway.console.frame import on_to

CLOCK = "freehold.clock"

View = Callable[..., Response]
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,512}")


def now() -> datetime:
    return cast(Clock, current_app.extensions[CLOCK]).now()


def signed_in(view: View) -> View:
    """For who is signed in, whose account is then ``g.account``; everybody else signs in first."""

    @wraps(view)
    def serve(**values: Any) -> Response:
        if "account" in g:
            # One such view is within another.
            return view(**values)
        if not _use(Cookie.SESSION):
            return on_to("sign_in.ask")
        try:
            g.account = rpc.call("identity", "get_account", {}, read=True)
            if caller.authenticate().level == Level.TOKEN:
                raise PersonRequired("API tokens are for programs, not for pages.")
            return view(**values)
        except Unauthenticated:
            cookies.drop(Cookie.SESSION)
            return on_to("sign_in.ask", note="session-over")

    return serve


def recognize() -> bool:
    """Whether somebody is signed in, whose account is then ``g.account``; nobody has to be."""
    if not _use(Cookie.SESSION):
        return False
    try:
        g.account = rpc.call("identity", "get_account", {}, read=True)
    except Unauthenticated:
        cookies.drop(Cookie.SESSION)
        g.pop("vouched", None)
        g.pop("token")
        return False
    return True


def managing(view: View) -> View:
    """For who is in the Manage area, whose factors are then ``g.manage``."""

    @wraps(view)
    def serve(**values: Any) -> Response:
        if not _use(Cookie.MANAGE):
            return outside()
        try:
            g.manage = rpc.call("identity", "get_manage", {}, read=True)
            return view(**values)
        except Unauthenticated:
            cookies.drop(Cookie.MANAGE)
            return outside("manage-over")

    return serve


def outside(note: str | None = None) -> Response:
    """To where the Manage area was entered from, or can be."""
    inside = cookies.read(Cookie.SESSION) is not None
    return on_to("account.security" if inside else "sign_in.ask", note)


def enter(started: dict[str, Any]) -> Response:
    """Holds the token of a session that has just begun, and goes where it leads."""
    if started["level"] == Level.MANAGE:
        return enter_manage(started)
    _end_held_session()
    hold(started)
    if cookies.read(Cookie.INVITATION) is not None:
        return on_to("invitation.show")
    return on_to("my_systems.start")


def hold(started: dict[str, Any]) -> None:
    """The browser's session from now on; kept until the browser is closed, or the session ends."""
    seconds = None
    if started["is_kept"]:
        seconds = max(
            1, int((datetime.fromisoformat(started["expires_at"]) - now()).total_seconds())
        )
    cookies.keep(Cookie.SESSION, started["token"], seconds)


def enter_manage(started: dict[str, Any]) -> Response:
    seconds = (datetime.fromisoformat(started["expires_at"]) - now()).total_seconds()
    cookies.keep(Cookie.MANAGE, started["token"], max(1, int(seconds)))
    return on_to("manage_area.factors")


def _end_held_session() -> None:
    """A browser holds one session: who signs in again leaves none behind that nobody sees."""
    if _use(Cookie.SESSION):
        # It may have ended by itself, or identity may be away: then it ends unused.
        with suppress(Refusal):
            rpc.call("identity", "sign_out", {})
    if _use(Cookie.MANAGE):
        with suppress(Refusal):
            rpc.call("identity", "leave_manage", {})
        cookies.drop(Cookie.MANAGE)


def _use(cookie: Cookie) -> bool:
    """Makes the calls of this request in the name of the cookie's token."""
    token = cookies.read(cookie)
    if token is None or _TOKEN.fullmatch(token) is None:
        return False
    g.pop("vouched", None)
    g.token = token
    return True
