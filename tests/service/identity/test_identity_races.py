"""What two terminals may do at once (J1, J3)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from services.identity.models import RecoveryBatch
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"
RUNS = 30
Attempt = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    return make_town(
        postgresql=request.param == "postgresql",
        recovery_code_count=RUNS,
        sessions_most=1_000,
        limit_codes_per_account="100000/60",
        limit_email_codes_per_account="100000/60",
        limit_recovery_codes_per_account="100000/60",
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


def opening(town: Town, person: Person, code: str, method: str = "recovery_code") -> Attempt:
    sign_in = town.begins(person)
    return lambda: town.outcome("open_manage", sign_in=sign_in, method=method, code=code)


def entering(town: Town, token: str, code: str) -> Attempt:
    return lambda: town.outcome("enter_manage", token, password=PASSWORD, method="totp", code=code)


def confirming(town: Town, manage: str, batch_id: str) -> Attempt:
    return lambda: town.outcome("confirm_recovery_codes", manage, batch_id=batch_id)


# One-time passwords


def test_of_parallel_sign_ins_with_one_code_exactly_one_succeeds(town: Town) -> None:
    """TOTP-3, security 2.3: 30 runs."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(RUNS):
        code = town.next_code(key)
        outcomes = at_once(*(completing(town, ada, code) for _ in range(4)))
        assert Counter(outcomes) == {"done": 1, "code-used": 3}


def test_a_code_serves_one_of_all_purposes(town: Town) -> None:
    """TOTP-3: signing in, entering the Manage area both ways, and entering credentials again."""
    ada = town.newcomer(ADA)
    key, token = town.enrols(ada, town.signs_in(ada))
    stepping = town.signs_in_with(ada, key)
    for _ in range(RUNS):
        code = town.next_code(key)

        def step_up(token: str = stepping, code: str = code) -> str:
            return town.outcome("step_up", token, password=PASSWORD, code=code)

        outcomes = at_once(
            step_up,
            completing(town, ada, code),
            opening(town, ada, code, "totp"),
            entering(town, token, code),
        )
        assert Counter(outcomes) == {"done": 1, "code-used": 3}
        if outcomes[0] == "done":
            # Its session ended with it.
            stepping = town.signs_in_with(ada, key)


def test_the_code_of_a_registration_never_signs_in(town: Town) -> None:
    """REG-3, REG-5: before REGISTER it is no code of the account, afterwards it is used up."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(RUNS):
        # Anew each time: a step of the clock is good for one code, and the Manage session ends soon.
        manage = town.manages_from_sign_in(ada, town.next_code(key))
        pending = town.ask("register_authenticator", manage)
        key = pending["setup_key"]
        code = town.next_code(key)
        given = {"authenticator_id": pending["authenticator_id"], "code": code}

        def register(manage: str = manage, given: dict[str, str] = given) -> str:
            return town.outcome("confirm_authenticator", manage, **given)

        registered, signed_in = at_once(register, completing(town, ada, code))
        assert registered == "done"
        assert signed_in in ("code-refused", "code-used")


def test_one_confirmation_of_two_counts(town: Town) -> None:
    """REG-6, J1: 30 runs."""
    ada = town.newcomer(ADA)
    key, _token = town.enrols(ada, town.signs_in(ada))
    for _ in range(RUNS):
        manage = town.manages_from_sign_in(ada, town.next_code(key))
        pending = town.ask("register_authenticator", manage)
        key = pending["setup_key"]
        given = {"authenticator_id": pending["authenticator_id"], "code": town.next_code(key)}

        def confirm(manage: str = manage, given: dict[str, str] = given) -> str:
            return town.outcome("confirm_authenticator", manage, **given)

        outcomes = Counter(at_once(confirm, confirm))
        assert outcomes == {"done": 1, "authenticator-not-found": 1}


# Recovery codes


def test_of_parallel_uses_of_one_recovery_code_exactly_one_succeeds(town: Town) -> None:
    """RC-2, J3, security 2.4: 30 runs."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    for code in town.issues(town.manages(ada, token)):
        outcomes = at_once(*(opening(town, ada, code) for _ in range(4)))
        assert Counter(outcomes) == {"done": 1, "code-used": 3}
    assert town.ask("get_account", token)["recovery_codes_left"] == 0


def test_recovery_codes_are_confirmed_once(town: Town) -> None:
    """RC-4, J3."""
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    for _ in range(RUNS):
        batch = town.ask("create_recovery_codes", manage)
        outcomes = at_once(*(confirming(town, manage, batch["batch_id"]) for _ in range(3)))
        assert Counter(outcomes) == {"done": 1, "recovery-codes-not-found": 2}


