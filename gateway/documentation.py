"""The OpenAPI document: what all operations share, and the document itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import flask_smorest  # type: ignore[import-untyped]
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema

from gateway import conventions, problem_responses, problems
from gateway.conventions import Blueprint
from gateway.problems import Problem

TITLE = "Freehold API"
VERSION = "v1"

_DESCRIPTION = """\
Organizations, their licenses and their cameras.

- Sign in, then send the token as `Authorization: Bearer <token>`. Programs send an API token: it does
  what its scopes name, in as far as its owner may.
- JSON in `snake_case`; moments are RFC 3339 in UTC; ids are UUIDs.
- Lists come in pages: pass `next_cursor` of one page as `cursor` of the next; it is null on the
  last.
- Where `Idempotency-Key` is asked for, send a fresh value per errand and repeat it when you retry.
- Every "no" is `application/problem+json` (RFC 9457). Programs act on its `code`; `type` leads to
  the entry in the catalogue of problems. 429 and 503 say in `Retry-After` when to try again.
- Every answer carries `X-Request-Id`; send your own (up to 64 of `A-Z a-z 0-9 . _ -`) to find it
  in the logs.
"""

_SCHEMES = {
    conventions.SIGNED_IN: "Token of a session, or an API token that was given the scope named.",
    conventions.PERSON: "Token of a session; no API token.",
    conventions.MANAGE: "Token of a Manage session; no other.",
}


class Api(flask_smorest.Api):
    """flask-smorest's, with our problems in place of its errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        problems.register(self._app)


def describe(app: Flask, blueprints: Iterable[Blueprint]) -> dict[str, Any]:
    """Registers the blueprints; the OpenAPI document of their operations."""
    app.config.update(API_TITLE=TITLE, API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name),
            "info": {
                "description": _DESCRIPTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
        },
    )
    components = api.spec.components
    for name, holder in _SCHEMES.items():
        scheme = {"type": "http", "scheme": "bearer", "description": holder}
        components.security_scheme(name, scheme)
    for status in problem_responses.MEANINGS:
        components.response(f"Problem{status}", problem_responses.described(status))
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    document: dict[str, Any] = api.spec.to_dict()
    # flask-smorest's own paging, which no operation uses.
    document["components"]["schemas"].pop("PaginationMetadataSchema", None)
    _make_portable(document)
    return document


def _make_portable(part: Any) -> None:
    """Patterns as JSON Schema reads them: found anywhere in a text, and without Python's ``\\Z``."""
    if isinstance(part, dict):
        pattern = part.get("pattern")
        if isinstance(pattern, str) and r"\Z" in pattern:
            alternatives = pattern.removeprefix("^").replace(r"\Z", "")
            part["pattern"] = f"^(?:{alternatives})$"
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            _make_portable(inner)


def _schema_name(schema: type[Schema] | Schema) -> str:
    """A schema less what the path says is a body of its own in the document."""
    if isinstance(schema, type):
        return schema.__name__
    is_part = schema.only is not None or bool(schema.exclude)
    return type(schema).__name__ + ("Body" if is_part else "")
