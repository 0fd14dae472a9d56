"""Authenticators: registered in the Manage area, replaced, removed."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from chassis.rpc import ServiceFailed
from services.identity.models import Account, TotpActive
from tests.service.identity.town import STEP, MakeTown, Person, Town

ADA = "ada@example.com"
NOT_FOUND = "authenticator-not-found"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


@pytest.fixture
def manage(town: Town, ada: Person) -> str:
    """A Manage session of an account without any second factor."""
    return town.manages(ada, town.signs_in(ada))


def register(town: Town, manage: str) -> tuple[str, str]:
    """Id and setup key of what waits for REGISTER."""
    pending = town.ask("register_authenticator", manage)
    return pending["authenticator_id"], pending["setup_key"]


def confirm(town: Town, manage: str, pending: str, code: str, **more: bool) -> str:
    given = {"authenticator_id": pending, "code": code, **more}
    return town.outcome("confirm_authenticator", manage, **given)


def anew(town: Town, person: Person, key: str) -> str:
    """A Manage session entered with a code of the authenticator."""
    return town.manages_from_sign_in(person, town.next_code(key))


# What an app is given


def test_the_setup_key_has_32_characters_and_is_in_the_qr_code(town: Town, manage: str) -> None:
    """TOTP-4, REG-2: letters and digits without spaces, 160 bits."""
    pending = town.ask("register_authenticator", manage)
    assert re.fullmatch("[A-Z2-7]{32}", pending["setup_key"])
    assert f"secret={pending['setup_key']}" in pending["otpauth_uri"]
    assert pending["qr_svg"].startswith("<svg ")


def test_the_app_names_the_service_and_the_address(make_town: MakeTown) -> None:
    """TOTP-5: six digits of SHA-1 every thirty seconds, as apps take for granted."""
    town = make_town(service_name="Harbor Cameras")
    ada = town.newcomer(ADA)
    pending = town.ask("register_authenticator", town.manages(ada, town.signs_in(ada)))
    app = pyotp.parse_uri(pending["otpauth_uri"])
    assert isinstance(app, pyotp.TOTP)
    assert (app.name, app.issuer) == (ADA, "Harbor Cameras")
    assert (app.digits, app.interval, app.digest().name) == (6, 30, "sha1")


def test_several_devices_with_one_key_show_the_same_and_use_it_up_for_one_another(
    town: Town, ada: Person, manage: str
) -> None:
    """TOTP-3, TOTP-6, TOTP-7."""
    key = town.registers(manage)
    phone, tablet = pyotp.TOTP(key), pyotp.TOTP(key)
    town.clock.advance(STEP)
    now = town.clock.now()
    assert phone.at(now) == tablet.at(now)
    assert town.completes(ada, phone.at(now)) == "done"
    assert town.completes(ada, tablet.at(now)) == "code-used"


def test_a_setup_key_is_not_shown_again_once_it_counts(
    town: Town, ada: Person, manage: str
) -> None:
    """TOTP-8: by no answer, and it is not in the database's file."""
    pending, key = register(town, manage)
    assert confirm(town, manage, pending, town.shown(key)) == "done"
    again = {"authenticator_id": pending}
    assert town.outcome("show_pending_authenticator", manage, **again) == NOT_FOUND
    token = town.signs_in_with(ada, key)
    answers = [town.ask("get_manage", manage), town.ask("get_account", token)]
    assert key not in str(answers)
    stored = (town.suite.folder / "identity.sqlite").read_bytes()
    stored += (town.suite.folder / "identity.sqlite-wal").read_bytes()
    assert key.encode() not in stored


def test_a_sealed_setup_key_opens_for_its_own_account_only(
    town: Town, ada: Person, manage: str
) -> None:
    """Security 2.3: whoever writes to the database puts no key of theirs in another's place."""
    bob = town.newcomer("bob@example.com")
    bobs = town.registers(town.manages(bob, town.signs_in(bob)))
    town.registers(manage)
    with town.suite.databases["identity"]() as session:
        rows = session.execute(
            select(Account.email, TotpActive).join(TotpActive, TotpActive.account_id == Account.id)
        )
        sealed = {row.email: row.TotpActive for row in rows}
        sealed[ADA].sealed_key = sealed[bob.email].sealed_key
    given = {"sign_in": town.begins(ada), "method": "totp", "code": town.next_code(bobs)}
    with pytest.raises(ServiceFailed):
        town.ask("complete_sign_in", **given)


