"""A request that can be changed in one place before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.journeys.people import People


@dataclass(frozen=True)
class Request:
    """``content`` stands in place of ``body`` where what is sent is not JSON, or not quite."""

    method: str
    path: str
    query: Any = None
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None

    def sent_to(self, people: People) -> TestResponse:
        values = {name: value for name, value in vars(self).items() if name not in _ADDRESS}
        return people.send(self.method, self.path, **values)


_ADDRESS = ("method", "path")
