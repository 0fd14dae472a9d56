"""Invitations through the gateway: what only HTTP adds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.access import Role
from gateway.api import invitations
from gateway.app import create_app
from tests.in_process import InProcess, account_named
from tests.service.organizations.guests import BOB, PASSWORD, link
from tests.service.organizations.world import Home, World


@pytest.fixture
def home(peopled: World) -> Home:
    return peopled.home(peopled.person("ada@example.com"))


@pytest.fixture
def http(peopled: World) -> FlaskClient:
    services = InProcess(peopled.suite, account_named)
    app = create_app(
        peopled.suite.config,
        services,
        clock=peopled.suite.clock,
        blueprints=[invitations.blueprint],
    )
    return app.test_client()


def send(
    http: FlaskClient, method: str, path: str, who: UUID | None = None, body: Any = None
) -> TestResponse:
    headers = {"Idempotency-Key": str(uuid4())}
    if who is not None:
        headers["Authorization"] = f"Bearer {who}"
    return http.open(f"/v1{path}", method=method, json=body, headers=headers)


def code_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def wish(home: Home, **wanted: Any) -> dict[str, Any]:
    return {"email": BOB, "requested_role": "viewer", "folder_ids": [str(home.root)], **wanted}


def test_from_the_first_mail_to_the_membership(
    peopled: World, http: FlaskClient, home: Home
) -> None:
    """INV-1 to INV-5."""
    everything = f"/organizations/{home.id}/invitations"
    made = send(http, "POST", everything, home.owner, wish(home))
    assert made.status_code == 201
    assert made.json is not None
    place = made.headers["Location"].removeprefix("/v1")
    assert send(http, "GET", place, home.owner).json == made.json
    listed = send(http, "GET", everything, home.owner).json
    assert listed == {"items": [made.json], "next_cursor": None}
    changed = send(http, "PATCH", place, home.owner, {"requested_role": "operator"})
    assert (changed.status_code, changed.json) == (200, made.json | {"requested_role": "operator"})
    peopled.suite.clock.advance(timedelta(seconds=1))
    again = send(http, "POST", f"{place}/resend", home.owner, {})
    assert again.status_code == 200
    assert again.json is not None
    assert again.json["expires_at"] > made.json["expires_at"]

    given = {"token": peopled.invitation_token(UUID(made.json["id"]))}
    seen = send(http, "POST", "/invitations/lookup", None, given)
    assert seen.status_code == 200
    assert seen.json is not None
    assert (seen.json["email"], seen.json["requested_role"]) == (BOB, "operator")
    registered = send(
        http, "POST", "/invitations/registration", None, {**given, "password": PASSWORD}
    )
    assert (registered.status_code, registered.data) == (204, b"")
    account = peopled.suite.call("identity", "identify_address", {"email": BOB})["account_id"]
    joined = send(http, "POST", "/invitations/acceptance", UUID(account), given)
    assert joined.status_code == 200
    assert joined.json is not None
    assert (joined.json["id"], joined.json["role"]) == (str(home.id), "viewer")
    revoked = send(http, "DELETE", place, home.owner)
    assert code_of(revoked) == (409, "invitation-over")


def test_each_refusal_has_its_status(peopled: World, http: FlaskClient, home: Home) -> None:
    """INV-9: owners cannot be invited, 400; INV-11: folders, 422."""
    everything = f"/organizations/{home.id}/invitations"
    viewer = peopled.joins(home, Role.VIEWER, home.root, account=peopled.person("v@example.com"))
    for who, body, expected in (
        (home.owner, wish(home, requested_role="owner"), (400, "owner-not-invitable")),
        (home.owner, wish(home, folder_ids=[]), (422, "folders-required")),
        (home.owner, wish(home, folder_ids=[str(uuid4())]), (404, "folder-not-found")),
        (home.owner, wish(home, email="v@example.com"), (409, "already-member")),
        (home.owner, wish(home, email="nobody"), (422, "invalid-request")),
        (home.owner, wish(home, requested_role="king"), (422, "invalid-request")),
        (viewer, wish(home), (403, "not-permitted")),
        (uuid4(), wish(home), (404, "organization-not-found")),
        (None, wish(home), (401, "token-missing")),
    ):
        assert code_of(send(http, "POST", everything, who, body)) == expected
    for path in ("lookup", "registration", "acceptance"):
        body = {"token": "wrong"} | ({"password": PASSWORD} if path == "registration" else {})
        answer = send(http, "POST", f"/invitations/{path}", home.owner, body)
        assert code_of(answer) == (404, "invitation-not-found")
    given = {"token": link(peopled, home)}
    answer = send(http, "POST", "/invitations/acceptance", home.owner, given)
    assert code_of(answer) == (403, "not-invited")


@pytest.mark.parametrize(
    "extra",
    [{"role": "admin"}, {"invited_by": str(uuid4())}, {"status": "accepted"}, {"token": "x"}],
)
def test_a_body_cannot_say_what_is_decided_here(
    peopled: World, http: FlaskClient, home: Home, extra: dict[str, str]
) -> None:
    """Mass assignment (security chapter 3)."""
    before = peopled.dump()
    path = f"/organizations/{home.id}/invitations"
    answer = send(http, "POST", path, home.owner, wish(home) | extra)
    assert code_of(answer) == (422, "invalid-request")
    assert peopled.dump() == before


def test_who_tries_too_often_is_told_when_to_come_back(http: FlaskClient) -> None:
    """Security 2.2."""
    for _ in range(20):
        answer = send(http, "POST", "/invitations/lookup", None, {"token": "wrong"})
        assert answer.status_code == 404
    answer = send(http, "POST", "/invitations/lookup", None, {"token": "wrong"})
    assert code_of(answer) == (429, "too-many-invitation-tokens")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
