"""Identity through the gateway: what only HTTP adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.config import Config
from gateway.api.identity import blueprint
from gateway.app import create_app
from tests.service.identity.town import PASSWORD, Town

ADA = "ada@example.com"


class Wire:
    """The harness's bus as the gateway's way to identity."""

    is_connected = True

    def __init__(self, town: Town) -> None:
        self._bus = town.suite.bus

    def call(
        self,
        service: str,
        method: str,
        payload: Mapping[str, Any],
        context: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        retry: bool = False,
    ) -> Any:
        return self._bus.call(service, method, payload, context)

    def subscribe(
        self, exchange: str, routing_key: str, handler: Callable[[Any, Any], None]
    ) -> None:
        """No session is kept that could end."""

    def start(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def client(town: Town) -> FlaskClient:
    # Nothing announces here that a session has ended, so none is kept between requests.
    config = Config({"gateway": {"introspection_seconds": 0}})
    app = create_app(config, Wire(town), clock=town.clock, blueprints=[blueprint])
    return app.test_client()


def told(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json


def test_from_an_address_to_a_session_with_an_authenticator(
    town: Town, client: FlaskClient
) -> None:
    new = client.post("/v1/accounts", json={"email": ADA, "password": PASSWORD})
    assert (new.status_code, new.data) == (202, b"")
    token = town.mails(ADA)[-1].token
    assert client.post("/v1/email-verifications", json={"token": token}).status_code == 204
    begun = client.post("/v1/sign-ins", json={"email": ADA, "password": PASSWORD})
    assert begun.status_code == 201
    sign_in = told(begun)["sign_in"]
    assert client.post("/v1/sign-ins/email-codes", json={"sign_in": sign_in}).status_code == 202
    given = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    session = client.post("/v1/sign-ins/completion", json=given)
    assert session.status_code == 201
    bearer = {"Authorization": f"Bearer {told(session)['token']}"}
    assert told(client.get("/v1/account", headers=bearer))["email"] == ADA
    pending = client.post("/v1/authenticators", json={"password": PASSWORD}, headers=bearer)
    assert pending.status_code == 201
    path = f"/v1/authenticators/{told(pending)['authenticator_id']}/confirmation"
    code = {"code": town.shown(told(pending)["setup_key"])}
    raised = client.post(path, json=code, headers=bearer)
    assert (raised.status_code, told(raised)["level"]) == (201, "aal2")
    assert client.get("/v1/session", headers=bearer).status_code == 401
    bearer = {"Authorization": f"Bearer {told(raised)['token']}"}
    assert client.delete("/v1/session", headers=bearer).status_code == 204
    assert client.get("/v1/session", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/session"),
        ("DELETE", "/v1/session"),
        ("GET", "/v1/account"),
        ("POST", "/v1/authenticators"),
        ("POST", "/v1/authenticators/8a8a8a8a-8a8a-4a8a-8a8a-8a8a8a8a8a8a/confirmation"),
    ],
)
def test_what_concerns_oneself_takes_a_token(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method, json={}).status_code == 401


@pytest.mark.parametrize("more", ["role", "is_operator", "email_verified"])
def test_nobody_registers_with_more_than_is_asked(client: FlaskClient, more: str) -> None:
    """Mass assignment (security, chapter 3)."""
    body = {"email": ADA, "password": PASSWORD, more: True}
    assert client.post("/v1/accounts", json=body).status_code == 422


@pytest.mark.parametrize("code", [{"digits": "123456"}, 123456, ["123456"], None, ""])
def test_a_code_is_a_text(client: FlaskClient, code: object) -> None:
    """Security, chapter 3: a dict instead of a string."""
    body = {"sign_in": "x" * 43, "method": "totp", "code": code}
    assert client.post("/v1/sign-ins/completion", json=body).status_code in (401, 422)


def test_a_throttled_address_is_told_how_long_to_wait(client: FlaskClient) -> None:
    """Security 2.2."""
    body = {"email": ADA, "password": "a guess that is wrong"}
    for _ in range(10):
        assert client.post("/v1/sign-ins", json=body).status_code == 401
    answer = client.post("/v1/sign-ins", json=body, headers={"X-Forwarded-For": "203.0.113.1"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
