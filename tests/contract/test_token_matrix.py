"""Every operation of the OpenAPI document, asked with the wrong token and with the right one.

A new operation that takes a body needs a row in `BODIES`; whose token it takes, it says itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from chassis.clock import Clock
from chassis.config import Config
from contracts.access import (
    INSTALLATION_OPERATE,
    ORGANIZATION_CREATE,
    PERSONS_ONLY,
    TOKEN_SCOPES,
    Permission,
)
from contracts.errors import Refusal
from demo.errand import PRODUCT
from gateway import openapi
from gateway.app import create_app
from gateway.conventions import MANAGE, PERSON, SIGNED_IN
from services.identity.operate import carry_out
from tests.harness import Suite
from tests.in_process import InProcess
from tests.service.identity.town import PASSWORD, Person, Town

# Of a token used a moment ago; `BEGIN` and `PRAGMA` reach nothing.
INTROSPECTION = re.compile(
    r"BEGIN|PRAGMA|SELECT (api_token|session)\..*\sWHERE \1\.token_hash = ", re.DOTALL
)
CHAPTER = Path(__file__).resolve().parents[2] / "docs" / "api-tokens.md"
METHODS = ("get", "post", "put", "patch", "delete")
NOBODYS = str(UUID(int=7))


@dataclass(frozen=True)
class Operation:
    """``needs`` is a scope, `PERSON`, `MANAGE` or `SIGNED_IN`."""

    name: str
    method: str
    path: str
    needs: str
    takes_body: bool


def operations() -> Iterator[Operation]:
    """All that need a caller."""
    for path, item in openapi.document()["paths"].items():
        for method in METHODS:
            if method in item and item[method]["security"] != []:
                told = item[method]
                ((scheme, scopes),) = told["security"][0].items()
                yield Operation(
                    name=told["operationId"],
                    method=method.upper(),
                    path=path,
                    needs=scopes[0] if scopes else scheme,
                    takes_body="requestBody" in told,
                )


EVERY = list(operations())
SCOPED = [operation for operation in EVERY if operation.needs in TOKEN_SCOPES]
PEOPLES = [operation for operation in EVERY if operation.needs == PERSON]
MANAGING = [operation for operation in EVERY if operation.needs == MANAGE]
OPEN = [operation for operation in EVERY if operation.needs == SIGNED_IN]

# Well-formed, so that a refusal is about the token; ids of the path are put in their places.
BODIES: Mapping[str, Mapping[str, Any]] = {
    "step_up": {"password": PASSWORD},
    "update_account": {"language": "ja"},
    "change_password": {
        "current_password": PASSWORD,
        "new_password": "another quite unusual sentence",
    },
    "request_email_change": {"email": "countess@example.com"},
    "create_api_token": {
        "name": "another",
        "scopes": ["device:read"],
        "expires_at": "2025-04-01T00:00:00Z",
    },
    "enter_manage": {"password": PASSWORD},
    "confirm_authenticator": {"code": "123456"},
    "create_organization": {"name": "Looms"},
    "update_organization": {"notes": "Looms and mills."},
    "set_policy": {"members_need_authenticator": False},
    "archive_organization": {"confirm_organization_id": "{nobody}", "understand_risk": True},
    "create_folder": {"name": "Roof", "parent_id": "{folder_id}"},
    "rename_folder": {"name": "Ground floor"},
    "move_folder": {"parent_id": "{folder_id}"},
    "delete_folder": {"confirm_risk": True},
    "set_role": {"role": "viewer"},
    "remove_members": {"account_ids": ["{nobody}"]},
    "set_grants": {"folder_ids": []},
    "invite": {"email": "mary@example.com", "requested_role": "admin"},
    "update_invitation": {"requested_role": "viewer"},
    "resend_invitation": {},
    "accept_invitation": {"token": "no-such-token"},
    "advance_test_clock": {"days": 1},
    "create_supplier": {"name": "Jacquard"},
    "register_product": {"product": PRODUCT},
    "start_subscription": {},
    "start_trial": {},
    "upgrade_licenses": {"upgrade_type": "core", "licenses": 1, "where": "wallet"},
    "redeem_license_key": {"key": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"},
    "allocate_licenses": {"lines": [{"type": "core", "seats": 1}]},
    "preview_allocation": {"lines": [{"type": "core", "seats": 1}]},
    "register_licensed_system": {"name": "Server room"},
    "rename_licensed_system": {"name": "Basement"},
    "allocate_to_system": {"lines": [{"type": "core", "licenses": 1}]},
    "upload_system_file": {"file": "c3lzdGVt"},
    "add_device": {
        "folder_id": "{folder_id}",
        "name": "Gate",
        "serial": "ACCC8E000001",
        "host": "192.0.2.1",
        "user": "root",
        "password": "pass",
    },
    "move_device": {"folder_id": "{folder_id}"},
    "move_devices": {"device_ids": ["{nobody}"], "folder_id": "{folder_id}"},
    "add_system": {
        "folder_id": "{folder_id}",
        "kind": "camera_station",
        "name": "Server room",
        "address": "192.0.2.30",
    },
    "update_system": {"name": "Basement"},
    "move_system": {"folder_id": "{folder_id}"},
    "move_systems": {"system_ids": ["{nobody}"], "folder_id": "{folder_id}"},
    "start_campaign": {"model": "P3245-LV", "target": "recommended"},
}
UPLOADS = {
    "upload_firmware_image": {"sha256": "0" * 64, "file_name": "image.bin"},
}


class Fixed:
    """A clock that the API cannot move: what one token does must not end the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()


