"""Licenses through the gateway: what only HTTP adds, and what is exported (R13)."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.api import licensing
from gateway.app import create_app
from tests.in_process import InProcess, account_named
from tests.service.licensing.customer import PRODUCT, Customer


@pytest.fixture
def http(customer: Customer) -> FlaskClient:
    suite = customer.suite
    services = InProcess(suite, account_named)
    app = create_app(suite.config, services, clock=suite.clock, blueprints=[licensing.blueprint])
    return app.test_client()


def get(http: FlaskClient, customer: Customer, path: str, *, as_: UUID | None = None) -> Any:
    return http.get(
        f"/v1/organizations/{customer.id}/{path}",
        headers={"Authorization": f"Bearer {as_ or customer.owner}"},
    )


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.fixture
def licensed(customer: Customer) -> Customer:
    customer.started().manage(12)
    customer.buy(12)
    customer.on("2025-08-31").allocate(12)
    customer.buy(3)
    return customer


def test_a_wallet_is_exported_as_it_is_shown(http: FlaskClient, licensed: Customer) -> None:
    """R12."""
    answer = get(http, licensed, f"products/{PRODUCT}/wallet.csv")
    assert 'filename="wallet.csv"' in answer.headers["Content-Disposition"]
    shown = licensed.wallet()["lots"]
    assert [(lot["licenses"], lot["source"]) for lot in shown] == [(6, "compensation"), (3, "key")]
    assert rows(answer) == [{name: str(value) for name, value in lot.items()} for lot in shown]


def test_history_is_exported_with_who_when_and_what(http: FlaskClient, licensed: Customer) -> None:
    """R13: the newest first, people's part of it unless all is asked for."""
    found = rows(get(http, licensed, "license-history.csv"))
    assert [row["name"] for row in found] == [
        "redeem_license_key",
        "allocate_licenses",
        "redeem_license_key",
        "start_subscription",
        "register_product",
    ]
    allocated = found[1]
    assert (allocated["account_id"], allocated["role"]) == (str(licensed.owner), "owner")
    assert (allocated["on"], allocated["product"]) == ("2025-08-31", PRODUCT)
    assert allocated["at"].startswith("2025-08-31T09:00:00")
    assert '"seats": {"core": 12}' in allocated["arguments"]
    assert '"returned": {"core": 6}' in allocated["arguments"]
    everything = rows(get(http, licensed, "license-history.csv?by_suite=true"))
    assert len(everything) == len(licensed.log()) > len(found)
    assert {row["account_id"] for row in everything if row["role"] == "suite"} == {""}
    assert [row["hash"] for row in everything if row["role"] != "suite"] == [
        row["hash"] for row in found
    ]


def test_history_on_a_page_is_asked_for_in_the_same_words(
    http: FlaskClient, licensed: Customer
) -> None:
    """R13."""
    for query, by_suite in (("", False), ("?by_suite=true", True), ("?by_suite=false", False)):
        assert get(http, licensed, f"license-history{query}").json == licensed.history(
            by_suite=by_suite
        )
    for word in ("yes", "True", "1", ""):
        assert get(http, licensed, f"license-history?by_suite={word}").status_code == 422


def test_a_history_longer_than_a_page_is_exported_to_its_end(
    http: FlaskClient, customer: Customer
) -> None:
    customer.started()
    customer.buy(210)
    for _ in range(205):
        customer.allocate(1, allow_surplus=True)
    found = rows(get(http, customer, "license-history.csv"))
    assert [int(row["number"]) for row in found] == list(range(208, 0, -1))


def test_a_preview_needs_no_key_and_refuses_in_its_answer(
    http: FlaskClient, licensed: Customer
) -> None:
    """R22, R23: what the command would refuse is no problem of the request."""
    address = f"/v1/organizations/{licensed.id}/products/{PRODUCT}/allocations/preview"
    sent = {"Authorization": f"Bearer {licensed.owner}"}
    answer = http.post(
        address,
        json={"lines": [{"type": "core", "seats": 99}], "allow_surplus": True},
        headers=sent,
    )
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["can_confirm"] is False
    assert answer.json["refusal"]["code"] == "insufficient-wallet"
    twice = [{"type": "core", "seats": 1}, {"type": "core", "seats": 2}]
    assert http.post(address, json={"lines": twice}, headers=sent).status_code == 422


def test_a_forecast_is_read_with_the_overview(http: FlaskClient, licensed: Customer) -> None:
    """R42."""
    answer = get(http, licensed, f"products/{PRODUCT}/forecast")
    assert answer.json == licensed.forecast()


@pytest.mark.parametrize(
    "path",
    [
        "license-history.csv",
        f"products/{PRODUCT}/wallet.csv",
        f"products/{PRODUCT}/forecast",
    ],
)
def test_strangers_are_told_that_there_is_no_such_organization(
    http: FlaskClient, licensed: Customer, path: str
) -> None:
    """Security 2.8."""
    answer = get(http, licensed, path, as_=uuid4())
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["type"].endswith("organization-not-found")
