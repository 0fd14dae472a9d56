"""The conventions of every operation, declared once: how blueprints are written.

    from contracts.access import Permission
    from contracts.folders import CreateFolder, FolderPage, FolderView, ListFolders
    from gateway import rpc
    from gateway.conventions import Blueprint, Payload, Reply

    blueprint = Blueprint("organizations", description="Where people belong, and what they may do.")


    @blueprint.operation(
        "POST",
        "/organizations/<uuid:organization_id>/folders",
        needs=Permission.FOLDER_MANAGE,
        takes=CreateFolder,
        gives=FolderView,
        status=201,
        location="/organizations/{organization_id}/folders/{id}",
        idempotent=True,
        problems=(404, 409),
    )
    def create_folder(payload: Payload) -> Reply:
        \"\"\"Create a folder inside another.

        Needs `folder:manage` on the parent. This paragraph becomes the description in the docs.
        \"\"\"
        return rpc.call("organizations", "create_folder", payload)


    @blueprint.operation(
        "GET",
        "/organizations/<uuid:organization_id>/folders",
        needs=Permission.FOLDER_READ,
        takes=ListFolders,  # organization_id plus PageQuery's fields
        gives=FolderPage,
        problems=(404,),
    )
    def list_folders(payload: Payload) -> Reply:
        \"\"\"The folders the caller may see, by name.\"\"\"
        return rpc.call("organizations", "list_folders", payload, read=True)

What the declaration does, so that a view does not:

- The path stands under ``/v1``. Its variables, the query or body, and ``idempotency_key`` arrive in
  one ``payload`` of JSON values, ready for the service. `takes` is the same schema the service's
  ``@rpc(takes=…)`` reads: what the path or the Idempotency-Key header already says is left out of
  it, so a body that says it too is refused as an unknown field. GET and DELETE take it from the
  query, the others from a JSON body.
- A bearer token is required and vouched for before anything else is looked at; ``public=True``
  opens an operation to people who have not signed in. ``gateway.caller.authenticate()`` inside a
  view says who it is; the services find out for themselves.
- `needs` documents whose token is taken, which the services decide: the scope an API token was
  given (of ``contracts.access.TOKEN_SCOPES``); `PERSON`, no API token; `MANAGE`, a Manage session
  and nothing else; `SIGNED_IN`, any token but a Manage session's. The document says it as the
  operation's ``security``, and ``tests/contract/test_token_matrix.py`` tries every operation.
- `gives` documents the answer. It is not dumped again: a service's answer went through its own
  ``gives`` and is written out as it is. ``status=204``, or an answer of None, writes no body. A
  view may return a flask Response (a file, CSV); ``media_type`` then documents its type.
- `location` is filled from the path variables and the answer.
- `problems` names the statuses the services may refuse with: 404, 409, and 401 where it is public;
  and, by their code, refusals whose status is not that of their family (``STATUS_OF_CODE``).
  The others (400, 401, 403, 413, 415, 422, 429, 500, 503) are added by themselves where they can
  happen.
- ``upload="application/octet-stream"`` takes a raw body up to ``upload_limit_bytes``: the view
  reads ``flask.request.stream`` piece by piece (a read of all of it at once could end at the limit
  without a word). `takes` is then the query.
- The function's name is the operationId, its docstring the summary and description.

A view that calls two services, or decides anything, is a sign that a service lacks a method.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import flask_smorest  # type: ignore[import-untyped]
from flask import Response, current_app, request
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.routing import Map, Rule

from contracts.access import TOKEN_SCOPES
from gateway import caller
from gateway.payload import JSON, Payload, body_of, query_of
from gateway.problem_responses import described
from gateway.problems import PREFIX, STATUS_OF_CODE, invalid_request
from gateway.settings import GatewaySettings

EXTENSION = "freehold.settings"

# Whose token is taken where no scope says it; the names of the document's security schemes.
SIGNED_IN = "bearer"
PERSON = "session"
MANAGE = "manage"
_SCHEMES = (SIGNED_IN, PERSON, MANAGE)

Reply = Any
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
View = Callable[[Payload], Reply]

__all__ = ["MANAGE", "PERSON", "SIGNED_IN", "Blueprint", "Payload", "Reply"]


class _NoFields(Schema):
    pass


class IdempotencyHeader(Schema):
    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(
            r"^[!-~]{8,128}$", error="8 to 128 printable ASCII characters without spaces."
        ),
        metadata={
            "description": "A value of the client's own, one per errand: the same request with the "
            "same key is carried out once and answered alike."
        },
    )


_idempotency_header = IdempotencyHeader()


@dataclass(frozen=True)
class _Operation:
    method: str
    path_names: frozenset[str]
    takes: Schema | None
    reads_body: bool
    status: int
    location: str | None
    idempotent: bool
    needs: str | None
    upload: str | None

    @property
    def is_public(self) -> bool:
        return self.needs is None

    @property
    def security(self) -> list[dict[str, list[str]]]:
        if self.needs is None:
            return []
        if self.needs in _SCHEMES:
            return [{self.needs: []}]
        return [{SIGNED_IN: [str(self.needs)]}]

    def payload(self, path: dict[str, Any]) -> Payload:
        reads_query = self.takes is not None and not self.reads_body
        payload: Payload = {}
        if reads_query or request.query_string:
            payload = query_of(self.takes if reads_query and self.takes else _NoFields())
        if self.idempotent:
            payload["idempotency_key"] = _idempotency_key()
        if self.upload is not None:
            _admit_upload(self.upload)
        elif self.takes is not None and self.reads_body:
            payload = {**body_of(self.takes), **payload}
        for name, value in path.items():
            payload[name] = value if isinstance(value, int) else str(value)
        return payload

    def answer(self, reply: Reply, payload: Payload) -> Response:
        if isinstance(reply, Response):
            return reply
        if self.status == 204 or reply is None:
            return Response(status=self.status)
        text = json.dumps(reply, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        response = Response(text, self.status, mimetype=JSON)
        if self.location is not None:
            known = {**payload, **reply} if isinstance(reply, dict) else payload
            response.headers["Location"] = PREFIX + self.location.format_map(known)
            # The path stays a path: a client behind a proxy knows its host better than we do.
            response.autocorrect_location_header = False
        return response


class Blueprint(flask_smorest.Blueprint):
    """One service's operations.

    :param is_for_tests: the document that a production gateway serves says nothing of them.
    """

    def __init__(self, name: str, *, description: str, is_for_tests: bool = False) -> None:
        super().__init__(name, name, url_prefix=PREFIX, description=description)
        self.is_for_tests = is_for_tests

    def operation(
        self,
        method: Method,
        path: str,
        *,
        needs: str | None = None,
        takes: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        status: int = 200,
        location: str | None = None,
        idempotent: bool = False,
        public: bool = False,
        problems: Iterable[int | str] = (),
        upload: str | None = None,
        media_type: str = JSON,
    ) -> Callable[[View], View]:
        """Declares an operation; the module's docstring explains each argument."""
        if public is not (needs is None) or needs not in {None, *_SCHEMES, *TOKEN_SCOPES}:
            raise ValueError(f"{method} {path}: say in `needs` whose token is taken.")
        path_names = frozenset(
            str(argument) for argument in _rule(path).arguments if argument is not None
        )
        given = path_names | {"idempotency_key"} if idempotent else path_names
        operation = _Operation(
            method=method,
            path_names=path_names,
            takes=_without(takes, given),
            reads_body=method not in ("GET", "DELETE") and upload is None,
            status=status,
            location=location,
            idempotent=idempotent,
            needs=needs,
            upload=upload,
        )

        def decorate(view: View) -> View:
            def serve(**path_values: Any) -> Response:
                if not operation.is_public:
                    caller.authenticate()
                payload = operation.payload(path_values)
                return operation.answer(view(payload), payload)

            serve.__name__ = view.__name__
            serve.__doc__ = view.__doc__
            documented = self.doc(
                operationId=view.__name__,
                **_documentation(operation, gives, media_type, frozenset(problems)),
            )(serve)
            # The decorator's wrapper only forwards; its documentation is what is wanted.
            serve._apidoc = documented._apidoc  # type: ignore[attr-defined]
            self.add_url_rule(path, view.__name__, serve, methods=[method])
            return view

        return decorate


