"""Identity through the gateway: what only HTTP adds."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.config import Config
from gateway.api import identity, manage
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, STEP, Town

ADA = "ada@example.com"


@pytest.fixture
def client(town: Town) -> FlaskClient:
    # Nothing announces here that a session has ended, so none is kept between requests.
    config = Config({"gateway": {"introspection_seconds": 0}})
    app = create_app(
        config,
        InProcess(town.suite),
        clock=town.clock,
        blueprints=[identity.blueprint, manage.blueprint],
    )
    return app.test_client()


def told(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.get_json(silent=True)


def bearer(session: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


def test_from_an_address_to_a_sign_in_with_an_authenticator(
    town: Town, client: FlaskClient
) -> None:
    """ACC-1, ACC-8, REG-2, RC-3, MAN-5."""
    new = client.post("/v1/accounts", json={"email": ADA, "password": PASSWORD})
    assert (new.status_code, new.data) == (202, b"")
    token = town.mails(ADA)[-1].token
    told(client.post("/v1/email-verifications", json={"token": token, "password": PASSWORD}), 204)

    first_step = {"email": ADA, "password": PASSWORD}
    sign_in = told(client.post("/v1/sign-ins", json=first_step), 201)["sign_in"]
    told(client.post("/v1/sign-ins/email-codes", json={"sign_in": sign_in}), 202)
    mailed = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    session = told(client.post("/v1/sign-ins/completion", json=mailed), 201)
    assert session["level"] == "aal1+"
    assert told(client.get("/v1/account", headers=bearer(session)), 200)["email"] == ADA

    again = {"password": PASSWORD}
    managing = told(client.post("/v1/manage/sessions", json=again, headers=bearer(session)), 201)
    path = "/v1/manage/authenticators"
    shown = told(client.post(path, headers=bearer(managing)), 201)
    path = f"{path}/{shown['authenticator_id']}"
    assert told(client.get(path, headers=bearer(managing)), 200) == shown
    code = {"code": town.shown(shown["setup_key"])}
    told(client.post(f"{path}/confirmation", json=code, headers=bearer(managing)), 201)
    told(client.get(path, headers=bearer(managing)), 404)
    path = "/v1/manage/recovery-codes"
    batch = told(client.post(path, headers=bearer(managing)), 201)
    path = f"{path}/{batch['batch_id']}/confirmation"
    assert told(client.post(path, headers=bearer(managing)), 201)["left"] == len(batch["codes"])
    told(client.delete("/v1/manage/session", headers=bearer(managing)), 204)
    told(client.get("/v1/manage", headers=bearer(managing)), 401)

    town.clock.advance(STEP)
    begun = told(client.post("/v1/sign-ins", json=first_step), 201)
    assert begun["methods"] == ["totp", "email"]
    assert begun["manage_methods"] == ["totp", "recovery_code"]
    code = {"code": town.shown(shown["setup_key"])}
    given = {"sign_in": begun["sign_in"], "method": "totp", **code}
    session = told(client.post("/v1/sign-ins/completion", json=given), 201)
    assert session["level"] == "aal2"
    told(client.delete("/v1/session", headers=bearer(session)), 204)
    told(client.get("/v1/session", headers=bearer(session)), 401)


def test_a_recovery_code_replaces_a_lost_authenticator(town: Town, client: FlaskClient) -> None:
    """MAN-3, MAN-5, RC-6, REG-3: the token opens the Manage area, until a new app signs in."""
    ada = town.newcomer(ADA)
    managing = town.manages(ada, town.signs_in(ada))
    lost, codes = town.registers(managing), town.issues(managing)
    first_step = {"email": ADA, "password": PASSWORD}
    town.clock.advance(STEP)

    begun = told(client.post("/v1/sign-ins", json=first_step), 201)
    given = {"sign_in": begun["sign_in"], "method": "recovery_code", "code": codes[4]}
    rescue = told(client.post("/v1/sign-ins/manage", json=given), 201)
    assert told(client.get("/v1/account", headers=bearer(rescue)), 403)["code"] == "manage-session"
    path = "/v1/manage/authenticators"
    shown = told(client.post(path, headers=bearer(rescue)), 201)
    path = f"{path}/{shown['authenticator_id']}/confirmation"
    code = {"code": town.shown(shown["setup_key"])}
    told(client.post(path, json=code, headers=bearer(rescue)), 201)

    town.clock.advance(STEP)
    outcomes = {}
    for name, key in (("lost", lost), ("new", shown["setup_key"])):
        begun = told(client.post("/v1/sign-ins", json=first_step), 201)
        given = {"sign_in": begun["sign_in"], "method": "totp", "code": town.shown(key)}
        outcomes[name] = client.post("/v1/sign-ins/completion", json=given).status_code
    assert outcomes == {"lost": 422, "new": 201}


def test_credentials_entered_again_give_another_token(town: Town, client: FlaskClient) -> None:
    """Security 2.7."""
    ada = town.newcomer(ADA)
    before = {"token": town.signs_in(ada)}
    town.clock.advance(STEP)
    again = {"password": PASSWORD}
    after = told(client.post("/v1/session/step-up", json=again, headers=bearer(before)), 201)
    told(client.get("/v1/session", headers=bearer(before)), 401)
    session = told(client.get("/v1/session", headers=bearer(after)), 200)
    assert session["authenticated_at"] == town.clock.now().isoformat()
    assert session["level"] == "aal1+"


@pytest.mark.parametrize("more", ["role", "is_operator", "email_verified"])
def test_nobody_registers_with_more_than_is_asked(client: FlaskClient, more: str) -> None:
    """Mass assignment (security, chapter 3)."""
    body = {"email": ADA, "password": PASSWORD, more: True}
    told(client.post("/v1/accounts", json=body), 422)


@pytest.mark.parametrize("code", [{"digits": "123456"}, 123456, ["123456"], ""])
@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/sign-ins/completion", "totp"),
        ("/v1/sign-ins/manage", "totp"),
        ("/v1/sign-ins/manage", "recovery_code"),
    ],
)
def test_a_code_is_a_text(client: FlaskClient, path: str, method: str, code: object) -> None:
    """Security, chapter 3: a dict instead of a string."""
    body = {"sign_in": "x" * 43, "method": method, "code": code}
    refused = told(client.post(path, json=body), 422)
    assert [error["field"].partition(".")[0] for error in refused["errors"]] == ["code"]


def test_a_throttled_address_is_told_how_long_to_wait(client: FlaskClient) -> None:
    """Security 2.2."""
    body = {"email": ADA, "password": "a guess that is wrong"}
    for _ in range(10):
        told(client.post("/v1/sign-ins", json=body), 401)
    answer = client.post("/v1/sign-ins", json=body, headers={"X-Forwarded-For": "203.0.113.1"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
