"""What operators look at: how an organization stands, and whether its history is true."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

from chassis import migrations
from chassis.db import Database, engine_for
from chassis.service import Kit
from services.licensing.domain.books import Books
from services.licensing.domain.history import is_intact
from services.licensing.domain.outlook import standing
from services.licensing.domain.product import ProductNotRegistered
from services.licensing.domain.reasons import STATUS_TEXT
from services.licensing.domain.wallet import usable
from services.licensing.queries import history, replays
from services.licensing.service import LicensingService
from services.licensing.service.replaying import EntryClock, Replay
from services.licensing.service.replaying import replay as carried_out_again

_LATEST = 20


def prove(db: Database, organization_id: UUID) -> int:
    with db.reading() as session:
        chain = history.chain(session, organization_id)
    intact = is_intact(chain)
    sys.stdout.write(f"{len(chain)} entries: {'intact' if intact else 'CHANGED'}\n")
    return 0 if intact else 1


def replay(kit: Kit, organization_id: UUID, into: str | None) -> int:
    """Nothing is changed but the database it is carried out in."""
    with kit.db.reading() as session:
        chain = history.chain(session, organization_id)
    unkept = [entry.number for entry, _ in chain if entry.request is None]
    if unkept:
        return _not_done(f"entries up to {unkept[-1]} are from before what was asked was kept")
    with tempfile.TemporaryDirectory(prefix="freehold-replay-") as folder:
        url = into or f"sqlite:///{Path(folder) / 'licensing.sqlite'}"
        migrations.upgrade("licensing", url)
        db, clock = Database(engine_for(url)), EntryClock()
        try:
            with db.reading() as session:
                is_empty = replays.is_empty(session)
            if not is_empty:
                return _not_done("that database holds a history already")
            again = Kit(LicensingService, kit.config, clock=clock, bus=kit.bus, db=db)
            found = carried_out_again(kit.db, again, clock, organization_id)
        finally:
            db.close()
    sys.stdout.write(f"{found.entries} entries: {_judged(found)}\n")
    if found.reworded:
        sys.stdout.write(f"{found.reworded} answers would read differently today\n")
    return 0 if found.is_proof else 1


def _not_done(why: str) -> int:
    sys.stderr.write(f"not done: {why}\n")
    return 1


def _judged(found: Replay) -> str:
    if found.differs_at is not None:
        return f"entry {found.differs_at} comes out DIFFERENTLY"
    return "the same books come out" if found.same_books else "OTHER books come out"


def show(licensing: LicensingService, organization_id: UUID) -> int:
    try:
        books, today = licensing.books_of(organization_id)
    except ProductNotRegistered:
        return _not_done("no organization with this id has registered a product")
    for line in _shown(books, today):
        sys.stdout.write(f"{line}\n")
    with licensing.db.reading() as session:
        latest = history.history(
            session, organization_id, product=None, by_suite=True, before=None, limit=_LATEST
        )
    sys.stdout.write("\nhistory, the newest first\n")
    for entry in latest[:_LATEST]:
        by = entry.account_id or entry.role
        sys.stdout.write(
            f"  {entry.number}  {entry.on_date}  {entry.name}  {entry.product or ''}  {by}\n"
        )
    return 0


def _shown(books: Books, today: date) -> Iterator[str]:
    yield f"organization: {books.organization_id}"
    yield f"time zone: {books.time_zone}"
    yield f"managed devices: {books.devices}"
    if books.is_archived:
        yield "archived"
    for code in books.products:
        position = books.position(code, today)
        stands = standing(position, today)
        yield ""
        yield f"{code}: {STATUS_TEXT[stands.status]}, until {stands.changes_on or 'further notice'}"
        for kind, need in sorted(position.need.items()):
            yield f"  needs {need} of type {kind}"
        for index, seats in sorted(position.seats.items()):
            for kind, count in sorted(seats.items()):
                yield f"  year {index} has {count} of type {kind}"
        for lot in usable(position.lots, today):
            yield (
                f"  wallet: {lot.licenses} of type {lot.type} until {lot.expires_on} ({lot.source})"
            )
