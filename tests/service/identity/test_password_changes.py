"""Changing a password by somebody who knows the present one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.harness import Suite
from tests.service.identity.conftest import CHEAP
from tests.service.identity.town import PASSWORD, STEP, Person, Town

ADA = "ada@example.com"
NEW = "another rather odd sentence"


def change(town: Town, token: str, old: str = PASSWORD, new: str = NEW) -> str:
    return town.outcome("change_password", token, current_password=old, new_password=new)


def signs_in(town: Town, password: str, email: str = ADA) -> str:
    return town.outcome("sign_in", email=email, password=password)


def is_live(town: Town, token: str) -> bool:
    return town.outcome("introspect", token=token) == "done"


def api_token(town: Town, token: str, name: str = "backup") -> str:
    given = {
        "name": name,
        "scopes": ["organization:read"],
        "expires_at": (town.clock.now() + timedelta(days=30)).isoformat(),
    }
    return str(town.ask("create_api_token", token, **given)["token"])


def test_the_new_password_counts_and_the_old_one_no_more(town: Town) -> None:
    ada = town.newcomer(ADA)
    assert change(town, town.signs_in(ada)) == "done"
    assert signs_in(town, PASSWORD) == "sign-in-refused"
    assert signs_in(town, NEW) == "done"
    assert "changed" in town.mails(ADA)[-1].subject
    assert town.actions().count("authn_password_change") == 1


def test_it_ends_all_sessions_and_goes_on_under_a_new_token_of_the_same_level(town: Town) -> None:
    """Security 2.6, ASVS 7.4.3: Manage sessions and API tokens too."""
    ada = town.newcomer(ADA)
    token, elsewhere = town.signs_in(ada), town.signs_in(ada)
    manage = town.manages(ada, elsewhere)
    program = api_token(town, elsewhere)
    level = town.ask("get_session", token)["level"]
    renewed = town.ask("change_password", token, current_password=PASSWORD, new_password=NEW)
    assert [is_live(town, one) for one in (token, elsewhere, manage, program)] == [False] * 4
    assert renewed["level"] == level == "aal1+"
    assert town.ask("get_session", renewed["token"])["session_id"] == renewed["session_id"]


def test_a_sign_in_that_was_begun_with_the_old_password_leads_nowhere(town: Town) -> None:
    """It would outlive the password by ten minutes."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    sign_in = town.begins(ada)
    assert change(town, token) == "done"
    assert town.outcome("send_sign_in_code", sign_in=sign_in) == "sign-in-over"


@pytest.mark.parametrize("operation", ["reset_password", "confirm_email_change"])
def test_links_that_were_mailed_before_are_dropped(town: Town, operation: str) -> None:
    """Who knew the old password may have asked for them."""
    token = town.signs_in(town.newcomer(ADA))
    if operation == "reset_password":
        town.ask("request_password_reset", email=ADA)
        link, more = town.mails(ADA)[-1].token, {"new_password": "the third odd sentence"}
    else:
        town.ask("request_email_change", token, email="stranger@example.com")
        link, more = town.mails("stranger@example.com")[-1].token, {}
    assert change(town, token) == "done"
    assert town.outcome(operation, token=link, **more) != "done"


def test_a_wrong_present_password_is_refused_and_counted(town: Town) -> None:
    """Security 2.2: five, then a wait; sign-in from outside is not affected."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    outcomes = [change(town, token, old="a wrong guess at it") for _ in range(6)]
    assert outcomes == ["credentials-refused"] * 5 + ["throttled"]
    assert change(town, token) == "throttled"
    assert signs_in(town, PASSWORD) == "done"
    town.clock.advance(timedelta(seconds=30))
    assert change(town, token) == "done"


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (PASSWORD, "password-unchanged"),
        ("fourteen chars", "password-too-short"),
        ("x1" * 65, "password-too-long"),
        ("passwordpassword", "password-breached"),
        ("freehold-freehold", "password-context"),
        ("AdaLovelace-1815", "password-context"),
    ],
)
def test_a_bad_new_password_is_refused_and_changes_nothing(town: Town, new: str, code: str) -> None:
    """Security 2.1: by the rule of registration, and not the present one again."""
    ada = town.newcomer("ada.lovelace@example.com")
    token = town.signs_in(ada)
    assert change(town, token, new=new) == code
    assert is_live(town, token)
    assert signs_in(town, PASSWORD, ada.email) == "done"


def test_the_same_characters_typed_another_way_are_the_present_password(town: Town) -> None:
    ada = Person(ADA, "cafe\u0301 au lait et croissants")
    town.ask("register_account", email=ada.email, password=ada.password)
    town.ask("verify_email", token=town.mails(ADA)[-1].token, password=ada.password)
    composed = "caf\u00e9 au lait et croissants"
    token = town.signs_in(ada)
    assert change(town, token, old=ada.password, new=composed) == "password-unchanged"


def test_with_an_authenticator_it_takes_fresh_credentials(town: Town) -> None:
    """Security 2.7."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=11))
    assert change(town, token) == "step-up-required"
    code = town.next_code(key)
    token = town.ask("step_up", token, password=PASSWORD, code=code)["token"]
    renewed = town.ask("change_password", token, current_password=PASSWORD, new_password=NEW)
    assert renewed["level"] == "aal2"


