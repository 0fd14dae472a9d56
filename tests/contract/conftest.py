"""Names of their own for tests that are made from the OpenAPI document."""

from __future__ import annotations

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction


def pytest_itemcollected(item: pytest.Item) -> None:
    # schemathesis names its tests by their operation, but since pytest 9.2 their ids lack it: they
    # would all be one test to whoever tells tests apart by id, such as pytest-xdist.
    if isinstance(item, SchemathesisFunction) and item.parent is not None:
        item._id = item.parent.id.child(item.name)
