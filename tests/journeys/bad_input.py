"""What is wrong with a request whatever it asks for: cases made from the OpenAPI document."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.paging import encode_cursor
from tests.journeys.ground import OTHER_PRODUCT, Ground
from tests.journeys.request import Request

MEGABYTE = "x" * 1_000_000
_METHODS = ("get", "post", "put", "patch", "delete")
_ASSIGNED = ("role", "organization_id", "email_verified", "is_operator", "account_id", "id")
# What stands for a value in a text of JSON that `json` would not write.
_RAW = "raw:"
_SOMEBODY = "3f1d9a52-7c44-4e0b-9a55-0d5b8e2f4a77"
_CREDENTIALS = {
    "/v1/license-keys": "supplier-credential-invalid",
    "/v1/hardware": "supplier-credential-invalid",
    "/v1/usage-reports": "system-credential-invalid",
    "/v1/entitlement": "system-credential-invalid",
}
_MAY_BE_EMPTY = ("notes",)
# Any text is well-formed, and all but one are refused with a code of their own.
_COMPARED = ("confirm_organization_id",)
_RAW_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "9007199254740993", "1" + "0" * 400)

Change = Callable[[Request, Ground], Request]
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    id: str
    path: str
    description: Document
    path_names: tuple[str, ...]
    query: Mapping[str, Document]
    body: Document | None
    is_idempotent: bool
    security: Mapping[str, list[str]]

    @property
    def is_upload(self) -> bool:
        return "application/octet-stream" in self._contents

    @property
    def is_public(self) -> bool:
        return not self.security

    @property
    def _contents(self) -> Document:
        found: Document = self.description.get("requestBody", {}).get("content", {})
        return found

    @property
    def refuses_credentials_as(self) -> str | None:
        """Of what takes a credential of no person's."""
        return next(
            (code for path, code in _CREDENTIALS.items() if self.path.startswith(path)), None
        )


@dataclass(frozen=True)
class Case:
    """``field`` is what `errors` must name."""

    operation: str
    about: str
    title: str
    change: Change
    status: int
    code: str
    field: str | None = None

    def __str__(self) -> str:
        return f"{self.operation}: {self.title}"

    @property
    def group(self) -> str:
        return f"{self.operation}: {self.about}"

    @property
    def reaches_a_database(self) -> bool:
        """What is wrong with its form is seen before."""
        return self.status in (404, 409) or self.code == "cursor-unreadable"


