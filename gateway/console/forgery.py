"""Forms are taken from our own pages only, each with a token bound to the browser's cookies.

The token of a form is a keyed hash over a nonce and the browser's session; the key is a random value
in a cookie that no script reads. So a token is worth nothing in another browser, nor after
somebody else signed in; and as the nonce differs each time, a compressed page does not betray it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, request

from contracts.errors import Forbidden
from gateway.console import cookies
from gateway.console.cookies import Cookie
from gateway.conventions import EXTENSION as SETTINGS
from gateway.settings import GatewaySettings

FIELD = "form_token"
_NONCE_BYTES = 16
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FormRefused(Forbidden):
    """The form did not come from a page of ours in this browser, or the page is out of date."""

    code = "form-refused"


class CookiesMissing(Forbidden):
    """The browser keeps no cookies, or not at an address without https."""

    code = "cookies-missing"


def token() -> str:
    """For a form of the page that is being made."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + _digest(_key(), nonce)).decode()


def guard(blueprint: Blueprint) -> None:
    """Every POST to the blueprint's pages is checked before anything else is done."""

    @blueprint.before_request
    def check() -> None:
        if request.method not in _SAFE_METHODS:
            _require_same_site()
            _require_token()


def _require_same_site() -> None:
    """:raises FormRefused: the browser says that another site sent the form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site in ("same-origin", "none"):
            return
        raise FormRefused("This form was sent by another site.")
    # Pages that send no referrer make browsers write "null" here also for their own forms.
    origin = request.headers.get("Origin", "null")
    settings = cast(GatewaySettings, current_app.extensions[SETTINGS])
    ours = {_origin(settings.public_url), _origin(request.host_url)}
    if origin != "null" and _origin(origin) not in ours:
        raise FormRefused("This form was sent by another site.")


def _require_token() -> None:
    """Refuse a form that no page of this browser and session was made with.

    :raises CookiesMissing:
    :raises FormRefused: the token is missing, another browser's, or older than the sign-in.
    """
    key = _held_key()
    if key is None:
        raise CookiesMissing("The browser sent no cookie. Allow cookies, and use https.")
    try:
        given = base64.urlsafe_b64decode(request.form.get(FIELD, "").encode())
    except (binascii.Error, UnicodeEncodeError):
        given = b""
    nonce, digest = given[:_NONCE_BYTES], given[_NONCE_BYTES:]
    if not hmac.compare_digest(digest, _digest(key, nonce)):
        raise FormRefused("The page of this form is out of date. Open it again.")


def _digest(key: str, nonce: bytes) -> bytes:
    session = cookies.read(Cookie.SESSION) or ""
    return hmac.digest(key.encode(), nonce + session.encode(), "sha256")


def _key() -> str:
    """The browser's own, or a fresh one that goes out with this page."""
    if "form_key" not in g:
        g.form_key = _held_key()
        if g.form_key is None:
            g.form_key = secrets.token_urlsafe(32)
            cookies.keep(Cookie.FORMS, g.form_key)
    return cast(str, g.form_key)


def _held_key() -> str | None:
    key = cookies.read(Cookie.FORMS)
    return key if key is not None and _KEY.fullmatch(key) else None


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
