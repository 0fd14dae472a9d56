"""What identity forgets by itself: all that can no longer have any effect, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from services.identity.models import Base
from tests.service.identity.town import PASSWORD, MakeTown, Person, Town

ADA = "ada@example.com"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# What stays while its account is there.
LASTING = {"account", "password_credential", "totp_step", "audit"}


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, make_town: MakeTown) -> Town:
    return make_town(postgresql=request.param == "postgresql")


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def tidy(town: Town, after: timedelta = timedelta()) -> None:
    town.clock.advance(after)
    town.suite.run_job("identity", "drop_outdated")


def rows(town: Town) -> dict[str, int]:
    """By table, those that have any."""
    with town.suite.databases["identity"].reading() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


def program_of(town: Town, token: str, life: timedelta) -> str:
    made = town.ask(
        "create_api_token",
        token,
        name=f"for {life}",
        scopes=["folder:read"],
        expires_at=(town.clock.now() + life).isoformat(),
    )
    return str(made["token"])


def begun(town: Town, ada: Person) -> tuple[str, str]:
    """Everything that has a time to end; the tokens of a session and of a Manage session."""
    token = town.signs_in(ada)
    program_of(town, token, DAY)
    town.ask("request_email_change", token, email="lovelace@example.com")
    town.ask("request_password_reset", email=ADA)
    town.ask("register_account", email="bob@example.com", password=PASSWORD)
    town.clock.advance(MINUTE)
    town.ask("send_sign_in_code", sign_in=town.begins(ada))
    manage = town.manages(ada, token)
    town.ask("register_authenticator", manage)
    town.ask("create_recovery_codes", manage)
    return token, manage


def test_whatever_is_over_is_dropped(town: Town, ada: Person) -> None:
    begun(town, ada)
    town.mails()
    ending = set(rows(town)) - LASTING
    assert ending == {
        *("api_token", "email_change", "email_code", "login_transaction", "outgoing_mail"),
        *("password_reset", "recovery_batch", "recovery_code", "registration", "session"),
        *("throttle", "totp_pending"),
    }
    tidy(town, 100 * DAY)
    assert set(rows(town)) == LASTING


def test_nothing_that_may_still_be_used_is_dropped(town: Town, ada: Person) -> None:
    begun(town, ada)
    before = rows(town)
    # An e-mail code, the shortest of all, lives for five minutes.
    tidy(town, 4 * MINUTE)
    assert rows(town) == before


@pytest.mark.parametrize(
    ("table", "life"),
    [
        ("login_transaction", 10 * MINUTE),
        ("totp_pending", 10 * MINUTE),
        ("recovery_batch", 10 * MINUTE),
        ("password_reset", 30 * MINUTE),
        ("email_change", 60 * MINUTE),
        ("api_token", DAY),
        ("registration", DAY),
    ],
)
def test_each_goes_with_its_own_time(town: Town, ada: Person, table: str, life: timedelta) -> None:
    """Security 2.4, 2.5, 2.6; what a Manage session showed goes with it after ten idle minutes."""
    begun(town, ada)
    tidy(town, life - MINUTE - timedelta(seconds=1))
    assert table in rows(town)
    tidy(town, MINUTE + timedelta(seconds=1))
    assert table not in rows(town)


def test_a_manage_session_that_nobody_uses_goes_with_what_it_showed(
    town: Town, ada: Person
) -> None:
    """REG-4, RC-5, MAN-5: ten minutes, while the session it was entered from goes on."""
    token, manage = begun(town, ada)
    tidy(town, 5 * MINUTE)
    town.ask("get_manage", manage)
    tidy(town, 9 * MINUTE)
    assert town.outcome("get_manage", manage) == "done"
    assert {"totp_pending", "recovery_batch", "recovery_code"} <= set(rows(town))
    tidy(town, 10 * MINUTE)
    assert {"totp_pending", "recovery_batch", "recovery_code"}.isdisjoint(rows(town))
    assert rows(town)["session"] == 1
    assert town.outcome("introspect", token=token) == "done"


def test_a_long_patience_with_the_manage_area_is_kept(make_town: MakeTown) -> None:
    town = make_town(manage_idle=7200, manage_life=7200, session_idle=600)
    ada = town.newcomer(ADA)
    manage = town.manages(ada, town.signs_in(ada))
    tidy(town, 60 * MINUTE)
    assert rows(town)["session"] == 1
    assert town.outcome("get_manage", manage) == "done"


def test_what_was_confirmed_stays(town: Town, ada: Person) -> None:
    """RC-4, REG-3: for as long as its owner wants it."""
    manage = town.manages(ada, town.signs_in(ada))
    town.registers(manage)
    town.issues(manage)
    tidy(town, 1000 * DAY)
    kept = rows(town)
    assert (kept["totp_active"], kept["recovery_batch"], kept["recovery_code"]) == (1, 1, 10)


def test_only_api_tokens_past_their_end_go(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    short, long = program_of(town, token, DAY), program_of(town, token, 2 * DAY)
    tidy(town, DAY)
    assert rows(town)["api_token"] == 1
    assert town.outcome("introspect", token=short) == "unauthenticated"
    assert town.outcome("introspect", token=long) == "done"


def test_failures_in_a_row_are_remembered_longer_than_windows(town: Town, ada: Person) -> None:
    """Security 2.2: a hundred of them close an account, however slowly they come."""
    town.outcome("sign_in", email=ADA, password="a wrong guess")
    tidy(town, 3 * DAY)
    assert rows(town)["throttle"] == 1
    tidy(town, 90 * DAY)
    assert "throttle" not in rows(town)


def test_the_audit_is_never_dropped(town: Town, ada: Person) -> None:
    """Security 2.10."""
    before = town.actions()
    tidy(town, 5000 * DAY)
    assert town.actions() == before