class World:
    """A suite with an owner who also operates it, and a token for each occasion."""

    def __init__(self, folder: Path) -> None:
        self.suite = Suite(folder, settings={"identity": {"argon2_memory_kib": 64}})
        self.suite.kits["licensing"].clock = Fixed(self.suite.clock)
        gateway = {"requests_per_minute_per_ip": 0, "introspection_seconds": 0}
        self.client = create_app(
            Config({"gateway": gateway}), InProcess(self.suite), clock=self.suite.clock
        ).test_client()
        self._town = Town(self.suite)
        self._ada: Person = self._town.newcomer()
        assert carry_out(self.suite.kits["identity"], "grant-operator", self._ada.email) == 0
        self.session = self._town.signs_in(self._ada)
        self.manage = self._town.manages(self._ada, self.session)
        self._tokens: dict[frozenset[str], str] = {}
        home = self.send("POST", "/v1/organizations", self.session, {"name": "Engines"}).get_json()
        self.ids = {
            "organization_id": home["id"],
            "folder_id": home["default_folder_id"],
            "product": PRODUCT,
        }
        products = self.path("/v1/organizations/{organization_id}/products")
        made = self.send("POST", products, self.session, {"product": PRODUCT})
        assert made.status_code == 201, made.text

    def token(self, scopes: frozenset[str]) -> str:
        """An API token of the owner's with these scopes."""
        if scopes not in self._tokens:
            made = self._town.ask(
                "create_api_token",
                self.session,
                name=f"number {len(self._tokens)}",
                scopes=sorted(scopes),
                expires_at=(self.suite.clock.now() + timedelta(days=1)).isoformat(),
            )
            self._tokens[scopes] = made["token"]
            # Noted now, so that a request of this test writes nothing by it.
            self._town.ask("introspect", token=made["token"])
        return self._tokens[scopes]

    def ask(self, operation: Operation, token: str) -> TestResponse:
        query, content, body = None, None, None
        if operation.name in UPLOADS:
            query, content = UPLOADS[operation.name], b"no image"
        elif operation.takes_body:
            assert operation.name in BODIES, f"BODIES needs a row for {operation.name}."
            body = {name: self._filled(value) for name, value in BODIES[operation.name].items()}
        return self.send(operation.method, self.path(operation.path), token, body, query, content)

    def send(
        self,
        method: str,
        path: str,
        token: str,
        body: Any = None,
        query: Any = None,
        content: bytes | None = None,
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        return self.client.open(
            path,
            method=method,
            json=body,
            query_string=query,
            data=content,
            content_type="application/octet-stream" if content else None,
            headers=headers,
        )

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        return self.path(value) if isinstance(value, str) else value

    def path(self, text: str) -> str:
        """With the ids that exist, and nobody's in place of the others."""
        return re.sub(r"\{(\w+)\}", lambda found: self.ids.get(found[1], NOBODYS), text)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is asked of the databases meanwhile, but for identity's word on the token.

        And but for its record of the refusal (security 2.10).
        """
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not (INTROSPECTION.match(statement) or statement.startswith("INSERT INTO audit ")):
                seen.append(statement)

        engines = [database.engine for database in self.suite.databases.values()]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("suite"))
    yield world
    world.suite.close()


def each(chosen: list[Operation]) -> Any:
    return pytest.mark.parametrize("operation", chosen, ids=lambda operation: operation.name)


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@each(SCOPED)
def test_without_its_scope_a_token_reaches_nothing(world: World, operation: Operation) -> None:
    """Though it has every other one, and its owner may do anything."""
    token = world.token(frozenset(TOKEN_SCOPES) - {operation.needs})
    with world.statements() as statements:
        answer = world.ask(operation, token)
    assert refusal(answer) == (403, "token-scope-missing"), answer.text
    assert answer.get_json()["scope"] == operation.needs
    assert statements == []


@each(SCOPED)
def test_with_its_scope_alone_a_token_is_taken(world: World, operation: Operation) -> None:
    answer = world.ask(operation, world.token(frozenset({operation.needs})))
    assert answer.status_code in (200, 201, 204, 404, 409, 422), answer.text
    if answer.status_code >= 400:
        # What the owner's own session is answered, too.
        assert refusal(answer) == refusal(world.ask(operation, world.session))


@each(PEOPLES)
def test_what_only_people_do_takes_no_token_of_any_scope(
    world: World, operation: Operation
) -> None:
    token = world.token(frozenset(TOKEN_SCOPES))
    with world.statements() as statements:
        answer = world.ask(operation, token)
    assert refusal(answer) == (403, "person-required"), answer.text
    assert statements == []


@each(MANAGING)
def test_the_manage_area_takes_no_other_token(world: World, operation: Operation) -> None:
    """J4."""
    for token in (world.token(frozenset(TOKEN_SCOPES)), world.session):
        with world.statements() as statements:
            answer = world.ask(operation, token)
        assert refusal(answer) == (403, "manage-required"), answer.text
        assert statements == []


@each([operation for operation in EVERY if operation.needs != MANAGE])
def test_a_manage_session_opens_the_manage_area_only(world: World, operation: Operation) -> None:
    """J4."""
    with world.statements() as statements:
        answer = world.ask(operation, world.manage)
    assert refusal(answer) == (403, "manage-session"), answer.text
    assert statements == []


@each(OPEN)
def test_any_token_may_ask_who_it_is(world: World, operation: Operation) -> None:
    answer = world.ask(operation, world.token(frozenset({"video:live"})))
    assert answer.status_code == 200, answer.text


def test_what_any_token_may_do_is_told_by_name() -> None:
    """Each of these reveals something to every program of the account."""
    assert {operation.name for operation in OPEN} == {"get_session", "get_account"}


def test_the_chapter_on_api_tokens_lists_what_each_scope_opens() -> None:
    opened = {
        scope: sorted(operation.name for operation in SCOPED if operation.needs == scope)
        for scope in TOKEN_SCOPES
    }
    rows = [line for line in CHAPTER.read_text().splitlines() if re.match(r"\| `\w+:", line)]
    assert rows == [
        f"| `{scope}` | {', '.join(f'`{name}`' for name in names) or 'nothing yet'} |"
        for scope, names in opened.items()
    ]


def test_no_row_stands_for_an_operation_that_is_gone() -> None:
    assert BODIES.keys() | UPLOADS.keys() <= {operation.name for operation in EVERY}


@pytest.mark.parametrize("permission", Permission)
def test_licensing_and_devices_are_told_of_a_right_only_where_the_token_has_it(
    world: World, permission: Permission
) -> None:
    asked = {"organization_id": world.ids["organization_id"], "permission": permission.value}
    token = world.token(frozenset(TOKEN_SCOPES) - {permission})
    for method, more in (("resolve_scope", {}), ("check", {"folder_id": world.ids["folder_id"]})):
        with pytest.raises(Refusal) as refused:
            world.suite.call("organizations", method, {**asked, **more}, as_=token)
        assert refused.value.code == "token-scope-missing"
        assert refused.value.facts == {"scope": permission}


def test_every_scope_is_a_permission_or_concerns_no_organization() -> None:
    assert set(TOKEN_SCOPES) == {
        *(set(Permission) - PERSONS_ONLY),
        INSTALLATION_OPERATE,
        ORGANIZATION_CREATE,
    }