# Registering


def test_the_first_authenticator_is_registered_after_entering_the_credentials_again(
    town: Town, ada: Person
) -> None:
    """ACC-8, ACC-9, MAN-8, REG-2."""
    token = town.signs_in(ada)
    assert town.outcome("register_authenticator", token) == "manage-required"
    manage = town.manages(ada, token)
    key = town.registers(manage)
    seen = town.ask("get_manage", manage)
    assert seen["authenticator"]["is_disabled"] is False
    assert seen["pending_authenticator_id"] is None
    assert town.completes(ada, town.next_code(key)) == "done"
    assert "mfa_totp_registered" in town.actions()
    assert "registered" in town.mails(ADA)[-1].subject


def test_until_register_the_old_codes_sign_in_and_the_new_ones_do_not(
    town: Town, ada: Person, manage: str
) -> None:
    """REG-3, J2."""
    old = town.registers(manage)
    _pending, new = register(town, anew(town, ada, old))
    town.clock.advance(STEP)
    assert town.completes(ada, town.shown(new)) in ("code-refused", "totp-out-of-sync")
    assert town.opens(ada, town.shown(new)) in ("code-refused", "totp-out-of-sync")
    assert town.completes(ada, town.shown(old)) == "done"


def test_from_register_on_the_new_codes_sign_in_and_no_old_one_does(
    town: Town, ada: Person, manage: str
) -> None:
    """REG-1, REG-3, REG-6, REG-8, J2: an old entry may stay in the app and is worth nothing."""
    old = town.registers(manage)
    manage = anew(town, ada, old)
    pending, new = register(town, manage)
    assert confirm(town, manage, pending, town.next_code(new)) == "done"
    town.clock.advance(STEP)
    assert town.completes(ada, town.shown(old)) == "code-refused"
    assert town.completes(ada, town.shown(new)) == "done"
    assert "mfa_totp_replaced" in town.actions()
    assert "replaced" in town.mails(ADA)[-1].subject
    with town.suite.databases["identity"].reading() as session:
        assert len(session.scalars(select(TotpActive)).all()) == 1


def test_a_wrong_code_at_register_changes_nothing(town: Town, ada: Person, manage: str) -> None:
    """REG-4: the old one stays active, the new one waits on."""
    old = town.registers(manage)
    manage = anew(town, ada, old)
    pending, new = register(town, manage)
    assert confirm(town, manage, pending, town.wrong(new)) == "code-refused"
    assert confirm(town, manage, pending, town.next_code(old)) == "code-refused"
    assert town.completes(ada, town.shown(old)) == "done"
    town.clock.advance(STEP)
    assert confirm(town, manage, pending, town.shown(new)) == "done"


def test_wrong_codes_at_register_are_counted(town: Town, manage: str) -> None:
    """REG-4, security 2.2."""
    pending, key = register(town, manage)
    for _ in range(5):
        assert confirm(town, manage, pending, town.wrong(key)) == "code-refused"
    assert confirm(town, manage, pending, town.shown(key)) == "throttled"
    town.clock.advance(timedelta(minutes=5))
    assert confirm(town, manage, pending, town.shown(key)) == "done"


def test_a_database_that_fails_at_register_changes_nothing(
    town: Town, ada: Person, manage: str
) -> None:
    """REG-3, ACC-10: the code is not used up either."""
    old = town.registers(manage)
    manage = anew(town, ada, old)
    pending, new = register(town, manage)
    code = town.next_code(new)
    given = {"authenticator_id": pending, "code": code}
    for statement in ("DELETE FROM totp_active", "INSERT INTO totp_active", "INSERT INTO audit"):
        with town.failing(statement), pytest.raises(ServiceFailed):
            town.ask("confirm_authenticator", manage, **given)
    assert town.completes(ada, town.wrong(old)) == "code-refused"
    assert confirm(town, manage, pending, code) == "done"


