"""Every answer "no" is a problem document (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.wire import RemoteFailure
from contracts.errors import FAMILIES, Invalid, InvalidRequest, Refusal, TooMany, from_wire
from gateway.problems import STATUS_OF, answer_refusal
from tests.unit.gateway.conftest import GARDEN, KEYED, SIGNED_IN, TREES
from tests.unit.gateway.services import Services

MEMBERS = {"type", "title", "status", "detail", "code", "instance"}


def refusing(refusal: Exception) -> Callable[..., Any]:
    def method(_payload: dict[str, Any], _context: dict[str, str]) -> Any:
        raise refusal

    return method


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_refusal_of_a_service_keeps_its_code_words_and_facts(
    http: FlaskClient, services: Services, family: str
) -> None:
    refusal = from_wire(family, "tree-unwilling", "The tree would rather not.", {"height": "3"})
    services.methods["gardens.weather"] = refusing(refusal)
    answer = http.get("/v1/weather", headers={"X-Request-Id": "request-7"})
    assert answer.status_code == STATUS_OF[family]
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "/problems/tree-unwilling",
        "title": "Tree unwilling",
        "status": STATUS_OF[family],
        "detail": "The tree would rather not.",
        "code": "tree-unwilling",
        "instance": "urn:request:request-7",
        "height": "3",
    }


def test_each_family_has_a_status_of_its_own() -> None:
    assert set(STATUS_OF) == set(FAMILIES)
    assert len(set(STATUS_OF.values())) == len(FAMILIES)


def test_a_wait_is_told_in_the_header_and_as_a_number(
    http: FlaskClient, services: Services
) -> None:
    services.methods["gardens.weather"] = refusing(TooMany("Later.", retry_after=30))
    answer = http.get("/v1/weather")
    assert answer.headers["Retry-After"] == "30"
    assert answer.get_json()["retry_after"] == 30


def test_a_service_that_is_away_is_503_with_a_wait(http: FlaskClient) -> None:
    answer = http.get("/v1/weather")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.get_json()["code"] == "service-unavailable"


def test_fields_a_service_refused_are_named_like_those_the_gateway_refuses(
    http: FlaskClient, services: Services
) -> None:
    refusal = InvalidRequest("Some fields.", **{"lines.0.quantity": "Too few.", "detail": "No."})
    services.methods["gardens.weather"] = refusing(refusal)
    problem = http.get("/v1/weather").get_json()
    assert set(problem) == MEMBERS | {"errors"}
    assert problem["detail"] == "Some fields."
    assert problem["errors"] == [
        {"field": "lines.0.quantity", "detail": "Too few."},
        {"field": "detail", "detail": "No."},
    ]


def test_a_fact_never_takes_the_place_of_a_standard_member(app_with: Callable[..., Flask]) -> None:
    refusal: Refusal = Invalid("No.", status="200", code="fine", type="x", other="kept")
    with app_with().test_request_context():
        problem = answer_refusal(refusal).get_json()
    assert (problem["status"], problem["code"], problem["other"]) == (422, "invalid", "kept")


@pytest.mark.parametrize("failure", [RemoteFailure("gardens.weather failed"), KeyError("secret")])
def test_a_bug_says_nothing_but_its_request_id(
    http: FlaskClient,
    services: Services,
    failure: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    services.methods["gardens.weather"] = refusing(failure)
    with caplog.at_level(logging.ERROR):
        answer = http.get("/v1/weather", headers={"X-Request-Id": "request-8"})
    assert answer.status_code == 500
    problem = answer.get_json()
    assert set(problem) == MEMBERS
    assert problem["instance"] == "urn:request:request-8"
    assert "secret" not in answer.text
    assert [record.message for record in caplog.records] == ["a request failed"]


@pytest.mark.parametrize("path", ["/nothing", "/v1/nothing", "/v1/gardens/7/trees", "//v1/weather"])
def test_an_unknown_address_is_a_problem(http: FlaskClient, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_a_method_an_address_does_not_take_is_a_problem_with_allow(
    http: FlaskClient, method: str
) -> None:
    answer = http.open(TREES, method=method, headers=SIGNED_IN)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_media_type_is_a_problem(
    http: FlaskClient, media_type: str | None
) -> None:
    answer = http.post(TREES, data=b"kind=oak", content_type=media_type, headers=KEYED)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "media-type-unsupported")


def test_a_body_that_is_not_json_is_a_problem(http: FlaskClient) -> None:
    answer = http.post(TREES, data=b"{", content_type="application/json", headers=KEYED)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed-request")
    assert answer.get_json()["detail"] == "The body is not valid JSON at character 1."


def test_a_body_beyond_the_limit_is_a_problem(app_with: Callable[..., Flask]) -> None:
    http = app_with(body_limit_bytes=100).test_client()
    answer = http.post(TREES, json={"kind": "x" * 200}, headers=KEYED)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("length", [101, 200, 100_000])
def test_a_body_that_does_not_tell_its_length_is_measured(
    app_with: Callable[..., Flask], length: int
) -> None:
    http = app_with(body_limit_bytes=100).test_client()
    answer = http.post(
        TREES,
        input_stream=BytesIO(b'{"kind": "oak"}' + b" " * (length - 15)),
        content_type="application/json",
        headers={**KEYED, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", "true"])
def test_a_body_that_is_no_object_is_named(http: FlaskClient, body: str) -> None:
    answer = http.post(TREES, data=body, content_type="application/json", headers=KEYED)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == ["body"]


def test_each_field_at_fault_is_named(http: FlaskClient, services: Services) -> None:
    answer = http.post(
        TREES,
        json={"height": "7", "tags": ["a", 1], "garden_id": GARDEN, "x" * 300: 1},
        headers=KEYED,
    )
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, "invalid-request")
    assert {error["field"] for error in problem["errors"]} == {
        "kind",
        "height",
        "tags.1",
        "garden_id",
        "x" * 100,
    }
    assert not services.calls_of("gardens.plant_tree")


def test_an_answer_names_only_so_many_fields(http: FlaskClient) -> None:
    body = {f"field_{number}": number for number in range(500)}
    assert len(http.post(TREES, json=body, headers=KEYED).get_json()["errors"]) == 50


@pytest.mark.parametrize("query", ["?cursor=%00", "?limit=%00"])
def test_a_nul_in_the_query_is_malformed(http: FlaskClient, query: str) -> None:
    assert http.get(TREES + query, headers=SIGNED_IN).status_code == 400


def test_a_nul_in_the_path_is_malformed(http: FlaskClient) -> None:
    assert http.get("/v1/%00").status_code == 400
