"""The Manage area: how it is entered, what it opens, when it ends; and credentials entered again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.errors import Refusal
from gateway import openapi
from gateway.conventions import MANAGE
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"
WRONG = "not what was chosen at all"
# Everything that is done in the Manage area, with ids of nothing.
NOTHING = "00000000-0000-4000-8000-000000000000"
INSIDE: dict[str, dict[str, str]] = {
    "get_manage": {},
    "register_authenticator": {},
    "show_pending_authenticator": {"authenticator_id": NOTHING},
    "confirm_authenticator": {"authenticator_id": NOTHING, "code": "123456"},
    "cancel_authenticator": {"authenticator_id": NOTHING},
    "remove_authenticator": {},
    "create_recovery_codes": {},
    "confirm_recovery_codes": {"batch_id": NOTHING},
    "cancel_recovery_codes": {"batch_id": NOTHING},
    "issue_provisioning_sheet": {},
}


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


class Equipped:
    """Somebody with an authenticator and recovery codes."""

    def __init__(self, town: Town, person: Person) -> None:
        self.person = person
        manage = town.manages(person, town.signs_in(person))
        self.key, self.codes = town.registers(manage), town.issues(manage)


@pytest.fixture
def eve(town: Town) -> Equipped:
    return Equipped(town, town.newcomer("eve@example.com"))


def level(town: Town, token: str) -> str:
    return str(town.ask("introspect", token=token)["level"])


# Entering from a sign-in


def test_the_ways_in_are_the_authenticator_and_recovery_codes_as_far_as_there_are_any(
    town: Town, ada: Person
) -> None:
    """MAN-1, MAN-2: never a mailed code."""

    def ways() -> list[str]:
        begun = town.ask("sign_in", email=ADA, password=PASSWORD)
        return list(begun["manage_methods"])

    assert ways() == []
    manage = town.manages(ada, town.signs_in(ada))
    town.issues(manage)
    assert ways() == ["recovery_code"]
    town.registers(manage)
    assert ways() == ["totp", "recovery_code"]
    with pytest.raises(Refusal) as refused:
        town.ask("open_manage", sign_in=town.begins(ada), method="email", code="123456")
    assert refused.value.code == "invalid-request"


@pytest.mark.parametrize("method", ["totp", "recovery_code"])
def test_a_second_factor_opens_the_manage_area_and_ends_the_sign_in(
    town: Town, eve: Equipped, method: str
) -> None:
    """MAN-1, MAN-3, MAN-4, MAN-5: in place of a second step; nothing is left to be completed."""
    code = town.next_code(eve.key) if method == "totp" else eve.codes[3]
    sign_in = town.begins(eve.person)
    opened = town.ask("open_manage", sign_in=sign_in, method=method, code=code)
    assert "level" not in opened
    assert level(town, opened["token"]) == "manage"
    entered = next(one for one in reversed(town.audit()) if one.action == "mfa_manage_entered")
    assert entered.reason == method
    later = {"sign_in": sign_in, "code": town.next_code(eve.key), "method": "totp"}
    assert town.outcome("open_manage", **later) == "sign-in-over"
    assert town.outcome("complete_sign_in", **later) == "sign-in-over"


def test_a_wrong_code_leaves_the_sign_in_open(town: Town, eve: Equipped) -> None:
    """MAN-3: one try with the app, then the recovery code."""
    given = {"sign_in": town.begins(eve.person)}
    wrong = town.wrong(eve.key)
    assert town.outcome("open_manage", **given, method="totp", code=wrong) == "code-refused"
    right = {"method": "recovery_code", "code": eve.codes[0]}
    assert town.outcome("open_manage", **given, **right) == "done"


def test_what_the_account_has_not_opens_nothing(town: Town, ada: Person, eve: Equipped) -> None:
    """MAN-2, MAN-8: nor do codes of another account."""
    assert town.opens(ada, town.next_code(eve.key)) == "method-not-offered"
    assert town.opens(ada, eve.codes[0], "recovery_code") == "method-not-offered"
    Equipped(town, ada)
    assert town.opens(ada, town.next_code(eve.key)) in ("code-refused", "totp-out-of-sync")
    assert town.opens(ada, eve.codes[0], "recovery_code") == "code-refused"


def test_a_sign_in_is_as_secret_for_the_manage_area_and_over_as_soon(
    town: Town, eve: Equipped
) -> None:
    """Security 2.6."""
    sign_in = town.begins(eve.person)
    town.clock.advance(timedelta(minutes=10))
    for each in (sign_in, "x" * 43):
        given = {"sign_in": each, "method": "totp", "code": town.shown(eve.key)}
        assert town.outcome("open_manage", **given) == "sign-in-over"


def test_codes_issued_without_an_authenticator_open_the_way_to_the_first(
    town: Town, ada: Person
) -> None:
    """MAN-8, RC-10: as on provisioned accounts."""
    codes = town.issues(town.manages(ada, town.signs_in(ada)))
    key = town.registers(town.manages_from_sign_in(ada, codes[0], "recovery_code"))
    assert town.completes(ada, town.next_code(key)) == "done"


# No way around the authenticator


def test_a_mailed_code_is_no_way_into_the_manage_area(town: Town, eve: Equipped) -> None:
    """MAN-3: not as a code of the app, and not by way of the session that it opens."""
    sign_in = town.begins(eve.person)
    town.clock.advance(timedelta(minutes=6))
    town.ask("send_sign_in_code", sign_in=sign_in)
    code = town.mails(eve.person.email)[-1].code
    if code != town.shown(eve.key):
        given = {"sign_in": sign_in, "method": "totp", "code": code}
        assert town.outcome("open_manage", **given) in ("code-refused", "totp-out-of-sync")
    by_mail = town.signs_in(eve.person)
    assert level(town, by_mail) == "aal1+"
    again = {"password": PASSWORD}
    for operation in ("enter_manage", "step_up"):
        assert town.outcome(operation, by_mail, **again) == "code-required"
        for more in ({"code": town.wrong(eve.key)}, {"code": eve.codes[0]}):
            outcome = town.outcome(operation, by_mail, **again, **more)
            assert outcome in ("code-required", "code-refused")
    for method in ("totp", "recovery_code"):
        assert town.outcome("enter_manage", by_mail, **again, method=method) == "code-required"
    for operation, given in INSIDE.items():
        assert town.outcome(operation, by_mail, **given) == "manage-required"


@pytest.mark.parametrize("method", ["totp", "recovery_code"])
def test_the_authenticator_or_a_recovery_code_beside_the_password_opens_it_from_any_session(
    town: Town, eve: Equipped, method: str
) -> None:
    """ACC-9, MAN-3: and the session goes on."""
    session = town.signs_in(eve.person)
    code = town.next_code(eve.key) if method == "totp" else eve.codes[9]
    entered = town.ask("enter_manage", session, password=PASSWORD, method=method, code=code)
    assert level(town, entered["token"]) == "manage"
    assert level(town, session) == "aal1+"


def test_a_recovery_code_is_no_step_up(town: Town, eve: Equipped) -> None:
    """MAN-5: it opens the Manage area and nothing else."""
    session = town.signs_in(eve.person)
    given = {"password": PASSWORD, "code": eve.codes[0]}
    assert town.outcome("step_up", session, **given) == "code-refused"
    assert town.opens(eve.person, eve.codes[0], "recovery_code") == "done"


# Entering from a session


def test_in_a_live_session_the_credentials_are_entered_again(town: Town, ada: Person) -> None:
    """ACC-8, ACC-9, MAN-8."""
    session = town.signs_in(ada)
    assert town.outcome("enter_manage", session, password=WRONG) == "credentials-refused"
    assert town.outcome("enter_manage", session) == "invalid-request"
    assert town.outcome("enter_manage", session, password=PASSWORD) == "done"
    assert town.outcome("enter_manage", password=PASSWORD) == "unauthenticated"
    refused = [one for one in town.audit() if one.action == "authn_step_up_fail"]
    assert [one.reason for one in refused] == ["password"]


def test_a_manage_session_is_not_prolonged_by_entering_again_from_it(
    town: Town, ada: Person
) -> None:
    """MAN-5."""
    manage = town.manages(ada, town.signs_in(ada))
    for operation in ("enter_manage", "step_up"):
        assert town.outcome(operation, manage, password=PASSWORD) == "manage-session"


def test_a_code_where_there_is_no_authenticator_is_not_waved_through(
    town: Town, ada: Person
) -> None:
    session = town.signs_in(ada)
    codes = {"totp": "123456", "recovery_code": "12345678"}
    refused = {"totp": "method-not-offered", "recovery_code": "code-refused"}
    for method, code in codes.items():
        given = {"password": PASSWORD, "method": method, "code": code}
        assert town.outcome("enter_manage", session, **given) == refused[method]
    given = {"password": PASSWORD, "code": "123456"}
    assert town.outcome("step_up", session, **given) == "method-not-offered"


def test_guessing_the_password_again_makes_wait_but_leaves_signing_in_alone(
    town: Town, ada: Person
) -> None:
    """Security 2.2: five, then half a minute; and nobody blocks it from outside."""
    session = town.signs_in(ada)
    for operation in ("enter_manage", "step_up") * 2:
        assert town.outcome(operation, session, password=WRONG) == "credentials-refused"
    assert town.outcome("enter_manage", session, password=WRONG) == "credentials-refused"
    for operation in ("enter_manage", "step_up"):
        assert town.outcome(operation, session, password=PASSWORD) == "throttled"
    assert town.outcome("sign_in", email=ADA, password=PASSWORD) == "done"
    for _ in range(5):
        town.outcome("sign_in", email=ADA, password=WRONG)
    town.clock.advance(timedelta(seconds=30))
    assert town.outcome("enter_manage", session, password=PASSWORD) == "done"


def test_passwords_entered_again_count_among_those_of_their_address(town: Town) -> None:
    """Security 2.2: ten wrong ones a minute; a right one takes back its own try only."""
    ip = "203.0.113.11"
    sessions = [town.signs_in(town.newcomer(f"{number}@example.com")) for number in range(3)]
    given = {"password": WRONG, "ip": ip}
    for _ in range(3):
        for session in sessions:
            assert town.outcome("step_up", session, **given) == "credentials-refused"
        assert town.outcome("enter_manage", sessions[0], password=PASSWORD, ip=ip) == "done"
    assert town.outcome("sign_in", email=ADA, password=WRONG, ip=ip) == "sign-in-refused"
    assert town.outcome("enter_manage", sessions[0], password=PASSWORD, ip=ip) == "throttled"


# Inside


def test_it_shows_what_the_account_has_and_no_secret(town: Town, eve: Equipped) -> None:
    """MAN-7."""
    manage = town.manages_from_sign_in(eve.person, town.next_code(eve.key))
    seen = town.ask("get_manage", manage)
    assert seen["email"] == eve.person.email
    assert seen["authenticator"]["is_disabled"] is False
    assert (seen["recovery_codes"]["left"], seen["recovery_codes"]["of"]) == (10, 10)
    pending = town.ask("register_authenticator", manage)
    batch = town.ask("create_recovery_codes", manage)
    seen = town.ask("get_manage", manage)
    assert seen["pending_authenticator_id"] == pending["authenticator_id"]
    assert seen["pending_recovery_codes_id"] == batch["batch_id"]
    secrets = [eve.key, pending["setup_key"], *eve.codes, *batch["codes"]]
    assert not any(secret in str(seen) for secret in secrets)


def test_after_a_recovery_code_one_signs_in_with_what_was_registered(
    town: Town, eve: Equipped
) -> None:
    """MAN-5, MAN-7."""
    manage = town.manages_from_sign_in(eve.person, eve.codes[0], "recovery_code")
    town.clock.advance(STEP)
    key = town.registers(manage)
    for operation in ("get_account", "get_session", "list_sessions"):
        assert town.outcome(operation, manage) == "manage-session"
    assert level(town, town.signs_in_with(eve.person, key)) == "aal2"


def test_no_other_session_and_nobody_does_what_is_done_inside(town: Town, eve: Equipped) -> None:
    """MAN-5, J4: of the service itself, whatever a gateway lets through."""
    session = town.signs_in_with(eve.person, eve.key)
    expires_at = (town.clock.now() + timedelta(days=1)).isoformat()
    made = {"name": "nightly", "scopes": ["device:read"], "expires_at": expires_at}
    api_token = town.ask("create_api_token", session, **made)["token"]
    for operation, given in {**INSIDE, "leave_manage": {}}.items():
        for token in (session, api_token):
            assert town.outcome(operation, token, **given) == "manage-required"
        assert town.outcome(operation, **given) == "unauthenticated"


def test_every_operation_of_the_manage_area_is_tried_above() -> None:
    """J4: one that is new has to be added to `INSIDE`."""
    told = {
        operation["operationId"]
        for path in openapi.document()["paths"].values()
        for method, operation in path.items()
        if method != "parameters" and operation["security"] == [{MANAGE: []}]
    }
    assert told == {*INSIDE, "leave_manage"}


# Its end


def test_unused_it_ends_after_ten_minutes(town: Town, ada: Person) -> None:
    """MAN-5."""
    manage = town.manages(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=10) - timedelta(seconds=1))
    assert town.outcome("get_manage", manage) == "done"
    other = town.manages(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=10))
    assert town.outcome("get_manage", other) == "unauthenticated"


def test_however_used_it_ends_after_fifteen_minutes(town: Town, ada: Person) -> None:
    """MAN-5: and tells so from the beginning."""
    session = town.signs_in(ada)
    entered = town.ask("enter_manage", session, password=PASSWORD)
    ends_at = town.clock.now() + timedelta(minutes=15)
    assert datetime.fromisoformat(entered["expires_at"]) == ends_at
    for _ in range(14):
        town.clock.advance(timedelta(minutes=1))
        seen = town.ask("get_manage", entered["token"])
        assert datetime.fromisoformat(seen["expires_at"]) <= ends_at
    town.clock.advance(timedelta(seconds=59))
    assert town.outcome("get_manage", entered["token"]) == "done"
    town.clock.advance(timedelta(seconds=1))
    assert town.outcome("get_manage", entered["token"]) == "unauthenticated"


def test_its_times_are_settings(make_town: MakeTown) -> None:
    """MAN-5."""
    town = make_town(manage_idle=120, manage_life=180)
    ada = town.newcomer(ADA)
    session = town.signs_in(ada)
    for steps, ends in (((2,), 2), ((1, 1, 1), 3)):
        manage = town.manages(ada, session)
        for minutes in steps[:-1]:
            town.clock.advance(timedelta(minutes=minutes))
            assert town.outcome("get_manage", manage) == "done", ends
        town.clock.advance(timedelta(minutes=steps[-1]))
        assert town.outcome("get_manage", manage) == "unauthenticated", ends


def test_leaving_ends_it_and_is_announced(town: Town, ada: Person) -> None:
    """MAN-5: and the session it was entered from goes on."""
    session = town.signs_in(ada)
    manage = town.manages(ada, session)
    town.ask("leave_manage", manage)
    assert town.outcome("get_manage", manage) == "unauthenticated"
    assert town.outcome("get_account", session) == "done"
    name, data = town.suite.waiting("identity")[-1]
    assert name == "session_ended"
    assert "session_revoked" in town.actions()[-2:]
    assert data["token_hash"] != manage


def test_what_identity_vouched_for_does_not_outlive_it(town: Town, ada: Person) -> None:
    """MAN-5: an assertion lives a minute, and is worth nothing here without its session."""
    manage = town.manages(ada, town.signs_in(ada))
    headers = town.suite.context(manage).headers()
    town.ask("leave_manage", manage)
    for operation, given in INSIDE.items():
        with pytest.raises(Refusal) as refused:
            town.suite.bus.call("identity", operation, given, headers)
        assert refused.value.code == "unauthenticated", operation


# Credentials entered again


def test_stepping_up_gives_a_new_token_for_the_same_level(town: Town, ada: Person) -> None:
    """Security 2.6, 2.7: the password alone where there is no authenticator."""
    session = town.signs_in(ada)
    town.clock.advance(timedelta(minutes=11))
    assert town.outcome("request_email_change", session, email="x@example.com") == (
        "step-up-required"
    )
    stepped_up = town.ask("step_up", session, password=PASSWORD)
    assert stepped_up["level"] == "aal1+"
    assert town.outcome("get_account", session) == "unauthenticated"
    token = stepped_up["token"]
    assert town.outcome("request_email_change", token, email="x@example.com") == "done"
    ended = [data for name, data in town.suite.waiting("identity") if name == "session_ended"]
    assert len(ended) == 1


def test_stepping_up_with_the_authenticator_raises_the_level(town: Town, eve: Equipped) -> None:
    """Security 2.6."""
    session = town.signs_in(eve.person)
    given = {"password": PASSWORD, "code": town.next_code(eve.key)}
    stepped_up = town.ask("step_up", session, **given)
    assert stepped_up["level"] == level(town, stepped_up["token"]) == "aal2"


def test_a_refused_step_up_leaves_the_session_as_it_is(town: Town, eve: Equipped) -> None:
    """ACC-10."""
    session = town.signs_in(eve.person)
    for given in (
        {"password": WRONG},
        {"password": PASSWORD},
        {"password": PASSWORD, "code": town.wrong(eve.key)},
    ):
        assert town.outcome("step_up", session, **given) != "done"
    assert level(town, session) == "aal1+"
