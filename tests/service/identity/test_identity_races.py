"""What two terminals may do at once (J1)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"
RUNS = 30
Attempt = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    return make_town(
        postgresql=request.param == "postgresql",
        limit_codes_per_account="100000/60",
        limit_email_codes_per_account="100000/60",
    )


def at_once(*attempts: Attempt) -> list[str]:
    start = threading.Barrier(len(attempts))
    results = [""] * len(attempts)

    def run(number: int) -> None:
        start.wait()
        results[number] = attempts[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def completing(town: Town, person: Person, code: str, method: str = "totp") -> Attempt:
    sign_in = town.begins(person)
    return lambda: town.outcome("complete_sign_in", sign_in=sign_in, method=method, code=code)


def test_of_parallel_sign_ins_with_one_code_exactly_one_succeeds(town: Town) -> None:
    """TOTP-3, security 2.3: 30 runs."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(RUNS):
        code = town.next_code(key)
        outcomes = at_once(*(completing(town, ada, code) for _ in range(4)))
        assert Counter(outcomes) == {"done": 1, "code-used": 3}


def test_a_code_signs_in_or_steps_up_but_not_both(town: Town) -> None:
    """TOTP-3: over all purposes."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    for _ in range(RUNS):
        code = town.next_code(key)

        def step_up(code: str = code) -> str:
            return town.outcome("enrol_authenticator", token, password=PASSWORD, code=code)

        outcomes = at_once(completing(town, ada, code), step_up)
        assert Counter(outcomes) == {"done": 1, "code-used": 1}


def test_one_confirmation_of_two_counts(town: Town) -> None:
    """REG-6."""
    for number in range(10):
        person = town.newcomer(f"{number}@example.com")
        token = town.signs_in(person)
        pending = town.ask("enrol_authenticator", token, password=PASSWORD)
        code = town.shown(pending["setup_key"])
        given = {"authenticator_id": pending["authenticator_id"], "code": code}

        def confirm(token: str = token, given: dict[str, str] = given) -> str:
            return town.outcome("confirm_authenticator", token, **given)

        outcomes = Counter(at_once(confirm, confirm))
        assert outcomes["done"] == 1
        assert town.outcome("introspect", token=token) == "unauthenticated"


def test_one_sign_in_gives_one_session(town: Town) -> None:
    """EM-2."""
    ada = town.newcomer(ADA)
    for _ in range(10):
        town.clock.advance(STEP)
        sign_in = town.begins(ada)
        town.ask("send_sign_in_code", sign_in=sign_in)
        code = town.mails(ADA)[-1].code

        def complete(sign_in: str = sign_in, code: str = code) -> str:
            return town.outcome("complete_sign_in", sign_in=sign_in, method="email", code=code)

        outcomes = Counter(at_once(complete, complete, complete))
        assert outcomes["done"] == 1


def test_one_link_makes_one_account(town: Town) -> None:
    for number in range(10):
        email = f"{number}@example.com"
        town.ask("register_account", email=email, password=PASSWORD)
        town.ask("register_account", email=email, password=PASSWORD)
        tokens = [mail.token for mail in town.mails(email)]
        outcomes = at_once(
            *(lambda token=token: town.outcome("verify_email", token=token) for token in tokens * 2)
        )
        assert Counter(outcomes) == {"done": 1, "verification-refused": 3}


def test_parallel_guesses_are_all_counted(town: Town) -> None:
    """Security 2.2: counted before they are looked at; the sixth finds the account waiting."""
    town.newcomer(ADA)
    outcomes = at_once(
        *(lambda: town.outcome("sign_in", email=ADA, password="a wrong guess") for _ in range(8))
    )
    assert set(outcomes) == {"sign-in-refused"}
    reasons = Counter(entry.reason for entry in town.audit() if entry.action == "authn_login_fail")
    assert reasons == {"password": 5, "locked": 3}
