"""How the OpenAPI document describes each status of a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from gateway.problems import MEDIA_TYPE, STATUS_OF_CODE, Problem

_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
}
_CHALLENGE = {
    "WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}},
}
MEANINGS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Sign in first.",
    403: "Seen, but not permitted.",
    404: "Not there, or not to be seen by the caller.",
    409: "The present state stands against it.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "Fields are missing, unknown or not as they must be; `errors` names them.",
    429: "Too many requests or tries.",
    500: "A bug; the log has it under the request id.",
    503: "A part of the suite is away.",
}


def described(status: int, codes: Iterable[str] = ()) -> dict[str, Any]:
    """
    :param codes: of refusals with this status that an operation has beside what the status means.
    """
    meaning = MEANINGS[status]
    named = [f"`{code}`" for code in sorted(codes) if STATUS_OF_CODE[code] == status]
    if named:
        meaning = f"{meaning.removesuffix('.')}, or is refused as {' or '.join(named)}."
    response: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}. {meaning}",
        "content": {MEDIA_TYPE: {"schema": Problem}},
    }
    if status in (429, 503):
        response["headers"] = _RETRY_AFTER
    if status == 401:
        response["headers"] = _CHALLENGE
    return response