@pytest.mark.parametrize("way", ["cancel", "leave", "time", "session", "anew", "another session"])
def test_what_was_shown_and_given_up_is_worth_nothing_and_changes_nothing(
    town: Town, ada: Person, manage: str, way: str
) -> None:
    """REG-4: CANCEL, closing, fifteen minutes, the end of the session, or another one shown."""
    old = town.registers(manage)
    session = town.signs_in_with(ada, old)
    manage = anew(town, ada, old)
    pending, new = register(town, manage)
    match way:
        case "cancel":
            town.ask("cancel_authenticator", manage, authenticator_id=pending)
        case "leave":
            town.ask("leave_manage", manage)
        case "time":
            town.clock.advance(timedelta(minutes=8))
            town.ask("get_manage", manage)
            town.clock.advance(timedelta(minutes=7))
        case "session":
            town.ask("end_other_sessions", session)
        case "anew":
            register(town, manage)
        case "another session":
            register(town, anew(town, ada, old))
    ended = way in ("leave", "time", "session")
    expected = "unauthenticated" if ended else NOT_FOUND
    code = town.next_code(new)
    assert confirm(town, manage, pending, code) == expected
    if ended:
        manage = town.manages_from_sign_in(ada, town.shown(old))
        assert town.ask("get_manage", manage)["pending_authenticator_id"] is None
        assert confirm(town, manage, pending, code) == NOT_FOUND
    assert town.completes(ada, town.next_code(old)) == "done"
    assert town.completes(ada, town.shown(new)) != "done"


def test_a_shown_key_is_confirmed_to_the_last_of_its_fifteen_minutes(
    make_town: MakeTown,
) -> None:
    """REG-4: whatever the Manage session's own time."""
    town = make_town(manage_life=3600, manage_idle=3600)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    pending, key = register(town, manage)
    town.clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    shown = town.ask("show_pending_authenticator", manage, authenticator_id=pending)
    assert shown["setup_key"] == key
    town.clock.advance(timedelta(seconds=1))
    assert confirm(town, manage, pending, town.shown(key)) == NOT_FOUND
    assert town.ask("get_manage", manage)["pending_authenticator_id"] is None


def test_the_page_opened_again_shows_the_same_qr_code(town: Town, manage: str) -> None:
    """REG-4: inside the same pending registration, until another is begun."""
    first = town.ask("register_authenticator", manage)
    given = {"authenticator_id": first["authenticator_id"]}
    town.clock.advance(timedelta(minutes=5))
    assert town.ask("get_manage", manage)["pending_authenticator_id"] == first["authenticator_id"]
    assert town.ask("show_pending_authenticator", manage, **given) == first
    second = town.ask("register_authenticator", manage)
    assert second["setup_key"] != first["setup_key"]
    assert town.outcome("show_pending_authenticator", manage, **given) == NOT_FOUND


def test_what_is_pending_belongs_to_its_manage_session(town: Town, ada: Person) -> None:
    """Security 2.3: no other session of the account sees, confirms or cancels it; nobody else."""
    bob = town.newcomer("bob@example.com")
    bobs_token, token = town.signs_in(bob), town.signs_in(ada)
    bobs, other, manage = (
        town.manages(bob, bobs_token),
        town.manages(ada, token),
        town.manages(ada, token),
    )
    pending, key = register(town, manage)
    named = {"authenticator_id": pending}
    for stranger in (other, bobs):
        assert town.ask("get_manage", stranger)["pending_authenticator_id"] is None
        for operation in ("show_pending_authenticator", "cancel_authenticator"):
            assert town.outcome(operation, stranger, **named) == NOT_FOUND
        assert confirm(town, stranger, pending, town.shown(key)) == NOT_FOUND
    assert confirm(town, manage, pending, town.shown(key)) == "done"
    assert town.outcome("cancel_authenticator", manage, **named) == NOT_FOUND
    assert town.completes(ada, town.next_code(key)) == "done"


def test_the_code_of_register_is_used_up(town: Town, ada: Person, manage: str) -> None:
    """REG-5."""
    key = town.registers(manage)
    assert town.completes(ada, town.shown(key)) == "code-used"
    assert town.completes(ada, town.next_code(key)) == "done"


