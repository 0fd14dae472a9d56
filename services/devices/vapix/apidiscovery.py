"""apidiscovery.cgi: which APIs a camera says it has (AXIS OS 8.50).

The minor versions listed lag behind those served, so that nothing is decided by them: whether
there is an API, in which major version, is all that this is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.devices.vapix import envelope
from services.devices.vapix.session import Session

PATH = "/axis-cgi/apidiscovery.cgi"


@dataclass(frozen=True)
class Api:
    """``version`` is at least served; an id comes again for each major version."""

    id: str
    version: str
    name: str
    status: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]


@dataclass(frozen=True)
class Apis:
    listed: tuple[Api, ...]

    def has(self, api_id: str, major: int = 1) -> bool:
        return any(api.id == api_id and api.major == str(major) for api in self.listed)


def read(session: Session) -> Apis:
    answer = session.signed(PATH, envelope.request("getApiList"))
    return Apis(tuple(_apis(envelope.items(envelope.data(answer), "apiList"))))


def _apis(entries: Iterable[Any]) -> Iterable[Api]:
    for entry in entries:
        if isinstance(entry, Mapping) and envelope.text(entry, "id"):
            yield Api(
                id=envelope.text(entry, "id"),
                version=envelope.text(entry, "version"),
                name=envelope.text(entry, "name"),
                status=envelope.text(entry, "status"),
            )
