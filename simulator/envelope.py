"""The JSON envelope around the answers of most VAPIX APIs."""

import json
from dataclasses import dataclass, field
from typing import Any


class BadEnvelope(ValueError):
    """The body is not a request of a JSON API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A request to a JSON API."""

    method: str
    api_version: str | None = None
    context: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    def is_served_by(self, served: str) -> bool:
        """Any minor version up to ours is; a missing one is, too."""
        if self.api_version is None:
            return True
        try:
            wanted = [int(part) for part in self.api_version.split(".")]
        except ValueError:
            return False
        have = [int(part) for part in served.split(".")]
        return len(wanted) == 2 and wanted[0] == have[0] and wanted[1] <= have[1]


def read_envelope(body: bytes | str) -> Envelope:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope("Not JSON.") from error
    if not isinstance(content, dict):
        raise BadEnvelope("Not an object.")
    method = content.get("method")
    api_version = content.get("apiVersion")
    context = content.get("context")
    params = content.get("params", {})
    if (
        not isinstance(method, str)
        or not isinstance(api_version, str | None)
        or not isinstance(context, str | None)
        or not isinstance(params, dict)
    ):
        raise BadEnvelope("A member has the wrong type.")
    return Envelope(method=method, api_version=api_version, context=context, params=params)


def answer(
    served: str,
    envelope: Envelope | None,
    *,
    data: dict[str, Any] | None = None,
    error: tuple[int, str] | None = None,
    with_method: bool = True,
) -> dict[str, Any]:
    """The camera answers with its own version, whatever was asked for."""
    content: dict[str, Any] = {"apiVersion": served}
    if envelope is not None and envelope.context is not None:
        content["context"] = envelope.context
    if envelope is not None and with_method:
        content["method"] = envelope.method
    if error is not None:
        content["error"] = {"code": error[0], "message": error[1]}
    else:
        content["data"] = data or {}
    return content
