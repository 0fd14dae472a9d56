"""History: an organization's commands, each sealed with the hash of the one before (R13)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What the hash covers, all of it without secrets.

    ``request`` is what was asked, ``arguments`` what was done, ``result`` what was answered.
    """

    organization_id: UUID
    number: int
    idempotency_key: str
    request_hash: str
    account_id: UUID | None
    role: str | None
    name: str
    product: str | None
    on_date: date
    recorded_at: datetime
    arguments: Mapping[str, Any]
    result: Any
    previous_hash: str
    request: Mapping[str, Any] | None = None

    def sealed(self) -> str:
        covered = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.request is None:
            # Entries from before requests were kept were sealed without the word.
            del covered["request"]
        text = json.dumps(
            covered,
            sort_keys=True,
            separators=(",", ":"),
            default=_plain,
        )
        return hashlib.sha256(text.encode()).hexdigest()


def is_intact(entries: Iterable[tuple[Entry, str]]) -> bool:
    """Whether entries, oldest first and each with its hash, form one chain from the beginning."""
    previous = GENESIS
    for number, (entry, digest) in enumerate(entries, start=1):
        if entry.number != number or entry.previous_hash != previous or entry.sealed() != digest:
            return False
        previous = digest
    return True


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"History does not hold values of type {type(value).__name__}.")
