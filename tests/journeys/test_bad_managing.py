"""What can be wrong on the way into the Manage area and in it, at one step only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.people import PASSWORD, People, Person, Shown
from tests.journeys.refusal import post, refused
from tests.journeys.request import Request

ENTER = "/v1/manage/sessions"
OPEN = "/v1/sign-ins/manage"
AUTHENTICATORS = "/v1/manage/authenticators"
RECOVERY_CODES = "/v1/manage/recovery-codes"
NO_APP, NO_CODES = "authenticator-not-found", "recovery-codes-not-found"


@pytest.fixture
def somebody(people: People) -> Person:
    return people.newcomer()


@pytest.fixture
def enrolled(people: People, somebody: Person) -> Person:
    """With an authenticator and recovery codes."""
    return people.enrolled(somebody)


@pytest.fixture
def waiting(people: People, somebody: Person) -> Shown:
    """With both shown, and neither confirmed."""
    return people.shown(people.managing(somebody))


def another(digits: str) -> str:
    """As many digits that are not these."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"


def registering(shown: Shown, code: str, person: Person | None = None) -> Request:
    path = f"{AUTHENTICATORS}/{shown.authenticator_id}/confirmation"
    return post(path, {"code": code}, (person or shown.person).manage)


def confirming(shown: Shown, person: Person | None = None) -> Request:
    path = f"{RECOVERY_CODES}/{shown.batch_id}/confirmation"
    return post(path, token=(person or shown.person).manage)


def works(people: People, request: Request) -> Any:
    answer = request.sent_to(people)
    assert answer.status_code < 300, answer.text
    return answer.get_json(silent=True)


# Entering from a session


def test_entering_takes_the_password(people: People, somebody: Person) -> None:
    """ACC-9."""
    request = post(ENTER, {"password": PASSWORD + "!"}, somebody.token)
    refused(people, request, 403, "credentials-refused", times=2)


@pytest.mark.parametrize(
    ("factor", "code"),
    [
        ({}, "code-required"),
        ({"code": "123456"}, "code-required"),
        ({"method": "totp"}, "code-required"),
        ({"method": "recovery_code"}, "code-required"),
        ({"method": "email", "code": "123456"}, "invalid-request"),
        ({"method": "totp", "code": "wrong"}, "code-refused"),
        ({"method": "totp", "code": "12345678"}, "code-refused"),
        ({"method": "recovery_code", "code": "123456"}, "code-refused"),
        ({"method": "recovery_code", "code": "123456789"}, "code-refused"),
        ({"method": "recovery_code", "code": "²²²²²²²²"}, "code-refused"),
        ({"method": "recovery_code", "code": "\u202e12345678"}, "code-refused"),
    ],
)
def test_entering_takes_a_second_factor_too_where_there_is_one(
    people: People, enrolled: Person, factor: dict[str, str], code: str
) -> None:
    """ACC-9, MAN-2: a mailed code is none."""
    request = post(ENTER, {"password": PASSWORD, **factor}, enrolled.token)
    refused(people, request, 422, code, times=2)


def test_a_factor_opens_the_manage_area_once(people: People, enrolled: Person) -> None:
    """TOTP-3, RC-2: and no other's does."""
    stranger = people.enrolled(people.newcomer())
    codes = {
        "totp": people.next_code(enrolled),
        "recovery_code": enrolled.recovery_codes[3],
    }
    for method, code in codes.items():
        request = post(
            ENTER, {"password": PASSWORD, "method": method, "code": code}, enrolled.token
        )
        refused(people, replace(request, token=stranger.token), 422, "")
        works(people, request)
        refused(people, request, 422, "code-used", times=2)


def test_five_wrong_codes_make_the_right_one_wait(people: People, enrolled: Person) -> None:
    """Security 2.2: whatever they are for, and however it is entered."""
    wrong = another(enrolled.recovery_codes[0])
    body = {"password": PASSWORD, "method": "recovery_code", "code": wrong}
    refused(people, post(ENTER, body, enrolled.token), 422, "code-refused", times=5)
    body["code"] = enrolled.recovery_codes[0]
    refused(people, post(ENTER, body, enrolled.token), 429, "throttled", times=2)
    body = {"sign_in": people.begun_sign_in(enrolled), "method": "totp", "code": "123456"}
    body["code"] = people.next_code(enrolled)
    refused(people, post(OPEN, body), 429, "throttled")
    refused(people, post("/v1/sign-ins/completion", body), 429, "throttled")


# Entering from a sign-in