def _rule(path: str) -> Rule:
    rule = Rule(path)
    Map([rule])
    return rule


def _without(schema: type[Schema] | None, given: frozenset[str]) -> Schema | None:
    """The schema less what the path and headers say; None when nothing remains."""
    if schema is None:
        return None
    full = schema()
    names = {name for name, field in full.fields.items() if (field.data_key or name) in given}
    if not names:
        return full
    if names == set(full.fields):
        return None
    return schema(exclude=tuple(sorted(names)))


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key")
    messages = _idempotency_header.validate({} if key is None else {"Idempotency-Key": key})
    if messages:
        raise invalid_request(messages)
    assert key is not None
    return key


def _admit_upload(media_type: str) -> None:
    if request.mimetype != media_type:
        raise UnsupportedMediaType(f"Send the body as {media_type}.")
    settings: GatewaySettings = current_app.extensions[EXTENSION]
    request.max_content_length = settings.upload_limit_bytes


def _documentation(
    operation: _Operation,
    gives: type[Schema] | None,
    media_type: str,
    problems: frozenset[int | str],
) -> dict[str, Any]:
    codes = {problem for problem in problems if isinstance(problem, str)}
    expected = {400, 422, 429, 500, 503} | {each for each in problems if isinstance(each, int)}
    parameters: list[dict[str, Any]] = []
    documentation: dict[str, Any] = {"security": operation.security}
    if not operation.is_public:
        # Of every operation some tokens are refused, at least those of Manage sessions.
        expected |= {401, 403}
    if operation.path_names:
        expected.add(404)
    if operation.idempotent:
        parameters.append({"in": "header", "schema": IdempotencyHeader})
        expected.add(409)
    if operation.takes is not None and not operation.reads_body:
        parameters.append({"in": "query", "schema": operation.takes})
    if operation.upload is not None:
        documentation["requestBody"] = {
            "required": True,
            "content": {operation.upload: {"schema": {"type": "string", "format": "binary"}}},
        }
    elif operation.takes is not None and operation.reads_body:
        documentation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": operation.takes}},
        }
    if "requestBody" in documentation:
        expected |= {413, 415}
    if parameters:
        documentation["parameters"] = parameters
    documentation["responses"] = {
        str(operation.status): _success(operation, gives, media_type),
        **{str(status): f"Problem{status}" for status in sorted(expected)},
        **{str(STATUS_OF_CODE[code]): described(STATUS_OF_CODE[code], codes) for code in codes},
    }
    return documentation


def _success(operation: _Operation, gives: type[Schema] | None, media_type: str) -> dict[str, Any]:
    response: dict[str, Any] = {"description": _DESCRIPTIONS.get(operation.status, "The answer.")}
    if gives is not None:
        response["content"] = {media_type: {"schema": gives}}
    elif media_type != JSON:
        response["content"] = {media_type: {"schema": {"type": "string"}}}
    if operation.location is not None:
        response["headers"] = {
            "Location": {
                "description": "Where it can be read from now on.",
                "schema": {"type": "string", "format": "uri-reference"},
            }
        }
    return response


_DESCRIPTIONS = {201: "It was created.", 202: "It was taken on.", 204: "It was done."}
