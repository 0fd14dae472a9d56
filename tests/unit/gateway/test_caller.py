"""Bearer tokens, and how long identity's word on them is kept (security 2.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.clock import FixedClock
from contracts.errors import Unauthenticated
from gateway.caller import Sessions, Vouched, bearer_token
from tests.unit.gateway.conftest import KEYED, SIGNED_IN, TREES
from tests.unit.gateway.services import ADA, TOKEN, Services


@pytest.fixture
def sessions(services: Services, clock: FixedClock) -> Sessions:
    return Sessions(services, clock, timedelta(seconds=5))


def ended(token: str = TOKEN) -> dict[str, Any]:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return {"event_id": "e-1", "data": {"session_id": "s-1", "token_hash": digest}}


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", f"BEARER {TOKEN}"])
def test_the_scheme_is_read_in_any_case(header: str) -> None:
    assert bearer_token(header) == TOKEN


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN},{TOKEN}",
        "Bearer " + "x" * 600,
        "Bearer tök",
    ],
)
def test_anything_else_is_401_without_asking_identity(
    http: FlaskClient, services: Services, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = http.get(TREES, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="freehold"'
    assert services.calls == []


def test_a_token_identity_does_not_know_is_401(http: FlaskClient) -> None:
    answer = http.get(TREES, headers={"Authorization": "Bearer stolen"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert "WWW-Authenticate" in answer.headers


def test_who_is_not_signed_in_learns_nothing_about_their_input(http: FlaskClient) -> None:
    assert http.post(TREES, data=b"{", content_type="application/json").status_code == 401


def test_a_token_in_the_query_or_a_cookie_is_not_one(http: FlaskClient) -> None:
    http.set_cookie("token", TOKEN)
    assert http.get(f"{TREES}?access_token={TOKEN}").status_code == 401


def test_a_service_gets_identitys_assertion_and_never_the_token(
    http: FlaskClient, services: Services
) -> None:
    services.methods["gardens.list_trees"] = lambda _payload, _context: {"items": []}
    http.get(TREES, headers={**SIGNED_IN, "X-Request-Id": "r-1", "User-Agent": "shears/1"})
    [call] = services.calls_of("gardens.list_trees")
    assert call.context.pop("caller").startswith("vouched-at-")
    assert call.context == {"request_id": "r-1", "ip": "127.0.0.1", "user_agent": "shears/1"}
    assert TOKEN not in str(call)


def test_a_public_operation_asks_identity_nothing_even_with_a_token(
    http: FlaskClient, services: Services
) -> None:
    services.methods["gardens.weather"] = lambda _payload, _context: {"sky": "blue"}
    http.get("/v1/weather", headers=SIGNED_IN)
    [call] = services.calls
    assert (call.operation, "caller" in call.context) == ("gardens.weather", False)


def test_an_introspection_is_kept_for_five_seconds(
    sessions: Sessions, services: Services, clock: FixedClock
) -> None:
    for _ in range(5):
        sessions.vouched(TOKEN, {})
        clock.advance(timedelta(seconds=1))
    assert len(services.calls) == 1
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 2


def test_a_refused_token_is_not_kept(sessions: Sessions, services: Services) -> None:
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            sessions.vouched("stolen", {})
    assert len(services.calls) == 2


def test_an_ended_session_is_dropped_at_once(sessions: Sessions, services: Services) -> None:
    sessions.vouched(TOKEN, {})
    sessions.drop(ended(), {})
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 2


def test_the_gateway_hears_of_ended_sessions(http: FlaskClient, services: Services) -> None:
    services.methods["gardens.list_trees"] = lambda _payload, _context: {"items": []}
    http.get(TREES, headers=SIGNED_IN)
    services.handlers["identity.events", "session_ended"](ended(), {})
    http.get(TREES, headers=SIGNED_IN)
    assert len(services.calls_of("identity.introspect")) == 2


@pytest.mark.parametrize("payload", [{}, {"data": None}, {"data": {}}])
def test_an_event_without_the_hash_drops_nothing_and_breaks_nothing(
    sessions: Sessions, services: Services, payload: dict[str, Any]
) -> None:
    sessions.vouched(TOKEN, {})
    sessions.drop(payload, {})
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 1


def test_what_identity_is_asked_to_change_is_forgotten_of_that_account_only(
    sessions: Sessions, services: Services
) -> None:
    sessions.vouched(TOKEN, {})
    sessions.forget("somebody-else")
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 1
    sessions.forget(ADA)
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 2


def test_a_session_that_ends_while_identity_answers_is_not_kept(
    sessions: Sessions, services: Services
) -> None:
    introspect = services.methods["identity.introspect"]

    def interrupted(payload: dict[str, Any], context: dict[str, str]) -> Any:
        answer = introspect(payload, context)
        sessions.drop(ended(), {})
        return answer

    services.methods["identity.introspect"] = interrupted
    sessions.vouched(TOKEN, {})
    services.methods["identity.introspect"] = introspect
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 2


def test_an_assertion_is_not_used_in_the_last_ten_seconds_of_its_life(
    sessions: Sessions, services: Services, clock: FixedClock
) -> None:
    services.life = timedelta(seconds=12)
    sessions.vouched(TOKEN, {})
    clock.advance(timedelta(seconds=1))
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 1
    clock.advance(timedelta(seconds=1))
    sessions.vouched(TOKEN, {})
    assert len(services.calls) == 2


def test_only_so_many_introspections_are_kept(services: Services, clock: FixedClock) -> None:
    sessions = Sessions(services, clock, timedelta(seconds=5), capacity=1)
    introspect = services.methods["identity.introspect"]
    services.methods["identity.introspect"] = lambda _payload, context: introspect(
        {"token": TOKEN}, context
    )
    for token in ("first", "second", "first"):
        sessions.vouched(token, {})
    assert len(services.calls) == 3


def test_a_long_request_is_vouched_for_again_before_its_next_call(
    app_with: Callable[..., Flask], services: Services, clock: FixedClock
) -> None:
    """An upload may outlive the assertion it began with."""

    class Slow(BytesIO):
        def readinto(self, buffer: Any) -> int:
            clock.advance(timedelta(seconds=90))
            return super().readinto(buffer)

    services.methods["gardens.keep_map"] = lambda payload, _context: payload
    answer = (
        app_with()
        .test_client()
        .post(
            TREES.replace("trees", "maps"),
            input_stream=Slow(b"map"),
            content_type="application/octet-stream",
            headers=SIGNED_IN,
        )
    )
    assert answer.status_code == 202
    begun, continued = services.calls_of("identity.introspect")
    assert begun.context["request_id"] == continued.context["request_id"]
    [call] = services.calls_of("gardens.keep_map")
    assert call.context["caller"] == f"vouched-at-{clock.now().timestamp():.0f}"


def test_the_assertion_is_in_no_repr(clock: FixedClock) -> None:
    vouched = Vouched("the-assertion", ADA, "s", "aal2", clock.now(), clock.now())
    assert "the-assertion" not in repr(vouched)


def test_a_kept_word_longer_than_five_seconds_is_no_setting(
    app_with: Callable[..., Flask],
) -> None:
    with pytest.raises(ValueError):
        app_with(introspection_seconds=6)


def test_the_idempotency_key_is_nothing_to_be_signed_in_with(http: FlaskClient) -> None:
    headers = {name: value for name, value in KEYED.items() if name != "Authorization"}
    assert http.post(TREES, json={"kind": "oak"}, headers=headers).status_code == 401
