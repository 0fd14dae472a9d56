"""Pages for people, the document for programs, and the probes for machines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway import catalogue
from gateway.reference import prose
from tests.unit.gateway.conftest import TREES
from tests.unit.gateway.services import Services

PAGES = ["/", "/docs", "/problems", "/problems/not-found"]


class Page(HTMLParser):
    """What matters of a page: ids, links, headings in order, tags left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_leads_nowhere_else(http: FlaskClient, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    page = Page(answer.text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            with http.get(link) as target:
                assert target.status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_headings_begin_at_one_and_skip_no_level(http: FlaskClient, path: str) -> None:
    levels = Page(http.get(path).text).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    for before, after in itertools.pairwise(levels):
        assert after <= before + 1


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_script_and_no_style_of_its_own(http: FlaskClient, path: str) -> None:
    text = http.get(path).text
    assert "<script" not in text
    assert "style=" not in text
    assert "<style" not in text


def test_the_documentation_shows_each_operation_with_an_example(
    app_with: Callable[..., Flask],
) -> None:
    text = app_with(public_url="https://freehold.example").test_client().get("/docs").text
    for name in ("plant_tree", "list_trees", "fell_tree", "weather", "upload_map"):
        assert f'id="{name}"' in text
    assert "curl -X POST &#39;https://freehold.example/v1/gardens/{garden_id}/trees&#39;" in text
    assert "--json &#39;{&#34;kind&#34;: &#34;…&#34;}&#39;" in text
    assert "Needs <code>garden:manage</code>." in text
    assert "or an API token with the scope <code>folder:manage</code>." in text
    assert "takes no API token." in text
    assert "Needs no token." in text
    assert "1 to 20 characters" in text


def test_prose_escapes_what_it_shows() -> None:
    assert prose("Say `<b>` to & fro.\n\n- one\n- two") == (
        "<p>Say <code>&lt;b&gt;</code> to &amp; fro.</p>\n<ul><li>one</li><li>two</li></ul>"
    )


def test_a_problems_type_leads_to_its_entry(http: FlaskClient) -> None:
    problem: dict[str, Any] = http.get(TREES).get_json()
    entry = next(entry for entry in catalogue.entries() if entry.code == problem["code"])
    assert entry.meaning in http.get(problem["type"]).text


def test_an_unknown_problem_has_no_page(http: FlaskClient) -> None:
    assert http.get("/problems/no-such-problem").status_code == 404


def test_who_reads_a_page_gets_a_problem_as_a_page(http: FlaskClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = http.get("/no/such/page", headers=browser)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is nothing at this address." in answer.text
    assert "/problems/not-found" in Page(answer.text).links
    assert answer.headers["X-Request-Id"] in answer.text
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    for path, headers in (("/no/such/page", {}), ("/v1/no/such/thing", browser)):
        assert http.get(path, headers=headers).mimetype == "application/problem+json"


def test_the_document_is_not_sent_twice_to_who_has_it(http: FlaskClient) -> None:
    first = http.get("/openapi.json")
    again = http.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_alive_is_alive_and_ready_needs_the_broker(http: FlaskClient, services: Services) -> None:
    assert http.get("/readyz").status_code == 200
    services.is_connected = False
    answer = http.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]) == (503, {"broker": False})
    assert http.get("/healthz").status_code == 200


def test_probes_have_no_rate(app_with: Callable[..., Flask]) -> None:
    http = app_with(requests_per_minute_per_ip=1).test_client()
    assert [http.get("/healthz").status_code for _ in range(3)] == [200, 200, 200]


def test_requests_are_counted_by_route_and_not_by_address(http: FlaskClient) -> None:
    http.get(TREES)
    http.open("/v1/weather", method="BREW")
    text = http.get("/metrics").text
    assert 'method="GET",route="/v1/gardens/<uuid:garden_id>/trees",status="401"' in text
    assert 'method="OTHER",route="unmatched",status="405"' in text


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.1", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("", {}),
    ],
)
def test_metrics_are_not_for_clients(http: FlaskClient, peer: str, headers: dict[str, str]) -> None:
    answer = http.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == 404


def test_metrics_are_for_the_networks_set(app_with: Callable[..., Flask]) -> None:
    http = app_with(metrics_networks="10.0.0.0/8,::1/128").test_client()
    assert http.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
    assert http.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 404
