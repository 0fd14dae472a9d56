"""AXIS OS versions: three or four numbers, compared as numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

from contracts.errors import Invalid

_FORM = re.compile(r"[0-9]{1,5}(\.[0-9]{1,5}){2,3}")
ACTIVE = "active"


class VersionUnreadable(Invalid):
    """It is not three or four numbers with dots between them."""

    code = "version-unreadable"


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """Remembers how it was written; a fourth number that is absent counts as 0."""

    text: str
    numbers: tuple[int, int, int, int]

    @classmethod
    def parse(cls, text: str) -> Version:
        """:raises VersionUnreadable: with the text in its detail."""
        if not _FORM.fullmatch(text):
            raise VersionUnreadable(f"{text[:40]!r} is not a version such as 11.11.192.")
        major, minor, build, *patch = (int(part) for part in text.split("."))
        return cls(text, (major, minor, build, patch[0] if patch else 0))

    @property
    def branch(self) -> tuple[int, int]:
        return self.numbers[:2]

    @property
    def sort_key(self) -> str:
        """Text that sorts as the version does, for SQL."""
        return ".".join(f"{number:05}" for number in self.numbers)

    def begins_with(self, prefix: str) -> bool:
        """Whether ``prefix`` (``11``, ``11.11`` or a whole version) names it."""
        parts = prefix.split(".")
        return self.text.split(".")[: len(parts)] == parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.numbers == other.numbers

    def __lt__(self, other: Version) -> bool:
        return self.numbers < other.numbers

    def __hash__(self) -> int:
        return hash(self.numbers)

    def __str__(self) -> str:
        return self.text


# Long-term support branches; each is the last of its major version that a device must pass.
LONG_TERM = ((6, 50), (8, 40), (9, 80), (10, 12), (11, 11), (12, 11))


def track_of(version: Version) -> str:
    """The long-term track a version belongs to, else the active track."""
    if version.branch in LONG_TERM:
        return f"lts-{version.branch[0]}.{version.branch[1]}"
    return ACTIVE


def next_long_term(version: Version) -> tuple[int, int] | None:
    """The first long-term branch that is newer than the version's own."""
    return next((branch for branch in LONG_TERM if branch > version.branch), None)
