"""Who got in before an account was better protected does not stay in (security 2.7, MAN-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA = "ada@example.com"
THIEFS = "thief@example.com"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def test_a_manage_session_from_before_does_not_outlive_a_change_of_factors(
    town: Town, ada: Person
) -> None:
    """MAN-3, REG-1: neither after REGISTER nor after CONFIRM nor after a removal."""
    token = town.signs_in(ada)
    thiefs, own = town.manages(ada, token), town.manages(ada, token)
    key = town.registers(own)
    for operation in ("get_manage", "register_authenticator", "remove_authenticator"):
        assert town.outcome(operation, thiefs) == "unauthenticated"
    thiefs = town.manages(ada, token, town.next_code(key))
    town.issues(own)
    assert town.outcome("create_recovery_codes", thiefs) == "unauthenticated"
    thiefs = town.manages(ada, token, town.next_code(key))
    town.ask("remove_authenticator", own)
    assert town.outcome("register_authenticator", thiefs) == "unauthenticated"
    assert town.outcome("get_manage", own) == "done"


def test_where_all_need_an_authenticator_a_mailed_code_does_not_reach_a_registered_one(
    make_town: MakeTown,
) -> None:
    """ACC-7, MAN-3."""
    town = make_town(mfa_policy="totp_required")
    ada = town.newcomer(ADA)
    thiefs, own = town.signs_in(ada), town.signs_in(ada)
    town.registers(own)
    assert town.outcome("register_authenticator", thiefs) == "unauthenticated"


FRESH: list[tuple[str, dict[str, Any]]] = [
    ("create_api_token", {"name": "n", "scopes": ["device:read"], "expires_at": "in a day"}),
    ("request_email_change", {"email": THIEFS}),
    ("change_password", {"current_password": PASSWORD, "new_password": "another long sentence"}),
    ("delete_account", {}),
    ("update_account", {"preferred_method": "email"}),
]


@pytest.mark.parametrize(("operation", "given"), FRESH, ids=[name for name, _ in FRESH])
def test_a_session_from_before_needs_the_authenticator_for_what_needs_fresh_credentials(
    town: Town, ada: Person, operation: str, given: dict[str, Any]
) -> None:
    """Security 2.7: credentials, and the code where an authenticator is active."""
    if "expires_at" in given:
        given = {**given, "expires_at": (town.clock.now() + timedelta(days=1)).isoformat()}
    owners = town.signs_in(ada)
    thiefs = town.signs_in(ada)
    key = town.registers(town.manages(ada, owners))
    assert town.outcome(operation, thiefs, **given) == "step-up-required"
    code = town.next_code(key)
    stepped = town.ask("step_up", owners, password=PASSWORD, code=code)["token"]
    if operation != "delete_account":
        assert town.outcome(operation, stepped, **given) == "done"


def test_a_session_from_before_is_not_fresh_for_other_services_either(
    town: Town, ada: Person
) -> None:
    """Security 2.7: they look at the moment in the assertion."""
    thiefs = town.signs_in(ada)
    town.registers(town.manages(ada, thiefs))
    seen = town.ask("get_session", thiefs)["authenticated_at"]
    assert town.clock.now().isoformat() > seen
    assert (town.clock.now() - timedelta(minutes=10)).isoformat() > seen


@pytest.mark.parametrize("way", ["register", "end others"])
def test_a_change_of_address_that_a_thief_began_ends_with_their_session(
    town: Town, ada: Person, way: str
) -> None:
    owners = town.signs_in(ada)
    thiefs = town.signs_in(ada)
    town.ask("request_email_change", thiefs, email=THIEFS)
    link = town.mails(THIEFS)[-1].token
    if way == "register":
        own = town.manages(ada, owners)
        pending = town.ask("register_authenticator", own)
        town.ask(
            "confirm_authenticator",
            own,
            authenticator_id=pending["authenticator_id"],
            code=town.shown(pending["setup_key"]),
            end_other_sessions=True,
        )
    else:
        town.ask("end_other_sessions", owners)
    assert town.outcome("confirm_email_change", token=link) == "email-change-refused"


def test_who_signs_out_leaves_no_manage_area_open(town: Town, ada: Person) -> None:
    """MAN-5."""
    token = town.signs_in(ada)
    manage = town.manages(ada, token)
    town.ask("sign_out", token)
    assert town.outcome("register_authenticator", manage) == "unauthenticated"


def test_mailed_codes_buy_no_tries_at_the_authenticator(town: Town, ada: Person) -> None:
    """Security 2.2: success resets the counter of the factor used; twenty an hour for the rest."""
    key = town.registers(town.manages(ada, town.signs_in(ada)))
    looked_at = 0
    for _ in range(9):
        town.clock.advance(timedelta(minutes=6))
        sign_in = town.begins(ada)
        for _ in range(4):
            guess = town.wrong(key)
            outcome = town.outcome("complete_sign_in", sign_in=sign_in, method="totp", code=guess)
            looked_at += outcome == "code-refused"
        if town.outcome("send_sign_in_code", sign_in=sign_in) == "done":
            code = town.mails(ADA)[-1].code
            town.outcome("complete_sign_in", sign_in=sign_in, method="email", code=code)
    assert looked_at <= 20


def test_support_that_resets_the_factors_ends_tokens_and_links_too(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    wish = {
        "name": "backup",
        "scopes": ["device:read"],
        "expires_at": (town.clock.now() + timedelta(days=1)).isoformat(),
    }
    api_token = town.ask("create_api_token", token, **wish)["token"]
    town.ask("request_email_change", token, email=THIEFS)
    link = town.mails(THIEFS)[-1].token
    town.registers(town.manages(ada, token))
    town.suite.instance("identity").reset_second_factors(ADA, why="ticket 7")
    assert town.outcome("introspect", token=api_token) == "unauthenticated"
    assert town.outcome("confirm_email_change", token=link) == "email-change-refused"
