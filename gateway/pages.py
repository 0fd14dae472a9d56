"""Pages for people: the start page, the API's documentation, the catalogue of problems."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, request


def blueprint(document: dict[str, Any]) -> Blueprint:
    pages = Blueprint("pages", __name__)
    text = json.dumps(document, ensure_ascii=False).encode()
    tag = hashlib.sha256(text).hexdigest()[:32]

    @pages.get("/openapi.json")
    def openapi() -> Response:
        response = Response(text, mimetype="application/json")
        response.set_etag(tag)
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)  # type: ignore[return-value]

    return pages
