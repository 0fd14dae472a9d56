"""Numbers of licenses by type, as a form sends them: ``seats-core=12``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.license_fields import MANY

PREFIX = "seats-"


@dataclass(frozen=True)
class Numbers:
    """``counts`` are those that can be read and are not nothing; ``unreadable`` are names."""

    values: Mapping[str, str]
    counts: Mapping[str, int]
    unreadable: frozenset[str]


def read(given: Mapping[str, str]) -> Numbers:
    values = {
        name: text.replace("\0", "").strip()
        for name, text in given.items()
        if name.startswith(PREFIX)
    }
    typed = {name: text for name, text in values.items() if text.lstrip("0")}
    found = {name: whole(text) for name, text in typed.items()}
    return Numbers(
        values,
        {name.removeprefix(PREFIX): count for name, count in found.items() if count is not None},
        frozenset(name for name, count in found.items() if count is None),
    )


def whole(text: str) -> int | None:
    """None: it is no number of licenses."""
    count = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    return count if 0 < count <= MANY else None