def test_a_step_stays_used_up_under_the_next_key(town: Town, ada: Person, manage: str) -> None:
    """REG-5, security 2.3: steps are the account's, not the key's."""
    old = town.registers(manage)
    manage = anew(town, ada, old)
    pending, new = register(town, manage)
    assert confirm(town, manage, pending, town.shown(new)) == "code-used"
    assert confirm(town, manage, pending, town.next_code(new)) == "done"


def test_registering_anew_leaves_recovery_codes_as_they_are(
    town: Town, ada: Person, manage: str
) -> None:
    """REG-7."""
    key, codes = town.registers(manage), town.issues(manage)
    assert town.opens(ada, codes[0], "recovery_code") == "done"
    before = town.ask("get_manage", manage)["recovery_codes"]
    manage = anew(town, ada, key)
    pending, new = register(town, manage)
    assert confirm(town, manage, pending, town.next_code(new)) == "done"
    assert town.ask("get_manage", manage)["recovery_codes"] == before
    assert town.opens(ada, codes[0], "recovery_code") == "code-used"
    assert town.opens(ada, codes[1], "recovery_code") == "done"


def test_other_sessions_and_api_tokens_end_with_register_where_that_is_asked_for(
    town: Town, ada: Person
) -> None:
    """Security 2.3: all but the Manage session itself; else those outside the Manage area go on."""
    token = town.signs_in(ada)
    api_token = town.ask(
        "create_api_token",
        token,
        name="nightly",
        scopes=["device:read"],
        expires_at="2025-03-02T00:00:00Z",
    )["token"]
    manage = town.manages(ada, token)
    others, other_manage = (token, api_token), town.manages(ada, token)
    for end, outcome in ((False, "done"), (True, "unauthenticated")):
        pending, key = register(town, manage)
        code = town.next_code(key)
        assert confirm(town, manage, pending, code, end_other_sessions=end) == "done"
        assert [town.outcome("introspect", token=each) for each in others] == [outcome] * 2
        assert town.outcome("introspect", token=other_manage) == "unauthenticated"
        assert town.outcome("get_manage", manage) == "done"


def test_an_installations_own_numbers_hold(make_town: MakeTown) -> None:
    """REG-4: the settings, not the defaults."""
    town = make_town(enrolment_life=60)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    pending, key = register(town, manage)
    town.clock.advance(timedelta(seconds=60))
    assert confirm(town, manage, pending, town.shown(key)) == NOT_FOUND


# Removing


def test_without_its_authenticator_an_account_signs_in_by_mail(
    town: Town, ada: Person, manage: str
) -> None:
    """ACC-5."""
    key = town.registers(manage)
    manage = anew(town, ada, key)
    town.ask("remove_authenticator", manage)
    assert town.ask("get_manage", manage)["authenticator"] is None
    assert town.completes(ada, town.next_code(key)) == "method-not-offered"
    assert town.opens(ada, town.shown(key)) == "method-not-offered"
    assert town.outcome("remove_authenticator", manage) == NOT_FOUND
    removed = [one for one in town.audit() if one.action == "mfa_totp_disabled"]
    assert [one.reason for one in removed] == ["removed"]
    assert "removed" in town.mails(ADA)[-1].subject
    town.signs_in(ada)


def test_a_code_used_before_is_not_good_again_for_a_key_registered_after_a_removal(
    town: Town, ada: Person, manage: str
) -> None:
    """TOTP-3: the newest used step outlives the authenticator."""
    key = town.registers(manage)
    manage = anew(town, ada, key)
    town.ask("remove_authenticator", manage)
    pending, new = register(town, manage)
    assert confirm(town, manage, pending, town.shown(new)) == "code-used"


def test_where_an_authenticator_is_required_it_is_replaced_and_not_removed(
    make_town: MakeTown,
) -> None:
    """ACC-7."""
    town = make_town(mfa_policy="totp_required")
    ada = town.newcomer(ADA)
    manage = town.signs_in(ada)
    key = town.registers(manage)
    assert town.outcome("remove_authenticator", manage) == "authenticator-needed"
    assert town.completes(ada, town.next_code(key)) == "done"
