"""Signing in through the pages, with the labels that people's manuals show them."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from tests.service.identity.surfer import ADA, Surfer, app_of, enrolled, issued
from tests.service.identity.town import PASSWORD, MakeTown, Town

# Brackets that no reader of JSON should follow to their end.
DEEP = base64.urlsafe_b64encode(b"[" * 2200).decode()


@pytest.fixture
def surfer(town: Town) -> Surfer:
    return Surfer(app_of(town))


def test_from_the_register_page_to_the_account(town: Town, surfer: Surfer) -> None:
    """ACC-1, ACC-3, EM-1."""
    page = surfer.open("/sign-in")
    assert page.title == "Sign in"
    surfer.click("Register an account")
    page = surfer.press("REGISTER", email=ADA, password=PASSWORD, language="en")
    assert (page.path, page.title) == ("/register/done", "Look into your mailbox")
    surfer.open(f"/verify-email?token={town.mails(ADA)[-1].token}")
    page = surfer.press("VERIFY", password=PASSWORD)
    assert page.title == "Your address is verified"

    page = surfer.enters_password()
    assert page.path == "/sign-in/email"
    assert f"A mail with a six-digit code was sent to {ADA}." in page.text
    page = surfer.press("VERIFY", code=town.mails(ADA)[-1].code)
    assert (page.path, page.title) == ("/account", "Account settings")
    assert ADA in page.text


def test_registering_is_answered_alike_for_an_address_with_an_account(
    town: Town, surfer: Surfer
) -> None:
    """Security 2.8."""
    surfer.registers(town)
    surfer.open("/register")
    page = surfer.press("REGISTER", email=ADA, password=PASSWORD)
    assert (page.path, page.title) == ("/register/done", "Look into your mailbox")
    assert "already have an account" in town.mails(ADA)[-1].subject


def test_a_refused_registration_keeps_what_was_typed_but_the_password(surfer: Surfer) -> None:
    surfer.open("/register")
    page = surfer.press("REGISTER", email=ADA, password="too short", language="ko")
    assert page.status == 422
    assert page.input("email")["value"] == ADA
    assert page.input("password")["value"] == ""
    assert 'value="ko" selected' in page.html
    assert page.alerts == ["A password has at least 15 characters."]
    assert page.input("password")["aria-describedby"] == "password-hint password-problem"
    assert "autofocus" in page.input("password")
    assert "too short" not in page.html


def test_the_way_to_another_password_is_answered_alike_for_every_address(
    town: Town, surfer: Surfer
) -> None:
    """Security 2.8."""
    surfer.registers(town)
    for email in (ADA, "nobody@example.com"):
        surfer.open("/sign-in")
        surfer.click("Forgot your password?")
        page = surfer.press("SEND THE LINK", email=email)
        assert page.path == "/forgot-password/done"
        assert "If there is an account for the address" in page.text
    assert "/reset-password?token=" in town.mails(ADA)[-1].text
    assert town.mails("nobody@example.com") == []


@pytest.mark.parametrize("email", [ADA, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_read_alike(
    town: Town, surfer: Surfer, email: str
) -> None:
    """Security 2.8."""
    surfer.registers(town)
    page = surfer.enters_password(email, "not the password at all")
    assert page.status == 401
    assert page.alerts == ["The address or the password is not right."]
    assert page.input("email")["value"] == email
    assert "not the password" not in page.html


def test_two_methods_and_no_preference_lead_to_the_chooser(town: Town, surfer: Surfer) -> None:
    """ACC-4, ACC-6."""
    enrolled(town)
    page = surfer.enters_password()
    assert page.title == "Login"
    assert "Choose one of the methods below to continue login." in page.text
    assert ("h2", "Available methods") in page.headings
    assert page.form("Email").action == "/sign-in/email/code"
    assert page.links["Authenticator App (TOTP)"] == "/sign-in/one-time-password"
    assert page.links["Manage"] == "/sign-in/manage"
    assert "not enabled" not in page.text


def test_the_page_of_the_one_time_password_says_what_the_manual_says(
    town: Town, surfer: Surfer
) -> None:
    """ACC-6 (a) and the exact labels; TOTP-3."""
    key = enrolled(town)
    surfer.enters_password()
    page = surfer.click("Authenticator App (TOTP)")
    assert page.title == "Enter the One Time Password"
    lead = "If you already have registered an Authenticator App, use it to proceed."
    assert lead in page.text
    assert ">ONE TIME PASSWORD</label>" in page.html
    code = page.input("code")
    assert (code["autocomplete"], code["inputmode"]) == ("one-time-code", "numeric")
    assert page.links["MANAGE YOUR AUTHENTICATORS"] == "/sign-in/manage"
    assert page.links["FAQ"] == "/faq"

    page = surfer.press("VERIFY", code=town.wrong(key))
    assert (page.status, page.alerts) == (422, ["That code is not right."])
    assert page.input("code")["value"] == ""
    assert page.input("code")["aria-invalid"] == "true"
    right = town.shown(key)
    assert surfer.press("VERIFY", code=right).path == "/account"

    other = Surfer(app_of(town))
    other.enters_password()
    other.click("Authenticator App (TOTP)")
    page = other.press("VERIFY", code=right)
    assert page.alerts == ["That code was used already. Wait for the next one."]
    assert other.press("VERIFY", code=town.next_code(key)).path == "/account"


def test_a_preferred_method_is_gone_to_directly(town: Town, surfer: Surfer) -> None:
    """ACC-6."""
    key = enrolled(town)
    surfer.enters_password()
    surfer.click("Authenticator App (TOTP)")
    surfer.press("VERIFY", code=town.shown(key))
    surfer.open("/account/security")
    page = surfer.press("SAVE", preferred_method="totp")
    assert "Saved." in page.text
    assert 'value="totp" selected' in page.html

    other = Surfer(app_of(town))
    page = other.enters_password()
    assert page.path == "/sign-in/one-time-password"
    assert other.click("Choose another method").title == "Login"


def test_who_has_only_email_is_told_whom_to_ask(town: Town, surfer: Surfer) -> None:
    """ACC-5."""
    surfer.registers(town)
    page = surfer.enters_password()
    assert page.path == "/sign-in/email"
    told = "The authenticator app (TOTP) is not enabled for this account."
    assert told in page.text
    assert "contact the support centre" in page.text
    page = surfer.open("/sign-in/method")
    assert told in page.text
    assert "Authenticator App (TOTP)" not in page.links


def test_a_new_code_is_sent_after_a_minute_and_the_page_says_when(
    town: Town, surfer: Surfer
) -> None:
    """EM-2."""
    surfer.registers(town)
    page = surfer.enters_password()
    assert "A new code can be sent in 60 seconds." in page.text
    first = town.mails(ADA)[-1].code
    town.clock.advance(timedelta(seconds=20))
    page = surfer.press("SEND A NEW CODE")
    assert page.path == "/sign-in/email"
    assert "A new code can be sent in 40 seconds." in page.text
    assert town.mails(ADA)[-1].code == first
    town.clock.advance(timedelta(seconds=41))
    assert "it replaces the one before" in surfer.open("/sign-in/email").text
    surfer.press("SEND A NEW CODE")
    second = town.mails(ADA)[-1].code
    page = surfer.press("VERIFY", code=first if first != second else "000000")
    assert page.alerts == ["That code is not right."]
    assert surfer.press("VERIFY", code=second).path == "/account"


def test_looking_at_the_page_sends_no_code(town: Town, surfer: Surfer) -> None:
    """Security 2.5: GET changes nothing."""
    enrolled(town)
    before = len(town.mails(ADA))
    surfer.enters_password()
    page = surfer.open("/sign-in/email")
    assert "No code was sent for this sign-in yet." in page.text
    assert len(town.mails(ADA)) == before
    surfer.press("SEND A CODE")
    assert len(town.mails(ADA)) == before + 1


def test_a_second_sign_in_right_away_says_when_its_code_can_be_sent(
    town: Town, surfer: Surfer
) -> None:
    """EM-2: the limit is the account's, not the sign-in's."""
    surfer.registers(town)
    surfer.enters_password()
    page = surfer.enters_password()
    assert "No code was sent for this sign-in yet." in page.text
    assert "A new code can be sent in 60 seconds." in page.text


def test_where_no_second_step_is_asked_for_the_password_is_enough(make_town: MakeTown) -> None:
    """ACC-7: `optional`."""
    town = make_town(mfa_policy="optional")
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    assert surfer.enters_password().path == "/account"


def test_where_an_authenticator_is_needed_a_mailed_code_opens_the_manage_area(
    make_town: MakeTown,
) -> None:
    """ACC-7: `totp_required`; J4."""
    town = make_town(mfa_policy="totp_required")
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    page = surfer.signs_in(town)
    assert (page.path, page.title) == ("/manage", "Manage your authenticators")
    assert surfer.cookie("freehold") is None
    assert surfer.open("/account").path == "/sign-in"


def test_the_manage_area_takes_the_app_or_a_recovery_code_and_no_mail(
    town: Town, surfer: Surfer
) -> None:
    """MAN-1, MAN-2, MAN-3."""
    key, _codes = issued(town)
    surfer.enters_password()
    page = surfer.click("Manage")
    assert page.title == "Login / Manage"
    lead = "Select a sign in method to continue to additional sign in management."
    assert lead in page.text
    assert ("h2", "Available methods") in page.headings
    assert page.links["Authenticator App (TOTP)"] == "/sign-in/manage/one-time-password"
    assert page.links["USE A RECOVERY CODE"] == "/sign-in/manage/recovery-code"
    assert "Email" not in page.text
    surfer.click("Authenticator App (TOTP)")
    page = surfer.press("VERIFY", code=town.shown(key))
    assert (page.path, page.title) == ("/manage", "Manage your authenticators")


def test_a_recovery_code_opens_the_manage_area_and_nothing_else(town: Town, surfer: Surfer) -> None:
    """MAN-4, MAN-5, RC-2, J4."""
    _key, codes = issued(town)
    surfer.enters_password()
    surfer.click("Authenticator App (TOTP)")
    surfer.click("MANAGE YOUR AUTHENTICATORS")
    page = surfer.click("USE A RECOVERY CODE")
    assert page.title == "Use Recovery Code"
    assert "Use one of your recovery codes to continue." in page.text
    assert page.input("code")["placeholder"] == "12345678"
    assert page.links["CANCEL"] == "/sign-in/manage"
    assert page.links["FAQ"] == "/faq"
    page = surfer.press("USE RECOVERY CODE", code=codes[7])
    assert page.path == "/manage"
    assert "9 of 10 left" in page.text
    assert surfer.cookie("freehold") is None
    for path in ("/account", "/account/security", "/account/api-tokens"):
        assert surfer.open(path).path == "/sign-in"

    other = Surfer(app_of(town))
    other.enters_password()
    other.open("/sign-in/manage/recovery-code")
    page = other.press("USE RECOVERY CODE", code=codes[7])
    assert page.alerts == ["That code was used already. Take another one."]


def test_who_has_neither_app_nor_codes_is_told_the_way(town: Town, surfer: Surfer) -> None:
    """MAN-8."""
    surfer.registers(town)
    surfer.enters_password()
    page = surfer.click("MANAGE YOUR AUTHENTICATORS")
    assert "neither an authenticator app nor recovery codes" in page.text
    assert "Sign in by Email, then open Account settings" in page.text
    assert "USE A RECOVERY CODE" not in page.links


def test_where_the_only_method_is_disabled_the_manage_area_is_the_way(
    make_town: MakeTown,
) -> None:
    """ACC-7: `totp_required`; MAN-3, RC-6: locked out by wrong codes, in by a recovery code."""
    town = make_town(mfa_policy="totp_required", totp_failures_most=2)
    key, codes = issued(town)
    surfer = Surfer(app_of(town))
    assert surfer.enters_password().path == "/sign-in/one-time-password"
    for _ in range(3):
        surfer.press("VERIFY", code=town.wrong(key))
    page = surfer.enters_password()
    assert page.path == "/sign-in/manage"
    assert "Your authenticator app is disabled after too many wrong codes." in page.text
    assert "Authenticator App (TOTP)" not in page.links
    assert surfer.open("/sign-in/method").path == "/sign-in/manage"
    surfer.click("USE A RECOVERY CODE")
    page = surfer.press("USE RECOVERY CODE", code=codes[0])
    assert page.path == "/manage"
    assert "Disabled after too many wrong codes. Register a new authenticator app." in page.text
    surfer.enrols(town)
    assert "Registered on" in surfer.open("/manage").text


def test_recovery_codes_without_an_app_open_the_manage_area(town: Town, surfer: Surfer) -> None:
    """RC-10."""
    surfer.registers(town)
    surfer.signs_in(town)
    surfer.enters_manage()
    surfer.press("CREATE NEW RECOVERY CODES")
    code = surfer.codes[0]
    surfer.press("CONFIRM")
    town.clock.advance(timedelta(minutes=20))

    other = Surfer(app_of(town))
    other.enters_password()
    page = other.click("MANAGE YOUR AUTHENTICATORS")
    assert "Authenticator App (TOTP)" not in page.links
    other.click("USE A RECOVERY CODE")
    assert other.press("USE RECOVERY CODE", code=code).path == "/manage"
    other.enrols(town)
    assert "Registered on" in other.open("/manage").text


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/method",
        "/sign-in/one-time-password",
        "/sign-in/email",
        "/sign-in/manage",
        "/sign-in/manage/one-time-password",
        "/sign-in/manage/recovery-code",
    ],
)
def test_every_step_begins_with_the_password(town: Town, surfer: Surfer, path: str) -> None:
    """ACC-10; ATHN-11: no second step is reached by a direct call."""
    assert surfer.open(path).path == "/sign-in"
    surfer.registers(town)
    surfer.enters_password()
    assert surfer.open(path).path == path
    town.clock.advance(timedelta(minutes=11))
    assert surfer.open(path).path == "/sign-in"


def test_a_sign_in_that_is_over_says_so_and_changed_nothing(town: Town, surfer: Surfer) -> None:
    """ACC-10."""
    surfer.registers(town)
    surfer.enters_password()
    other = Surfer(app_of(town))
    code = town.mails(ADA)[-1].code
    other.client.set_cookie("freehold-sign-in", surfer.cookie("freehold-sign-in") or "")
    other.open("/sign-in/email")
    assert other.press("VERIFY", code=code).path == "/account"
    page = surfer.press("VERIFY", code=code)
    assert page.path == "/sign-in"
    assert "This sign-in is over. Begin again with your password." in page.text
    assert surfer.cookie("freehold-sign-in") is None


@pytest.mark.parametrize(
    "value", ["", "x", "bm8", "e30", "eyJzZWNyZXQiOjF9", "%00" * 9, "9" * 4000, DEEP]
)
def test_a_cookie_nobody_wrote_is_no_sign_in(surfer: Surfer, value: str) -> None:
    surfer.client.set_cookie("freehold-sign-in", value)
    assert surfer.open("/sign-in/one-time-password").path == "/sign-in"


def test_signing_in_again_ends_the_session_the_browser_had(town: Town, surfer: Surfer) -> None:
    """Security 2.6, ASVS 7.2.4: a new token, and the one before is worth nothing."""
    surfer.registers(town)
    surfer.signs_in(town)
    first = surfer.cookie("freehold")
    town.clock.advance(timedelta(minutes=2))
    surfer.signs_in(town)
    second = surfer.cookie("freehold")
    assert second not in (None, first)
    other = Surfer(app_of(town))
    other.client.set_cookie("freehold", first or "")
    assert other.open("/account").path == "/sign-in"


def test_signing_out_ends_the_session(town: Town, surfer: Surfer) -> None:
    surfer.registers(town)
    surfer.signs_in(town)
    token = surfer.cookie("freehold")
    page = surfer.press("Sign out")
    assert page.path == "/sign-in"
    assert "You are signed out." in page.text
    assert surfer.cookie("freehold") is None
    assert town.outcome("introspect", token=token) == "unauthenticated"


def test_too_many_tries_say_how_long_to_wait(town: Town, surfer: Surfer) -> None:
    """Security 2.2: the pages count by address as the API does."""
    for _ in range(10):
        assert surfer.enters_password("nobody@example.com", "a guess").status == 401
    page = surfer.enters_password("nobody@example.com", "a guess")
    assert page.status == 429
    assert page.alerts == ["Too many tries. Try again in 60 seconds."]


def test_a_service_that_is_away_is_said_and_loses_nothing(town: Town, surfer: Surfer) -> None:
    surfer.registers(town)
    surfer.open("/register")
    del town.suite.kits["identity"]
    page = surfer.press("REGISTER", email=ADA, password=PASSWORD)
    assert (page.status, page.input("email")["value"]) == (503, ADA)
    page = surfer.enters_password()
    assert page.status == 503
    assert page.alerts[0].startswith("A part of the system is away for a moment.")
    assert page.input("email")["value"] == ADA
