"""Organizations through the gateway: what only HTTP adds."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.access import Role
from gateway.api import folders, members, organizations
from gateway.app import create_app
from tests.in_process import InProcess, account_named
from tests.service.organizations.world import World


@pytest.fixture
def http(world: World) -> FlaskClient:
    services = InProcess(world.suite, account_named)
    blueprints = [folders.blueprint, members.blueprint, organizations.blueprint]
    app = create_app(world.suite.config, services, clock=world.suite.clock, blueprints=blueprints)
    return app.test_client()


def headers(account: UUID | None, key: str | None = None) -> dict[str, str]:
    sent = {} if account is None else {"Authorization": f"Bearer {account}"}
    return sent | ({} if key is None else {"Idempotency-Key": key})


def post(http: FlaskClient, account: UUID | None, path: str, body: Any) -> TestResponse:
    return http.post(path, json=body, headers=headers(account, str(uuid4())))


def test_an_organization_and_a_folder_are_made_and_found_where_their_location_says(
    http: FlaskClient,
) -> None:
    ada = uuid4()
    made = post(http, ada, "/v1/organizations", {"name": "Engines"})
    assert made.status_code == 201
    assert http.get(made.headers["Location"], headers=headers(ada)).json == made.json
    assert made.json is not None
    folder = post(
        http,
        ada,
        f"{made.headers['Location']}/folders",
        {"parent_id": made.json["default_folder_id"], "name": "Site"},
    )
    assert folder.status_code == 201
    assert http.get(folder.headers["Location"], headers=headers(ada)).json == folder.json
    for path, count in (("folders", 2), ("members", 1), ("audit-entries", 2)):
        listed = http.get(f"{made.headers['Location']}/{path}?limit=5", headers=headers(ada))
        assert listed.status_code == 200
        assert listed.json is not None
        assert len(listed.json["items"]) == count
    assert folder.json is not None
    found = http.get(
        f"{made.headers['Location']}/folders",
        query_string={"parent_id": made.json["default_folder_id"]},
        headers=headers(ada),
    )
    assert found.json == {"items": [folder.json], "next_cursor": None}


def test_commands_need_an_idempotency_key(http: FlaskClient) -> None:
    refused = http.post("/v1/organizations", json={"name": "x"}, headers=headers(uuid4()))
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "extra", [{"organization_id": str(uuid4())}, {"idempotency_key": "another"}, {"is_root": True}]
)
def test_a_body_cannot_say_what_the_address_says_or_what_is_decided_here(
    http: FlaskClient, world: World, extra: dict[str, Any]
) -> None:
    """Mass assignment."""
    home = world.home()
    body = {"parent_id": str(home.root), "name": "Site", **extra}
    refused = post(http, home.owner, f"/v1/organizations/{home.id}/folders", body)
    assert refused.status_code == 422
    assert refused.json is not None
    assert [error["field"] for error in refused.json["errors"]] == list(extra)


def test_each_refusal_has_its_status(http: FlaskClient, world: World) -> None:
    home = world.home()
    viewer = world.joins(home, Role.VIEWER)
    folders = f"/v1/organizations/{home.id}/folders"
    body = {"parent_id": str(home.root), "name": "Default"}
    assert post(http, None, folders, body).status_code == 401
    assert post(http, uuid4(), folders, body).status_code == 404
    assert post(http, viewer, folders, body).status_code == 403
    assert post(http, home.owner, folders, body).status_code == 201
    taken = post(http, home.owner, folders, body)
    assert (taken.status_code, taken.json and taken.json["code"]) == (409, "folder-name-taken")
    unreadable = post(http, home.owner, folders, body | {"name": "a\u202eb"})
    assert unreadable.status_code == 422
    assert unreadable.json is not None
    assert unreadable.json["code"] == "name-refused"
    for path in (f"{folders}/{home.root}", folders + f"?parent_id={home.root}"):
        assert http.get(path, headers=headers(viewer)).status_code == 404
    audit = f"/v1/organizations/{home.id}/audit-entries"
    assert http.get(audit, headers=headers(viewer)).status_code == 403


def test_a_folder_is_renamed_moved_and_deleted(http: FlaskClient, world: World) -> None:
    """FLD-3, FLD-7 to FLD-9: a box that is not ticked is a malformed request (400)."""
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    path = f"/v1/organizations/{home.id}/folders/{site}"
    sent = headers(home.owner)
    renamed = http.patch(path, json={"name": "Works"}, headers=sent)
    assert (renamed.status_code, renamed.json and renamed.json["name"]) == (200, "Works")
    moved = http.post(f"{path}/move", json={"parent_id": str(other)}, headers=sent)
    assert (moved.status_code, moved.json and moved.json["depth"]) == (200, 2)
    previewed = http.get(f"{path}/deletion-preview", headers=sent)
    assert previewed.json == {"subfolders": 0, "grants": 0, "devices": None, "systems": None}
    refused = post(http, home.owner, f"{path}/deletion", {"confirm_risk": False})
    assert refused.status_code == 400
    assert refused.json is not None
    assert refused.json["code"] == "risk-not-confirmed"
    deleted = post(http, home.owner, f"{path}/deletion", {"confirm_risk": True})
    assert deleted.status_code == 201
    assert deleted.json is not None
    assert deleted.json["restorable_until"].startswith("2025-03-31T09:00")
    assert http.get(path, headers=sent).status_code == 404
    root = f"/v1/organizations/{home.id}/folders/{home.root}"
    assert post(http, home.owner, f"{root}/deletion", {"confirm_risk": True}).status_code == 409


def test_an_organization_is_edited_and_archived(http: FlaskClient, world: World) -> None:
    """ORG-7, ARC-4: an id that is not exactly the same is a malformed request (400)."""
    home = world.home()
    path, sent = f"/v1/organizations/{home.id}", headers(home.owner)
    edited = http.patch(path, json={"notes": "North"}, headers=sent)
    assert (edited.status_code, edited.json and edited.json["notes"]) == (200, "North")
    policy = http.put(f"{path}/policy", json={"members_need_authenticator": True}, headers=sent)
    assert policy.status_code == 200
    for body, code in (
        ({"confirm_organization_id": "x", "understand_risk": True}, "archiving-not-confirmed"),
        ({"confirm_organization_id": str(home.id), "understand_risk": False}, "risk-not-confirmed"),
    ):
        refused = http.post(f"{path}/archive", json=body, headers=sent)
        assert (refused.status_code, refused.json and refused.json["code"]) == (400, code)
    body = {"confirm_organization_id": str(home.id), "understand_risk": True}
    assert http.post(f"{path}/archive", json=body, headers=sent).status_code == 204
    assert http.post(f"{path}/archive", json=body, headers=sent).status_code == 404
    assert http.get(path, headers=sent).status_code == 404
