"""What a declared operation does by itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.conventions import PERSON, Blueprint
from tests.unit.gateway.conftest import GARDEN, KEYED, SIGNED_IN, TREES
from tests.unit.gateway.services import ADA, TOKEN, Services

OAK = {"id": "0f4c1d58-64d5-4f0b-9c7a-1a3d5e7f9b00", "kind": "oak \N{DECIDUOUS TREE}"}


@pytest.fixture(autouse=True)
def planted(services: Services) -> None:
    services.methods["gardens.plant_tree"] = lambda _payload, _context: OAK
    services.methods["gardens.list_trees"] = lambda _payload, _context: {
        "items": [OAK],
        "next_cursor": None,
    }
    services.methods["gardens.fell_tree"] = lambda _payload, _context: None
    services.methods["gardens.weather"] = lambda _payload, _context: {"sky": "blue"}
    services.methods["gardens.keep_map"] = lambda payload, _context: payload


def test_path_header_and_body_become_one_payload(http: FlaskClient, services: Services) -> None:
    http.post(
        TREES.upper().replace("V1/GARDENS", "v1/gardens").replace("TREES", "trees"),
        json={"kind": "oak", "height": 3},
        headers=KEYED,
    )
    [call] = services.calls_of("gardens.plant_tree")
    assert call.payload == {
        "garden_id": GARDEN,
        "idempotency_key": KEYED["Idempotency-Key"],
        "kind": "oak",
        "height": 3,
    }
    assert not call.is_read


@pytest.mark.parametrize("smuggled", ["garden_id", "idempotency_key", "role", "Idempotency-Key"])
def test_a_body_cannot_say_what_the_path_or_a_header_says(
    http: FlaskClient, services: Services, smuggled: str
) -> None:
    """Mass assignment (security, chapter 3)."""
    answer = http.post(TREES, json={"kind": "oak", smuggled: "x"}, headers=KEYED)
    assert answer.get_json()["errors"] == [{"field": smuggled, "detail": "Unknown field."}]
    assert not services.calls_of("gardens.plant_tree")


def test_what_was_created_is_answered_as_it_came_with_its_address(http: FlaskClient) -> None:
    answer = http.post(TREES, json={"kind": "oak"}, headers=KEYED)
    assert (answer.status_code, answer.get_json()) == (201, OAK)
    assert answer.headers["Location"] == f"{TREES}/{OAK['id']}"
    assert "\N{DECIDUOUS TREE}" in answer.text


@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, "with a space", "tab\tinside"])
def test_a_command_needs_a_well_formed_idempotency_key(
    http: FlaskClient, services: Services, key: str | None
) -> None:
    headers = dict(SIGNED_IN) if key is None else {**SIGNED_IN, "Idempotency-Key": key}
    answer = http.post(TREES, json={"kind": "oak"}, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == ["Idempotency-Key"]
    assert not services.calls_of("gardens.plant_tree")


def test_a_query_arrives_typed_and_with_its_defaults(http: FlaskClient, services: Services) -> None:
    http.get(TREES + "?limit=7&kinds=oak&kinds=elm", headers=SIGNED_IN)
    http.get(TREES, headers=SIGNED_IN)
    first, second = services.calls_of("gardens.list_trees")
    assert first.payload == {
        "garden_id": GARDEN,
        "limit": 7,
        "cursor": None,
        "kinds": ["oak", "elm"],
    }
    assert second.payload == {"garden_id": GARDEN, "limit": 50, "cursor": None}
    assert first.is_read


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("garden_id=7", "garden_id"),
        ("page=2", "page"),
        ("cursor=" + "x" * 513, "cursor"),
    ],
)
def test_a_query_is_read_strictly(
    http: FlaskClient, services: Services, query: str, field: str
) -> None:
    answer = http.get(f"{TREES}?{query}", headers=SIGNED_IN)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert not services.calls_of("gardens.list_trees")


def test_an_operation_without_a_query_takes_none(http: FlaskClient) -> None:
    answer = http.get("/v1/weather?tomorrow=1")
    assert answer.get_json()["errors"] == [{"field": "tomorrow", "detail": "Unknown field."}]


def test_no_content_has_none(http: FlaskClient, services: Services) -> None:
    answer = http.delete(f"/v1/trees/{OAK['id']}", headers=SIGNED_IN)
    assert (answer.status_code, answer.data) == (204, b"")
    assert services.calls_of("gardens.fell_tree")[0].payload == {"tree_id": OAK["id"]}


def test_an_upload_may_be_larger_than_a_body_up_to_its_own_limit(
    app_with: Callable[..., Flask],
) -> None:
    http = app_with(body_limit_bytes=10, upload_limit_bytes=1000).test_client()
    sent: dict[str, Any] = {"headers": SIGNED_IN, "content_type": "application/octet-stream"}
    address = TREES.replace("trees", "maps")
    assert http.post(address, data=b"x" * 1000, **sent).get_json()["size"] == 1000
    assert http.post(address, data=b"x" * 1001, **sent).status_code == 413
    sent["content_type"] = "image/png"
    assert http.post(address, data=b"x", **sent).status_code == 415


def test_the_request_id_comes_back_and_others_are_made(http: FlaskClient) -> None:
    assert http.get("/v1/weather", headers={"X-Request-Id": "a-1"}).headers["X-Request-Id"] == "a-1"
    made = http.get("/v1/weather", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"]
    assert len(made) == 36
    assert http.get("/nothing", headers={"X-Request-Id": "a-2"}).headers["X-Request-Id"] == "a-2"


def test_every_answer_forbids_what_a_browser_could_do_with_it(
    app_with: Callable[..., Flask],
) -> None:
    http = app_with(public_url="https://freehold.example").test_client()
    for path in ("/v1/weather", TREES, "/nothing", "/docs", "/openapi.json"):
        headers = http.get(path, headers={"Origin": "https://elsewhere.example"}).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Access-Control-Allow-Origin" not in headers
    assert http.get("/v1/weather").headers["Cache-Control"] == "no-store"


def test_an_address_is_not_held_to_https_that_is_not_served_over_it(http: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in http.get("/v1/weather").headers


def test_one_address_can_send_only_so_much(app_with: Callable[..., Flask]) -> None:
    http = app_with(requests_per_minute_per_ip=2, trusted_proxies=1).test_client()

    def status(ip: str) -> int:
        return http.get("/v1/weather", headers={"X-Forwarded-For": f"8.8.8.8, {ip}"}).status_code

    assert [status("192.0.2.1") for _ in range(3)] == [200, 200, 429]
    assert status("192.0.2.2") == 200
    refused = http.get("/v1/weather", headers={"X-Forwarded-For": "192.0.2.1"})
    assert refused.get_json()["code"] == "rate-exceeded"
    assert refused.headers["Retry-After"] == str(refused.get_json()["retry_after"])


def test_a_request_leaves_one_line_without_what_was_typed(
    http: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gateway.exchange"):
        http.get(TREES + "?cursor=private", headers=SIGNED_IN)
    [record] = caplog.records
    assert record.getMessage() == "GET /v1/gardens/<uuid:garden_id>/trees"
    facts = record.__dict__["facts"]
    assert facts.pop("milliseconds") >= 0
    assert facts == {"status": 200, "ip": "127.0.0.1", "account_id": ADA}
    written = json.dumps(record.__dict__, default=str)
    assert "private" not in written
    assert TOKEN not in written


@pytest.mark.parametrize("more", [{}, {"needs": "device:reed"}, {"needs": PERSON, "public": True}])
def test_an_operation_is_not_declared_without_saying_whose_token_it_takes(
    more: dict[str, Any],
) -> None:
    blueprint = Blueprint("gates", description="Ways in.")
    with pytest.raises(ValueError, match="/gates"):
        blueprint.operation("GET", "/gates", **more)
