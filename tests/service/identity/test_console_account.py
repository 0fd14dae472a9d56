"""Account settings through the pages: what somebody signed in sees and changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from contracts.access import TOKEN_SCOPES
from tests.service.identity.surfer import ADA, Surfer, app_of
from tests.service.identity.town import PASSWORD, Town

NEW_PASSWORD = "another quite unusual sentence"


@pytest.fixture
def surfer(town: Town) -> Surfer:
    """Signed in by a mailed code."""
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    surfer.signs_in(town)
    return surfer


def creates_token(surfer: Surfer, name: str, *scopes: str) -> None:
    surfer.open("/account/api-tokens/new")
    form = surfer.page.form("CREATE")
    surfer.send(form.action, {**form.values, "name": name, "scopes": list(scopes)})


def test_the_language_of_mails_is_chosen_and_the_pages_follow(town: Town, surfer: Surfer) -> None:
    page = surfer.press("SAVE", language="ko")
    assert (page.language, page.title) == ("ko", "계정 설정")
    assert "저장했습니다." in page.text
    assert town.ask("get_account", surfer.cookie("freehold"))["language"] == "ko"


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(
    town: Town, surfer: Surfer
) -> None:
    """ASVS 6.2.3, 7.4.3."""
    other = Surfer(app_of(town))
    town.clock.advance(timedelta(minutes=2))
    other.signs_in(town)
    before = surfer.cookie("freehold")
    surfer.open("/account/password")
    page = surfer.press("CHANGE", current_password="not this one", new_password=NEW_PASSWORD)
    assert (page.status, page.alerts) == (403, ["The password is not right."])
    assert page.input("current_password")["aria-invalid"] == "true"
    page = surfer.press("CHANGE", current_password=PASSWORD, new_password="short")
    assert page.alerts == ["A password has at least 15 characters."]
    assert page.input("new_password")["aria-invalid"] == "true"
    page = surfer.press("CHANGE", current_password=PASSWORD, new_password=NEW_PASSWORD)
    assert page.path == "/account/security"
    assert "Your password is changed." in page.text
    assert surfer.cookie("freehold") != before
    assert other.open("/account").path == "/sign-in"
    assert Surfer(app_of(town)).enters_password(password=NEW_PASSWORD).status == 200


def test_with_an_app_a_new_password_needs_it_again(town: Town, surfer: Surfer) -> None:
    """Security 2.7."""
    surfer.enters_manage()
    key = surfer.enrols(town)
    town.clock.advance(timedelta(minutes=20))
    page = surfer.open("/account/password")
    assert page.path == "/account/credentials/password"
    assert page.title == "Enter your credentials again"
    page = surfer.press("CONTINUE", password=PASSWORD, code=town.wrong(key))
    assert page.alerts == ["That code is not right."]
    page = surfer.press("CONTINUE", password=PASSWORD, code=town.next_code(key))
    assert page.path == "/account/password"
    page = surfer.press("CHANGE", current_password=PASSWORD, new_password=NEW_PASSWORD)
    assert page.path == "/account/security"


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/account/email", "email"),
        ("/account/delete", "delete"),
        ("/account/api-tokens/new", "api-token"),
    ],
)
def test_what_is_sensitive_asks_for_credentials_again(
    town: Town, surfer: Surfer, path: str, purpose: str
) -> None:
    """Security 2.7: not older than ten minutes; a new token comes with it."""
    assert surfer.open(path).path == path
    form = surfer.page.forms[-1]
    town.clock.advance(timedelta(minutes=11))
    before = surfer.cookie("freehold")
    assert surfer.open(path).path == f"/account/credentials/{purpose}"
    typed = {"email": ADA, "name": "x", "scopes": "device:read"}
    page = surfer.send(form.action, {**form.values, **typed})
    assert page.path == f"/account/credentials/{purpose}"
    assert surfer.press("CONTINUE", password=PASSWORD).path == path
    assert surfer.cookie("freehold") != before


def test_nobody_is_led_elsewhere_by_an_address(surfer: Surfer) -> None:
    """No page takes where to go next from its address."""
    page = surfer.open("/account/credentials/https:example.com")
    assert (page.status, page.title) == (404, "This did not work")


def test_another_address_gets_a_link(town: Town, surfer: Surfer) -> None:
    surfer.open("/account/email")
    page = surfer.press("SEND THE LINK", email="not an address")
    assert page.alerts == ["Not a valid email address."]
    assert page.input("email")["value"] == "not an address"
    assert surfer.press("SEND THE LINK", email=ADA.upper()).status == 422
    page = surfer.press("SEND THE LINK", email="new@example.com")
    assert "Open the link in the mail that was sent to the new address." in page.text
    assert "/confirm-email?token=" in town.mails("new@example.com")[-1].text
    assert town.mails(ADA)[-1].subject


def test_sessions_are_listed_and_ended(town: Town, surfer: Surfer) -> None:
    """ASVS 7.5.2."""
    others = [Surfer(app_of(town)) for _ in range(2)]
    for other in others:
        town.clock.advance(timedelta(minutes=2))
        other.signs_in(town)
    page = surfer.open("/account/sessions")
    assert page.text.count("Firefox · Linux") == 3
    assert page.text.count("this one") == 1
    assert "password and mailed code" in page.text
    page = surfer.press("END")
    assert "The session was ended." in page.text
    assert page.text.count("Firefox · Linux") == 2
    assert [other.open("/account").path for other in others].count("/sign-in") == 1
    page = surfer.press("END ALL OTHER SESSIONS")
    assert "All other sessions were ended." in page.text
    assert page.text.count("Firefox · Linux") == 1
    assert [other.open("/account").path for other in others] == ["/sign-in", "/sign-in"]


def test_ending_what_has_ended_is_no_trouble(town: Town, surfer: Surfer) -> None:
    other = Surfer(app_of(town))
    town.clock.advance(timedelta(minutes=2))
    other.signs_in(town)
    form = surfer.open("/account/sessions").form("END")
    other.press("Sign out")
    assert surfer.send(form.action, form.values).status == 200


def test_a_session_is_not_shown_with_what_a_program_calls_itself(town: Town) -> None:
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    surfer._headers["User-Agent"] = "<b>Chrome/9</b> (Windows)"
    surfer.signs_in(town)
    page = surfer.open("/account/sessions")
    assert "Chrome · Windows" in page.text
    assert "<b>" not in page.html


def test_an_api_token_is_shown_once_and_revoked(town: Town, surfer: Surfer) -> None:
    """Security 2.6."""
    assert "There are none." in surfer.open("/account/api-tokens").text
    page = surfer.click("CREATE AN API TOKEN")
    assert {each["value"] for each in page.inputs if each["name"] == "scopes"} == set(TOKEN_SCOPES)
    creates_token(surfer, "Nightly report", "device:read", "folder:read")
    page = surfer.page
    assert page.title == "Your new API token"
    found = re.search(r'<code class="key">([^<]+)</code>', page.html)
    assert found
    token = found[1]
    assert town.ask("introspect", token=token)["level"] == "token"
    page = surfer.click("To the API tokens")
    assert "Nightly report" in page.text
    assert "device:read folder:read" in page.text
    assert "2025-03-31" in page.text
    assert token not in page.html
    page = surfer.press("REVOKE")
    assert "The API token was revoked." in page.text
    assert town.outcome("introspect", token=token) == "unauthenticated"


def test_what_is_wrong_with_a_token_is_said_at_its_field(surfer: Surfer) -> None:
    creates_token(surfer, "Report")
    assert (surfer.page.status, surfer.page.alerts) == (422, ["Choose at least one."])
    assert surfer.page.input("name")["value"] == "Report"
    creates_token(surfer, "Report", "device:read")
    creates_token(surfer, "REPORT", "device:read", "device:manage")
    page = surfer.page
    assert page.status == 409
    assert page.input("name")["aria-invalid"] == "true"
    assert sum("checked" in each for each in page.inputs) == 2
    form = page.form("CREATE")
    values = {**form.values, "name": "Other", "days": "4000", "scopes": "device:read"}
    assert surfer.send(form.action, values).status == 422


def test_an_account_is_deleted_by_who_types_its_address(town: Town, surfer: Surfer) -> None:
    surfer.open("/account/delete")
    page = surfer.press("DELETE FOR GOOD", email="somebody@example.com")
    assert (page.status, page.alerts) == (422, ["This is not the address of the account."])
    # Organizations are not part of this town, and have to be asked.
    page = surfer.press("DELETE FOR GOOD", email=ADA)
    assert page.status == 503
    assert surfer.open("/account").path == "/account"


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/security",
        "/account/security/two-factor",
        "/account/security/two-factor/recovery-code",
        "/account/credentials/email",
        "/account/password",
        "/account/email",
        "/account/delete",
        "/account/sessions",
        "/account/api-tokens",
        "/account/api-tokens/new",
    ],
)
def test_every_page_of_an_account_asks_who_it_is(town: Town, path: str) -> None:
    surfer = Surfer(app_of(town))
    assert surfer.open(path).path == "/sign-in"
    surfer.client.set_cookie("freehold", "x" * 43)
    page = surfer.open(path)
    assert page.path == "/sign-in"
    assert "Your session has ended. Sign in again." in page.text
    assert surfer.cookie("freehold") is None


def test_a_token_of_the_api_opens_no_page(town: Town, surfer: Surfer) -> None:
    """An API token is for programs: it does not do in a cookie what it may not do itself."""
    creates_token(surfer, "Report", "device:read")
    token = re.search(r'<code class="key">([^<]+)</code>', surfer.page.html)
    assert token
    other = Surfer(app_of(town))
    other.client.set_cookie("freehold", token[1])
    for path in ("/account", "/account/sessions", "/account/api-tokens", "/account/api-tokens/new"):
        assert other.open(path).status == 403
