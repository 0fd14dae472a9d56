"""Pages for people: the start page, the API's documentation, the catalogue of problems."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from gateway import catalogue, reference


def blueprint(document: dict[str, Any], address: str) -> Blueprint:
    """:param address: where the examples of the documentation send their requests."""
    pages = Blueprint("pages", __name__)
    text = json.dumps(document, ensure_ascii=False).encode()
    tag = hashlib.sha256(text).hexdigest()[:32]
    tags = reference.tags(document, address)
    schemas = reference.schemas(document)
    pages.add_app_template_filter(reference.prose, "prose")
    pages.add_app_template_filter(reference.inline, "inline")

    @pages.get("/")
    def start() -> str:
        return render_template("start.html")

    @pages.get("/openapi.json")
    def openapi() -> Response:
        response = Response(text, mimetype="application/json")
        response.set_etag(tag)
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
        return response

    @pages.get("/docs")
    def docs() -> str:
        return render_template("docs.html", info=document["info"], tags=tags, schemas=schemas)

    @pages.get("/problems")
    def problems() -> str:
        return render_template("problems.html", entries=catalogue.entries())

    @pages.get("/problems/<code>")
    def problem(code: str) -> str:
        entries = [entry for entry in catalogue.entries() if entry.code == code]
        if not entries:
            raise NotFound
        return render_template("problems.html", entries=entries, code=code)

    return pages
