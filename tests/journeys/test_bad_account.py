"""What can be wrong with changes of an account itself, at one step only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.people import NEEDLESS_SCOPE, PASSWORD, People, Person
from tests.journeys.refusal import post, refused
from tests.journeys.request import Request

ANOTHER = "thirteen louder cameras in a dale"


@pytest.fixture
def somebody(people: People) -> Person:
    return people.newcomer()


def changing_password(person: Person, current: str = PASSWORD, new: str = ANOTHER) -> Request:
    body = {"current_password": current, "new_password": new}
    return Request("PUT", "/v1/account/password", body=body, token=person.token)


def moving(person: Person, email: str = "") -> Request:
    body = {"email": email or f"{uuid4().hex}@example.com"}
    return post("/v1/account/email-changes", body, person.token)


def making_token(person: Person, people: People, **changes: Any) -> Request:
    until = people.suite.clock.now() + timedelta(days=30)
    body = {"name": uuid4().hex, "scopes": [NEEDLESS_SCOPE], "expires_at": until.isoformat()}
    return post("/v1/api-tokens", {**body, **changes}, person.token)


def deleting(person: Person) -> Request:
    return Request("DELETE", "/v1/account", token=person.token)


# Credentials entered again


@pytest.mark.parametrize("make", [moving, deleting])
def test_what_matters_needs_credentials_entered_lately(
    people: People, somebody: Person, make: Callable[[Person], Request]
) -> None:
    """Security 2.7."""
    people.suite.clock.advance(timedelta(minutes=11))
    refused(people, make(somebody), 403, "step-up-required", times=2)
    refused(people, making_token(somebody, people), 403, "step-up-required")
    body = {"password": PASSWORD}
    stepped = people.done("POST", "/v1/session/step-up", body=body, token=somebody.token)
    answer = make(replace(somebody, token=stepped["token"])).sent_to(people)
    assert answer.status_code in (202, 204), answer.text


def test_a_mailed_code_is_not_enough_beside_an_authenticator(
    people: People, somebody: Person
) -> None:
    """Security 2.7: and TOTP if active."""
    people.enrolled(somebody)
    people.suite.clock.advance(timedelta(minutes=2))
    person = people.signed_in(Person(somebody.email))
    for request in (
        moving(person),
        deleting(person),
        making_token(person, people),
        changing_password(person),
    ):
        refused(people, request, 403, "step-up-required")


# Passwords


@pytest.mark.parametrize(
    ("current", "new", "status", "code"),
    [
        (PASSWORD + "!", ANOTHER, 403, "credentials-refused"),
        (PASSWORD, PASSWORD, 422, "password-unchanged"),
        (PASSWORD, "too short", 422, "password-too-short"),
        (PASSWORD, "x" * 1000, 422, "password-too-long"),
        (PASSWORD, "passwordpassword", 422, "password-breached"),
        (PASSWORD, "Freehold Freehold 1", 422, "password-context"),
    ],
)
def test_a_password_is_not_changed(
    people: People, somebody: Person, current: str, new: str, status: int, code: str
) -> None:
    refused(people, changing_password(somebody, current, new), status, code, times=2)


@pytest.mark.parametrize("new", ["too short", "passwordpassword"])
def test_a_poor_password_does_not_use_up_the_link(
    people: People, somebody: Person, new: str
) -> None:
    token = people.reset_token(somebody)
    body = {"token": token, "new_password": new}
    refused(people, post("/v1/password-resets/completion", body), 422, "")
    people.done("POST", "/v1/password-resets/completion", body={**body, "new_password": ANOTHER})


def test_a_link_resets_a_password_once_and_in_time(people: People, somebody: Person) -> None:
    """Security 2.5."""
    used = {"token": people.reset_token(somebody), "new_password": ANOTHER}
    people.done("POST", "/v1/password-resets/completion", body=used)
    late = {**used, "token": people.reset_token(somebody)}
    people.suite.clock.advance(timedelta(minutes=31))
    for body in (used, late, {**used, "token": "x" * 43}):
        request = post("/v1/password-resets/completion", body)
        refused(people, request, 422, "reset-refused", times=2)


# Addresses


def test_a_link_changes_an_address_once_and_in_time(people: People, somebody: Person) -> None:
    """Security 2.5."""
    path = "/v1/email-changes/confirmation"
    replaced = people.change_token(somebody, f"{uuid4().hex}@example.com")
    used = people.change_token(somebody, f"{uuid4().hex}@example.com")
    refused(people, post(path, {"token": replaced}), 422, "email-change-refused")
    people.done("POST", path, body={"token": used})
    late = people.change_token(people.newcomer(), f"{uuid4().hex}@example.com")
    people.suite.clock.advance(timedelta(minutes=61))
    for token in (used, late, "x" * 43):
        refused(people, post(path, {"token": token}), 422, "email-change-refused", times=2)


def test_the_present_address_is_no_other(people: People, somebody: Person) -> None:
    refused(people, moving(somebody, somebody.email.upper()), 422, "email-unchanged")


# Sessions and API tokens


def test_what_is_somebody_elses_is_not_there(people: People, somebody: Person) -> None:
    """Security 2.8: BOLA."""
    stranger = people.newcomer()
    mine = people.done("GET", "/v1/sessions", token=somebody.token)["items"][0]["session_id"]
    token = people.api_token(somebody, NEEDLESS_SCOPE)["api_token_id"]
    for path, code in (
        (f"/v1/sessions/{mine}", "session-not-found"),
        (f"/v1/api-tokens/{token}", "api-token-not-found"),
    ):
        refused(people, Request("DELETE", path, token=stranger.token), 404, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": "2024-01-01T00:00:00Z"}, "api-token-expiry"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "api-token-expiry"),
        ({"expires_at": "tomorrow"}, "invalid-request"),
        ({"expires_at": "2025-04-01T00:00:00"}, "invalid-request"),
        ({"scopes": []}, "invalid-request"),
        ({"scopes": ["everything:do"]}, "invalid-request"),
        ({"name": "\u202eman a"}, "invalid-request"),
    ],
)
def test_an_api_token_that_cannot_be_is_refused(
    people: People, somebody: Person, changes: dict[str, Any], code: str
) -> None:
    refused(people, making_token(somebody, people, **changes), 422, code)


def test_each_api_token_needs_a_name_of_its_own(people: People, somebody: Person) -> None:
    people.done(
        "POST",
        "/v1/api-tokens",
        body=making_token(somebody, people, name="Ci").body,
        token=somebody.token,
    )
    request = making_token(somebody, people, name=" cI ")
    refused(people, request, 409, "api-token-name-taken", times=2)


# The end


def test_the_last_owner_of_an_organization_stays(people: People, somebody: Person) -> None:
    """OWN-4."""
    home = people.done("POST", "/v1/organizations", body={"name": "Looms"}, token=somebody.token)
    problem = refused(people, deleting(somebody), 409, "last-owner")
    assert home["id"] in str(problem)


def test_who_is_gone_is_nobody(people: People, somebody: Person) -> None:
    """Not the account, its sessions, its tokens, its sign-ins or its links are worth anything."""
    token = people.api_token(somebody, NEEDLESS_SCOPE)["token"]
    begun, link = people.begun_sign_in(somebody), people.reset_token(somebody)
    assert deleting(somebody).sent_to(people).status_code == 204
    for credential in (somebody.token, token):
        refused(people, Request("GET", "/v1/account", token=credential), 401, "unauthenticated")
    body = {"email": somebody.email, "password": PASSWORD}
    refused(people, post("/v1/sign-ins", body), 401, "sign-in-refused")
    refused(people, post("/v1/sign-ins/email-codes", {"sign_in": begun}), 401, "sign-in-over")
    reset = {"token": link, "new_password": ANOTHER}
    refused(people, post("/v1/password-resets/completion", reset), 422, "reset-refused")
