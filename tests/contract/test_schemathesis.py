"""Whatever is sent to any operation, the answer is one that the OpenAPI document foresees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chassis.config import Config
from gateway.app import create_app
from tests.harness import Suite
from tests.in_process import InProcess

TOKEN = "the-token-of-ada"
# What a schema has no words for (one date before another, a key nobody issued) is refused rightly.
_NOT_CHECKED = [positive_data_acceptance]


class Ground:
    """A running suite with something in it, so that not every id leads nowhere."""

    def __init__(self, folder: Path) -> None:
        self.suite = Suite(folder)
        ada = uuid4()
        self.app: Flask = create_app(
            Config({"gateway": {"requests_per_minute_per_ip": 0}}),
            InProcess(self.suite, {TOKEN: ada}.get),
            clock=self.suite.clock,
        )
        organization = self._post("/v1/organizations", name="Harbor")
        folders = f"/v1/organizations/{organization['id']}/folders"
        self.ids = {
            "organization_id": organization["id"],
            "folder_id": organization["default_folder_id"],
        }
        self._post(folders, name="Pier", parent_id=self.ids["folder_id"])

    def _post(self, path: str, **body: str) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": str(uuid4())}
        answer = self.app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.get_json()


class Entrance:
    """Tests are made from the document before there is a suite to answer them."""

    def __init__(self) -> None:
        self.app = create_app(Config({}))
        self.ids: dict[str, str] = {}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


entrance = Entrance()
schema = schemathesis.openapi.from_wsgi("/openapi.json", entrance)
# A NUL is refused everywhere, which a schema has no words for.
schema.config.generation.allow_x00 = False


@pytest.fixture(scope="module", autouse=True)
def _ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    ground = Ground(tmp_path_factory.mktemp("suite"))
    entrance.app = ground.app
    entrance.ids = ground.ids
    yield
    ground.suite.close()


@schema.hook
def map_path_parameters(_context: Any, parameters: dict[str, Any] | None) -> Any:
    """Ids that exist in place of some of those that are made up."""
    return {
        name: entrance.ids[name] if name in entrance.ids and _is_chosen(value) else value
        for name, value in (parameters or {}).items()
    }


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_input_is_answered_with_what_the_document_does_not_foresee(case: Any) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {TOKEN}"},
        excluded_checks=_NOT_CHECKED,
    )


def _is_chosen(value: object) -> bool:
    """Every second well-formed id; a malformed one has to stay so."""
    try:
        return UUID(str(value)).int % 2 == 0
    except ValueError:
        return False
