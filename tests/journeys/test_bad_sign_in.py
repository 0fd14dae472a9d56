"""What can be wrong between an address and a session, at one step only."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.journeys.people import PASSWORD, People, Person
from tests.journeys.refusal import post, refused


@pytest.fixture(autouse=True)
def _time_passes(people: People) -> None:
    """More than there must be between two mailed codes."""
    people.suite.clock.advance(timedelta(minutes=2))


@pytest.fixture
def somebody(people: People) -> Person:
    return people.registered(f"{uuid4().hex}@example.com")


# Register and verify


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("too short", "password-too-short"),
        ("x" * 1000, "password-too-long"),
        ("passwordpassword", "password-breached"),
        ("Freehold Freehold 1", "password-context"),
    ],
)
def test_a_poor_password_is_refused(people: People, password: str, code: str) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": password}
    refused(people, post("/v1/accounts", body), 422, code)


def test_a_wrong_verification_token_is_refused_twice(people: People) -> None:
    request = post("/v1/email-verifications", {"token": "x" * 43, "password": PASSWORD})
    refused(people, request, 422, "verification-refused", times=2)


def test_a_verification_token_works_once(people: People) -> None:
    token = people.registration_token(f"{uuid4().hex}@example.com")
    request = post("/v1/email-verifications", {"token": token, "password": PASSWORD})
    assert request.sent_to(people).status_code == 204
    refused(people, request, 422, "verification-refused", times=2)


def test_a_password_of_another_registration_leaves_the_link_good(people: People) -> None:
    """The one that counts is typed by who reads the mail, and at this registration (ACC-2)."""
    body = {"token": people.registration_token(f"{uuid4().hex}@example.com")}
    wrong = post("/v1/email-verifications", {**body, "password": "a wrong guess at it"})
    refused(people, wrong, 422, "verification-password-refused", times=2)
    people.done("POST", "/v1/email-verifications", body={**body, "password": PASSWORD})


# Sign in


def test_why_a_sign_in_is_refused_is_not_said(people: People, somebody: Person) -> None:
    waiting, email = f"{uuid4().hex}@example.com", somebody.email
    people.registration_token(waiting)
    told = {
        refused(
            people,
            post("/v1/sign-ins", {"email": who, "password": password}),
            401,
            "sign-in-refused",
        )["detail"]
        for who, password in (
            ("nobody@example.com", PASSWORD),
            (email, PASSWORD.upper()),
            (email, PASSWORD + "\u202e"),
            (waiting, PASSWORD),
        )
    }
    assert len(told) == 1


def test_a_code_is_not_mailed_twice_in_a_minute(people: People, somebody: Person) -> None:
    begun, _ = people.with_code(somebody)
    refused(people, post("/v1/sign-ins/email-codes", {"sign_in": begun}), 429, "throttled")


@pytest.mark.parametrize("path", ["/v1/sign-ins/email-codes", "/v1/sign-ins/completion"])
def test_a_made_up_sign_in_is_over(people: People, path: str) -> None:
    code = {"method": "email", "code": "123456"} if path.endswith("completion") else {}
    refused(people, post(path, {"sign_in": "x" * 43, **code}), 401, "sign-in-over")


@pytest.mark.parametrize(
    ("method", "code", "expected"),
    [
        ("email", "wrong", "code-refused"),
        ("email", "12345", "code-refused"),
        ("email", "123456789", "code-refused"),
        ("email", "²²²²²²", "code-refused"),
        ("email", "\u202e123456\u202c", "code-refused"),
        ("email", None, "code-refused"),
        ("totp", "123456", "method-not-offered"),
        (None, None, "method-not-offered"),
    ],
)
def test_a_wrong_second_step_is_refused(
    people: People, somebody: Person, method: str | None, code: str | None, expected: str
) -> None:
    begun, _ = people.with_code(somebody)
    body = {"sign_in": begun, "method": method, "code": code}
    refused(people, post("/v1/sign-ins/completion", body), 422, expected, times=2)


def test_five_wrong_codes_are_the_end_of_the_right_one(people: People, somebody: Person) -> None:
    begun, right = people.with_code(somebody)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    body = {"sign_in": begun, "method": "email", "code": wrong}
    refused(people, post("/v1/sign-ins/completion", body), 422, "code-refused", times=5)
    body["code"] = right
    problem = post("/v1/sign-ins/completion", body).sent_to(people)
    assert problem.status_code in (422, 429), problem.text


def test_a_sign_in_is_completed_once(people: People, somebody: Person) -> None:
    begun, code = people.with_code(somebody)
    request = post("/v1/sign-ins/completion", {"sign_in": begun, "method": "email", "code": code})
    assert request.sent_to(people).status_code == 201
    refused(people, request, 401, "sign-in-over")


def test_a_code_of_the_authenticator_signs_in_once(people: People, somebody: Person) -> None:
    person = people.enrolled(people.signed_in(somebody))
    first, second = people.begun_sign_in(person), people.begun_sign_in(person)
    code = people.next_code(person)
    bodies = [{"sign_in": each, "method": "totp", "code": code} for each in (first, second)]
    assert post("/v1/sign-ins/completion", bodies[0]).sent_to(people).status_code == 201
    refused(people, post("/v1/sign-ins/completion", bodies[1]), 422, "code-used", times=2)


# Entering credentials again


def test_entering_credentials_again_takes_all_of_them(people: People, somebody: Person) -> None:
    person = people.enrolled(people.signed_in(somebody))
    for body, status, code in (
        ({"password": PASSWORD + "!"}, 403, "credentials-refused"),
        ({"password": PASSWORD}, 422, "code-required"),
        ({"password": PASSWORD, "code": "wrong"}, 422, "code-refused"),
        ({"password": PASSWORD, "code": people.code(person.setup_key)}, 422, "code-used"),
        ({"password": PASSWORD, "code": person.recovery_codes[0]}, 422, "code-refused"),
    ):
        refused(people, post("/v1/session/step-up", body, person.token), status, code)


def test_the_token_before_is_worth_nothing(people: People, somebody: Person) -> None:
    person = people.signed_in(somebody)
    request = post("/v1/session/step-up", {"password": PASSWORD}, person.token)
    assert request.sent_to(people).status_code == 201
    refused(people, request, 401, "unauthenticated", times=2)
