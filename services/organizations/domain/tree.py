"""Tree: a folder with the way to it, as one member may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Ancestor:
    """A folder on the way from the default folder down to another, that one included."""

    id: UUID
    name: str
    is_granted: bool


@dataclass(frozen=True)
class Step:
    """One word of a path; without id where the name is all that may be seen (ACS-4)."""

    id: UUID | None
    name: str


def path(line: Iterable[Ancestor], *, sees_all: bool) -> Sequence[Step]:
    """``line`` goes downwards; a grant opens its folder and everything below it (ACS-3)."""
    steps = []
    is_open = sees_all
    for ancestor in line:
        is_open = is_open or ancestor.is_granted
        steps.append(Step(ancestor.id if is_open else None, ancestor.name))
    return steps


@dataclass(frozen=True)
class SeenFolder:
    """A folder as it is shown to one member."""

    id: UUID
    organization_id: UUID
    parent_id: UUID | None
    name: str
    is_default: bool
    depth: int
    path: Sequence[Step]
