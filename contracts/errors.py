"""Refusals: the answers "no" that a caller can do something about.

    Refusal
      x Unauthenticated   say who you are
      x Forbidden         ask somebody who may
      x NotFound          look elsewhere (also: what one may not see)
      x Conflict          the present state stands against it
      x Invalid           send something else
      x TooMany           wait, then try again
      x Unavailable       a part of the suite is away; try again

A service subclasses a family beside the rule that refuses and gives it a stable ``code``. A bug is
never a Refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar


class Refusal(Exception):
    """A request was understood and declined; ``facts`` are strings a program can act on."""

    family: ClassVar[str] = "Refusal"
    code: str = "refused"

    def __init__(self, detail: str, /, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts: dict[str, str] = {name: str(value) for name, value in facts.items()}


class Unauthenticated(Refusal):
    family = "Unauthenticated"
    code = "unauthenticated"


class Forbidden(Refusal):
    family = "Forbidden"
    code = "forbidden"


class NotFound(Refusal):
    family = "NotFound"
    code = "not-found"


class Conflict(Refusal):
    family = "Conflict"
    code = "conflict"


class Invalid(Refusal):
    family = "Invalid"
    code = "invalid"


class TooMany(Refusal):
    """``retry_after`` among the facts is in whole seconds."""

    family = "TooMany"
    code = "too-many"


class Unavailable(Refusal):
    """``retry_after`` among the facts is in whole seconds."""

    family = "Unavailable"
    code = "unavailable"


FAMILIES: Mapping[str, type[Refusal]] = {
    family.family: family
    for family in (Unauthenticated, Forbidden, NotFound, Conflict, Invalid, TooMany, Unavailable)
}


class InvalidRequest(Invalid):
    """Fields are missing, unknown or of the wrong form; the facts name each of them."""

    code = "invalid-request"


class StepUpRequired(Forbidden):
    """The act needs credentials entered within the last minutes (security 2.7)."""

    code = "step-up-required"


class ManageSession(Forbidden):
    """A Manage session changes second factors and opens nothing else (J4)."""

    code = "manage-session"


class ManageRequired(Forbidden):
    """Only a Manage session may do it (J4)."""

    code = "manage-required"


class PersonRequired(Forbidden):
    """An API token may not do it, whatever its scopes."""

    code = "person-required"


class TokenScopeMissing(Forbidden):
    """The API token was not given the scope that this needs; ``scope`` names it."""

    code = "token-scope-missing"


class IdempotencyMismatch(Conflict):
    """The same idempotency key came with another request (D-24)."""

    code = "idempotency-mismatch"


class ServiceUnavailable(Unavailable):
    """A service did not answer in time, or its broker or database is away."""

    code = "service-unavailable"


def from_wire(family: str, code: str, detail: str, facts: Mapping[str, str]) -> Refusal:
    """The refusal another process raised: its family is a class here, its code a value."""
    refusal = FAMILIES[family](detail, **facts)
    refusal.code = code
    return refusal


def refusals(root: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal class defined so far, families included."""
    for kind in root.__subclasses__():
        yield kind
        yield from refusals(kind)
