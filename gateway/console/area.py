"""Areas of the console: blueprints whose forms are guarded and whose refusals are pages."""

from __future__ import annotations

from flask import Blueprint, Response, g
from werkzeug.exceptions import HTTPException

from contracts.errors import Refusal
from gateway.console import forgery, forms, frame
from gateway.console.words.frame import FRAME
from gateway.problems import HTTP_CODES, answer_failure, status_of


def area(name: str, url_prefix: str | None = None) -> Blueprint:
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    forgery.guard(blueprint)
    blueprint.register_error_handler(Refusal, _refused)
    blueprint.register_error_handler(HTTPException, _declined)
    blueprint.register_error_handler(Exception, _failed)
    return blueprint


def _refused(refusal: Refusal) -> Response:
    response = _page(refusal, status_of(refusal))
    retry_after = refusal.facts.get("retry_after", "")
    if retry_after.isdecimal():
        response.headers["Retry-After"] = retry_after
    return response


def _declined(error: HTTPException) -> Response:
    """What HTTP itself is refused for."""
    given = error.get_response()
    if given.status_code < 400:
        return Response(given.response, given.status_code, given.headers)
    response = _page(_named(HTTP_CODES.get(given.status_code, HTTP_CODES[400])), given.status_code)
    if "Allow" in given.headers:
        response.headers["Allow"] = given.headers["Allow"]
    return response


def _failed(error: Exception) -> Response:
    """A bug: it is logged as everywhere, and the person gets the request's id."""
    answer_failure(error)
    return _page(_named(HTTP_CODES[500]), 500)


def _page(refusal: Refusal, status: int) -> Response:
    return frame.page(
        "console/refused.html",
        FRAME,
        status,
        refusal=forms.said(refusal),
        request_id=g.context.request_id,
    )


def _named(code: str) -> Refusal:
    refusal = Refusal("")
    refusal.code = code
    return refusal
