"""What all console pages share: the person's language, and the frame around each page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request

Words = Mapping[str, Mapping[str, str]]

LANGUAGES = ("en", "ja", "ko")

FRAME: Words = {
    "en": {"skip": "Skip to the content", "site": "Site"},
    "ja": {"skip": "本文へ移動", "site": "サイト"},
    "ko": {"skip": "본문으로 이동", "site": "사이트"},
}


def language() -> str:
    """Of the browser, among those the pages speak."""
    return str(request.accept_languages.best_match(LANGUAGES, default="en"))


def page(template: str, words: Words, status: int = 200, **values: Any) -> Response:
    """:param words: by language; the template finds its own as ``words``."""
    spoken = language()
    text = render_template(
        template, words=words[spoken], frame=FRAME[spoken], language=spoken, **values
    )
    response = make_response(text, status)
    response.headers["Content-Language"] = spoken
    response.vary.add("Accept-Language")
    return response