def test_of_an_old_code_and_the_confirmation_that_ends_it_both_may_win_but_once(
    town: Town,
) -> None:
    """RC-4: the old code opens the Manage area before CONFIRM or not at all."""
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    old = town.issues(manage)
    for _ in range(RUNS):
        batch = town.ask("create_recovery_codes", manage)
        confirmed, opened = at_once(
            confirming(town, manage, batch["batch_id"]), opening(town, ada, old[0])
        )
        assert confirmed == "done"
        assert opened in ("done", "code-refused")
        assert opening(town, ada, old[1])() == "code-refused"
        old = batch["codes"]


def test_two_manage_sessions_show_one_batch_at_most(town: Town) -> None:
    """RC-5, J3: CREATE replaces what CONFIRM was for, or CONFIRM ends who would CREATE."""
    ada = town.newcomer(ADA)
    token = town.signs_in(ada)
    for _ in range(RUNS):
        here, there = town.manages(ada, token), town.manages(ada, token)
        batch = town.ask("create_recovery_codes", here)
        confirmed, created = at_once(
            confirming(town, here, batch["batch_id"]),
            lambda there=there: town.outcome("create_recovery_codes", there),  # type: ignore[misc]
        )
        first = ("done", "unauthenticated"), ("recovery-codes-not-found", "done")
        assert (confirmed, created) in first
        assert Counter(batches(town))["pending"] == (0 if confirmed == "done" else 1)
        assert Counter(batches(town))["active"] <= 1


def batches(town: Town) -> list[str]:
    with town.suite.databases["identity"].reading() as session:
        return list(session.scalars(select(RecoveryBatch.state)))


# Sign-ins and links


def test_one_sign_in_gives_one_session(town: Town) -> None:
    """EM-2: 30 runs."""
    ada = town.newcomer(ADA)
    for _ in range(RUNS):
        town.clock.advance(STEP)
        sign_in = town.begins(ada)
        town.ask("send_sign_in_code", sign_in=sign_in)
        code = town.mails(ADA)[-1].code

        def complete(sign_in: str = sign_in, code: str = code) -> str:
            return town.outcome("complete_sign_in", sign_in=sign_in, method="email", code=code)

        outcomes = Counter(at_once(complete, complete, complete))
        assert outcomes["done"] == 1


def test_a_sign_in_leads_to_a_session_or_to_the_manage_area(town: Town) -> None:
    """MAN-5: with two right codes at once it still ends once."""
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    key, codes = town.registers(manage), town.issues(manage)
    for recovery_code in codes:
        sign_in, code = town.begins(ada), town.next_code(key)

        def complete(sign_in: str = sign_in, code: str = code) -> str:
            return town.outcome("complete_sign_in", sign_in=sign_in, method="totp", code=code)

        def manage_too(sign_in: str = sign_in, code: str = recovery_code) -> str:
            return town.outcome("open_manage", sign_in=sign_in, method="recovery_code", code=code)

        assert Counter(at_once(complete, manage_too)) == {"done": 1, "sign-in-over": 1}


def test_one_link_makes_one_account(town: Town) -> None:
    for number in range(RUNS):
        email = f"{number}@example.com"
        town.ask("register_account", email=email, password=PASSWORD)
        town.ask("register_account", email=email, password=PASSWORD)
        tokens = [mail.token for mail in town.mails(email)]
        verify = partial(town.outcome, "verify_email", password=PASSWORD)
        outcomes = at_once(*(partial(verify, token=token) for token in tokens * 2))
        assert Counter(outcomes) == {"done": 1, "verification-refused": 3}


# Guessing


def test_parallel_guesses_are_all_counted(town: Town) -> None:
    """Security 2.2: counted before they are looked at; the sixth finds the account waiting."""
    town.newcomer(ADA)
    outcomes = at_once(
        *(lambda: town.outcome("sign_in", email=ADA, password="a wrong guess") for _ in range(8))
    )
    assert set(outcomes) == {"sign-in-refused"}
    reasons = Counter(entry.reason for entry in town.audit() if entry.action == "authn_login_fail")
    assert reasons == {"password": 5, "locked": 3}


@pytest.mark.parametrize("postgresql", [False, True])
def test_parallel_guesses_at_second_factors_share_one_counter(
    make_town: MakeTown, *, postgresql: bool
) -> None:
    """Security 2.2, J5: over all factors and all sign-ins of the account."""
    town = make_town(postgresql=postgresql)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    key, codes = town.registers(manage), town.issues(manage)
    town.clock.advance(STEP * 2)
    right = {town.shown(key), *codes}
    wrong_code = next(code for code in ("123456", "654321") if code not in right)
    wrong_recovery = next(code for code in ("12345678", "87654321") if code not in right)
    outcomes = at_once(
        *(completing(town, ada, wrong_code) for _ in range(4)),
        *(opening(town, ada, wrong_recovery) for _ in range(4)),
    )
    assert Counter(outcomes)["throttled"] == 3
    assert completing(town, ada, town.shown(key))() == "throttled"