def operations(document: Document) -> list[Operation]:
    return [
        _operation(document, path, item, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]


def cases(operation: Operation) -> Iterator[Case]:
    """Every general case of one operation."""
    for about, found in {
        "who asks": _of_credentials(operation),
        "the address": _of_paths(operation),
        "the query": _of_query(operation),
        "the Idempotency-Key": _of_idempotency(operation),
        "the body": _of_media(operation),
        "the fields": _of_fields(operation, operation.body or {}),
    }.items():
        for title, change, status, code, field in found:
            yield Case(operation.id, about, title, change, status, code, field)


Found = tuple[str, Change, int, str, str | None]


def _operation(document: Document, path: str, item: Document, told: Document) -> Operation:
    parameters = [*item.get("parameters", []), *told.get("parameters", [])]
    content = told.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    return Operation(
        id=told["operationId"],
        path=path,
        description=told,
        path_names=tuple(each["name"] for each in parameters if each["in"] == "path"),
        query={each["name"]: each["schema"] for each in parameters if each["in"] == "query"},
        body=None if body is None else _resolved(document, body),
        is_idempotent=any(each["name"] == "Idempotency-Key" for each in parameters),
        security=next(iter(told["security"]), {}),
    )


def _resolved(document: Document, schema: Document) -> dict[str, Any]:
    """The schema with what it refers to in place of the references."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _resolved(document, document["components"]["schemas"][name])
    found = dict(schema)
    if "items" in found:
        found["items"] = _resolved(document, found["items"])
    if "properties" in found:
        found["properties"] = {
            name: _resolved(document, part) for name, part in found["properties"].items()
        }
    return found


# Who asks


def _of_credentials(operation: Operation) -> Iterator[Found]:
    def header(value: str | None) -> Change:
        headers = {} if value is None else {"Authorization": value}
        return lambda request, _: replace(
            request, token=None, headers={**request.headers, **headers}
        )

    def token(choose: Callable[[Ground], str]) -> Change:
        return lambda request, ground: replace(request, token=choose(ground))

    of_none = operation.refuses_credentials_as
    if operation.is_public and of_none is None:
        return
    unknown = of_none or "unauthenticated"
    yield "no token", header(None), 401, "token-missing", None
    for words in ("Basic YWRhOmFkYQ==", "Bearer", "Bearer a b", "Bearer ä", "Bearer " + "x" * 9000):
        yield f"{words[:12]} as its credential", header(words), 401, "token-missing", None
    yield "a made-up token", token(lambda _: "x" * 43), 401, unknown, None
    yield "the token of an ended session", token(lambda g: g.ended_token), 401, unknown, None
    if of_none:
        yield "a person's token", token(lambda g: g.ada.token), 401, unknown, None
        return
    credential = token(lambda g: str(g.supplier["credential"]))
    yield "a supplier's credential", credential, 401, unknown, None
    managing = token(lambda g: g.managing_one.manage)
    program = token(lambda g: str(g.program["token"]))
    if "manage" in operation.security:
        signed_in = token(lambda g: g.managing_one.token)
        yield "a session outside of the Manage area", signed_in, 403, "manage-required", None
        yield "an API token", program, 403, "manage-required", None
        return
    yield "a Manage session", managing, 403, "manage-session", None
    if "session" in operation.security:
        yield "an API token", program, 403, "person-required", None
    elif operation.security["bearer"]:
        yield "an API token of another scope", program, 403, "token-scope-missing", None


# Where


def _of_paths(operation: Operation) -> Iterator[Found]:
    for name in operation.path_names:
        if name == "product":
            yield (
                "a product no code can be",
                _in_path(operation, name, "NO%20SUCH"),
                422,
                _BAD,
                name,
            )
            yield "a product of 300 letters", _in_path(operation, name, "x" * 300), 422, _BAD, name
            yield "a product nobody knows", _in_path(operation, name, "typo"), 404, "", None
        else:
            yield f"no UUID as {name}", _in_path(operation, name, "7"), 404, "not-found", None
            yield f"a made-up {name}", _in_path(operation, name, _SOMEBODY), 404, "", None
        nul = _in_path(operation, name, "%00")
        yield f"a NUL in {name}", nul, 400, "malformed-request", None
    if "organization_id" in operation.path_names:

        def abroad(request: Request, ground: Ground) -> Request:
            home = request.path.split("/")[3]
            return replace(request, path=request.path.replace(home, ground.foreign["id"]))

        yield "another's organization", abroad, 404, "organization-not-found", None


def _in_path(operation: Operation, name: str, value: str) -> Change:
    at = operation.path.split("/").index(f"{{{name}}}")

    def change(request: Request, _ground: Ground) -> Request:
        parts = request.path.split("/")
        return replace(request, path="/".join([*parts[:at], value, *parts[at + 1 :]]))

    return change


# The query


def _of_query(operation: Operation) -> Iterator[Found]:
    smuggled = next(name for name in _ASSIGNED if name not in operation.query)
    yield "an unknown parameter", _asking(smuggled, "owner"), 422, _BAD, smuggled
    yield "a NUL in a parameter", _asking("a\0b", "x"), 400, "malformed-request", None
    for name, schema in operation.query.items():
        twice = _asking(name, ["1", "2"])
        yield f"{name} twice", twice, 422, _BAD, name
        yield f"{name} with a NUL", _asking(name, "a\0b"), 400, "malformed-request", None
        for value in _bad_parameters(schema):
            code = "cursor-unreadable" if name == "cursor" and len(value) < 500 else _BAD
            field = None if code != _BAD else name
            yield f"{value[:20]!r} as {name}", _asking(name, value), 422, code, field
    if "cursor" in operation.query:
        for cursor in (*_FORGED, *_OUT_OF_PLACE.get(operation.id, _OUT_OF_PLACE[""])):
            change = _asking("cursor", encode_cursor(cursor))
            yield f"the cursor {str(cursor)[:40]}", change, 422, "cursor-unreadable", None


# No list gave out any of them.
_FORGED: tuple[tuple[str, ...], ...] = (
    (),
    ("1", "2", "3"),
    ("\0",),
    ("\ud800",),
    ("name", "no UUID"),
    ("\0", _SOMEBODY),
    ("\ud800", _SOMEBODY),
    ("2025-01-01T00:00:00", "no UUID"),
)
_NUMBERS = (("9" * 300,), ("9223372036854775808",), ("-1",), ("１２",), ("²",), ("name",))
_MOMENTS = (
    ("2025-01-01T00:00:00", _SOMEBODY),
    ("0001-01-01T00:00:00+23:59", _SOMEBODY),
    ("9999-12-31T23:59:59-23:59", _SOMEBODY),
    ("yesterday", _SOMEBODY),
)
_OUT_OF_PLACE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "": (*_NUMBERS, *_MOMENTS),
    # Lists by name: any text may be one.
    "list_folders": _NUMBERS,
    "list_grants": _NUMBERS,
    "list_devices": _NUMBERS,
    "list_systems": _NUMBERS,
    "list_licensed_systems": _NUMBERS,
    "list_suppliers": (),
}


def _bad_parameters(schema: Document) -> Iterator[str]:
    yield ""
    yield "x" * 600
    if schema.get("type") == "integer":
        yield from ("0", "-1", "1000000000", "9" * 5000, "1.5", "NaN", "true", "１２x")
    if _is_narrow(schema):
        yield from ("\u202e", "<script>", "\n")
    if schema.get("maxLength") == 512:
        yield from ("%%%", "bm8gbGlzdA", "W1wiIl0")


def _asking(name: str, value: str | list[str]) -> Change:
    return lambda request, _: replace(request, query={**(request.query or {}), name: value})


# The Idempotency-Key


def _of_idempotency(operation: Operation) -> Iterator[Found]:
    field = "Idempotency-Key"
    if not operation.is_idempotent:
        return

    def key(value: str) -> Change:
        return lambda request, _: replace(request, headers={**request.headers, field: value})

    for title, value in (
        ("no", ""),
        ("a short", "seven77"),
        ("a long", "x" * 129),
        ("a broken", "has a blank in it"),
        ("a non-ASCII", "schlüssel-für-alles"),
    ):
        yield f"{title} {field}", key(value), 422, _BAD, field

    def again(request: Request, ground: Ground) -> Request:
        if operation.id == "register_product":
            request = replace(
                request, path=f"{ground.home_path}/products", body={"product": OTHER_PRODUCT}
            )
        elsewhere = {
            "delete_folder": ground.deletion_path,
            "resend_invitation": ground.resend_path,
            "start_subscription": ground.product_path + "/subscription",
            "start_trial": ground.product_path + "/subscription",
            "issue_license_file": ground.recorder_path + "/system-files",
        }
        used = ground.keys[elsewhere.get(operation.id, request.path)]
        return key(used)(request, ground)

    yield f"the {field} of another request", again, 409, "idempotency-mismatch", None


# The body as a whole


def _of_media(operation: Operation) -> Iterator[Found]:
    def raw(content: bytes, media_type: str = "application/json") -> Change:
        headers = {"Content-Type": media_type}
        return lambda request, _: replace(
            request, body=None, content=content, headers={**request.headers, **headers}
        )

    def as_it_is(media_type: str) -> Change:
        return lambda request, _: raw(json.dumps(request.body).encode(), media_type)(request, _)

    if operation.body is None:
        return
    for media_type in ("", "text/plain", "application/x-www-form-urlencoded", "application/xml"):
        title = f"{media_type or 'nothing'} as its Content-Type"
        yield title, as_it_is(media_type), 415, "media-type-unsupported", None
    for title, content in (
        ("no body", b""),
        ("half a body", b'{"name": "x'),
        ("a body that is no JSON", b"name=x"),
        ("a body that is not UTF-8", b'{"name": "\xff"}'),
        ("a body in UTF-16", '{"name": "x"}'.encode("utf-16")),
        ("a body with a mark of its byte order", b"\xef\xbb\xbf{}"),
        ("a bottomless body", b"[" * 200_000),
        ("the same key twice", b'{"name": "x", "name": "y"}'),
        ("two bodies", b"{}{}"),
    ):
        yield title, raw(content), 400, "malformed-request", None
    for content in (b"[]", b"[{}]", b"null", b'"name"', b"7", b"true"):
        yield f"{content.decode()} as its body", raw(content), 422, _BAD, "body"
    large = raw(b'{"name": "' + MEGABYTE.encode() * 2 + b'"}')
    yield "a body of two megabytes", large, 413, "body-too-large", None


# Each of its fields


def _of_fields(operation: Operation, schema: Document) -> Iterator[Found]:
    if operation.body is None:
        return
    given = schema["properties"]
    for name in _ASSIGNED:
        if name not in given:
            yield f"{name} beside the rest", _setting([name], True), 422, _BAD, name
    yield from _of_object(schema, [])


def _of_object(schema: Document, way: list[Any]) -> Iterator[Found]:
    required = schema.get("required", [])
    for name, part in schema["properties"].items():
        here = [*way, name]
        field = ".".join(map(str, here))
        if name in required:
            yield f"no {field}", _setting(here, ...), 422, _BAD, field
        for number in _RAW_NUMBERS if part.get("type") != "string" else _RAW_NUMBERS[:1]:
            change = _setting(here, _RAW + number)
            yield f"{number[:20]} as {field}", change, 400, "malformed-request", None
        for text in ("a\0b", "\ud800", "\udfff\ud800"):
            yield f"{text!a} as {field}", _setting(here, text), 400, "malformed-request", None
        for title, value in _bad_values(part):
            if value == "" and name in _MAY_BE_EMPTY:
                continue
            if isinstance(value, str) and name in _COMPARED:
                continue
            yield f"{title} as {field}", _setting(here, value), 422, _BAD, field
        if "properties" in part.get("items", {}):
            unknown = _setting([*here, 0, "is_free"], True)
            yield f"more in a line of {field}", unknown, 422, _BAD, f"{field}.0.is_free"
            yield from _of_object(part["items"], [*here, 0])


def _bad_values(schema: Document) -> Iterator[tuple[str, Any]]:
    """Values with the words for them; none of them satisfies the schema."""
    kinds = schema.get("type", "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "null" not in kinds and None not in schema.get("enum", ()):
        yield "null", None
    yield "an object", {"$ne": ""}
    yield "a list of nothing", [None]
    yield "a fraction", 1.5
    if "integer" in kinds:
        yield from (("a truth", True), ("a number in quotes", "7"), ("minus one", -1))
        yield "too small a number", schema["minimum"] - 1
        yield "too large a number", schema["maximum"] + 1
        yield "the largest number", 2**53 - 1
        return
    yield "a megabyte", MEGABYTE
    if "boolean" in kinds:
        yield from (("a word", "maybe"), ("a truth in quotes", "true"), ("two", 2))
        return
    yield from (("a truth", True), ("a number", 7))
    if "array" in kinds:
        yield from (("a text", "core"), ("a list in a list", [[]]), ("a list of numbers", [7]))
        yield "too long a list", [{}] * (schema["maxItems"] + 1)
        return
    yield "an empty text", ""
    if _is_narrow(schema):
        yield from (("full-width signs", "ＡＢＣ１２３"), ("what turns", "a\u202eb"))
    if _is_narrow(schema) or "pattern" in schema:
        yield from (("a line break", "a\r\nBcc: b@example.com"), ("a bell", "\a"))
    if schema.get("format") == "email":
        yield from ((each, each) for each in ("a@", "@b.example", "a b@c.example", "a@b@c.example"))


def _is_narrow(schema: Document) -> bool:
    """Whether few texts satisfy it; the pattern of the others begins with what they may not hold."""
    if "pattern" in schema:
        return not schema["pattern"].startswith(("[^", "^[^", "^(?:[^"))
    return "enum" in schema or schema.get("format") in ("uuid", "date", "email")


def _setting(way: list[Any], value: Any) -> Change:
    """``...`` takes the field away; ``raw:…`` is written as it is."""

    def change(request: Request, _ground: Ground) -> Request:
        body = copy.deepcopy(request.body)
        *above, name = way
        inner = body
        for step in above:
            inner = inner[step]
        if value is ...:
            del inner[name]
        else:
            inner[name] = value
        if not (isinstance(value, str) and value.startswith(_RAW)):
            return replace(request, body=body)
        text = json.dumps(body).replace(json.dumps(value), value.removeprefix(_RAW))
        headers = {**request.headers, "Content-Type": "application/json"}
        return replace(request, body=None, content=text.encode(), headers=headers)

    return change


_BAD = "invalid-request"
