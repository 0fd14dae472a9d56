"""The page that the link in the mail opens."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.api.identity import blueprint
from gateway.app import create_app
from gateway.console.verification import WORDS
from tests.service.identity.test_identity_over_http import ADA, Wire
from tests.service.identity.town import PASSWORD, Town


@pytest.fixture
def client(town: Town) -> FlaskClient:
    config = Config({"gateway": {"introspection_seconds": 0}})
    return create_app(config, Wire(town), clock=town.clock, blueprints=[blueprint]).test_client()


def token_for(town: Town, client: FlaskClient) -> str:
    client.post("/v1/accounts", json={"email": ADA, "password": PASSWORD})
    return town.mails(ADA)[-1].token


def can_sign_in(client: FlaskClient) -> bool:
    begun = client.post("/v1/sign-ins", json={"email": ADA, "password": PASSWORD})
    return begun.status_code == 201


def test_opening_the_link_changes_nothing(town: Town, client: FlaskClient) -> None:
    """Security 2.5: mail scanners open links, so GET never consumes."""
    token = token_for(town, client)
    for _ in range(2):
        page = client.get(f"/verify-email?token={token}")
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    assert not can_sign_in(client)


def test_the_button_verifies_once(town: Town, client: FlaskClient) -> None:
    token = token_for(town, client)
    assert client.post("/verify-email", data={"token": token}).status_code == 200
    assert can_sign_in(client)
    again = client.post("/verify-email", data={"token": token})
    assert again.status_code == 422
    assert WORDS["en"]["refused"] in again.text


@pytest.mark.parametrize("token", ["", "\0", "x" * 5000, "<script>alert(1)</script>"])
def test_a_wrong_link_is_told_so(client: FlaskClient, token: str) -> None:
    assert "<script>" not in client.get("/verify-email", query_string={"token": token}).text
    assert client.post("/verify-email", data={"token": token}).status_code == 422


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_it_speaks_the_language_of_the_browser(client: FlaskClient, language: str) -> None:
    page = client.get("/verify-email?token=x", headers={"Accept-Language": f"{language},fr;q=0.5"})
    assert f'lang="{language}"' in page.text
    assert WORDS[language]["button"] in page.text
    assert WORDS[language].keys() == WORDS["en"].keys()
