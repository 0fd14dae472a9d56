"""The state between password and second step, held by the browser in one short-lived cookie.

Nothing in it is believed: identity decides for each step what the sign-in may do. It only says
which pages to show.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Response

from contracts.errors import Unauthenticated
from contracts.identity import ManageMethod, Method
from gateway.console import cookies, people
from gateway.console.cookies import Cookie
from gateway.console.frame import on_to

View = Callable[..., Response]


@dataclass(frozen=True)
class Login:
    """A sign-in whose password was right; moments are ISO 8601."""

    secret: str = field(repr=False)
    email: str
    methods: list[str]
    manage_methods: list[str]
    expires_at: str
    sent: bool = False
    resend_at: str | None = None
    is_to_be_kept: bool = False

    @classmethod
    def begun(cls, answer: dict[str, Any], email: str, *, is_to_be_kept: bool) -> Login:
        return cls(
            secret=answer["sign_in"],
            email=email,
            methods=answer["methods"],
            manage_methods=answer["manage_methods"],
            expires_at=answer["expires_at"],
            is_to_be_kept=is_to_be_kept,
        )

    def waiting(self, resend_at: datetime, *, sent: bool) -> Login:
        return replace(self, sent=sent, resend_at=resend_at.isoformat())

    @property
    def seconds_to_resend(self) -> int:
        if self.resend_at is None:
            return 0
        left = (datetime.fromisoformat(self.resend_at) - people.now()).total_seconds()
        return max(0, math.ceil(left))

    @property
    def seconds_left(self) -> int:
        return int((datetime.fromisoformat(self.expires_at) - people.now()).total_seconds())

    def keep(self) -> None:
        text = json.dumps(asdict(self), separators=(",", ":"))
        value = base64.urlsafe_b64encode(text.encode()).decode()
        cookies.keep(Cookie.SIGN_IN, value, max(1, self.seconds_left))


def present() -> Login | None:
    """The running sign-in, if the cookie reads as one that is not over."""
    try:
        text = base64.urlsafe_b64decode((cookies.read(Cookie.SIGN_IN) or "").encode())
        login = Login(**json.loads(text))
        known = {*Method, *ManageMethod}
        is_whole = (
            isinstance(login.secret, str)
            and isinstance(login.email, str)
            and isinstance(login.is_to_be_kept, bool)
            and {*login.methods, *login.manage_methods} <= known
            and login.seconds_left > 0
            and login.seconds_to_resend >= 0
        )
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        return None
    return login if is_whole else None


def signing_in(view: View) -> View:
    """For who entered the right password; everybody else begins with it."""

    @wraps(view)
    def serve(**values: Any) -> Response:
        login = present()
        if login is None:
            return over() if cookies.read(Cookie.SIGN_IN) else on_to("sign_in.ask")
        try:
            return view(login, **values)
        except Unauthenticated:
            return over()

    return serve


def over() -> Response:
    cookies.drop(Cookie.SIGN_IN)
    return on_to("sign_in.ask", note="sign-in-over")
