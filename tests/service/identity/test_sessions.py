"""Sessions: vouched for, limited, ended; and operators."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import event

from chassis import caller as assertions
from services.identity.operate import carry_out
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"


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
    assert datetime.fromisoformat(told["expires_at"]) == town.clock.now() + timedelta(seconds=30)


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
    town.ask("enrol_authenticator", token, password=ada.password)
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
