"""Refusals and failures on the wire, in the form nameko sends exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nameko.exceptions import deserialize_to_instance

from contracts import errors


@deserialize_to_instance
class WireRefusal(Exception):
    """A refusal between processes: names, never a module path of its origin."""

    def __init__(self, family: str, code: str, detail: str, facts: Mapping[str, str]) -> None:
        super().__init__(family, code, detail, dict(facts))


class RemoteFailure(Exception):
    """The other service met a bug; its log, not this exception, says which."""


def to_wire(refusal: errors.Refusal) -> WireRefusal:
    return WireRefusal(refusal.family, refusal.code, refusal.detail, refusal.facts)


def from_reply(reply: Mapping[str, Any], operation: str) -> Any:
    """The result a reply carries.

    :raises contracts.errors.Refusal: the service refused.
    :raises RemoteFailure: the service failed.
    """
    error = reply.get("error")
    if not error:
        return reply.get("result")
    if error.get("exc_type") == WireRefusal.__name__:
        raise errors.from_wire(*error["exc_args"])
    raise RemoteFailure(f"{operation} failed with {error.get('exc_type')}.")
