"""Authenticators: enrolled, confirmed, replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.errors import Refusal
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def with_totp(town: Town, person: Person, key: str, *, wait: bool = True) -> str:
    code = town.next_code(key) if wait else town.shown(key)
    sign_in = town.begins(person)
    return town.outcome("complete_sign_in", sign_in=sign_in, method="totp", code=code)


def wrong_for(town: Town, key: str) -> str:
    return f"{(int(town.shown(key)) + 1) % 10**6:06d}"


def test_enrolling_takes_the_password_again(town: Town, ada: Person) -> None:
    """ACC-9."""
    token = town.signs_in(ada)
    assert town.outcome("enrol_authenticator", token, password="x") == "credentials-refused"
    assert town.outcome("enrol_authenticator", token, password=PASSWORD) == "done"


def test_guessing_the_password_again_makes_wait_but_leaves_signing_in_alone(
    town: Town, ada: Person
) -> None:
    """Security 2.2."""
    token = town.signs_in(ada)
    for _ in range(5):
        town.outcome("enrol_authenticator", token, password="x")
    assert town.outcome("enrol_authenticator", token, password=PASSWORD) == "throttled"
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"
    for _ in range(5):
        town.outcome("sign_in", email=ADA, password="x")
    town.clock.advance(timedelta(seconds=30))
    assert town.outcome("enrol_authenticator", token, password=PASSWORD) == "done"


def test_the_setup_key_has_32_characters_and_is_in_the_qr_code(town: Town, ada: Person) -> None:
    """TOTP-4."""
    pending = town.ask("enrol_authenticator", town.signs_in(ada), password=PASSWORD)
    assert len(pending["setup_key"]) == 32
    assert pending["setup_key"].isalnum()
    assert pending["setup_key"] in pending["otpauth_uri"]
    assert pending["qr_svg"].startswith("<svg ")


def test_confirming_raises_the_level_under_a_new_token(town: Town, ada: Person) -> None:
    """Security 2.6: new token, the session before has ended and is announced as such."""
    old = town.signs_in(ada)
    old_id = town.ask("get_session", old)["session_id"]
    _key, new = town.enrols(ada, old)
    assert town.outcome("introspect", token=old) == "unauthenticated"
    assert town.ask("get_session", new)["level"] == "aal2"
    ended = [data for name, data in town.suite.waiting("identity") if name == "session_ended"]
    assert [data["session_id"] for data in ended] == [old_id]
    assert "mfa_totp_registered" in town.actions()
    assert "registered" in town.mails(ADA)[-1].subject


def test_the_code_of_the_confirmation_is_used_up(town: Town, ada: Person) -> None:
    """REG-5."""
    key, _token = town.enrols(ada, town.signs_in(ada))
    assert with_totp(town, ada, key, wait=False) == "code-used"
    assert with_totp(town, ada, key) == "done"


def test_a_code_works_once_on_any_terminal(town: Town, ada: Person) -> None:
    """TOTP-3."""
    key, _token = town.enrols(ada, town.signs_in(ada))
    assert with_totp(town, ada, key) == "done"
    assert with_totp(town, ada, key, wait=False) == "code-used"


def test_a_code_used_to_sign_in_is_used_up_for_enrolling_and_the_reverse(
    town: Town, ada: Person
) -> None:
    """TOTP-3: over all purposes."""
    key, token = town.enrols(ada, town.signs_in(ada))
    assert with_totp(town, ada, key) == "done"
    again = {"password": PASSWORD, "code": town.shown(key)}
    assert town.outcome("enrol_authenticator", token, **again) == "code-used"
    code = town.next_code(key)
    assert town.outcome("enrol_authenticator", token, password=PASSWORD, code=code) == "done"
    assert with_totp(town, ada, key, wait=False) == "code-used"


def test_a_key_that_was_only_shown_signs_nobody_in(town: Town, ada: Person) -> None:
    """REG-3: until confirmation the old one works and the new one does not."""
    key, token = town.enrols(ada, town.signs_in(ada))
    pending = town.ask("enrol_authenticator", token, password=PASSWORD, code=town.next_code(key))
    assert with_totp(town, ada, pending["setup_key"]) == "code-refused"
    assert with_totp(town, ada, key) == "done"


def test_confirming_a_new_authenticator_stops_the_one_before(town: Town, ada: Person) -> None:
    """REG-1, REG-3, REG-6."""
    old_key, token = town.enrols(ada, town.signs_in(ada))
    pending = town.ask(
        "enrol_authenticator", token, password=PASSWORD, code=town.next_code(old_key)
    )
    town.clock.advance(STEP)
    town.ask(
        "confirm_authenticator",
        token,
        authenticator_id=pending["authenticator_id"],
        code=town.shown(pending["setup_key"]),
    )
    assert with_totp(town, ada, old_key) == "code-refused"
    assert with_totp(town, ada, pending["setup_key"]) == "done"
    assert "mfa_totp_replaced" in town.actions()
    assert "replaced" in town.mails(ADA)[-1].subject


def test_a_step_stays_used_up_under_the_next_key(town: Town, ada: Person) -> None:
    """Security 2.3: the step belongs to the account, not to the key."""
    key, token = town.enrols(ada, town.signs_in(ada))
    pending = town.ask("enrol_authenticator", token, password=PASSWORD, code=town.next_code(key))
    given = {"authenticator_id": pending["authenticator_id"]}
    now = town.shown(pending["setup_key"])
    assert town.outcome("confirm_authenticator", token, **given, code=now) == "code-used"
    later = town.next_code(pending["setup_key"])
    assert town.outcome("confirm_authenticator", token, **given, code=later) == "done"


def test_a_wrong_code_at_confirmation_changes_nothing(town: Town, ada: Person) -> None:
    """REG-4."""
    token = town.signs_in(ada)
    pending = town.ask("enrol_authenticator", token, password=PASSWORD)
    key = pending["setup_key"]
    given = {"authenticator_id": pending["authenticator_id"]}
    wrong = town.outcome("confirm_authenticator", token, **given, code=wrong_for(town, key))
    assert wrong in ("code-refused", "totp-out-of-sync")
    assert town.ask("get_account", token)["authenticator_id"] is None
    assert town.outcome("confirm_authenticator", token, **given, code=town.shown(key)) == "done"


def test_a_shown_key_waits_for_fifteen_minutes(town: Town, ada: Person) -> None:
    """REG-4."""
    token = town.signs_in(ada)
    pending = town.ask("enrol_authenticator", token, password=PASSWORD)
    town.clock.advance(timedelta(minutes=15))
    code = town.shown(pending["setup_key"])
    given = {"authenticator_id": pending["authenticator_id"], "code": code}
    assert town.outcome("confirm_authenticator", token, **given) == "authenticator-not-found"


def test_enrolling_anew_replaces_the_key_shown_before(town: Town, ada: Person) -> None:
    """REG-4."""
    token = town.signs_in(ada)
    first = town.ask("enrol_authenticator", token, password=PASSWORD)
    town.ask("enrol_authenticator", token, password=PASSWORD)
    code = town.shown(first["setup_key"])
    given = {"authenticator_id": first["authenticator_id"], "code": code}
    assert town.outcome("confirm_authenticator", token, **given) == "authenticator-not-found"


def test_a_pending_key_is_confirmed_in_its_own_session_only(town: Town, ada: Person) -> None:
    """Security 2.3; and never by another account."""
    bob = town.newcomer("bob@example.com")
    token, bobs = town.signs_in(ada), town.signs_in(bob)
    other = town.signs_in(ada)
    pending = town.ask("enrol_authenticator", token, password=PASSWORD)
    code = town.shown(pending["setup_key"])
    given = {"authenticator_id": pending["authenticator_id"], "code": code}
    for stranger in (other, bobs):
        outcome = town.outcome("confirm_authenticator", stranger, **given)
        assert outcome == "authenticator-not-found"
    assert town.outcome("confirm_authenticator", token, **given) == "done"


def test_replacing_takes_the_present_code_beside_the_password(town: Town, ada: Person) -> None:
    """MAN-3: no way around the authenticator by mail."""
    key, _token = town.enrols(ada, town.signs_in(ada))
    by_mail = town.signs_in(ada)
    assert town.outcome("enrol_authenticator", by_mail, password=PASSWORD) == "code-required"
    wrong = {"password": PASSWORD, "code": wrong_for(town, key)}
    assert town.outcome("enrol_authenticator", by_mail, **wrong) in (
        "code-refused",
        "totp-out-of-sync",
    )
    right = {"password": PASSWORD, "code": town.shown(key)}
    assert town.outcome("enrol_authenticator", by_mail, **right) == "done"


def test_a_clock_that_is_off_is_named(town: Town, ada: Person) -> None:
    """Security 2.3."""
    key, _token = town.enrols(ada, town.signs_in(ada))
    stale = town.shown(key)
    town.clock.advance(STEP * 4)
    sign_in = town.begins(ada)
    given = {"sign_in": sign_in, "method": "totp", "code": stale}
    if stale != town.shown(key):
        assert town.outcome("complete_sign_in", **given) == "totp-out-of-sync"


def test_too_many_wrong_codes_in_a_row_disable_the_authenticator(make_town: MakeTown) -> None:
    """63B-4: after that an operator removes it, which ends every session."""
    town = make_town(totp_failures_most=3, limit_codes_per_account="100/60")
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    for _ in range(3):
        sign_in = town.begins(ada)
        wrong = {"sign_in": sign_in, "method": "totp", "code": wrong_for(town, key)}
        assert town.outcome("complete_sign_in", **wrong) in ("code-refused", "totp-out-of-sync")
    assert with_totp(town, ada, key) == "method-not-offered"
    assert "mfa_totp_disabled" in town.actions()
    begun = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert begun["methods"] == ["email"]
    assert town.outcome("enrol_authenticator", token, password=PASSWORD) == "authenticator-disabled"
    assert town.suite.instance("identity").remove_authenticator(ADA, by="root")
    assert "removed" in town.mails(ADA)[-1].subject
    assert town.outcome("introspect", token=token) == "unauthenticated"
    town.enrols(ada, town.signs_in(ada))


def test_a_success_ends_the_row_of_wrong_codes(make_town: MakeTown) -> None:
    town = make_town(totp_failures_most=3, limit_codes_per_account="100/60")
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(3):
        for _ in range(2):
            given = {"sign_in": town.begins(ada), "method": "totp", "code": wrong_for(town, key)}
            town.outcome("complete_sign_in", **given)
        assert with_totp(town, ada, key) == "done"


def test_a_setup_key_is_never_shown_again(town: Town, ada: Person) -> None:
    """TOTP-8: not by any answer, and not in the database's file."""
    key, token = town.enrols(ada, town.signs_in(ada))
    answers = [town.ask(name, token) for name in ("get_account", "get_session")]
    assert key not in str(answers)
    stored = (town.suite.folder / "identity.sqlite").read_bytes()
    stored += (town.suite.folder / "identity.sqlite-wal").read_bytes()
    assert key.encode() not in stored


def test_nobody_enrols_without_signing_in(town: Town, ada: Person) -> None:
    with pytest.raises(Refusal) as caught:
        town.ask("enrol_authenticator", password=ada.password)
    assert caught.value.code == "unauthenticated"
