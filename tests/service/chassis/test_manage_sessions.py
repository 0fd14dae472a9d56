"""J4: a Manage session calls no application recipe."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from chassis.context import CallContext
from contracts.caller import Level
from contracts.errors import Forbidden
from tests.harness import Suite


@pytest.mark.parametrize(
    ("operation", "payload"),
    [
        ("create_organization", {"name": "Mine", "idempotency_key": "key-00001"}),
        ("list_organizations", {}),
    ],
)
def test_a_manage_session_opens_nothing_else(
    tmp_path: Path, operation: str, payload: dict[str, str]
) -> None:
    suite = Suite(tmp_path, services=("organizations",))
    assertion = suite.assertion(uuid4(), Level.MANAGE)
    headers = CallContext("request", caller=assertion).headers()
    with pytest.raises(Forbidden) as refused:
        suite.bus.call("organizations", operation, payload, headers)
    assert refused.value.code == "manage-session"
    suite.close()
