"""What guards the pages: forms of our own only, cookies nobody reads, headers, no secret anywhere."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from chassis.logs import JsonFormatter
from gateway.console.frame import POLICY
from tests.service.identity.surfer import ADA, Surfer, app_of, issued
from tests.service.identity.town import PASSWORD, Town

FRESH = timedelta(minutes=2)


@pytest.fixture
def surfer(town: Town) -> Surfer:
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    return surfer


def posts(app: object) -> list[str]:
    """Every address of the console that takes a form, but those of links and what changes nothing."""
    rules = app.url_map.iter_rules()  # type: ignore[attr-defined]
    links = ("/verify-email", "/reset-password", "/confirm-email", "/password-strength")
    return sorted(
        _filled(rule.rule)
        for rule in rules
        if "POST" in rule.methods and not rule.rule.startswith(("/v1", *links))
    )


def _filled(rule: str) -> str:
    """An address of the kind, whatever it is about."""
    rule = re.sub("<uuid:[a-z_]*>", str(UUID(int=7)), rule.replace("<purpose>", "email"))
    rule = rule.replace("<product>", "camera-manager")
    return re.sub("<any[(]([a-z]*)[^>]*>", r"\1", rule)


def cookies_of(answer: TestResponse) -> dict[str, str]:
    """The attributes of each cookie, by its name."""
    return {
        line.partition("=")[0]: line.partition(";")[2]
        for line in answer.headers.getlist("Set-Cookie")
    }


def test_there_are_forms_to_guard(town: Town) -> None:
    found = posts(app_of(town))
    assert len(found) > 40
    assert not any("<" in path for path in found)
    assert {"/sign-in", "/register", "/manage/recovery-codes", "/account/delete"} <= set(found)


def test_every_form_is_refused_without_its_token(town: Town, surfer: Surfer) -> None:
    """ASVS 3.5.1: before anything else is looked at."""
    surfer.signs_in(town)
    surfer.enters_manage()
    before = town.actions()
    for path in posts(surfer.client.application):
        for token in ({}, {"form_token": ""}, {"form_token": "x"}, {"form_token": "ä" * 50}):
            page = surfer.send(path, {**token, "email": ADA, "password": PASSWORD})
            assert (page.status, page.title) == (403, "This did not work"), path
            assert page.alerts == ["The page of this form is out of date. Open it again."]
    assert town.actions() == before


def test_a_browser_that_keeps_no_cookie_is_told_so(town: Town) -> None:
    surfer = Surfer(app_of(town))
    form = surfer.open("/sign-in").form("SIGN IN")
    surfer.client.delete_cookie("freehold-forms")
    page = surfer.send(form.action, {**form.values, "email": ADA, "password": PASSWORD})
    assert page.status == 403
    assert page.alerts[0].startswith("Your browser sent no cookie. Allow cookies for this site")


def test_a_token_is_worth_nothing_in_another_browser(town: Town, surfer: Surfer) -> None:
    other = Surfer(app_of(town))
    other.open("/sign-in")
    stolen = other.page.form("SIGN IN").values
    surfer.open("/sign-in")
    page = surfer.send("/sign-in", {**stolen, "email": ADA, "password": PASSWORD})
    assert page.status == 403
    nobody = Surfer(app_of(town))
    assert nobody.send("/sign-in", {**stolen, "email": ADA, "password": PASSWORD}).status == 403


def test_a_token_is_worth_nothing_after_another_sign_in(town: Town, surfer: Surfer) -> None:
    """The form of one session does not act in the next one."""
    surfer.signs_in(town)
    form = surfer.open("/account").form("SAVE")
    surfer.press("Sign out")
    town.clock.advance(FRESH)
    surfer.signs_in(town)
    assert surfer.send(form.action, {**form.values, "language": "ko"}).status == 403


def test_each_page_has_a_token_of_its_own(surfer: Surfer) -> None:
    """A compressed page does not betray it."""
    tokens = {surfer.open("/sign-in").form("SIGN IN").values["form_token"] for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 401),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 401),
        ({"Origin": "http://127.0.0.1:8000"}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost.example.com"}, 403),
        ({"Origin": "http://["}, 403),
    ],
)
def test_a_form_of_another_site_is_refused(
    surfer: Surfer, headers: dict[str, str], status: int
) -> None:
    """Also with a right token: the browser says where the form comes from."""
    surfer.open("/sign-in")
    surfer._headers.update(headers)
    page = surfer.press("SIGN IN", email=ADA, password="not the password")
    assert page.status == status


def test_over_https_no_neighbor_sets_or_reads_a_cookie(town: Town) -> None:
    """Security 2.6: `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/."""
    surfer = Surfer(app_of(town, public_url="https://freehold.example"))
    surfer.registers(town)
    surfer.signs_in(town)
    surfer.enters_manage()
    surfer.open("/faq?lang=ko")
    surfer.open("/sign-in")
    held = {
        name: surfer.client.get_cookie(f"__Host-{name}")
        for name in ("freehold", "freehold-manage", "freehold-forms", "freehold-language")
    }
    for name, cookie in held.items():
        assert cookie is not None, name
        assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Lax"), name
        assert (cookie.path, cookie.origin_only) == ("/", True), name
    manage = held["freehold-manage"]
    assert manage is not None
    assert manage.max_age is not None
    assert 0 < manage.max_age <= 15 * 60
    session = held["freehold"]
    assert session is not None
    assert session.max_age is None, "gone when the browser is closed"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"public_url": "http://127.0.0.1:8000"}, "freehold-forms"),
        ({"public_url": "http://127.0.0.1:8000", "production": True}, "__Host-freehold-forms"),
        ({"public_url": "https://freehold.example"}, "__Host-freehold-forms"),
    ],
)
def test_only_a_demo_over_plain_http_goes_without_the_prefix(
    town: Town, settings: dict[str, object], name: str
) -> None:
    answer = app_of(town, **settings).test_client().get("/sign-in")
    [(found, attributes)] = cookies_of(answer).items()
    assert found == name
    assert "HttpOnly" in attributes
    assert "SameSite=Lax" in attributes
    assert ("Secure" in attributes) is name.startswith("__Host-")


def test_the_sign_in_is_held_no_longer_than_it_lives(town: Town, surfer: Surfer) -> None:
    surfer.enters_password()
    cookie = surfer.client.get_cookie("freehold-sign-in")
    assert cookie is not None
    assert cookie.max_age is not None
    assert 0 < cookie.max_age <= 600
    assert cookie.http_only
    surfer.press("VERIFY", code=town.mails(ADA)[-1].code)
    assert surfer.cookie("freehold-sign-in") is None


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/forgot-password", "/faq"])
def test_pages_are_kept_by_nobody_and_load_nothing_foreign(surfer: Surfer, path: str) -> None:
    headers = surfer.open(path).answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    (policy,) = headers.getlist("Content-Security-Policy")
    scripts = "; script-src 'self'; connect-src 'self'" if path == "/register" else ""
    assert policy == POLICY + scripts
    assert POLICY.startswith("default-src 'none'; style-src 'self';")
    assert "form-action 'self'; frame-ancestors 'none'" in POLICY
    assert {"Cookie", "Accept-Language"} <= set(headers["Vary"].split(", "))


def test_no_secret_is_in_an_address_a_page_or_the_log(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """J6, security 2.5: what opens something is in cookies only, or shown once where it is asked for."""
    key, codes = issued(town)
    surfer = Surfer(app_of(town))
    with caplog.at_level(logging.DEBUG):
        surfer.enters_password()
        held = [surfer.cookie("freehold-sign-in") or ""]
        surfer.click("Authenticator App (TOTP)")
        code = town.shown(key)
        surfer.press("VERIFY", code=code)
        session = surfer.cookie("freehold") or ""
        surfer.open("/account/security/two-factor")
        again = town.next_code(key)
        surfer.press("CONTINUE", password=PASSWORD, code=again)
        managing = surfer.cookie("freehold-manage") or ""
        for path in ("/manage/authenticator", "/account", "/account/sessions", "/account/security"):
            surfer.open(path)
        town.clock.advance(timedelta(minutes=20))
        surfer.enters_password()
        surfer.open("/sign-in/manage/recovery-code")
        surfer.press("USE RECOVERY CODE", code=codes[0])
        held.append(surfer.cookie("freehold-manage") or "")
    tokens = [*held, session, managing, PASSWORD]
    assert all(len(token) > 20 for token in tokens)
    secrets = [*tokens, code, again, codes[0], key]
    for address in surfer.addresses:
        assert not any(secret in address for secret in secrets), address
    for page in surfer.pages:
        assert not any(secret in page.html for secret in secrets), page.path
    lines = [JsonFormatter("gateway").format(record) for record in caplog.records]
    assert any("/sign-in" in line for line in lines)
    for line in lines:
        assert not any(secret in line for secret in [*tokens, codes[0], key]), line


def test_the_api_takes_no_cookie(town: Town, surfer: Surfer) -> None:
    """A cookie is sent by the browser for whoever asks it to; a bearer token is not."""
    surfer.signs_in(town)
    assert surfer.client.get("/v1/account").status_code == 401
    assert surfer.client.delete("/v1/account").status_code == 401
    token = surfer.cookie("freehold")
    headers = {"Authorization": f"Bearer {token}"}
    assert surfer.client.get("/v1/account", headers=headers).status_code == 200


def test_pages_take_no_bearer_token(town: Town, surfer: Surfer) -> None:
    surfer.signs_in(town)
    headers = {"Authorization": f"Bearer {surfer.cookie('freehold')}"}
    other = app_of(town).test_client()
    assert other.get("/account", headers=headers).status_code == 303


@pytest.mark.parametrize("value", ["\0", "a\0b"])
def test_what_cannot_be_stored_is_refused(surfer: Surfer, value: str) -> None:
    surfer.open("/sign-in")
    page = surfer.press("SIGN IN", email=value, password="x")
    assert (page.status, page.title) == (400, "This did not work")


def test_what_is_typed_is_shown_and_not_run(surfer: Surfer) -> None:
    surfer.open("/sign-in")
    page = surfer.press("SIGN IN", email='"><script>alert(1)</script>', password="x")
    assert page.status == 422
    assert page.input("email")["value"] == '"><script>alert(1)</script>'


def test_a_bug_is_a_page_with_the_requests_id(town: Town, surfer: Surfer) -> None:
    def broken() -> str:
        raise RuntimeError("a secret of ours")

    app = surfer.client.application
    app.view_functions["faq.read"] = broken
    page = surfer.open("/faq")
    assert (page.status, page.title) == (500, "This did not work")
    assert page.answer.headers["X-Request-Id"] in page.text
    assert "a secret of ours" not in page.html