def test_a_sign_in_that_is_over_leads_nowhere(people: People, enrolled: Person) -> None:
    """Made up, too old, or completed."""
    old = people.begun_sign_in(enrolled)
    people.suite.clock.advance(timedelta(minutes=11))
    completed = people.begun_sign_in(enrolled)
    body = {"sign_in": completed, "method": "totp", "code": people.next_code(enrolled)}
    works(people, post("/v1/sign-ins/completion", body))
    code = enrolled.recovery_codes[0]
    for sign_in in ("x" * 43, old, completed):
        body = {"sign_in": sign_in, "method": "recovery_code", "code": code}
        refused(people, post(OPEN, body), 401, "sign-in-over")


def test_a_mailed_code_opens_nothing(people: People, enrolled: Person) -> None:
    """MAN-3: no downgrade."""
    people.suite.clock.advance(timedelta(minutes=2))
    begun, mailed = people.with_code(enrolled)
    for method, code in (
        ("email", "invalid-request"),
        ("totp", "code-refused"),
        ("recovery_code", "code-refused"),
    ):
        body = {"sign_in": begun, "method": method, "code": mailed}
        refused(people, post(OPEN, body), 422, code)


def test_what_was_never_set_up_opens_nothing(people: People, somebody: Person) -> None:
    """ACC-5."""
    begun = people.begun_sign_in(somebody)
    for method, code in (("totp", "123456"), ("recovery_code", "12345678")):
        body = {"sign_in": begun, "method": method, "code": code}
        refused(people, post(OPEN, body), 422, "method-not-offered")


def test_a_code_of_somebody_else_opens_nothing(people: People, enrolled: Person) -> None:
    """Security, chapter 3: the second step of one account with the sign-in of another."""
    stranger = people.enrolled(people.newcomer())
    body = {
        "sign_in": people.begun_sign_in(enrolled),
        "method": "recovery_code",
        "code": stranger.recovery_codes[0],
    }
    refused(people, post(OPEN, body), 422, "code-refused")
    body |= {"method": "totp", "code": people.next_code(stranger)}
    # Once in a while it is also a code of another time.
    refused(people, post(OPEN, body), 422, "")


def test_a_recovery_code_opens_the_manage_area_once(people: People, enrolled: Person) -> None:
    """RC-2: also for another sign-in."""
    body = {"method": "recovery_code", "code": enrolled.recovery_codes[0]}
    first, second = (
        post(OPEN, {"sign_in": people.begun_sign_in(enrolled), **body}) for _ in range(2)
    )
    works(people, first)
    refused(people, first, 401, "sign-in-over")
    refused(people, second, 422, "code-used", times=2)


# The session


@pytest.mark.parametrize("minutes", [[10], [8, 8]])
def test_a_manage_session_ends_by_itself(
    people: People, waiting: Shown, minutes: list[int]
) -> None:
    """MAN-5: ten minutes unused, or fifteen in all; what it showed is worth nothing then."""
    code = people.code(waiting.setup_key)
    for pause in minutes:
        people.send("GET", "/v1/manage", token=waiting.person.manage)
        people.suite.clock.advance(timedelta(minutes=pause))
    for request in (registering(waiting, code), confirming(waiting)):
        refused(people, request, 401, "unauthenticated")
    again = people.managing(waiting.person)
    refused(people, registering(waiting, code, again), 404, NO_APP)
    refused(people, confirming(waiting, again), 404, NO_CODES)


def test_who_left_the_manage_area_is_out(people: People, waiting: Shown) -> None:
    """MAN-5, REG-4, RC-5."""
    people.done("DELETE", "/v1/manage/session", token=waiting.person.manage)
    code = people.code(waiting.setup_key)
    for request in (registering(waiting, code), confirming(waiting)):
        refused(people, request, 401, "unauthenticated")
    again = people.managing(waiting.person)
    refused(people, registering(waiting, code, again), 404, NO_APP)
    refused(people, confirming(waiting, again), 404, NO_CODES)


# Registering an authenticator


def test_a_wrong_first_code_registers_nothing(people: People, waiting: Shown) -> None:
    """REG-4: a wrong one, one of another app, one of another time; then the right one does."""
    right = people.code(waiting.setup_key)
    for code in ("wrong", right + "0"):
        refused(people, registering(waiting, code), 422, "code-refused")
    refused(people, registering(waiting, another(right)), 422, "", times=2)
    people.suite.clock.advance(timedelta(seconds=90))
    refused(people, registering(waiting, right), 422, "totp-out-of-sync")
    works(people, registering(waiting, people.code(waiting.setup_key)))


