"""The Manage area through the pages, with the labels that people's manuals show them."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from tests.service.identity.surfer import ADA, Surfer, app_of, issued
from tests.service.identity.town import PASSWORD, MakeTown, Town

PATHS = [
    "/manage",
    "/manage/authenticator",
    "/manage/authenticator/setup",
    "/manage/authenticator/registration",
    "/manage/authenticator/thanks",
    "/manage/email",
    "/manage/recovery-codes",
    "/manage/sheet",
]


@pytest.fixture
def surfer(town: Town) -> Surfer:
    """Signed in by a mailed code."""
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    surfer.signs_in(town)
    return surfer


def signs_in_with(town: Town, code: str) -> str:
    """Where a sign-in with the app's code leads: its path, or what it was refused for."""
    other = Surfer(app_of(town), REMOTE_ADDR="198.51.100.7")
    other.enters_password()
    other.open("/sign-in/one-time-password")
    page = other.press("VERIFY", code=code)
    return page.path if page.status == 200 else page.alerts[0]


def recovers_with(town: Town, code: str) -> str:
    """Where a recovery code leads."""
    other = Surfer(app_of(town), REMOTE_ADDR="198.51.100.8")
    other.enters_password()
    other.open("/sign-in/manage/recovery-code")
    page = other.press("USE RECOVERY CODE", code=code)
    return page.path if page.status == 200 else page.alerts[0]


def test_the_exact_path_to_a_first_authenticator(town: Town, surfer: Surfer) -> None:
    """ACC-8, MAN-8, REG-2, TOTP-4."""
    page = surfer.open("/account")
    assert page.links["Account settings"] == "/account"
    surfer.click("Account settings")
    surfer.click("Security settings")
    page = surfer.click("Handle your 2-factor authentication")
    assert page.title == "Enter your credentials again"
    page = surfer.press("CONTINUE", password=PASSWORD)
    assert (page.path, page.title) == ("/manage", "Manage your authenticators")
    assert page.links.keys() >= {"Authenticator App (TOTP)", "Email"}

    surfer.click("Authenticator App (TOTP)")
    page = surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    assert page.path == "/manage/authenticator/setup"
    assert "<summary>Can&#39;t scan it?</summary>" in page.html or (
        "<summary>Can't scan it?</summary>" in page.html
    )
    key = surfer.setup_key
    assert re.fullmatch("[A-Z2-7]{32}", key)
    page = surfer.click("NEXT")
    page = surfer.press("REGISTER", code=town.shown(key))
    assert page.title == "Thank you!"
    page = surfer.click("CONTINUE")
    assert (page.path, page.title) == ("/manage", "Manage your authenticators")
    assert "Registered on 2025-03-01" in page.text
    assert signs_in_with(town, town.next_code(key)) == "/account"