def test_a_mailed_code_is_no_fresh_credential_beside_an_authenticator(town: Town) -> None:
    """Security 2.7: and the authenticator, if there is one."""
    ada = town.newcomer(ADA)
    town.enrols(ada, town.signs_in(ada))
    assert change(town, town.signs_in(ada)) == "step-up-required"


def test_the_password_alone_does_not_renew_the_proof_of_an_authenticator(town: Town) -> None:
    """Security 2.7: ten minutes after its last code a step-up is needed again."""
    ada = town.newcomer(ADA)
    _key, token = town.enrols(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=9))
    renewed = town.ask("change_password", token, current_password=PASSWORD, new_password=NEW)
    town.clock.advance(timedelta(minutes=2))
    outcome = town.outcome("request_email_change", renewed["token"], email="new@example.com")
    assert outcome == "step-up-required"


def test_neither_programs_nor_manage_sessions_change_passwords(town: Town) -> None:
    """J4."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    assert change(town, api_token(town, token)) == "person-required"
    assert change(town, town.manages(ada, token)) == "manage-session"


def test_a_second_factor_stays_as_it_is(town: Town) -> None:
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    assert change(town, token) == "done"
    town.clock.advance(STEP)
    assert town.signs_in_with(Person(ADA, NEW), key)


# Names of organizations (security 2.1)


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[Town]:
    """Where organizations is there, too."""
    suite = Suite(tmp_path, services=("identity", "organizations"), settings={"identity": CHEAP})
    yield Town(suite)
    suite.close()


def founds(town: Town, token: str, name: str) -> None:
    given = {"name": name, "idempotency_key": str(uuid4())}
    town.suite.call("organizations", "create_organization", given, as_=token)


@pytest.mark.parametrize("new", ["harbor lights 2025", "HarborLights---1", "Lights, Harbor! 99"])
def test_the_name_of_an_organization_is_no_password(settled: Town, new: str) -> None:
    """Security 2.1: at change and at reset."""
    token = settled.signs_in(settled.newcomer(ADA))
    founds(settled, token, "Harbor Lights")
    assert change(settled, token, new=new) == "password-context"
    settled.ask("request_password_reset", email=ADA)
    link = settled.mails(ADA)[-1].token
    given = {"token": link, "new_password": new}
    assert settled.outcome("reset_password", **given) == "password-context"
    assert settled.outcome("reset_password", token=link, new_password=NEW) == "done"


def test_the_names_of_others_organizations_are_free(settled: Town) -> None:
    token = settled.signs_in(settled.newcomer("eve@example.com"))
    founds(settled, token, "Harbor Lights")
    own = settled.signs_in(settled.newcomer(ADA))
    assert change(settled, own, new="harbor lights 2025") == "done"


def test_without_organizations_a_password_is_changed_all_the_same(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    token = town.signs_in(town.newcomer(ADA))
    assert change(town, token) == "done"
    assert "not compared with names of organizations" in caplog.text


def test_it_is_no_way_around_an_authenticator_registered_meanwhile(town: Town) -> None:
    """A session from before it is not fresh for ever."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    town.registers(town.manages(ada, token))
    town.clock.advance(timedelta(minutes=11))
    assert change(town, token) == "step-up-required"
