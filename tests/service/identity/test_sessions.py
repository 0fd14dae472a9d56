"""Sessions: vouched for, limited, ended; and operators."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import event, update

from chassis import caller as assertions
from chassis.context import CallContext
from contracts.errors import Forbidden, Unauthenticated
from services.identity.models import Account
from services.identity.operate import carry_out
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def disable(town: Town, email: str) -> None:
    with town.suite.databases["identity"]() as session:
        session.execute(
            update(Account).where(Account.email == email).values(disabled_at=town.clock.now())
        )


def listed(town: Town, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ask("list_sessions", token)["items"]
    return found


def id_of(town: Town, token: str) -> str:
    return str(town.ask("introspect", token=token)["session_id"])


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def test_identity_vouches_with_a_key_that_everybody_can_check(town: Town, ada: Person) -> None:
    """Security 2.6."""
    told = town.ask("introspect", token=town.signs_in(ada))
    keys = {
        key_id: Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw))
        for key_id, raw in town.ask("public_keys")["keys"].items()
    }
    caller = assertions.verify(told["assertion"], keys.__getitem__, town.clock.now())
    assert str(caller.account_id) == told["account_id"]
    assert str(caller.session_id) == told["session_id"]
    assert caller.level.value == told["level"] == "aal1+"


def test_an_unused_session_ends_after_an_hour(town: Town, ada: Person) -> None:
    """Security 2.6."""
    token = town.signs_in(ada)
    town.clock.advance(timedelta(minutes=59))
    assert town.outcome("introspect", token=token) == "done"
    town.clock.advance(timedelta(minutes=59))
    assert town.outcome("introspect", token=token) == "done"
    town.clock.advance(timedelta(minutes=60))
    assert town.outcome("introspect", token=token) == "unauthenticated"


def test_a_session_ends_after_a_day_however_used(town: Town, ada: Person) -> None:
    """Security 2.6."""
    token = town.signs_in(ada)
    for _ in range(47):
        town.clock.advance(timedelta(minutes=30))
        assert town.outcome("introspect", token=token) == "done"
    town.clock.advance(timedelta(minutes=30))
    assert town.outcome("introspect", token=token) == "unauthenticated"


def test_an_assertion_does_not_outlive_its_session(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    for _ in range(24):
        town.clock.advance(timedelta(minutes=59))
        told = town.ask("introspect", token=token)
    town.clock.advance(timedelta(minutes=23, seconds=30))
    told = town.ask("introspect", token=token)
    ends_at = town.clock.now() + timedelta(seconds=30)
    assert datetime.fromisoformat(told["expires_at"]) == ends_at
    claims = jwt.decode(told["assertion"], options={"verify_signature": False})
    assert claims["exp"] == ends_at.timestamp()


def test_a_session_ends_at_the_very_moment(town: Town, ada: Person) -> None:
    """Security 2.6: an hour unused, a day in all."""
    used, unused = town.signs_in(ada), town.signs_in(ada)
    town.clock.advance(HOUR - TICK)
    assert town.outcome("introspect", token=unused) == "done"
    town.clock.advance(HOUR)
    assert town.outcome("introspect", token=unused) == "unauthenticated"
    used = town.signs_in(ada)
    for _ in range(24):
        town.clock.advance(HOUR - TICK)
        assert town.outcome("introspect", token=used) == "done"
    town.clock.advance(23 * TICK)
    assert town.outcome("introspect", token=used) == "done"
    town.clock.advance(TICK)
    assert town.outcome("introspect", token=used) == "unauthenticated"


def test_a_manage_session_ends_after_ten_minutes_unused_and_fifteen_in_all(
    town: Town, ada: Person
) -> None:
    """MAN-5, J4."""
    manage = town.manages(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=10) - TICK)
    assert town.outcome("introspect", token=manage) == "done"
    town.clock.advance(timedelta(minutes=5))
    assert town.outcome("introspect", token=manage) == "done"
    town.clock.advance(TICK)
    assert town.outcome("introspect", token=manage) == "unauthenticated"
    manage = town.manages(ada, town.signs_in(ada))
    town.clock.advance(timedelta(minutes=10))
    assert town.outcome("introspect", token=manage) == "unauthenticated"


def test_each_way_in_gives_a_token_of_its_own(town: Town, ada: Person) -> None:
    """Security 2.6: at sign-in, second step, Manage entry and step-up."""
    sign_in = town.begins(ada)
    assert town.outcome("introspect", token=sign_in) == "unauthenticated"
    session = town.signs_in(ada)
    manage = town.manages(ada, session)
    raised = town.ask("step_up", session, password=ada.password)["token"]
    assert len({sign_in, session, manage, raised}) == 4
    outcomes = [town.outcome("introspect", token=token) for token in (session, manage, raised)]
    assert outcomes == ["unauthenticated", "done", "done"]


def test_signing_out_ends_the_session_for_the_next_request(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    town.ask("sign_out", token)
    assert town.outcome("introspect", token=token) == "unauthenticated"
    name, data = town.suite.waiting("identity")[-1]
    assert name == "session_ended"
    assert data["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert town.actions()[-1] == "session_revoked"


def test_the_least_used_session_makes_room(make_town: MakeTown) -> None:
    """Security 2.6."""
    town = make_town(sessions_most=3)
    ada = town.newcomer(ADA)
    tokens = [town.signs_in(ada) for _ in range(3)]
    town.clock.advance(timedelta(minutes=2))
    town.ask("introspect", token=tokens[0])
    newest = town.signs_in(ada)
    outcomes = [town.outcome("introspect", token=token) for token in [*tokens, newest]]
    assert outcomes == ["done", "unauthenticated", "done", "done"]


def test_manage_sessions_take_places_too(make_town: MakeTown) -> None:
    """Security 2.6: at most so many live sessions."""
    town = make_town(sessions_most=2)
    ada = town.newcomer(ADA)
    first = town.signs_in(ada)
    town.clock.advance(timedelta(seconds=30))
    manage = town.manages(ada, first)
    second = town.signs_in(ada)
    outcomes = [town.outcome("introspect", token=one) for one in (first, manage, second)]
    assert outcomes == ["unauthenticated", "done", "done"]


def test_a_session_that_is_over_takes_no_place(make_town: MakeTown) -> None:
    """Though it was seen after the others."""
    town = make_town(sessions_most=2)
    ada = town.newcomer(ADA)
    first = town.signs_in(ada)
    town.clock.advance(timedelta(seconds=30))
    town.manages(ada, first)
    town.clock.advance(timedelta(minutes=10))
    second = town.signs_in(ada)
    assert [town.outcome("introspect", token=one) for one in (first, second)] == ["done"] * 2


def test_sessions_are_listed_with_what_tells_them_apart(town: Town, ada: Person) -> None:
    """The last used first."""
    first = town.signs_in(ada)
    manage = town.manages(ada, first)
    town.clock.advance(timedelta(minutes=3))
    second = town.signs_in(ada)
    town.clock.advance(timedelta(minutes=2))
    items = listed(town, first)
    assert [one["session_id"] for one in items] == [
        id_of(town, first),
        id_of(town, second),
    ]
    assert [one["is_current"] for one in items] == [True, False]
    assert [one["level"] for one in items] == ["aal1+", "aal1+"]
    assert all(one["user_agent"] == "tests" and one["ip"].startswith("198.18.") for one in items)
    assert items[0]["ip"] != items[1]["ip"]
    assert datetime.fromisoformat(items[0]["last_seen_at"]) == town.clock.now()
    assert datetime.fromisoformat(items[0]["expires_at"]) == town.clock.now() + HOUR
    assert town.outcome("introspect", token=manage) == "unauthenticated"
    entered = town.manages(ada, first)
    levels = {one["session_id"]: one["level"] for one in listed(town, second)}
    assert levels[id_of(town, entered)] == "manage"
    assert len(levels) == 3


def test_nobody_lists_the_sessions_of_others(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    bob = town.signs_in(town.newcomer("bob@example.com"))
    assert [one["session_id"] for one in listed(town, token)] == [id_of(town, token)]
    assert [one["session_id"] for one in listed(town, bob)] == [id_of(town, bob)]


def test_an_ended_session_is_refused_at_its_next_request(town: Town, ada: Person) -> None:
    """Security 2.6."""
    lost, here = town.signs_in(ada), town.signs_in(ada)
    ended = id_of(town, lost)
    town.ask("end_session", here, session_id=ended)
    assert town.outcome("introspect", token=lost) == "unauthenticated"
    assert town.outcome("introspect", token=here) == "done"
    name, data = town.suite.waiting("identity")[-1]
    assert (name, data["token_hash"]) == (
        "session_ended",
        hashlib.sha256(lost.encode()).hexdigest(),
    )
    revoked = town.audit()[-1]
    assert (revoked.action, revoked.object_id) == ("session_revoked", ended)
    assert town.outcome("end_session", here, session_id=ended) == "session-not-found"


def test_ending_the_present_session_signs_out(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    town.ask("end_session", token, session_id=id_of(town, token))
    assert town.outcome("introspect", token=token) == "unauthenticated"
    assert town.audit()[-1].reason == "signed out"


def test_the_session_of_somebody_else_does_not_exist(town: Town, ada: Person) -> None:
    """BOLA (security, chapter 3)."""
    token = town.signs_in(ada)
    bob = town.signs_in(town.newcomer("bob@example.com"))
    outcome = town.outcome("end_session", token, session_id=id_of(town, bob))
    assert outcome == town.outcome("end_session", token, session_id=str(uuid4()))
    assert outcome == "session-not-found"
    assert town.outcome("introspect", token=bob) == "done"


def test_a_session_that_is_over_cannot_be_ended(town: Town, ada: Person) -> None:
    idle = id_of(town, town.signs_in(ada))
    town.clock.advance(HOUR)
    token = town.signs_in(ada)
    assert town.outcome("end_session", token, session_id=idle) == "session-not-found"


def test_all_other_sessions_end_at_once(town: Town, ada: Person) -> None:
    """Manage sessions too; those of others, and API tokens, stay."""
    over = town.signs_in(ada)
    town.clock.advance(HOUR)
    bob = town.signs_in(town.newcomer("bob@example.com"))
    first, here = town.signs_in(ada), town.signs_in(ada)
    manage = town.manages(ada, here)
    program = town.ask(
        "create_api_token",
        here,
        name="nightly",
        scopes=["device:read"],
        expires_at=(town.clock.now() + HOUR).isoformat(),
    )["token"]
    assert town.ask("end_other_sessions", here) == {"ended": 2}
    tokens = (over, first, manage, here, bob, program)
    outcomes = [town.outcome("introspect", token=token) for token in tokens]
    assert outcomes == ["unauthenticated"] * 3 + ["done"] * 3
    assert town.ask("end_other_sessions", here) == {"ended": 0}


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("list_sessions", {}),
        ("end_session", {"session_id": "8a8a8a8a-8a8a-4a8a-8a8a-8a8a8a8a8a8a"}),
        ("end_other_sessions", {}),
        ("get_session", {}),
        ("list_api_tokens", {}),
        ("revoke_api_token", {"api_token_id": "8a8a8a8a-8a8a-4a8a-8a8a-8a8a8a8a8a8a"}),
    ],
)
def test_an_assertion_that_outlived_its_session_is_worth_nothing(
    town: Town, ada: Person, operation: str, more: dict[str, str]
) -> None:
    token, other = town.signs_in(ada), town.signs_in(ada)
    assertion = town.ask("introspect", token=token)["assertion"]
    headers = CallContext("request", caller=assertion).headers()
    town.ask("end_session", other, session_id=id_of(town, token))
    with pytest.raises(Unauthenticated):
        town.suite.bus.call("identity", operation, more, headers)
    assert town.outcome("introspect", token=other) == "done"


@pytest.mark.parametrize("operation", ["get_session", "list_sessions", "end_other_sessions"])
def test_a_manage_session_has_no_say_in_sessions(town: Town, ada: Person, operation: str) -> None:
    """J4."""
    manage = town.manages(ada, town.signs_in(ada))
    assert town.outcome(operation, manage) == "manage-session"


def test_a_disabled_account_is_nobody_at_its_next_request(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    manage = town.manages(ada, token)
    bob = town.signs_in(town.newcomer("bob@example.com"))
    disable(town, ADA)
    outcomes = [town.outcome("introspect", token=one) for one in (token, manage, bob)]
    assert outcomes == ["unauthenticated", "unauthenticated", "done"]


def test_a_disabled_operator_operates_nothing(town: Town, ada: Person) -> None:
    """Even with an assertion that identity gave a moment ago."""
    assert carry_out(town.suite.kits["identity"], "grant-operator", ADA) == 0
    assertion = town.ask("introspect", token=town.signs_in(ada))["assertion"]
    disable(town, ADA)
    with pytest.raises(Forbidden) as refused:
        town.suite.bus.call(
            "identity",
            "require_operator",
            {},
            CallContext("request", caller=assertion).headers(),
        )
    assert refused.value.code == "operator-only"


def test_vouching_reads_one_row_and_writes_once_a_minute(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    engine = town.suite.databases["identity"].engine
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    try:
        town.ask("introspect", token=token)
        town.clock.advance(timedelta(seconds=59))
        town.ask("introspect", token=token)
        assert statements == ["SELECT", "SELECT"]
        town.clock.advance(timedelta(seconds=1))
        town.ask("introspect", token=token)
        town.ask("introspect", token=token)
        assert statements == ["SELECT"] * 3 + ["UPDATE", "SELECT"]
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_token_is_kept_as_its_hash(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    stored = (town.suite.folder / "identity.sqlite").read_bytes()
    stored += (town.suite.folder / "identity.sqlite-wal").read_bytes()
    assert token.encode() not in stored
    assert hashlib.sha256(token.encode()).hexdigest().encode() in stored


def test_several_signing_keys_are_published_and_the_first_signs(make_town: MakeTown) -> None:
    zeros, ones = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", f"{'E' * 43}="
    town = make_town(signing_keys=f"new:{zeros},old:{ones}")
    keys = town.ask("public_keys")["keys"]
    assert {"new", "old"} <= set(keys)
    ada = town.newcomer(ADA)
    told = town.ask("introspect", token=town.signs_in(ada))
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys["new"]))
    assertions.verify(told["assertion"], {"new": public}.__getitem__, town.clock.now())


def test_an_operator_is_made_and_unmade_for_the_next_request(
    town: Town, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    token = town.signs_in(ada)
    kit = town.suite.kits["identity"]
    assert town.outcome("require_operator", token) == "operator-only"
    assert carry_out(kit, "grant-operator", "ADA@example.com") == 0
    assert town.outcome("require_operator", token) == "done"
    assert carry_out(kit, "grant-operator", ADA) == 0
    assert carry_out(kit, "revoke-operator", ADA) == 0
    assert town.outcome("require_operator", token) == "operator-only"
    assert carry_out(kit, "grant-operator", "nobody@example.com") == 1
    said = capsys.readouterr()
    assert said.out.split("\n") == ["done", "nothing to change", "done", ""]
    assert "No verified account" in said.err
    changes = [one for one in town.audit() if one.action == "privilege_permissions_changed"]
    assert [(one.before, one.after) for one in changes] == [
        ({"is_operator": False}, {"is_operator": True}),
        ({"is_operator": True}, {"is_operator": False}),
    ]


def test_what_is_over_is_dropped(town: Town, ada: Person) -> None:
    token = town.signs_in(ada)
    town.begins(ada)
    town.ask("register_authenticator", town.manages(ada, token))
    town.clock.advance(timedelta(days=100))
    town.suite.run_job("identity", "drop_outdated")
    with town.suite.databases["identity"].reading() as session:
        for table in (
            "session",
            "login_transaction",
            "email_code",
            "totp_pending",
            "throttle",
            "outgoing_mail",
        ):
            count = session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 0, table