def test_the_qr_code_says_what_the_setup_key_says(town: Town, surfer: Surfer) -> None:
    """TOTP-4, TOTP-5."""
    surfer.enters_manage()
    surfer.open("/manage/authenticator")
    page = surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    image = next(tag for tag in page.tags if tag["tag"] == "img")
    kind, _, data = image["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    svg = base64.b64decode(data).decode()
    assert svg.startswith("<svg")
    assert '="#fff"' in svg
    assert "script" not in svg
    assert image["alt"]
    assert ADA in page.text
    assert "img-src 'self' data:" in page.answer.headers["Content-Security-Policy"]


def test_only_register_changes_which_codes_count(town: Town, surfer: Surfer) -> None:
    """REG-3, REG-4, REG-5, REG-6: wrong codes and leaving change nothing."""
    old = enrolled_in(town, surfer)
    surfer.open("/account/security/two-factor")
    surfer.press("CONTINUE", password=PASSWORD, code=town.next_code(old))
    surfer.open("/manage/authenticator")
    surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    new = surfer.setup_key
    assert new != old
    surfer.open("/manage/authenticator/setup")
    assert surfer.setup_key == new, "the same until REGISTER"
    surfer.click("NEXT")
    page = surfer.press("REGISTER", code=town.wrong(new))
    assert page.alerts == ["That code is not right."]
    assert signs_in_with(town, town.next_code(new)) == "That code is not right."
    assert signs_in_with(town, town.next_code(old)) == "/account"

    code = town.next_code(new)
    assert surfer.press("REGISTER", code=code).title == "Thank you!"
    assert signs_in_with(town, code) == "That code was used already. Wait for the next one."
    assert signs_in_with(town, town.next_code(old)) == "That code is not right."
    assert signs_in_with(town, town.next_code(new)) == "/account"


def enrolled_in(town: Town, surfer: Surfer) -> str:
    surfer.enters_manage()
    return surfer.enrols(town)


def test_a_registered_key_is_never_shown_again(town: Town, surfer: Surfer) -> None:
    """TOTP-8."""
    key = enrolled_in(town, surfer)
    for path in PATHS:
        assert key not in surfer.open(path).html
    assert surfer.open("/manage/authenticator/setup").path == "/manage/authenticator"


def test_cancel_gives_up_what_was_shown(town: Town, surfer: Surfer) -> None:
    """REG-4."""
    surfer.enters_manage()
    surfer.open("/manage/authenticator")
    surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    page = surfer.press("CANCEL")
    assert "Cancelled. Everything is as it was before." in page.text
    assert "Not registered." in page.text
    page = surfer.open("/manage/authenticator/setup")
    assert page.path == "/manage/authenticator"
    assert "Nothing is waiting for confirmation." in page.text


def test_a_pending_authenticator_can_be_gone_on_with(town: Town, surfer: Surfer) -> None:
    """REG-4: opened again it is the same one."""
    surfer.enters_manage()
    surfer.open("/manage/authenticator")
    surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    key = surfer.setup_key
    page = surfer.open("/manage")
    assert "is not registered yet" in page.text
    surfer.click("Continue to register it")
    assert surfer.setup_key == key


def test_registering_leaves_recovery_codes_alone(town: Town, surfer: Surfer) -> None:
    """REG-7."""
    surfer.enters_manage()
    surfer.press("CREATE NEW RECOVERY CODES")
    surfer.press("CONFIRM")
    surfer.enrols(town)
    assert "10 of 10 left" in surfer.open("/manage").text


def test_other_sessions_are_ended_where_it_is_wanted(town: Town, surfer: Surfer) -> None:
    """Security 2.3, ASVS 7.4.3."""
    surfer.enters_manage()
    surfer.open("/manage/authenticator")
    surfer.press("REGISTER A NEW AUTHENTICATOR APP")
    key = surfer.setup_key
    surfer.click("NEXT")
    form = surfer.page.form("REGISTER")
    values = {**form.values, "code": town.shown(key), "end_other_sessions": "on"}
    assert surfer.send(form.action, values).title == "Thank you!"
    assert surfer.open("/account").path == "/sign-in"


def test_confirm_makes_the_shown_codes_valid_and_the_earlier_ones_not(
    town: Town, surfer: Surfer
) -> None:
    """RC-3, RC-4, RC-7, MAN-7."""
    enrolled_in(town, surfer)
    surfer.open("/manage")
    surfer.press("CREATE NEW RECOVERY CODES")
    old = surfer.codes
    surfer.press("CONFIRM")
    page = surfer.press("CREATE NEW RECOVERY CODES")
    new = surfer.codes
    assert page.title == "New recovery codes"
    assert len(new) == 10
    assert all(re.fullmatch("[0-9]{8}", code) for code in new)
    assert recovers_with(town, new[0]) == "That code is not right."
    assert recovers_with(town, old[0]) == "/manage"

    page = surfer.press("CONFIRM")
    assert page.path == "/manage"
    assert "The new recovery codes are valid now. All earlier ones are not." in page.text
    assert "10 of 10 left" in page.text
    assert recovers_with(town, old[1]) == "That code is not right."
    assert recovers_with(town, new[0]) == "/manage"
    assert not any(code in surfer.open("/manage").html for code in new)


def test_codes_can_be_saved_as_text_from_the_page_alone(town: Town, surfer: Surfer) -> None:
    """RC-3: nothing is kept for it."""
    surfer.enters_manage()
    page = surfer.press("CREATE NEW RECOVERY CODES")
    link = next(tag for tag in page.tags if tag.get("download"))
    assert link["download"] == "freehold-recovery-codes.txt"
    kind, _, text = link["href"].partition(",")
    assert kind == "data:text/plain;charset=utf-8"
    lines = unquote(text).split("\r\n")
    assert lines[0] == f"\ufeffRecovery codes of {ADA}"
    assert lines[3:13] == surfer.codes
    assert page.answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("how", ["CANCEL", "leaving", "fifteen minutes", "created anew"])
def test_codes_that_are_not_confirmed_never_become_valid(
    town: Town, surfer: Surfer, how: str
) -> None:
    """RC-5."""
    surfer.enters_manage()
    surfer.press("CREATE NEW RECOVERY CODES")
    old = surfer.codes
    surfer.press("CONFIRM")
    page = surfer.press("CREATE NEW RECOVERY CODES")
    shown, confirm = surfer.codes, page.form("CONFIRM")
    if how == "CANCEL":
        assert "Cancelled." in surfer.press("CANCEL").text
    elif how == "leaving":
        surfer.press("LEAVE THE MANAGE AREA")
    elif how == "fifteen minutes":
        town.clock.advance(timedelta(minutes=15))
    else:
        surfer.open("/manage")
        surfer.press("CREATE NEW RECOVERY CODES")
    page = surfer.send(confirm.action, confirm.values)
    assert "valid now" not in page.text
    town.clock.advance(timedelta(minutes=20))
    assert recovers_with(town, shown[0]) == "That code is not right."
    assert recovers_with(town, old[0]) == "/manage"


def test_codes_shown_and_not_confirmed_are_named_on_the_manage_page(
    town: Town, surfer: Surfer
) -> None:
    surfer.enters_manage()
    surfer.press("CREATE NEW RECOVERY CODES")
    page = surfer.open("/manage")
    assert "New recovery codes were shown and are not confirmed yet." in page.text
    assert "10 of 10 left" in surfer.press("CONFIRM").text


def test_few_recovery_codes_left_are_warned_of(make_town: MakeTown) -> None:
    """RC-9."""
    town = make_town(recovery_code_count=4)
    _key, codes = issued(town)
    surfer = Surfer(app_of(town))
    surfer.enters_password()
    surfer.open("/sign-in/manage/recovery-code")
    page = surfer.press("USE RECOVERY CODE", code=codes[0])
    assert "3 of 4 left" in page.text
    assert "Only few recovery codes are left. Create new ones." in page.text


def test_the_manage_page_warns(town: Town, surfer: Surfer) -> None:
    """MAN-6."""
    page = surfer.enters_manage()
    warned = "Wrong settings can make signing in impossible."
    assert warned in page.text
    assert "Leave everything as it is unless you need to change it." in page.text


def test_an_active_app_is_asked_for_beside_the_password(town: Town, surfer: Surfer) -> None:
    """ACC-9: also in a live session, each time."""
    key = enrolled_in(town, surfer)
    surfer.open("/account/security")
    page = surfer.click("Handle your 2-factor authentication")
    assert ">ONE TIME PASSWORD</label>" in page.html
    page = surfer.press("CONTINUE", password=PASSWORD)
    assert page.status == 422
    assert page.input("code")["aria-invalid"] == "true"
    page = surfer.press("CONTINUE", password="not the password", code=town.next_code(key))
    assert (page.status, page.alerts) == (403, ["The password is not right."])
    assert page.input("password")["aria-invalid"] == "true"
    page = surfer.press("CONTINUE", password=PASSWORD, code=town.next_code(key))
    assert page.path == "/manage"


def test_a_recovery_code_stands_in_for_the_app(town: Town, surfer: Surfer) -> None:
    """MAN-3, RC-6: from a session too."""
    enrolled_in(town, surfer)
    surfer.open("/manage")
    surfer.press("CREATE NEW RECOVERY CODES")
    code = surfer.codes[0]
    surfer.press("CONFIRM")
    surfer.open("/account/security/two-factor")
    page = surfer.click("USE A RECOVERY CODE")
    assert page.input("code")["placeholder"] == "12345678"
    page = surfer.press("CONTINUE", password=PASSWORD, code=code)
    assert "9 of 10 left" in page.text


def test_removing_the_app_leaves_the_mailed_code(town: Town, surfer: Surfer) -> None:
    enrolled_in(town, surfer)
    surfer.open("/manage/authenticator")
    page = surfer.press("REMOVE")
    assert "Your second step is a code by e-mail now." in page.text
    assert "Not registered." in page.text
    assert Surfer(app_of(town)).enters_password().path == "/sign-in/email"


def test_the_app_stays_where_it_is_needed(make_town: MakeTown) -> None:
    """ACC-7: `totp_required`."""
    town = make_town(mfa_policy="totp_required")
    surfer = Surfer(app_of(town))
    surfer.registers(town)
    surfer.signs_in(town)
    surfer.enrols(town)
    surfer.open("/manage/authenticator")
    page = surfer.press("REMOVE")
    assert (page.status, page.title) == (409, "This did not work")
    assert "An authenticator is needed here." in page.text


def test_a_sheet_is_handed_over_and_then_confirmed(town: Town, surfer: Surfer) -> None:
    """TOTP-9: produced at issue time, shown once."""
    surfer.enters_manage()
    page = surfer.press("MAKE A SHEET TO PRINT")
    key, codes = surfer.setup_key, surfer.codes
    assert re.fullmatch("[A-Z2-7]{32}", key)
    assert len(codes) == 10
    assert "http://127.0.0.1:8000/sign-in" in page.text
    page = surfer.press("REGISTER", code=town.shown(key))
    assert page.title == "Thank you!"
    surfer.click("CONTINUE")
    assert "10 of 10 left" in surfer.press("CONFIRM").text
    assert not any(secret in surfer.open("/manage").html for secret in (key, *codes))
    assert signs_in_with(town, town.next_code(key)) == "/account"
    assert recovers_with(town, codes[9]) == "/manage"


def test_the_area_closes_by_itself(town: Town, surfer: Surfer) -> None:
    """MAN-5: 10 minutes unused, 15 at the most."""
    surfer.enters_manage()
    town.clock.advance(timedelta(minutes=10))
    page = surfer.open("/manage")
    assert page.path == "/account/security"
    assert "The Manage area was closed after a while." in page.text
    surfer.enters_manage()
    for _ in range(2):
        town.clock.advance(timedelta(minutes=6))
        assert surfer.open("/manage").path == "/manage"
    town.clock.advance(timedelta(minutes=3))
    assert surfer.open("/manage").path == "/account/security"


def test_leaving_ends_the_area_and_not_the_session(town: Town, surfer: Surfer) -> None:
    surfer.enters_manage()
    token = surfer.cookie("freehold-manage")
    page = surfer.press("LEAVE THE MANAGE AREA")
    assert (page.path, page.status) == ("/account/security", 200)
    assert "You left the Manage area." in page.text
    assert surfer.cookie("freehold-manage") is None
    assert town.outcome("introspect", token=token) == "unauthenticated"
    assert surfer.open("/manage").path == "/account/security"


def test_the_area_needs_its_own_session(town: Town, surfer: Surfer) -> None:
    """J4: neither token does the other's work."""
    session = surfer.cookie("freehold") or ""
    surfer.enters_manage()
    managing = surfer.cookie("freehold-manage") or ""
    swapped = Surfer(app_of(town))
    swapped.client.set_cookie("freehold", managing)
    swapped.client.set_cookie("freehold-manage", session)
    page = swapped.open("/account")
    assert (page.status, page.title) == (403, "This did not work")
    assert swapped.open("/manage").status == 403
    for path in PATHS:
        assert Surfer(app_of(town)).open(path).path == "/sign-in"


def test_forms_of_another_area_change_nothing(town: Town, surfer: Surfer) -> None:
    """J4: every form of the Manage area asks for its session, not for being signed in."""
    token = {"form_token": surfer.open("/account/security").forms[-1].values["form_token"]}
    for path in (
        "/manage/authenticator/setup",
        "/manage/authenticator/registration",
        "/manage/authenticator/remove",
        "/manage/authenticator/cancel",
        "/manage/recovery-codes",
        "/manage/recovery-codes/confirm",
        "/manage/recovery-codes/cancel",
        "/manage/sheet",
        "/manage/leave",
    ):
        assert surfer.send(path, token).path == "/account/security"