def test_a_setup_key_belongs_to_the_session_it_was_shown_in(people: People, waiting: Shown) -> None:
    """Security 2.3: neither a stranger nor another Manage session of its owner confirms it."""
    code = people.code(waiting.setup_key)
    stranger, elsewhere = people.managing(people.newcomer()), people.managing(waiting.person)
    path = f"{AUTHENTICATORS}/{waiting.authenticator_id}"
    for person in (stranger, elsewhere):
        refused(people, registering(waiting, code, person), 404, NO_APP)
        for method in ("GET", "DELETE"):
            request = Request(method, path, token=person.manage)
            refused(people, request, 404, NO_APP)


def test_an_authenticator_is_registered_once(people: People, waiting: Shown) -> None:
    """TOTP-8: and its setup key never shown again."""
    request = registering(waiting, people.code(waiting.setup_key))
    works(people, request)
    refused(people, request, 404, NO_APP, times=2)
    path = f"{AUTHENTICATORS}/{waiting.authenticator_id}"
    for method in ("GET", "DELETE"):
        refused(people, Request(method, path, token=waiting.person.manage), 404, NO_APP)


def test_a_setup_key_that_was_replaced_or_given_up_registers_nothing(
    people: People, waiting: Shown
) -> None:
    """REG-4."""
    newer = people.shown(waiting.person)
    refused(people, registering(waiting, people.code(waiting.setup_key)), 404, NO_APP)
    path = f"{AUTHENTICATORS}/{newer.authenticator_id}"
    people.done("DELETE", path, token=newer.person.manage)
    refused(people, registering(newer, people.code(newer.setup_key)), 404, NO_APP)


def test_the_code_that_registered_signs_in_nobody(people: People, waiting: Shown) -> None:
    """REG-3, REG-5: not before, not with it, not afterwards."""
    begun = people.begun_sign_in(waiting.person)
    code = people.code(waiting.setup_key)
    body = {"sign_in": begun, "method": "totp", "code": code}
    refused(people, post("/v1/sign-ins/completion", body), 422, "method-not-offered")
    works(people, registering(waiting, code))
    refused(people, post("/v1/sign-ins/completion", body), 422, "code-used", times=2)


def test_there_must_be_an_authenticator_to_remove(people: People, waiting: Shown) -> None:
    request = Request("DELETE", "/v1/manage/authenticator", token=waiting.person.manage)
    refused(people, request, 404, NO_APP, times=2)


# Recovery codes


def test_recovery_codes_are_worth_nothing_before_they_are_confirmed(
    people: People, enrolled: Person
) -> None:
    """RC-4: the earlier ones still work; after CONFIRM it is the other way round."""
    newer = people.shown(people.managing(enrolled))

    def opening(code: str) -> Request:
        sign_in = people.begun_sign_in(enrolled)
        return post(OPEN, {"sign_in": sign_in, "method": "recovery_code", "code": code})

    refused(people, opening(newer.recovery_codes[0]), 422, "code-refused")
    works(people, opening(enrolled.recovery_codes[0]))
    works(people, confirming(newer))
    refused(people, opening(enrolled.recovery_codes[1]), 422, "code-refused")
    works(people, opening(newer.recovery_codes[0]))


def test_recovery_codes_are_confirmed_once(people: People, waiting: Shown) -> None:
    """RC-4."""
    works(people, confirming(waiting))
    refused(people, confirming(waiting), 404, NO_CODES, times=2)
    path = f"{RECOVERY_CODES}/{waiting.batch_id}"
    refused(people, Request("DELETE", path, token=waiting.person.manage), 404, NO_CODES)


def test_recovery_codes_belong_to_the_session_they_were_shown_in(
    people: People, waiting: Shown
) -> None:
    """Security 2.4; chapter 3: CONFIRM of another account's batch."""
    stranger, elsewhere = people.managing(people.newcomer()), people.managing(waiting.person)
    path = f"{RECOVERY_CODES}/{waiting.batch_id}"
    for person in (stranger, elsewhere):
        refused(people, confirming(waiting, person), 404, NO_CODES)
        refused(people, Request("DELETE", path, token=person.manage), 404, NO_CODES)


def test_recovery_codes_that_were_replaced_or_given_up_are_never_confirmed(
    people: People, waiting: Shown
) -> None:
    """RC-5."""
    newer = people.shown(waiting.person)
    refused(people, confirming(waiting), 404, NO_CODES)
    people.done("DELETE", f"{RECOVERY_CODES}/{newer.batch_id}", token=newer.person.manage)
    refused(people, confirming(newer), 404, NO_CODES)
