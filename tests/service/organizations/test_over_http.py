"""Organizations through the gateway: what only HTTP adds."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contracts.access import Role
from gateway.api.organizations import blueprint
from gateway.app import create_app
from tests.in_process import InProcess, account_named
from tests.service.organizations.world import World


@pytest.fixture
def http(world: World) -> FlaskClient:
    services = InProcess(world.suite, account_named)
    app = create_app(world.suite.config, services, clock=world.suite.clock, blueprints=[blueprint])
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
