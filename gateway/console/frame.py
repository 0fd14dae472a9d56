"""What all console pages share: the person's language, and the frame around each page."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, render_template, request, url_for

from gateway.console import cookies
from gateway.console.cookies import Cookie
from gateway.console.words import LANGUAGES, Words
from gateway.console.words.frame import FRAME, NAMES, NOTES

# The QR code is an image that the page itself carries.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# For the one script there is, and what it asks.
_SCRIPTED = POLICY + "; script-src 'self'; connect-src 'self'"
_YEAR_SECONDS = 365 * 86_400
_NOTE_SECONDS = 60

__all__ = ["LANGUAGES", "Words", "language", "on_to", "page", "remember"]


@dataclass(frozen=True)
class _Choice:
    """One language of the switch in the header."""

    code: str
    name: str
    address: str
    is_present: bool


def language() -> str:
    """The one chosen on a page, else the browser's among those the pages speak."""
    for chosen in (request.args.get("lang"), cookies.read(Cookie.LANGUAGE)):
        if chosen in LANGUAGES:
            return chosen
    return str(request.accept_languages.best_match(LANGUAGES, default="en"))


def remember(chosen: str) -> None:
    """This browser's pages are in the language from now on."""
    cookies.keep(Cookie.LANGUAGE, chosen, _YEAR_SECONDS)


def page(
    template: str,
    words: Words,
    status: int = 200,
    *,
    is_shown_once: bool = False,
    is_scripted: bool = False,
    **values: Any,
) -> Response:
    """A page; with a note of what was done before, if there is one.

    :param words: by language; the template finds its own as ``words``.
    :param is_shown_once: opened again it would lack what it shows, so it offers no other language.
    :param is_scripted: with the meter of passwords.
    """
    spoken = language()
    if request.args.get("lang") == spoken:
        remember(spoken)
    note = NOTES[spoken].get(cookies.read(Cookie.NOTE) or "")
    if note is not None:
        cookies.drop(Cookie.NOTE)
    text = render_template(
        template,
        words=words[spoken],
        frame=FRAME[spoken],
        language=spoken,
        languages=[] if is_shown_once else _choices(spoken),
        note=note,
        is_scripted=is_scripted,
        account=g.get("account"),
        **values,
    )
    response = make_response(text, status)
    response.headers["Content-Language"] = spoken
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="freehold"'
    response.headers["Content-Security-Policy"] = _SCRIPTED if is_scripted else POLICY
    response.vary.add("Accept-Language")
    response.vary.add("Cookie")
    return response


def on_to(endpoint: str, note: str | None = None, **values: Any) -> Response:
    """To the next page, by GET; ``note`` is said there once."""
    if note is not None:
        cookies.keep(Cookie.NOTE, note, _NOTE_SECONDS)
    return make_response(redirect(url_for(endpoint, **values), 303))


def _choices(spoken: str) -> list[_Choice]:
    given = request.args.to_dict(flat=False) if request.method == "GET" else {}
    return [
        _Choice(
            code,
            NAMES[code],
            f"?{urlencode({**given, 'lang': code}, doseq=True)}",
            is_present=code == spoken,
        )
        for code in LANGUAGES
    ]
