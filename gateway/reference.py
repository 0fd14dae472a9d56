"""The OpenAPI document as the documentation page shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from gateway import conventions

_METHODS = ("get", "post", "put", "patch", "delete")
_RANGES = (
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " of them"),
    ("minimum", "maximum", ""),
)
_EXAMPLES = {
    "uuid": "7f0c2b1e-3f60-4c1e-9a51-0d5b8e2f4a77",
    "date-time": "2025-03-01T09:00:00+00:00",
    "date": "2025-03-01",
    "email": "ada@example.org",
}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """``schema`` names the schema its value, or each of its values, follows."""

    name: str
    place: str
    kind: str
    schema: str | None
    is_required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    status: str
    description: str
    schema: str | None
    is_problem: bool


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    token: str
    fields: Sequence[Field]
    answers: Sequence[Answer]
    curl: str


@dataclass(frozen=True)
class Tag:
    name: str
    description: str
    operations: Sequence[Operation]


@dataclass(frozen=True)
class SchemaEntry:
    name: str
    fields: Sequence[Field]


def tags(document: Document, address: str) -> list[Tag]:
    """The operations under their tags; `address` is where the examples send them."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", [])}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = _operation(document, address, path, method, item)
                found[item[method]["tags"][0]].append(operation)
    descriptions = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    return [Tag(name, descriptions[name], operations) for name, operations in found.items()]


def schemas(document: Document) -> list[SchemaEntry]:
    named = document["components"]["schemas"]
    return [SchemaEntry(name, _fields(named[name])) for name in sorted(named)]


def prose(text: str) -> Markup:
    """Paragraphs, lists and `code` of a docstring as HTML."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith("- "):
            items = re.split(r"\n- ", block[2:])
            inner = Markup("").join(Markup("<li>{}</li>").format(inline(part)) for part in items)
            blocks.append(Markup("<ul>{}</ul>").format(inner))
        elif block:
            blocks.append(Markup("<p>{}</p>").format(inline(block)))
    return Markup("\n").join(blocks)


def inline(text: str) -> Markup:
    """`code` within a line as HTML."""
    # The text is escaped first; only the tags put around code are ours.
    return Markup(re.sub(r"`+([^`]+)`+", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _operation(
    document: Document, address: str, path: str, method: str, item: Mapping[str, Any]
) -> Operation:
    operation = item[method]
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    fields = [
        Field(
            name=parameter["name"],
            place=parameter["in"],
            kind=_kind(parameter["schema"]),
            schema=None,
            is_required=parameter.get("required", False),
            description=parameter.get("description", ""),
        )
        for parameter in parameters
    ]
    media_type, body = _body(operation)
    if body is not None:
        fields += _fields(_resolved(document, body), place="body")
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", operation["operationId"]),
        description=operation.get("description", ""),
        token=_token(operation),
        fields=fields,
        answers=[
            _answer(document, status, answer) for status, answer in operation["responses"].items()
        ],
        curl=_curl(document, address, path, method, operation, media_type, body),
    )


def _token(operation: Mapping[str, Any]) -> str:
    """Whose token it takes, in words."""
    for needed in operation["security"]:
        for scheme, scopes in needed.items():
            if scheme == conventions.MANAGE:
                return "Needs the token of a Manage session."
            if scheme == conventions.PERSON:
                return "Needs the token of a session; takes no API token."
            limit = "".join(f" with the scope `{scope}`" for scope in scopes)
            return f"Needs the token of a session, or an API token{limit}."
    return "Needs no token."


def _body(operation: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return media_type, content["schema"]
    return "", None


def _answer(document: Document, status: str, answer: Mapping[str, Any]) -> Answer:
    answer = _resolved(document, answer)
    contents = answer.get("content", {})
    schema: Mapping[str, Any] = next((content["schema"] for content in contents.values()), {})
    return Answer(
        status=status,
        description=answer["description"],
        schema=_schema_name(schema),
        is_problem="application/problem+json" in contents,
    )


def _fields(schema: Mapping[str, Any], place: str = "") -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(
            name=name,
            place=place,
            kind=_kind(part),
            schema=_schema_name(part),
            is_required=name in required,
            description=part.get("description", ""),
        )
        for name, part in schema.get("properties", {}).items()
    ]


def _schema_name(schema: Mapping[str, Any]) -> str | None:
    parts = [schema, *schema.get("anyOf", []), *schema.get("allOf", []), schema.get("items", {})]
    references = [part["$ref"] for part in parts if "$ref" in part]
    return references[0].rpartition("/")[2] if references else None


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in words: ``string, at most 80 characters``; a pattern between backticks."""
    kinds = schema.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    named = [schema.get("format", kind) if kind == "string" else kind for kind in kinds]
    if "items" in schema:
        named[0] += f" of {_schema_name(schema) or _kind(schema['items'])}"
    words = " or ".join(named)
    if "enum" in schema:
        words += ": " + ", ".join(str(value) for value in schema["enum"])
    bounds = [
        _range(schema.get(least), schema.get(most), unit)
        for least, most, unit in _RANGES
        if least in schema or most in schema
    ]
    if "pattern" in schema:
        bounds.append(f"matching `{schema['pattern']}`")
    if "default" in schema:
        default = json.dumps(schema["default"]).strip('"')
        bounds.append(f"default {default}")
    return ", ".join([words, *bounds])


def _range(least: int | None, most: int | None, unit: str) -> str:
    if least is None:
        return f"at most {most}{unit}"
    return f"at least {least}{unit}" if most is None else f"{least} to {most}{unit}"


def _curl(
    document: Document,
    address: str,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    media_type: str,
    body: Mapping[str, Any] | None,
) -> str:
    lines = [f"curl -X {method.upper()} '{address.rstrip('/')}{path}'"]
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if any(part["name"] == "Idempotency-Key" for part in operation.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if media_type == "application/json" and body is not None:
        example = json.dumps(_example(document, body), ensure_ascii=False)
        lines.append(f"--json '{example}'")
    elif media_type:
        lines.append(f"-H 'Content-Type: {media_type}'")
        lines.append("--upload-file ./file")
    return " \\\n  ".join(lines)


def _example(document: Document, schema: Mapping[str, Any], depth: int = 4) -> Any:
    schema = _resolved(document, schema)
    for chosen in ("example", "default"):
        if schema.get(chosen) is not None:
            return schema[chosen]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [_example(document, schema.get("items", {}), depth - 1)] if depth else []
    if kind == "object":
        required = schema.get("required", [])
        return {
            name: _example(document, part, depth - 1)
            for name, part in schema.get("properties", {}).items()
            if name in required and depth
        }
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return True if kind == "boolean" else _EXAMPLES.get(schema.get("format", ""), "…")


def _resolved(document: Document, part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part
