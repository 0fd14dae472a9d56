"""What happens to a second step when the account changes under it, on PostgreSQL (J1, MAN-3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.identity.models import (
    Account,
    PasswordCredential,
    SessionRow,
    TotpActive,
    TotpPending,
)
from services.identity.queries import factors, sessions
from tests import races
from tests.service.identity.test_identity_races import Attempt, at_once
from tests.service.identity.town import PASSWORD, STEP, MakeTown, Person, Town

ADA = "ada@example.com"
RUNS = 30

Change = Callable[[Session, Account], None]


def crowded(make_town: MakeTown, **settings: object) -> Town:
    """Where only what is raced for stops anybody."""
    return make_town(
        postgresql=True,
        sessions_most=1_000,
        limit_codes_per_account="100000/60",
        limit_email_codes_per_account="100000/60",
        **settings,
    )


@pytest.fixture
def town(make_town: MakeTown) -> Town:
    return crowded(make_town)


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def overtaken(town: Town, attempt: Attempt, change: Change) -> str:
    """The outcome of an attempt whose account changes after it looked and before it has the lock."""
    account = select(Account).where(Account.email == ADA).with_for_update(key_share=True)
    return str(races.overtaken(town.suite.databases["identity"], account, attempt, change))


def disable(_session: Session, account: Account) -> None:
    account.disabled_at = account.registered_at


def replace_password(session: Session, account: Account) -> None:
    kept = session.get(PasswordCredential, account.id)
    assert kept is not None
    kept.changed_at = kept.changed_at.replace(year=kept.changed_at.year + 1)


def register(session: Session, account: Account) -> None:
    """An authenticator, from another terminal."""
    session.add(
        TotpActive(
            account_id=account.id,
            id=uuid4(),
            sealed_key="of no matter",
            registered_at=account.registered_at,
            failures=0,
        )
    )


def end_sessions(session: Session, account: Account) -> None:
    for row in sessions.sessions_least_seen_first(session, account.id):
        sessions.drop_shown_in(session, account.id, row.id)
        sessions.end_session(session, row.id)


def count(town: Town, table: type[SessionRow] | type[TotpActive] | type[TotpPending]) -> int:
    with town.suite.databases["identity"].reading() as session:
        return len(session.scalars(select(table)).all())


def by_mail(town: Town, person: Person) -> Attempt:
    sign_in = town.begins(person)
    town.ask("send_sign_in_code", sign_in=sign_in)
    given = {"sign_in": sign_in, "method": "email", "code": town.mails(ADA)[-1].code}
    return lambda: town.outcome("complete_sign_in", **given)


def registering(town: Town, manage: str) -> Attempt:
    return lambda: town.outcome("register_authenticator", manage)


# A sign-in that goes on with what is no longer so


@pytest.mark.parametrize("change", [disable, replace_password])
def test_a_sign_in_does_not_begin_with_what_changed_while_it_was_looked_at(
    town: Town, ada: Person, change: Change
) -> None:
    """Security 2.2, 2.5."""

    def begin() -> str:
        return town.outcome("sign_in", email=ada.email, password=ada.password)

    assert overtaken(town, begin, change) == "sign-in-refused"


def test_a_disabled_account_does_not_get_through_the_last_moment(town: Town, ada: Person) -> None:
    """Security 2.2: in no direction."""
    key, _token = town.enrols(ada, town.signs_in(ada))
    code = town.next_code(key)
    given = {"sign_in": town.begins(ada), "method": "totp", "code": code}
    before = count(town, SessionRow)
    completing = by_mail(town, ada)
    assert overtaken(town, completing, disable) == "sign-in-over"
    with town.suite.databases["identity"]() as session:
        session.scalars(select(Account)).one().disabled_at = None
    for operation in ("complete_sign_in", "open_manage"):

        def attempt(operation: str = operation) -> str:
            return town.outcome(operation, **given)

        assert overtaken(town, attempt, disable) == "sign-in-over"
        with town.suite.databases["identity"]() as session:
            session.scalars(select(Account)).one().disabled_at = None
    assert count(town, SessionRow) == before
    assert town.outcome("complete_sign_in", **given) == "done"


def test_a_mailed_code_does_not_open_the_manage_area_beside_an_authenticator_registered_meanwhile(
    make_town: MakeTown,
) -> None:
    """MAN-3: where everybody must have one and this account had none when the code was entered."""
    town = crowded(make_town, mfa_policy="totp_required")
    ada = town.newcomer(ADA)
    assert overtaken(town, by_mail(town, ada), register) == "method-not-offered"
    assert count(town, SessionRow) == 0


def test_no_second_step_does_not_do_beside_an_authenticator_registered_meanwhile(
    make_town: MakeTown,
) -> None:
    """ACC-7."""
    town = crowded(make_town, mfa_policy="optional")
    ada = town.newcomer(ADA)
    sign_in = town.begins(ada)

    def complete() -> str:
        return town.outcome("complete_sign_in", sign_in=sign_in)

    assert overtaken(town, complete, register) == "method-not-offered"
    assert count(town, SessionRow) == 0


@pytest.mark.parametrize("operation", ["enter_manage", "step_up"])
def test_the_password_alone_does_not_do_beside_an_authenticator_registered_meanwhile(
    town: Town, ada: Person, operation: str
) -> None:
    """ACC-9, MAN-3."""
    session = town.signs_in(ada)

    def again() -> str:
        return town.outcome(operation, session, password=PASSWORD)

    assert overtaken(town, again, register) == "code-required"
    assert count(town, SessionRow) == 1


@pytest.mark.parametrize("operation", ["enter_manage", "step_up"])
def test_the_credentials_of_a_session_that_ends_meanwhile_open_nothing(
    town: Town, ada: Person, operation: str
) -> None:
    """Security 2.5: as where the password is changed on another terminal."""
    session = town.signs_in(ada)

    def again() -> str:
        return town.outcome(operation, session, password=PASSWORD)

    assert overtaken(town, again, end_sessions) == "unauthenticated"
    assert count(town, SessionRow) == 0


# REGISTER


def test_register_does_not_outlive_its_manage_session(town: Town, ada: Person) -> None:
    """REG-4: the session ended while the code was on its way."""
    manage = town.manages(ada, town.signs_in(ada))
    pending = town.ask("register_authenticator", manage)
    given = {
        "authenticator_id": pending["authenticator_id"],
        "code": town.shown(pending["setup_key"]),
    }

    def confirm() -> str:
        return town.outcome("confirm_authenticator", manage, **given)

    assert overtaken(town, confirm, end_sessions) == "unauthenticated"
    assert (count(town, TotpActive), count(town, TotpPending)) == (0, 0)


def test_a_code_of_register_is_used_up_only_by_what_it_registers(town: Town, ada: Person) -> None:
    """REG-4, REG-5: where the pending one is given up in between, the step stays good."""
    manage = town.manages(ada, town.signs_in(ada))
    pending = town.ask("register_authenticator", manage)
    given = {
        "authenticator_id": pending["authenticator_id"],
        "code": town.shown(pending["setup_key"]),
    }

    def confirm() -> str:
        return town.outcome("confirm_authenticator", manage, **given)

    def give_up(session: Session, account: Account) -> None:
        factors.drop_pending(session, account.id)

    assert overtaken(town, confirm, give_up) == "authenticator-not-found"
    town.registers(manage)


@pytest.mark.parametrize("other", ["cancel", "leave", "anew"])
def test_of_register_and_what_gives_it_up_one_comes_first(
    town: Town, ada: Person, other: str
) -> None:
    """REG-3, REG-4: then the other finds nothing; either way one authenticator signs in."""
    session = town.signs_in(ada)
    key = town.registers(town.manages(ada, session))
    for _ in range(RUNS):
        manage = town.manages_from_sign_in(ada, town.next_code(key))
        pending = town.ask("register_authenticator", manage)
        code = town.next_code(pending["setup_key"])
        named = {"authenticator_id": pending["authenticator_id"]}

        def confirm(manage: str = manage, named: dict[str, str] = named, code: str = code) -> str:
            return town.outcome("confirm_authenticator", manage, **named, code=code)

        def give_up(manage: str = manage, named: dict[str, str] = named) -> str:
            if other == "cancel":
                return town.outcome("cancel_authenticator", manage, **named)
            return town.outcome(
                "leave_manage" if other == "leave" else "register_authenticator", manage
            )

        confirmed, given_up = at_once(confirm, give_up)
        if confirmed == "done":
            key = pending["setup_key"]
            assert given_up == ("authenticator-not-found" if other == "cancel" else "done")
        else:
            assert confirmed in ("authenticator-not-found", "unauthenticated")
            assert given_up == "done"
        assert count(town, TotpActive) == 1
        town.clock.advance(STEP)
        assert town.completes(ada, town.shown(key)) == "done"


def test_of_two_manage_sessions_that_register_the_last_counts(town: Town, ada: Person) -> None:
    """REG-4, REG-6: one pending and one active authenticator at the most."""
    session = town.signs_in(ada)
    for _ in range(RUNS):
        first, second = (town.manages(ada, session) for _ in range(2))
        outcomes = at_once(registering(town, first), registering(town, second))
        assert outcomes == ["done", "done"]
        assert (count(town, TotpPending), count(town, TotpActive)) == (1, 0)


# Too many wrong codes


def test_parallel_wrong_codes_disable_once_and_are_never_more_than_the_limit(
    make_town: MakeTown,
) -> None:
    """Security 2.2: counted before they are looked at."""
    town = crowded(make_town, totp_failures_most=5)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    key = town.registers(manage)
    wrong = town.wrong(key)
    sign_ins = [town.begins(ada) for _ in range(12)]

    def guess(sign_in: str) -> Attempt:
        given = {"sign_in": sign_in, "method": "totp", "code": wrong}
        return lambda: town.outcome("complete_sign_in", **given)

    outcomes = Counter(at_once(*(guess(sign_in) for sign_in in sign_ins)))
    assert outcomes["code-refused"] <= 5
    assert set(outcomes) <= {"code-refused", "authenticator-disabled", "method-not-offered"}
    assert town.actions().count("mfa_totp_disabled") == 1
    assert len([mail for mail in town.mails(ADA) if "disabled" in mail.subject]) == 1
    town.clock.advance(STEP)
    assert town.completes(ada, town.shown(key)) == "method-not-offered"
