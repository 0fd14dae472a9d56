"""What a browser holds for us: tokens and forms' keys, never readable by a script.

Over https every name begins with ``__Host-``, so that no neighboring host can set or read it
(security 2.6). Browsers keep such cookies over plain http nowhere but at some local addresses, so an
installation that is reached at an http address and is not in production goes without the prefix.
"""

from __future__ import annotations

from enum import StrEnum
from typing import cast

from flask import Response, after_this_request, current_app, request

EXTENSION = "freehold.cookies"
_LARGEST = 3072


class Cookie(StrEnum):
    SESSION = "freehold"
    MANAGE = "freehold-manage"
    SIGN_IN = "freehold-sign-in"
    FORMS = "freehold-forms"
    INVITATION = "freehold-invitation"
    NOTE = "freehold-note"
    LANGUAGE = "freehold-language"


class Jar:
    """How this installation names and protects its cookies."""

    def __init__(self, public_url: str, *, is_production: bool) -> None:
        self.is_secure = is_production or public_url.startswith("https://")

    def name(self, cookie: Cookie) -> str:
        return f"__Host-{cookie}" if self.is_secure else str(cookie)


def read(cookie: Cookie) -> str | None:
    value = request.cookies.get(_jar().name(cookie))
    return value if value and len(value) <= _LARGEST else None


def keep(cookie: Cookie, value: str, seconds: int | None = None) -> None:
    """Goes out with the answer to the running request.

    :param seconds: how long the browser keeps it; None: until it is closed.
    """
    jar = _jar()

    @after_this_request
    def put(response: Response) -> Response:
        response.set_cookie(
            jar.name(cookie),
            value,
            max_age=seconds,
            path="/",
            secure=jar.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response


def drop(cookie: Cookie) -> None:
    keep(cookie, "", 0)


def _jar() -> Jar:
    return cast(Jar, current_app.extensions[EXTENSION])
