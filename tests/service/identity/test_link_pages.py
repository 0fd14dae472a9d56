"""The pages that links in mails open, and the same over the API."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chassis.config import Config
from contracts.errors import ServiceUnavailable
from gateway.api import identity
from gateway.app import create_app
from gateway.console.words import LANGUAGES, Words
from gateway.console.words.links import CHANGE_EMAIL, CHOOSE, RESET, VERIFY
from gateway.console.words.refusals import REFUSALS
from tests.in_process import InProcess
from tests.service.identity.test_password_changes import is_live, signs_in
from tests.service.identity.town import PASSWORD, MakeTown, Town

ADA = "ada@example.com"
NEW_ADDRESS = "lovelace@example.com"
NEW = "another rather odd sentence"
VERIFY_PAGE, CHOOSE_PAGE = "/verify-email", "/verify-email/password"
PAGES = {
    VERIFY_PAGE: VERIFY,
    CHOOSE_PAGE: CHOOSE,
    "/reset-password": RESET,
    "/confirm-email": CHANGE_EMAIL,
}
WITH_NEW_PASSWORD = (CHOOSE_PAGE, "/reset-password")

pages = pytest.mark.parametrize("path", PAGES)


class Away(InProcess):
    """Identity does not answer while ``is_away``."""

    is_away = False

    def call(self, service: str, method: str, *arguments: object, **more: object) -> object:
        if self.is_away:
            raise ServiceUnavailable("The identity service is unavailable.", retry_after=2)
        return super().call(service, method, *arguments, **more)  # type: ignore[arg-type]


@pytest.fixture
def way(town: Town) -> Away:
    return Away(town.suite)


@pytest.fixture
def client(town: Town, way: Away) -> FlaskClient:
    return served(town, way)


def served(town: Town, way: InProcess) -> FlaskClient:
    config = Config({"gateway": {"introspection_seconds": 0}})
    app = create_app(config, way, clock=town.clock, blueprints=[identity.blueprint])
    return app.test_client()


def link(town: Town, path: str) -> str:
    if path in (VERIFY_PAGE, CHOOSE_PAGE):
        town.ask("register_account", email=ADA, password=PASSWORD)
        return town.mails(ADA)[-1].token
    ada = town.newcomer(ADA)
    if path == "/reset-password":
        town.ask("request_password_reset", email=ADA)
        return town.mails(ADA)[-1].token
    town.ask("request_email_change", town.signs_in(ada), email=NEW_ADDRESS)
    return town.mails(NEW_ADDRESS)[-1].token


def fields(
    path: str, token: str, password: str = NEW, repeated: str | None = None
) -> dict[str, str]:
    if path == VERIFY_PAGE:
        return {"token": token, "password": PASSWORD}
    if path not in WITH_NEW_PASSWORD:
        return {"token": token}
    again = password if repeated is None else repeated
    return {"token": token, "new_password": password, "repeated": again}


def is_done(town: Town, path: str) -> bool:
    """Whether the link had its effect."""
    if path == "/confirm-email":
        return signs_in(town, PASSWORD, NEW_ADDRESS) == "done"
    return signs_in(town, NEW if path in WITH_NEW_PASSWORD else PASSWORD, ADA) == "done"


def said(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.text)))


@pages
def test_opening_the_link_changes_nothing(town: Town, client: FlaskClient, path: str) -> None:
    """Security 2.5: mail scanners open links, so GET never consumes; HEAD neither."""
    token = link(town, path)
    for method in ("GET", "HEAD", "GET"):
        page = client.open(f"{path}?token={token}", method=method)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        if method == "GET":
            assert ("<script" in page.text) is (path in WITH_NEW_PASSWORD)
    assert not is_done(town, path)


@pages
def test_the_button_works_once(town: Town, client: FlaskClient, path: str) -> None:
    """Security 2.5."""
    given = fields(path, link(town, path))
    done = client.post(path, data=given)
    assert (done.status_code, done.headers["Cache-Control"]) == (200, "no-store")
    assert PAGES[path]["en"]["done"] in said(done)
    assert is_done(town, path)
    again = client.post(path, data=given)
    assert again.status_code == 422
    assert PAGES[path]["en"]["refused_text"] in said(again)


@pages
@pytest.mark.parametrize("token", ["", "\0", "x" * 5000, "<script>alert(1)</script>"])
def test_a_wrong_link_is_told_so(client: FlaskClient, path: str, token: str) -> None:
    opened = client.get(path, query_string={"token": token})
    assert "<script>" not in opened.text
    assert client.post(path, data=fields(path, token)).status_code in (400, 422)
    if not token:
        assert opened.status_code == 422


@pages
def test_the_page_says_it_in_the_words_of_the_api(
    town: Town, client: FlaskClient, path: str
) -> None:
    addresses = {
        VERIFY_PAGE: "/v1/email-verifications",
        CHOOSE_PAGE: "/v1/password-resets/completion",
        "/reset-password": "/v1/password-resets/completion",
        "/confirm-email": "/v1/email-changes/confirmation",
    }
    given = fields(path, "unknown")
    given.pop("repeated", None)
    problem = client.post(addresses[path], json=given)
    assert problem.status_code == 422
    assert problem.json is not None
    if path != CHOOSE_PAGE:
        assert problem.json["detail"] == PAGES[path]["en"]["refused_text"]


@pages
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_language_of_the_browser(
    town: Town, client: FlaskClient, path: str, language: str
) -> None:
    accepts = {"Accept-Language": f"{language},fr;q=0.5"}
    words = PAGES[path][language]
    page = client.get(f"{path}?token=x", headers=accepts)
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Content-Language"] == language
    assert words["title"] in said(page)
    assert words["button"] in said(page)
    refused = client.post(path, data=fields(path, "x"), headers=accepts)
    assert words["refused_text"] in said(refused)
    done = client.post(path, data=fields(path, link(town, path)), headers=accepts)
    assert words["done_text"] in said(done)


@pytest.mark.parametrize("words", PAGES.values())
def test_no_word_is_left_out(words: Words) -> None:
    assert all(text for language in LANGUAGES for text in words[language].values())


@pages
def test_while_identity_is_away_the_link_stays_good(
    town: Town, client: FlaskClient, way: Away, path: str
) -> None:
    token = link(town, path)
    way.is_away = True
    assert client.get(f"{path}?token={token}").status_code == 200
    page = client.post(path, data=fields(path, token))
    assert page.status_code == 503
    assert f'name="token" value="{token}"' in page.text
    assert 'role="alert"' in page.text
    way.is_away = False
    assert client.post(path, data=fields(path, token)).status_code == 200


# Who registered the address


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_password_than_that_of_the_registration_keeps_the_form_and_the_link(
    town: Town, client: FlaskClient, language: str
) -> None:
    """ACC-2: and the page leads to where another is chosen."""
    given = fields(VERIFY_PAGE, link(town, VERIFY_PAGE))
    accepts = {"Accept-Language": language}
    page = client.post(VERIFY_PAGE, data={**given, "password": NEW}, headers=accepts)
    assert page.status_code == 422
    number = LANGUAGES.index(language)
    assert REFUSALS["verification-password-refused"][number] in said(page)
    assert f'name="token" value="{given["token"]}"' in page.text
    assert f'href="{CHOOSE_PAGE}?token={given["token"]}"' in page.text
    assert NEW not in page.text
    assert client.post(VERIFY_PAGE, data=given).status_code == 200


# A new password


BAD = [
    ("fourteen chars", "at least 15 characters", "15 文字以上", "15자 이상"),
    ("x1" * 65, "at most 128 characters", "128 文字以内", "128자 이하"),
    ("passwordpassword", "tried first", "最初に試される", "가장 먼저 시도"),
    ("freehold-freehold", "easily guessed", "容易に推測", "쉽게 추측"),
]


@pytest.mark.parametrize(("password", "english", "japanese", "korean"), BAD)
def test_a_refused_password_keeps_the_form_and_the_link(
    town: Town, client: FlaskClient, password: str, english: str, japanese: str, korean: str
) -> None:
    """Security 2.1: the reason is told, beside the field it belongs to."""
    path = "/reset-password"
    token = link(town, path)
    for language, words in zip(LANGUAGES, (english, japanese, korean), strict=True):
        accepts = {"Accept-Language": language}
        page = client.post(path, data=fields(path, token, password), headers=accepts)
        assert page.status_code == 422
        assert words in said(page)
        assert f'name="token" value="{token}"' in page.text
        assert password not in page.text
        field = re.search(r"<input[^>]*name=\"new_password\"[^>]*>", page.text)
        assert field is not None
        assert 'aria-invalid="true"' in field[0]
        assert 'aria-describedby="new_password-hint new_password-problem"' in field[0]
        assert 'id="new_password-problem"' in page.text
    assert client.post(path, data=fields(path, token)).status_code == 200


@pytest.mark.parametrize("password", ["", "long " * 300])
def test_what_no_rule_ever_sees_keeps_the_form_too(
    town: Town, client: FlaskClient, password: str
) -> None:
    path = "/reset-password"
    token = link(town, path)
    page = client.post(path, data=fields(path, token, password))
    assert page.status_code == 422
    assert f'name="token" value="{token}"' in page.text
    assert client.post(path, data=fields(path, token)).status_code == 200


def test_two_different_entries_are_no_new_password(town: Town, client: FlaskClient) -> None:
    path = "/reset-password"
    token = link(town, path)
    page = client.post(path, data=fields(path, token, repeated="another rather odd sentense"))
    assert page.status_code == 422
    assert RESET["en"]["different"] in said(page)
    assert "odd sentense" not in page.text
    assert not is_done(town, path)
    assert client.post(path, data=fields(path, token)).status_code == 200


def test_the_fields_say_what_they_are_for(town: Town, client: FlaskClient) -> None:
    page = client.get("/reset-password?token=x")
    for name in ("new_password", "repeated"):
        assert f'<label for="{name}">' in page.text
        field = re.search(rf"<input[^>]*name=\"{name}\"[^>]*>", page.text)
        assert field is not None
        assert 'type="password"' in field[0]
        assert 'autocomplete="new-password"' in field[0]
        assert " required" in field[0]
    assert "At least 15 characters, at most 128" in said(page)


def test_the_rule_is_told_as_it_is_set(make_town: MakeTown) -> None:
    """Security 2.1: eight where an authenticator is always asked for."""
    town = make_town(mfa_policy="totp_required")
    page = served(town, InProcess(town.suite)).get("/reset-password?token=x")
    assert "At least 8 characters" in said(page)


def test_nobody_is_signed_in_by_it(town: Town, client: FlaskClient) -> None:
    """Security 2.5."""
    path = "/reset-password"
    done = client.post(path, data=fields(path, link(town, path)))
    assert done.status_code == 200
    assert not any(cookie.startswith("freehold=") for cookie in done.headers.getlist("Set-Cookie"))


# The API


def test_a_password_is_changed_over_http(town: Town, client: FlaskClient) -> None:
    token = town.signs_in(town.newcomer(ADA))
    bearer = {"Authorization": f"Bearer {token}"}
    given = {"current_password": PASSWORD, "new_password": NEW}
    wrong = client.put(
        "/v1/account/password", json={**given, "current_password": "no"}, headers=bearer
    )
    assert (wrong.status_code, (wrong.json or {})["code"]) == (403, "credentials-refused")
    same = client.put(
        "/v1/account/password", json={**given, "new_password": PASSWORD}, headers=bearer
    )
    assert (same.status_code, (same.json or {})["code"]) == (422, "password-unchanged")
    done = client.put("/v1/account/password", json=given, headers=bearer)
    assert done.status_code == 201
    assert not is_live(town, token)
    assert is_live(town, (done.json or {})["token"])
    assert client.put("/v1/account/password", json=given).status_code == 401


def test_a_password_is_reset_over_http(town: Town, client: FlaskClient) -> None:
    town.newcomer(ADA)
    for email in (ADA, "nobody@example.com"):
        answer = client.post("/v1/password-resets", json={"email": email})
        assert (answer.status_code, answer.data) == (202, b"")
    given = {"token": town.mails(ADA)[-1].token, "new_password": NEW}
    assert client.post("/v1/password-resets/completion", json=given).status_code == 204
    assert signs_in(town, NEW) == "done"


def test_an_address_is_changed_over_http(town: Town, client: FlaskClient) -> None:
    token = town.signs_in(town.newcomer(ADA))
    bearer = {"Authorization": f"Bearer {token}"}
    given = {"email": NEW_ADDRESS}
    asked = client.post("/v1/account/email-changes", json=given, headers=bearer)
    assert (asked.status_code, asked.data) == (202, b"")
    link = {"token": town.mails(NEW_ADDRESS)[-1].token}
    assert client.post("/v1/email-changes/confirmation", json=link).status_code == 204
    account = client.get("/v1/account", headers=bearer)
    assert (account.json or {})["email"] == NEW_ADDRESS
