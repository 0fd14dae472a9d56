"""Replaying: an organization's history carried out again in an empty database (I11).

What is not an organization's own, the catalogue and what suppliers issued, is copied as it was
before anything of it was used. Each entry must come out with the hash it has, whatever its answer
would say by now: answers tell more from one version of the suite to the next.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.context import CallContext
from chassis.db import Database
from chassis.service import Kit
from contracts.errors import Refusal
from services.licensing.domain.books import Books
from services.licensing.domain.history import Entry
from services.licensing.domain.outlook import Standing
from services.licensing.domain.outlook import standing as standing_on
from services.licensing.queries import catalogue, history, offline, replays, standing
from services.licensing.service import LicensingService
from services.licensing.service.commands import RECIPES, SUITE_RECIPES, Licensee

_REDEEMED = "redeem_license_key"


class EntryClock:
    """Stands at the moment of the entry that is being carried out."""

    def __init__(self) -> None:
        self.moment = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Replay:
    """``differs_at`` is the number of the first entry that came out differently, if any did.

    ``same_books``: whether the calendar, lots, the ledger, seats, settled years, subscriptions,
    trials, systems, and so every product's status are the same at its end.
    ``reworded`` answers would say something else today, on the same facts.
    """

    entries: int
    differs_at: int | None
    same_books: bool
    reworded: int = 0

    @property
    def is_proof(self) -> bool:
        return self.differs_at is None and self.same_books


class _Replaying(LicensingService):
    is_replaying = True
    day: date
    answer: Any
    reworded = 0

    def day_of(self, _books: Books, _now: datetime, /) -> date:
        return self.day

    def told(self, answer: Any, /) -> Any:
        self.reworded += _written(answer) != _written(self.answer)
        return self.answer


def replay(source: Database, kit: Kit, clock: EntryClock, organization_id: UUID) -> Replay:
    """Compares; changes nothing in ``source``.

    :param kit: on an empty database of the newest schema, with ``clock``.
    """
    with source.reading() as session, kit.db() as empty:
        entries = history.chain(session, organization_id)
        keys = {
            entry.request["key"]
            for entry, _ in entries
            if entry.request and entry.name == _REDEEMED
        }
        replays.copy_what_was_issued(session, empty, organization_id, keys)
        versions = deque(catalogue.versions(session))
    service = _Replaying()
    kit.equip(service, CallContext(request_id=str(uuid4())))
    for entry, digest in entries:
        while versions and versions[0].recorded_at <= entry.recorded_at:
            with kit.db() as session:
                replays.restore_products(session, versions.popleft())
        clock.moment, service.day = entry.recorded_at, entry.on_date
        service.answer = entry.result
        if not _comes_out(service, entry, digest):
            return Replay(len(entries), entry.number, same_books=False, reworded=service.reworded)
    with source.reading() as session, kit.db.reading() as replayed:
        same = _state(session, organization_id) == _state(replayed, organization_id) and (
            not entries
            or _standings(session, organization_id, entries[-1][0].on_date)
            == _standings(replayed, organization_id, entries[-1][0].on_date)
        )
    return Replay(len(entries), None, same_books=same, reworded=service.reworded)


def _comes_out(service: _Replaying, entry: Entry, digest: str) -> bool:
    try:
        _carry_out_again(service, entry)
    except Refusal:
        return False
    with service.db() as session:
        end = standing.calendar_for_update(session, entry.organization_id)
    return (end.last_number, end.last_hash) == (entry.number, digest)


def _carry_out_again(service: _Replaying, entry: Entry) -> None:
    request = entry.request or {}
    if entry.name in RECIPES:
        licensee = Licensee(entry.organization_id, entry.account_id, entry.role or "")
        service.carry_out(entry.name, licensee, entry.product, entry.idempotency_key, request)
        return
    with service.db() as session:
        command = service.opened(session, entry.name, entry.organization_id, request)
        if entry.name in SUITE_RECIPES:
            SUITE_RECIPES[entry.name](service, command)
        else:
            # What time brought about was written down on the way.
            service.keep(command)


def _written(answer: Any) -> str:
    return json.dumps(answer, sort_keys=True, default=str)


def _state(session: Session, organization_id: UUID) -> object:
    # Left out is what entries do not tell of, only what it came to: single devices, reports and
    # system files as they came, signed license files, notices that were told, refused attempts.
    return (
        replays.calendar(session, organization_id),
        replays.made(session, organization_id),
        replays.balances(session, organization_id),
        replays.postings(session, organization_id),
        replays.settled(session, organization_id),
        replays.systems(session, organization_id),
        replays.usage(session, organization_id),
        offline.reserved(session, organization_id),
    )


def _standings(session: Session, organization_id: UUID, day: date) -> Mapping[str, Standing]:
    """Of each product, with the devices that the history told of by then."""
    books = standing.books(session, organization_id)
    if books is None:
        return {}
    told = replace(books, devices=replays.calendar(session, organization_id).devices)
    return {code: standing_on(told.position(code, day), day) for code in told.products}
