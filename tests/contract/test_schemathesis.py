"""Whatever is sent to any operation, the answer is one that the OpenAPI document foresees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chassis.config import Config
from gateway.app import create_app
from tests.journeys.people import NEEDLESS_SCOPE, People, Person

# What a schema has no words for (one date before another, a key nobody issued) is refused rightly.
_NOT_CHECKED = [positive_data_acceptance]


# They are asked by somebody who is not needed afterwards.
_ENDING = {
    "change_password",
    "delete_account",
    "end_other_sessions",
    "end_session",
    "leave_manage",
    "sign_out",
    "step_up",
}


class Ground(People):
    """A running suite with something in it, so that not every id leads nowhere."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ada = self.managing(self.newcomer())
        organization = self._created("/v1/organizations", name="Harbor")
        folder_id = organization["default_folder_id"]
        self._created(
            f"/v1/organizations/{organization['id']}/folders", name="Pier", parent_id=folder_id
        )
        shown = self.shown(self.ada)
        self.ids = {
            "organization_id": organization["id"],
            "folder_id": folder_id,
            "api_token_id": self.api_token(self.ada, NEEDLESS_SCOPE)["api_token_id"],
            "authenticator_id": shown.authenticator_id,
            "batch_id": shown.batch_id,
        }
        self.passer_by = self._arrived()
        self.path = f"/v1/organizations/{organization['id']}"
        self._joined()
        self._invited()

    def _created(self, path: str, **body: Any) -> Any:
        return self.done("POST", path, body=body, token=self.ada.token)

    def _arrived(self) -> Person:
        found = self.managing(self.newcomer())
        listed = self.done("GET", "/v1/sessions", token=found.token)["items"]
        self.ids["session_id"] = listed[0]["session_id"]
        return found

    def _joined(self) -> None:
        wanted = {"requested_role": "viewer", "folder_ids": [self.ids["folder_id"]]}
        mate = self.joined(self.path, self.newcomer(), by=self.ada, **wanted)
        self.ids["account_id"] = mate

    def _invited(self) -> None:
        made = self._created(
            f"{self.path}/invitations",
            email=f"{uuid4().hex}@example.com",
            requested_role="admin",
        )
        self.ids["invitation_id"] = made["id"]

    def prepare(self, path: str) -> None:
        """What operations below this path have ended is there again."""
        if "{account_id}" in path:
            mate = f"{self.path}/members/{self.ids['account_id']}"
            if self.send("GET", mate, token=self.ada.token).status_code == 404:
                self._joined()
        if "{invitation_id}" in path:
            invitation = f"{self.path}/invitations/{self.ids['invitation_id']}"
            found = self.done("GET", invitation, token=self.ada.token)
            if found["status"] != "pending":
                self._invited()

    def asking(self, operation: str) -> Person:
        """Who is to ask for it."""
        if operation not in _ENDING:
            return self.ada
        asked = [
            ("/v1/session", self.passer_by.token),
            ("/v1/manage", self.passer_by.manage),
        ]
        if any(self.send("GET", path, token=token).status_code != 200 for path, token in asked):
            self.passer_by = self._arrived()
        return self.passer_by


class Entrance:
    """Tests are made from the document before there is a suite to answer them."""

    def __init__(self) -> None:
        self.app: Any = create_app(Config({}))
        self.ids: dict[str, str] = {}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


entrance = Entrance()
schema = schemathesis.openapi.from_wsgi("/openapi.json", entrance)
# A NUL is refused everywhere, which a schema has no words for.
schema.config.generation.allow_x00 = False


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    found = Ground(tmp_path_factory.mktemp("suite"))
    entrance.app, entrance.ids = found.client.application, found.ids
    yield found
    found.close()


@schema.hook
def map_path_parameters(_context: Any, parameters: dict[str, Any] | None) -> Any:
    """Ids that exist in place of some of those that are made up."""
    return {
        name: entrance.ids[name] if name in entrance.ids and _is_chosen(value) else value
        for name, value in (parameters or {}).items()
    }


@schema.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_input_is_answered_with_what_the_document_does_not_foresee(
    case: Any, ground: Ground
) -> None:
    told = case.operation.definition.raw
    ground.prepare(case.operation.path)
    person = ground.asking(told["operationId"])
    is_managing = any("manage" in scheme for scheme in told["security"])
    token = person.manage if is_managing else person.token
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=_NOT_CHECKED,
    )


def _is_chosen(value: object) -> bool:
    """Every second well-formed id; a malformed one has to stay so."""
    try:
        return UUID(str(value)).int % 2 == 0
    except ValueError:
        return False
