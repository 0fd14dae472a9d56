"""API tokens: created, used, listed, revoked (security 2.6)."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import event, update

from contracts.access import TOKEN_SCOPES
from contracts.errors import Refusal
from services.identity.models import Account
from services.identity.operate import carry_out
from tests.service.identity.town import MakeTown, Person, Town

ADA = "ada@example.com"
BOB = "bob@example.com"
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def ada(town: Town) -> Person:
    return town.newcomer(ADA)


def wanted(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "name": "nightly",
        "scopes": ["device:read"],
        "expires_at": (town.clock.now() + 30 * DAY).isoformat(),
        **more,
    }


def created(town: Town, session: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = town.ask("create_api_token", session, **wanted(town, **more))
    return answer


def names(town: Town, session: str) -> list[str]:
    return [one["name"] for one in town.ask("list_api_tokens", session)["items"]]


def refused(town: Town, operation: str, as_: str, **payload: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        town.ask(operation, as_, **payload)
    return found.value


# Created


def test_a_token_is_shown_once_and_kept_as_its_hash(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session)
    token = made.pop("token")
    assert re.fullmatch(r"fhp_[A-Za-z0-9_-]{43}", token)
    assert town.ask("list_api_tokens", session) == {"items": [made]}
    stored = (town.suite.folder / "identity.sqlite").read_bytes()
    stored += (town.suite.folder / "identity.sqlite-wal").read_bytes()
    assert token.encode() not in stored
    assert token[4:].encode() not in stored
    assert hashlib.sha256(token.encode()).hexdigest().encode() in stored


def test_its_creation_is_recorded_and_told_without_the_token(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session, name="Nightly <b>inventory</b>", scopes=["folder:read"])
    entry = town.audit()[-1]
    assert (entry.action, entry.object_id) == ("api_token_created", made["api_token_id"])
    assert entry.after == {
        "name": "Nightly <b>inventory</b>",
        "scopes": ["folder:read"],
        "expires_at": made["expires_at"],
    }
    mail = town.mails(ADA)[-1]
    assert "Nightly <b>inventory</b>" in mail.text
    assert f"{town.clock.now() + 30 * DAY:%Y-%m-%d %H:%M} UTC" in mail.text
    secret = made["token"].removeprefix("fhp_")
    assert secret not in mail.text + mail.subject + str([vars(one) for one in town.audit()])
    assert secret not in str(town.suite.waiting("identity"))


def test_scopes_are_kept_once_each_and_in_order(town: Town, ada: Person) -> None:
    scopes = ["video:live", "device:read", "video:live", "access:grant"]
    made = created(town, town.signs_in(ada), scopes=scopes)
    assert made["scopes"] == ["access:grant", "device:read", "video:live"]
    told = town.ask("introspect", token=made["token"])
    claims = jwt.decode(told["assertion"], options={"verify_signature": False})
    assert claims["scopes"] == made["scopes"]


def test_creating_one_needs_fresh_credentials(town: Town, ada: Person) -> None:
    """Security 2.7."""
    session = town.signs_in(ada)
    town.clock.advance(timedelta(minutes=10))
    created(town, session, name="just in time")
    town.clock.advance(TICK)
    assert town.outcome("create_api_token", session, **wanted(town)) == "step-up-required"
    fresh = town.ask("step_up", session, password=ada.password)["token"]
    assert town.outcome("create_api_token", fresh, **wanted(town)) == "done"


def test_a_manage_session_creates_none(town: Town, ada: Person) -> None:
    """J4."""
    manage = town.manages(ada, town.signs_in(ada))
    assert town.outcome("create_api_token", manage, **wanted(town)) == "manage-session"


@pytest.mark.parametrize("other", ["nightly", "NIGHTLY", " Nightly", "ni\u0261htly"])
def test_each_name_once(town: Town, ada: Person, other: str) -> None:
    session = town.signs_in(ada)
    created(town, session)
    expected = "done" if "\u0261" in other else "api-token-name-taken"
    assert town.outcome("create_api_token", session, **wanted(town, name=other)) == expected
    bob = town.signs_in(town.newcomer(BOB))
    assert town.outcome("create_api_token", bob, **wanted(town, name=other)) == "done"


def test_a_name_is_free_again_once_its_token_has_ended(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    soon = (town.clock.now() + timedelta(minutes=5)).isoformat()
    created(town, session, expires_at=soon)
    town.clock.advance(timedelta(minutes=5))
    created(town, session)
    assert names(town, session) == ["nightly"]


def test_there_are_only_so_many(make_town: MakeTown) -> None:
    town = make_town(api_tokens_most=2)
    session = town.signs_in(town.newcomer(ADA))
    made = [created(town, session, name=name) for name in ("a", "b")]
    assert town.outcome("create_api_token", session, **wanted(town)) == "too-many-api-tokens"
    town.ask("revoke_api_token", session, api_token_id=made[0]["api_token_id"])
    assert town.outcome("create_api_token", session, **wanted(town)) == "done"


@pytest.mark.parametrize(
    "after", [timedelta(0), -DAY, timedelta(days=366) + TICK, timedelta(days=10_000)]
)
def test_it_ends_within_a_year_and_a_day(town: Town, ada: Person, after: timedelta) -> None:
    session = town.signs_in(ada)
    later = (town.clock.now() + after).isoformat()
    refusal = refused(town, "create_api_token", session, **wanted(town, expires_at=later))
    assert (refusal.family, refusal.code) == ("Invalid", "api-token-expiry")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_moment_that_utc_does_not_know_is_refused_in_words(
    town: Town, ada: Person, moment: str
) -> None:
    session = town.signs_in(ada)
    asked = wanted(town, expires_at=moment)
    assert town.outcome("create_api_token", session, **asked) == "api-token-expiry"


def test_its_end_may_be_given_in_any_time_zone(town: Town, ada: Person) -> None:
    made = created(town, town.signs_in(ada), expires_at="2025-06-01T00:30:00+09:00")
    assert datetime.fromisoformat(made["expires_at"]).isoformat() == "2025-05-31T15:30:00+00:00"


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_of_parallel_requests_one_gets_the_name_the_last_place_and_the_revocation(
    make_town: MakeTown, where: str
) -> None:
    town = make_town(postgresql=where == "postgresql", api_tokens_most=5)
    session = town.signs_in(town.newcomer(ADA))
    for number in range(4):
        asked = wanted(town, name=f"number {number}")
        assert at_once(town, session, [asked] * 4) == {"done": 1, "api-token-name-taken": 3}
    several = [wanted(town, name=f"last {number}") for number in range(4)]
    assert at_once(town, session, several) == {"done": 1, "too-many-api-tokens": 3}
    for one in town.ask("list_api_tokens", session)["items"]:
        asked = {"api_token_id": one["api_token_id"]}
        outcomes = at_once(town, session, [asked] * 4, "revoke_api_token")
        assert outcomes == {"done": 1, "api-token-not-found": 3}
    assert Counter(town.actions())["api_token_revoked"] == 5


def at_once(
    town: Town,
    session: str,
    requests: list[dict[str, Any]],
    operation: str = "create_api_token",
) -> Counter[str]:
    start = threading.Barrier(len(requests))
    outcomes: list[str] = []

    def ask(asked: dict[str, Any]) -> None:
        start.wait()
        outcomes.append(town.outcome(operation, session, ip="192.0.2.1", **asked))

    threads = [threading.Thread(target=ask, args=(asked,)) for asked in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


# Used


def test_identity_vouches_for_its_owner_within_its_scopes(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session)
    told = town.ask("introspect", token=made["token"])
    claims = jwt.decode(told["assertion"], options={"verify_signature": False})
    assert told["account_id"] == town.ask("get_account", session)["account_id"] == claims["sub"]
    assert told["session_id"] == made["api_token_id"] == claims["sid"]
    assert told["level"] == "token" == claims["level"]
    assert claims["scopes"] == ["device:read"]
    assert claims["auth_time"] == datetime.fromisoformat(made["created_at"]).timestamp()


def test_it_works_for_as_long_as_it_was_made_for_and_needs_no_use(town: Town, ada: Person) -> None:
    made = created(town, town.signs_in(ada))
    town.clock.advance(30 * DAY - TICK)
    told = town.ask("introspect", token=made["token"])
    assert datetime.fromisoformat(told["expires_at"]) == town.clock.now() + TICK
    town.clock.advance(TICK)
    assert town.outcome("introspect", token=made["token"]) == "unauthenticated"


@pytest.mark.parametrize(
    "changed",
    [
        lambda token: token.removeprefix("fhp_"),
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.upper(),
        lambda token: token + "=",
        lambda token: " " + token,
        lambda token: hashlib.sha256(token.encode()).hexdigest(),
    ],
)
def test_nothing_but_the_token_itself_works(town: Town, ada: Person, changed: Any) -> None:
    token = created(town, town.signs_in(ada))["token"]
    assert town.outcome("introspect", token=changed(token)) == "unauthenticated"


def test_its_use_is_noted_once_a_minute_and_vouching_reads_one_row(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    token = created(town, session)["token"]
    engine = town.suite.databases["identity"].engine
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement.split()[0])

    def last_used() -> Any:
        return town.ask("list_api_tokens", session)["items"][0]["last_used_at"]

    assert last_used() is None
    first = town.clock.now()
    event.listen(engine, "before_cursor_execute", note)
    try:
        town.ask("introspect", token=token)
        town.clock.advance(timedelta(seconds=59))
        town.ask("introspect", token=token)
        assert statements == ["SELECT", "UPDATE", "SELECT"]
        event.remove(engine, "before_cursor_execute", note)
        assert datetime.fromisoformat(last_used()) == first
        event.listen(engine, "before_cursor_execute", note)
        town.clock.advance(timedelta(seconds=1))
        statements.clear()
        town.ask("introspect", token=token)
        assert statements == ["SELECT", "UPDATE"]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert datetime.fromisoformat(last_used()) == town.clock.now()


def test_a_program_learns_what_its_token_is_worth(town: Town, ada: Person) -> None:
    """What it is, how long it lasts, and whose: nothing else of identity."""
    session = town.signs_in(ada)
    made = created(town, session)
    about = town.ask("get_session", made["token"])
    assert about == {
        "session_id": made["api_token_id"],
        "account_id": town.ask("get_account", session)["account_id"],
        "level": "token",
        "authenticated_at": made["created_at"],
        "started_at": made["created_at"],
        "last_seen_at": town.clock.now().isoformat(),
        "expires_at": made["expires_at"],
        "scopes": ["device:read"],
        "fresh_until": None,
    }
    assert town.ask("get_session", session)["scopes"] is None
    assert town.ask("get_account", made["token"])["email"] == ADA


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("sign_out", {}),
        ("step_up", {"password": "x"}),
        ("list_sessions", {}),
        ("end_session", {"session_id": str(uuid4())}),
        ("end_other_sessions", {}),
        ("list_api_tokens", {}),
        ("revoke_api_token", {"api_token_id": str(uuid4())}),
        ("create_api_token", {}),
        ("enter_manage", {"password": "x"}),
    ],
)
def test_a_program_changes_nothing_of_its_owner(
    town: Town, ada: Person, operation: str, more: dict[str, Any]
) -> None:
    """Whatever its scopes; not even right after the credentials were entered."""
    token = created(town, town.signs_in(ada), scopes=list(TOKEN_SCOPES))["token"]
    if operation == "create_api_token":
        more = wanted(town, name="another")
    before = town.actions()
    assert town.outcome(operation, token, **more) == "person-required"
    # Nothing but the refusal itself is recorded (security 2.10).
    assert Counter(town.actions()) - Counter(before) == Counter(["authz_fail"])
    assert town.outcome("introspect", token=token) == "done"


def test_a_program_enters_no_manage_area(town: Town, ada: Person) -> None:
    """J4."""
    token = created(town, town.signs_in(ada), scopes=list(TOKEN_SCOPES))["token"]
    for operation in ("get_manage", "leave_manage", "register_authenticator"):
        assert town.outcome(operation, token) == "manage-required"


def test_a_token_operates_the_installation_where_it_and_its_owner_may(
    town: Town, ada: Person
) -> None:
    kit = town.suite.kits["identity"]
    session = town.signs_in(ada)
    other = created(town, session, name="other")["token"]
    token = created(town, session, scopes=["installation:operate"])["token"]
    assert town.outcome("require_operator", token) == "operator-only"
    assert carry_out(kit, "grant-operator", ADA) == 0
    assert town.outcome("require_operator", token) == "done"
    refusal = refused(town, "require_operator", other)
    assert (refusal.family, refusal.code) == ("Forbidden", "token-scope-missing")
    assert refusal.facts == {"scope": "installation:operate"}
    assert carry_out(kit, "revoke-operator", ADA) == 0
    assert town.outcome("require_operator", token) == "operator-only"


# Listed and ended


def test_tokens_are_listed_newest_first_to_their_owner_only(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    soon = (town.clock.now() + timedelta(minutes=4)).isoformat()
    for name, more in (("first", {}), ("second", {"expires_at": soon}), ("third", {})):
        town.clock.advance(timedelta(minutes=1))
        created(town, session, name=name, **more)
    bob = town.signs_in(town.newcomer(BOB))
    assert names(town, bob) == []
    assert names(town, session) == ["third", "first"]


def test_a_revoked_token_is_refused_at_its_next_introspection(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session)
    assert town.outcome("introspect", token=made["token"]) == "done"
    town.ask("revoke_api_token", session, api_token_id=made["api_token_id"])
    assert town.outcome("introspect", token=made["token"]) == "unauthenticated"
    name, data = town.suite.waiting("identity")[-1]
    assert name == "session_ended"
    assert data["token_hash"] == hashlib.sha256(made["token"].encode()).hexdigest()
    entry = town.audit()[-1]
    assert (entry.action, entry.object_id) == ("api_token_revoked", made["api_token_id"])
    assert names(town, session) == []
    again = town.outcome("revoke_api_token", session, api_token_id=made["api_token_id"])
    assert again == "api-token-not-found"


def test_the_token_of_somebody_else_does_not_exist(town: Town, ada: Person) -> None:
    """BOLA (security, chapter 3)."""
    made = created(town, town.signs_in(ada))
    bob = town.signs_in(town.newcomer(BOB))
    outcome = town.outcome("revoke_api_token", bob, api_token_id=made["api_token_id"])
    assert outcome == town.outcome("revoke_api_token", bob, api_token_id=str(uuid4()))
    assert outcome == "api-token-not-found"
    assert town.outcome("introspect", token=made["token"]) == "done"


def test_a_token_and_a_session_are_not_ended_as_one_another(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session)
    session_id = town.ask("introspect", token=session)["session_id"]
    as_session = town.outcome("end_session", session, session_id=made["api_token_id"])
    as_token = town.outcome("revoke_api_token", session, api_token_id=session_id)
    assert (as_session, as_token) == ("session-not-found", "api-token-not-found")
    assert town.outcome("introspect", token=made["token"]) == "done"
    assert town.outcome("introspect", token=session) == "done"


def test_the_token_of_a_disabled_account_is_nobodys(town: Town, ada: Person) -> None:
    made = created(town, town.signs_in(ada))
    bob = created(town, town.signs_in(town.newcomer(BOB)))
    with town.suite.databases["identity"]() as session:
        session.execute(
            update(Account).where(Account.email == ADA).values(disabled_at=town.clock.now())
        )
    assert town.outcome("introspect", token=made["token"]) == "unauthenticated"
    assert town.outcome("introspect", token=bob["token"]) == "done"


def test_tokens_outlive_the_session_they_were_created_in(town: Town, ada: Person) -> None:
    session = town.signs_in(ada)
    made = created(town, session)
    town.ask("sign_out", session)
    assert town.outcome("introspect", token=made["token"]) == "done"
