"""docs/openapi.json is current, and every operation follows the conventions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.config import Config
from contracts.access import TOKEN_SCOPES
from gateway import openapi
from gateway.app import create_app
from gateway.problems import STATUS_OF_CODE

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


# Bounded by the catalogues of products and of camera models, and by settings of identity.
UNPAGED = {
    "list_api_tokens",
    "list_device_models",
    "list_organization_products",
    "list_products",
    "list_sessions",
    # One answer for each id that was sent.
    "move_devices",
    "move_systems",
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_the_file_in_the_tree_is_the_one_the_gateway_serves() -> None:
    assert FILE.read_text() == openapi.text(), "run: make openapi"


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        part: Any = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _path, _method, operation in operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if not SNAKE.fullmatch(name)] == []


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for _path, _method, operation in operations(document):
        assert operation["summary"].endswith("."), operation["operationId"]
        assert len(operation["summary"]) <= 100, operation["operationId"]


def test_paths_are_versioned_with_words_in_kebab_case(document: dict[str, Any]) -> None:
    """A browser follows a link and chooses no media type: CSV has an address of its own."""
    for path, _method, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {})
        words, _, extension = path.partition(".")
        assert re.fullmatch(r"/v1(/[a-z][a-z0-9-]*|/\{[a-z0-9_]+\})+", words), path
        assert extension == ("csv" if "text/csv" in content else ""), path


def test_names_of_fields_are_in_snake_case(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert SNAKE.fullmatch(field), f"{name}.{field}"


def test_bodies_refuse_unknown_fields(document: dict[str, Any]) -> None:
    for _path, _method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        for reference in references(content.get("application/json", {})):
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
            assert schema.get("additionalProperties") is False, reference


def test_every_problem_is_a_problem_document(document: dict[str, Any]) -> None:
    for _path, _method, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            if "$ref" in response:
                assert response == {"$ref": f"#/components/responses/Problem{status}"}
            else:
                shared = document["components"]["responses"][f"Problem{status}"]
                assert {**response, "description": ""} == {**shared, "description": ""}
    for response in document["components"]["responses"].values():
        assert set(response["content"]) == {"application/problem+json"}


def test_a_refusal_with_a_status_of_its_own_is_named(document: dict[str, Any]) -> None:
    """FLD-7, ARC-4, INV-9."""
    named = {
        operation["operationId"]: set(re.findall(r"`([a-z-]+)`", answer.get("description", "")))
        for _path, _method, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status == "400"
    }
    assert {name: codes for name, codes in named.items() if codes} == {
        "archive_organization": {"archiving-not-confirmed", "risk-not-confirmed"},
        "delete_folder": {"risk-not-confirmed"},
        "invite": {"owner-not-invitable"},
        "update_invitation": {"owner-not-invitable"},
    }
    assert set().union(*named.values()) == set(STATUS_OF_CODE)


def test_lists_come_in_pages(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json")
        if content is None or operation["operationId"] in UNPAGED:
            continue
        assert "$ref" in content["schema"], f"{path} answers with no named schema"
        schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        if "items" in schema.get("properties", {}):
            assert "next_cursor" in schema["properties"], path
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert {"limit", "cursor"} <= names, path


def test_every_operation_says_whose_token_it_takes(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    for _path, _method, operation in operations(document):
        for needed in operation["security"]:
            ((scheme, scopes),) = needed.items()
            assert scheme in schemes
            assert set(scopes) <= set(TOKEN_SCOPES)
            assert {"401", "403"} <= operation["responses"].keys(), operation["operationId"]


def test_who_is_not_signed_in_gets_nothing_but_what_is_public(document: dict[str, Any]) -> None:
    http = create_app(Config({})).test_client()
    for path, method, operation in operations(document):
        if operation.get("security") != []:
            address = re.sub(r"\{[a-z0-9_]+\}", str(UUID(int=7)), path)
            answer = http.open(address, method=method)
            assert answer.status_code == 401, operation["operationId"]


def test_the_document_survives_a_round_trip(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document


def patterns(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from patterns(inner)


def test_every_pattern_is_anchored_in_the_words_of_json_schema(document: dict[str, Any]) -> None:
    found = set(patterns(document))
    assert found
    for pattern in found:
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        assert r"\Z" not in pattern
