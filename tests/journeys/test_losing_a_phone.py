"""Losing the phone with the authenticator app, and what is kept on paper for that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.journeys.people import PASSWORD, People, Person, Shown
from tests.service.identity.town import Town


def rescued(people: People, person: Person, recovery_code: str) -> Person:
    """In the Manage area, from a sign-in with a code from the paper."""
    begun = people.begun_sign_in(person)
    body = {"sign_in": begun, "method": "recovery_code", "code": recovery_code}
    entered = people.done("POST", "/v1/sign-ins/manage", body=body)
    return replace(person, manage=entered["token"])


def registered(people: People, shown: Shown) -> Person:
    """With the new app."""
    person = replace(shown.person, setup_key=shown.setup_key)
    path = f"/v1/manage/authenticators/{shown.authenticator_id}/confirmation"
    body = {"code": people.next_code(person)}
    people.done("POST", path, body=body, token=person.manage)
    return person


def signing_in(people: People, person: Person) -> str:
    """The level of the session that a code of the app gives, or the code of the refusal."""
    begun = people.begun_sign_in(person)
    body = {"sign_in": begun, "method": "totp", "code": people.next_code(person)}
    answer = people.send("POST", "/v1/sign-ins/completion", body=body).get_json()
    return str(answer.get("level", answer.get("code")))


def told(people: People, person: Person) -> set[str]:
    """The subjects of the mails they got."""
    return {mail.subject for mail in Town(people.suite).mails(person.email)}


def test_a_recovery_code_and_a_new_phone(people: People) -> None:
    """MAN-3, MAN-5, REG-3, REG-7, RC-9."""
    ada = people.enrolled(people.newcomer())
    there = rescued(people, ada, ada.recovery_codes[6])
    refused = people.send("GET", "/v1/organizations", token=there.manage)
    assert refused.get_json()["code"] == "manage-session"

    waiting = people.shown(there)
    assert signing_in(people, ada) == "aal2"
    newly = registered(people, waiting)
    assert signing_in(people, ada) == "code-refused"
    assert signing_in(people, newly) == "aal2"

    seen = people.done("GET", "/v1/manage", token=there.manage)
    assert (seen["recovery_codes"]["left"], seen["recovery_codes"]["of"]) == (9, 10)
    people.done("DELETE", "/v1/manage/session", token=there.manage)
    again = rescued(people, newly, ada.recovery_codes[0])
    assert people.done("GET", "/v1/manage", token=again.manage)["recovery_codes"]["left"] == 8
    assert told(people, ada) >= {
        "A recovery code was used for Freehold",
        "Your authenticator app for Freehold was replaced",
    }


def test_an_account_that_was_handed_over_on_paper(people: People) -> None:
    """RC-10, MAN-8, TOTP-9: recovery codes before any app open the Manage area for the first one."""
    bob = people.newcomer()
    shown = people.shown(people.managing(bob))
    path = f"/v1/manage/recovery-codes/{shown.batch_id}/confirmation"
    people.done("POST", path, token=shown.person.manage)
    people.done("DELETE", "/v1/manage/session", token=shown.person.manage)

    people.suite.clock.advance(timedelta(days=3))
    there = rescued(people, bob, shown.recovery_codes[-1])
    assert people.done("GET", "/v1/manage", token=there.manage)["authenticator"] is None
    assert signing_in(people, registered(people, people.shown(there))) == "aal2"


def test_the_paper_lost_too(people: People) -> None:
    """RC-6: operators reset second factors after their check; a mailed code signs in then."""
    eve = people.enrolled(people.newcomer())
    people.suite.instance("identity").reset_second_factors(eve.email, why="by tests: ticket 7")
    assert people.send("GET", "/v1/session", token=eve.token).status_code == 401
    assert signing_in(people, eve) == "method-not-offered"

    people.suite.clock.advance(timedelta(minutes=10))
    back = people.enrolled(people.signed_in(Person(eve.email)))
    assert signing_in(people, back) == "aal2"
    assert signing_in(people, eve) == "code-refused"
    begun = people.begun_sign_in(back)
    body = {"sign_in": begun, "method": "recovery_code", "code": eve.recovery_codes[0]}
    answer = people.send("POST", "/v1/sign-ins/manage", body=body)
    assert answer.get_json()["code"] == "code-refused"
    assert "Your second factors for Freehold were reset" in told(people, eve)


def test_the_password_forgotten_is_no_way_around_the_phone(people: People) -> None:
    """ASVS 6.4.3: a reset keeps second factors, ends what was open, and signs nobody in."""
    ida = people.enrolled(people.newcomer())
    link = people.reset_token(ida)
    body = {"token": link, "new_password": PASSWORD + " again"}
    people.done("POST", "/v1/password-resets/completion", body=body)
    assert people.send("GET", "/v1/session", token=ida.token).status_code == 401
    first_step = {"email": ida.email, "password": PASSWORD + " again"}
    begun = people.done("POST", "/v1/sign-ins", body=first_step)
    assert begun["methods"] == ["totp", "email"]
    assert begun["manage_methods"] == ["totp", "recovery_code"]
