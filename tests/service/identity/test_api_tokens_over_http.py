"""API tokens through the gateway, which keeps identity's word on them for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.api import identity
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import Town

Handler = Callable[[dict[str, Any], dict[str, Any]], None]


class Hearing(InProcess):
    """Hears events, when the test delivers them."""

    def subscribe(self, exchange: str, routing_key: str, handler: Handler) -> None:
        if (exchange, routing_key) == ("identity.events", "session_ended"):
            self.hear = handler


class Gateways:
    """Two processes of the gateway, each keeping introspections for five seconds."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._ways = [Hearing(town.suite), Hearing(town.suite)]
        self.near, self.far = (self._client(way) for way in self._ways)

    def _client(self, way: Hearing) -> FlaskClient:
        app = create_app(Config({}), way, clock=self.town.clock, blueprints=[identity.blueprint])
        return app.test_client()

    def deliver(self) -> None:
        for name, data in self.town.suite.waiting("identity"):
            if name == "session_ended":
                for way in self._ways:
                    way.hear({"event_id": "e-1", "data": data}, {})


@pytest.fixture
def gateways(town: Town) -> Gateways:
    return Gateways(town)


@pytest.fixture
def session(gateways: Gateways) -> str:
    town = gateways.town
    return town.signs_in(town.newcomer("ada@example.com"))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def created(gateways: Gateways, session: str) -> dict[str, Any]:
    body = {
        "name": "nightly",
        "scopes": ["device:read"],
        "expires_at": (gateways.town.clock.now() + timedelta(days=30)).isoformat(),
    }
    answer = gateways.near.post("/v1/api-tokens", json=body, headers=bearer(session))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def status(client: FlaskClient, token: str) -> int:
    """Of a request whose recipe takes the gateway's word."""
    return client.get("/v1/account", headers=bearer(token)).status_code


def test_an_api_token_is_sent_like_a_sessions_and_listed_without_itself(
    gateways: Gateways, session: str
) -> None:
    made = created(gateways, session)
    about = gateways.near.get("/v1/session", headers=bearer(made["token"])).get_json()
    assert (about["level"], about["scopes"]) == ("token", ["device:read"])
    listed = gateways.near.get("/v1/api-tokens", headers=bearer(session))
    assert [one["name"] for one in listed.get_json()["items"]] == ["nightly"]
    assert made["token"] not in listed.text


def test_where_it_was_revoked_a_token_is_refused_at_the_next_request(
    gateways: Gateways, session: str
) -> None:
    made = created(gateways, session)
    assert status(gateways.near, made["token"]) == 200
    path = f"/v1/api-tokens/{made['api_token_id']}"
    assert gateways.near.delete(path, headers=bearer(session)).status_code == 204
    assert status(gateways.near, made["token"]) == 401


def test_elsewhere_a_revoked_token_is_refused_once_the_event_arrives(
    gateways: Gateways, session: str
) -> None:
    made = created(gateways, session)
    assert status(gateways.far, made["token"]) == 200
    gateways.near.delete(f"/v1/api-tokens/{made['api_token_id']}", headers=bearer(session))
    gateways.deliver()
    assert status(gateways.far, made["token"]) == 401


def test_without_the_event_a_revoked_token_is_refused_after_five_seconds(
    gateways: Gateways, session: str
) -> None:
    """Security 2.6."""
    made = created(gateways, session)
    assert status(gateways.far, made["token"]) == 200
    gateways.near.delete(f"/v1/api-tokens/{made['api_token_id']}", headers=bearer(session))
    gateways.town.clock.advance(timedelta(seconds=4))
    assert status(gateways.far, made["token"]) == 200
    gateways.town.clock.advance(timedelta(seconds=1))
    assert status(gateways.far, made["token"]) == 401


def test_all_the_same_for_sessions(gateways: Gateways, session: str) -> None:
    other = gateways.town.ask("introspect", token=session)
    here = gateways.town.signs_in(gateways.town.newcomer("bob@example.com"))
    assert status(gateways.near, session) == status(gateways.near, here) == 200
    path = f"/v1/sessions/{other['session_id']}"
    assert gateways.near.delete(path, headers=bearer(here)).status_code == 404
    assert gateways.near.delete(path, headers=bearer(session)).status_code == 204
    assert status(gateways.near, session) == 401
    assert status(gateways.near, here) == 200


def test_an_expired_token_is_refused_at_that_moment(gateways: Gateways, session: str) -> None:
    made = created(gateways, session)
    gateways.town.clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert status(gateways.near, made["token"]) == 200
    gateways.town.clock.advance(timedelta(seconds=1))
    assert status(gateways.near, made["token"]) == 401
