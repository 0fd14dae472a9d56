"""Problems: every answer "no" as RFC 9457 ``application/problem+json``."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, render_template, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from chassis import context
from contracts.errors import InvalidRequest, NotFound, Refusal

MEDIA_TYPE = "application/problem+json"
# Below it programs ask, whatever they say they accept.
PREFIX = "/v1"

STATUS_OF: Mapping[str, int] = {
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Invalid": 422,
    "TooMany": 429,
    "Unavailable": 503,
}

# A confirmation that is absent or wrong, and a role no invitation has, are told as malformed
# (FLD-7, ARC-4, INV-9).
STATUS_OF_CODE: Mapping[str, int] = {
    "archiving-not-confirmed": 400,
    "owner-not-invitable": 400,
    "risk-not-confirmed": 400,
}

# What HTTP itself can be refused for; every other problem is a Refusal.
HTTP_CODES: Mapping[int, str] = {
    400: "malformed-request",
    404: NotFound.code,
    405: "method-not-allowed",
    413: "body-too-large",
    415: "media-type-unsupported",
    500: "unexpected-failure",
}

_NAMED = frozenset({"type", "title", "status", "detail", "code", "instance", "errors"})
# An answer names at most this many wrong fields, however many were sent.
_ERRORS_MOST = 50
_NAME_MOST = 100

_log = logging.getLogger(__name__)


class FieldError(Schema):
    field = fields.String(
        required=True, metadata={"description": "Where, with dots into nested values."}
    )
    detail = fields.String(required=True, metadata={"description": "What is wrong with it."})


class Problem(Schema):
    """RFC 9457; further members are facts a program can act on (all strings)."""

    class Meta:
        unknown = "include"

    type = fields.String(
        required=True, metadata={"description": "Reference to the entry in the catalogue."}
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "For people."})
    code = fields.String(required=True, metadata={"description": "For programs; stable."})
    instance = fields.String(required=True, metadata={"description": "urn:request:<request id>"})
    errors = fields.List(
        fields.Nested(FieldError), metadata={"description": "The fields at fault, for 422."}
    )
    retry_after = fields.Integer(metadata={"description": "Seconds to wait, for 429 and 503."})


@dataclass(frozen=True)
class _Facts:
    members: Mapping[str, Any]
    retry_after: int | None


def register(app: Flask) -> None:
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_failure)


def status_of(refusal: Refusal) -> int:
    return STATUS_OF_CODE.get(refusal.code, STATUS_OF[refusal.family])


def answer_refusal(refusal: Refusal) -> Response:
    status = status_of(refusal)
    facts = _facts_of(refusal)
    response = problem(status, refusal.code, refusal.detail, facts.members)
    if facts.retry_after is not None:
        response.headers["Retry-After"] = str(facts.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="freehold"'
    return response


def answer_http(error: HTTPException) -> Response:
    given = error.get_response()
    status = given.status_code
    if status < 400:
        # A redirect is an answer, not a problem.
        return Response(given.response, status, given.headers)
    code = HTTP_CODES.get(status, HTTP_CODES[400] if status < 500 else HTTP_CODES[500])
    response = problem(status, code, _detail_of(error, status))
    if "Allow" in given.headers:
        response.headers["Allow"] = given.headers["Allow"]
    return response


def answer_failure(error: Exception) -> Response:
    """A bug, here or in a service: the caller learns the request id, the log the rest."""
    _log.error("a request failed", exc_info=error)
    return problem(
        500, HTTP_CODES[500], "Something went wrong on our side. Quote the request id to operators."
    )


def problem(
    status: int, code: str, detail: str, members: Mapping[str, Any] | None = None
) -> Response:
    body = {
        "type": f"/problems/{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": f"urn:request:{context.current().request_id}",
        **(members or {}),
    }
    if request.path.startswith(PREFIX):
        return _document(body, status)
    shows = "text/html" in request.headers.get("Accept", "")
    response = _page(body, status) if shows else _document(body, status)
    response.vary.add("Accept")
    return response


def _document(body: Mapping[str, Any], status: int) -> Response:
    return Response(json.dumps(body, separators=(",", ":")), status, mimetype=MEDIA_TYPE)


def _page(body: Mapping[str, Any], status: int) -> Response:
    """The same for a person with a browser."""
    return Response(render_template("problem.html", **body), status, mimetype="text/html")


def field_errors(messages: Any, field: str = "") -> Iterator[dict[str, str]]:
    """marshmallow's nested messages, flat: ``{"field": "lines.0.quantity", "detail": …}``."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            name = str(name)[:_NAME_MOST]
            if name == "_schema":
                yield from field_errors(inner, field or "body")
            else:
                yield from field_errors(inner, f"{field}.{name}" if field else name)
    elif isinstance(messages, list):
        yield {"field": field, "detail": " ".join(str(message) for message in messages)}
    else:
        yield {"field": field, "detail": str(messages)}


def invalid_request(messages: Any) -> InvalidRequest:
    """The refusal of a request whose fields are not as they must be."""
    facts = {error["field"]: error["detail"] for error in field_errors(messages)}
    return InvalidRequest("Some fields are not as they must be.", **facts)


def _facts_of(refusal: Refusal) -> _Facts:
    facts = dict(refusal.facts)
    if refusal.code == InvalidRequest.code:
        errors = [{"field": name, "detail": detail} for name, detail in facts.items()]
        return _Facts({"errors": errors[:_ERRORS_MOST]}, None)
    members: dict[str, Any] = {name: facts[name] for name in facts if name not in _NAMED}
    retry_after = facts.get("retry_after", "")
    if not retry_after.isdecimal():
        members.pop("retry_after", None)
        return _Facts(members, None)
    members["retry_after"] = int(retry_after)
    return _Facts(members, int(retry_after))


def _detail_of(error: HTTPException, status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "There is nothing at this address."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "This address does not take the method; Allow lists those it takes."
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "The body is larger than this address takes."
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "Something went wrong on our side. Quote the request id to operators."
    return error.description or HTTPStatus(status).phrase
