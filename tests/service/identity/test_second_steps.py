"""Which second steps a sign-in offers, and what each leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"


def begun(town: Town) -> tuple[list[str], str | None]:
    """The methods of a sign-in, and the one to go to directly."""
    view = town.ask("sign_in", email=ADA, password=PASSWORD)
    return view["methods"], view["suggested_method"]


def test_the_chooser_lists_what_the_account_has(town: Town) -> None:
    """ACC-3, ACC-4, ACC-5: the authenticator once it is active, and never one that was only shown."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    manage = town.manages(ada, token)
    town.ask("register_authenticator", manage)
    assert begun(town)[0] == ["email"]
    town.registers(manage)
    assert begun(town)[0] == ["totp", "email"]


def test_who_has_one_method_goes_to_it_and_who_has_two_chooses(town: Town) -> None:
    """ACC-6."""
    ada = town.newcomer(ADA)
    assert begun(town) == (["email"], "email")
    _key, token = town.enrols(ada, town.signs_in(ada))
    assert begun(town) == (["totp", "email"], None)
    for preferred in ("totp", "email", None):
        town.ask("update_account", token, preferred_method=preferred)
        assert begun(town)[1] == preferred


def test_a_preferred_method_that_is_gone_is_not_gone_to(town: Town) -> None:
    """ACC-6."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    town.ask("update_account", token, preferred_method="totp")
    town.ask("remove_authenticator", town.manages(ada, token, town.next_code(key)))
    assert begun(town) == (["email"], "email")


@pytest.mark.parametrize(
    ("policy", "without", "with_one"),
    [
        ("optional", [], ["totp", "email"]),
        ("email_default", ["email"], ["totp", "email"]),
        ("totp_required", ["email"], ["totp"]),
    ],
)
def test_the_policy_says_which_second_steps_there_are(
    make_town: MakeTown, policy: str, without: list[str], with_one: list[str]
) -> None:
    """ACC-7, of accounts without an authenticator and with one."""
    town = make_town(mfa_policy=policy)
    ada = town.newcomer(ADA)
    assert begun(town)[0] == without
    if policy == "totp_required":
        town.registers(town.signs_in(ada))
    else:
        town.enrols(ada, town.signs_in(ada))
    assert begun(town)[0] == with_one


def test_an_optional_second_step_is_left_out_without_an_authenticator(
    make_town: MakeTown,
) -> None:
    """ACC-7."""
    town = make_town(mfa_policy="optional")
    person = town.newcomer(ADA)
    done = town.ask("complete_sign_in", sign_in=town.begins(person))
    assert done["level"] == "aal1"
    key, _token = town.enrols(person, done["token"])
    sign_in = town.begins(person)
    assert town.outcome("complete_sign_in", sign_in=sign_in) == "method-not-offered"
    given = {"sign_in": sign_in, "method": "totp", "code": town.next_code(key)}
    assert town.outcome("complete_sign_in", **given) == "done"


def test_where_an_authenticator_is_required_the_first_session_registers_one_and_nothing_else(
    make_town: MakeTown,
) -> None:
    """ACC-7, MAN-5: and from then on a mailed code is none of the ways in."""
    town = make_town(mfa_policy="totp_required")
    ada = town.newcomer(ADA)
    first = town.signs_in(ada)
    assert town.ask("introspect", token=first)["level"] == "manage"
    assert {"mfa_manage_entered", "authn_login_success"} <= set(town.actions()[-3:])
    for operation in ("get_account", "get_session", "list_sessions", "sign_out"):
        assert town.outcome(operation, first) == "manage-session"
    again = {"password": PASSWORD}
    for operation in ("enter_manage", "step_up"):
        assert town.outcome(operation, first, **again) == "manage-session"
    key = town.registers(first)
    sign_in = town.begins(ada)
    assert town.outcome("send_sign_in_code", sign_in=sign_in) == "method-not-offered"
    token = town.signs_in_with(ada, key)
    assert town.ask("get_session", token)["level"] == "aal2"


def test_a_code_mailed_before_an_authenticator_was_required_of_oneself_opens_nothing(
    make_town: MakeTown,
) -> None:
    """MAN-3: a sign-in begun before REGISTER does not open the Manage area after it."""
    town = make_town(mfa_policy="totp_required")
    ada = town.newcomer(ADA)
    first = town.signs_in(ada)
    town.clock.advance(timedelta(minutes=1))
    sign_in = town.begins(ada)
    town.ask("send_sign_in_code", sign_in=sign_in)
    given = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    town.registers(first)
    assert town.outcome("complete_sign_in", **given) == "method-not-offered"


def disabled_by_wrong_codes(town: Town) -> tuple[Person, str, list[str]]:
    """Somebody with an authenticator that three wrong codes disabled, and with recovery codes."""
    ada = town.newcomer(ADA)
    first = town.signs_in(ada)
    is_manage = town.ask("introspect", token=first)["level"] == "manage"
    manage = first if is_manage else town.manages(ada, first)
    key, codes = town.registers(manage), town.issues(manage)
    for _ in range(3):
        assert town.completes(ada, town.wrong(key)) == "code-refused"
    return ada, key, codes


@pytest.mark.parametrize("policy", ["optional", "email_default"])
def test_who_disables_an_authenticator_still_needs_a_second_step(
    make_town: MakeTown, policy: str
) -> None:
    """ACC-5, ACC-7: least of all is the password alone enough then."""
    town = make_town(mfa_policy=policy, totp_failures_most=3)
    ada, key, _codes = disabled_by_wrong_codes(town)
    assert begun(town) == (["email"], "email")
    assert town.outcome("complete_sign_in", sign_in=town.begins(ada)) == "method-not-offered"
    assert town.completes(ada, town.next_code(key)) == "method-not-offered"


def test_where_an_authenticator_is_required_a_disabled_one_leaves_the_recovery_codes(
    make_town: MakeTown,
) -> None:
    """ACC-7, MAN-3: else whoever disables it would get in by mail."""
    town = make_town(mfa_policy="totp_required", totp_failures_most=3)
    ada, _key, codes = disabled_by_wrong_codes(town)
    view = town.ask("sign_in", email=ADA, password=PASSWORD)
    assert (view["methods"], view["manage_methods"]) == ([], ["recovery_code"])
    given = {"sign_in": view["sign_in"]}
    assert town.outcome("send_sign_in_code", **given) == "authenticator-disabled"
    assert town.outcome("complete_sign_in", **given) == "authenticator-disabled"
    assert town.completes(ada, "123456", "email") == "authenticator-disabled"
    town.clock.advance(STEP)
    town.registers(town.manages_from_sign_in(ada, codes[0], "recovery_code"))
    assert begun(town)[0] == ["totp"]


def test_a_mailed_code_beside_an_authenticator_does_not_do_what_needs_fresh_credentials(
    town: Town,
) -> None:
    """Security 2.7: credentials, and the authenticator where one is registered."""
    ada = town.newcomer(ADA)
    wanted = {"email": "lovelace@example.com"}
    fresh = town.signs_in(ada)
    assert town.outcome("request_email_change", fresh, **wanted) == "done"
    key, by_app = town.enrols(ada, fresh)
    assert town.outcome("request_email_change", by_app, **wanted) == "done"
    by_mail = town.signs_in(ada)
    assert town.outcome("request_email_change", by_mail, **wanted) == "step-up-required"
    again = {"password": PASSWORD, "code": town.next_code(key)}
    stepped_up = town.ask("step_up", by_mail, **again)["token"]
    assert town.outcome("request_email_change", stepped_up, **wanted) == "done"
