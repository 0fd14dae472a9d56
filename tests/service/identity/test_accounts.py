"""Accounts: the language of mails and the preferred second step, changed by their owners."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from chassis.config import Config
from gateway.api import identity
from gateway.app import create_app
from tests.in_process import InProcess
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def suggested(town: Town, person: Person) -> str | None:
    begun = town.ask("sign_in", email=person.email, password=person.password)
    method: str | None = begun["suggested_method"]
    return method


def test_mails_come_in_the_language_that_was_chosen(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    assert "Your sign-in code" in town.mails(ADA)[-1].subject
    assert town.ask("update_account", token, language="ko")["language"] == "ko"
    town.signs_in(ada)
    assert "로그인 코드" in town.mails(ADA)[-1].subject
    assert town.ask("get_account", token)["language"] == "ko"


def test_the_preferred_second_step_is_gone_to_directly(town: Town, ada: Person) -> None:
    """ACC-6: two methods and no preference is the chooser."""
    _key, token = town.enrols(ada, town.signs_in(ada))
    assert suggested(town, ada) is None
    for method in ("totp", "email", None):
        told = town.ask("update_account", token, preferred_method=method)
        assert told["preferred_method"] == method
        assert suggested(town, ada) == method


def test_only_a_second_step_that_the_account_has_is_preferred(town: Town, ada: Person) -> None:
    """ACC-5."""
    token = town.signs_in(ada)
    assert town.outcome("update_account", token, preferred_method="totp") == "method-not-offered"
    assert town.outcome("update_account", token, preferred_method="email") == "done"
    _key, token = town.enrols(ada, token)
    assert town.outcome("update_account", token, preferred_method="totp") == "done"


@pytest.mark.parametrize(("policy", "method"), [("optional", "email"), ("totp_required", "email")])
def test_the_policy_decides_what_can_be_preferred(
    make_town: MakeTown, policy: str, method: str
) -> None:
    """ACC-7."""
    town = make_town(mfa_policy=policy)
    ada = town.newcomer(ADA)
    if policy == "optional":
        done = town.ask("complete_sign_in", sign_in=town.begins(ada), method=None)
        token = done["token"]
    else:
        key = town.registers(town.signs_in(ada))
        token = town.signs_in_with(ada, key)
    assert town.outcome("update_account", token, preferred_method=method) == "method-not-offered"


def test_a_preference_for_an_authenticator_that_is_gone_is_passed_over(
    town: Town, ada: Person
) -> None:
    key, token = town.enrols(ada, town.signs_in(ada))
    town.ask("update_account", token, preferred_method="totp")
    town.ask("remove_authenticator", town.manages(ada, token, town.next_code(key)))
    assert suggested(town, ada) == "email"
    assert town.outcome("update_account", token, language="ja") == "done"


def test_what_changed_is_in_the_audit_and_nothing_where_nothing_changed(
    town: Town, ada: Person
) -> None:
    token = town.signs_in(ada)
    town.ask("update_account", token, language="ja", preferred_method=None)
    town.ask("update_account", token, language="ja")
    town.ask("update_account", token)
    changes = [entry for entry in town.audit() if entry.action == "user_updated"]
    assert [(one.before, one.after) for one in changes] == [
        ({"language": "en"}, {"language": "ja"}),
    ]


def test_only_the_person_changes_their_account(town: Town, ada: Person) -> None:
    """J4; security 2.6."""
    token = town.signs_in(ada)
    expires_at = (town.clock.now() + timedelta(days=1)).isoformat()
    program = town.ask(
        "create_api_token", token, name="x", scopes=["organization:read"], expires_at=expires_at
    )
    changes = {"language": "ja"}
    assert town.outcome("update_account", program["token"], **changes) == "person-required"
    assert town.outcome("update_account", town.manages(ada, token), **changes) == "manage-session"
    assert town.outcome("update_account", **changes) == "unauthenticated"
    assert town.ask("get_account", token)["language"] == "en"


def test_over_http_null_is_a_value_and_absence_is_none(town: Town, ada: Person) -> None:
    app = create_app(
        Config({"gateway": {"introspection_seconds": 0}}),
        InProcess(town.suite),
        clock=town.clock,
        blueprints=[identity.blueprint],
    )
    client: FlaskClient = app.test_client()
    headers = {"Authorization": f"Bearer {town.signs_in(ada)}"}

    def changed(**body: str | None) -> tuple[int, object, object]:
        answer = client.patch("/v1/account", json=body, headers=headers)
        told = answer.json or {}
        return answer.status_code, told.get("preferred_method"), told.get("language")

    assert changed(preferred_method="email") == (200, "email", "en")
    assert changed(language="ja") == (200, "email", "ja")
    assert changed(preferred_method=None) == (200, None, "ja")
    assert changed(preferred_method="totp")[0] == 422
    for refused in ({"language": None}, {"language": "fr"}, {"is_operator": "true"}):
        assert changed(**refused)[0] == 422
