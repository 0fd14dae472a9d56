"""The context of one call: carried from the HTTP request to the last event handler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import uuid4

_FIELDS = ("request_id", "ip", "user_agent", "caller")


@dataclass(frozen=True)
class CallContext:
    """``caller`` is the signed assertion, absent for calls nobody signed in for."""

    request_id: str
    ip: str | None = None
    user_agent: str | None = None
    caller: str | None = field(default=None, repr=False)

    def headers(self) -> dict[str, str]:
        """What travels beside a message; absent values are left out."""
        values = ((name, getattr(self, name)) for name in _FIELDS)
        return {name: value for name, value in values if value is not None}

    @classmethod
    def from_headers(cls, headers: Mapping[str, object]) -> CallContext:
        known = {name: str(headers[name]) for name in _FIELDS if headers.get(name) is not None}
        known.setdefault("request_id", str(uuid4()))
        return cls(**known)


_current: ContextVar[CallContext | None] = ContextVar("freehold_call", default=None)


def current() -> CallContext:
    """The context of the running call, or a fresh one outside any call."""
    return _current.get() or CallContext(request_id=str(uuid4()))


@contextmanager
def use(context: CallContext) -> Iterator[CallContext]:
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
