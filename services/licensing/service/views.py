"""What the answers of licensing hold, made of rules' values."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.licensing.domain.books import Books
from services.licensing.domain.calendar import Grace, SubscriptionYear
from services.licensing.domain.compensation import in_licenses
from services.licensing.domain.standing import (
    STATUS_TEXT,
    Position,
    growth_limit,
    least_to_allocate,
    running,
    standing,
)
from services.licensing.domain.wallet import holding, usable
from services.licensing.service.commands import Command


def year_view(year: SubscriptionYear) -> dict[str, Any]:
    return {
        "index": year.index,
        "starts_on": year.starts_on,
        "renews_on": year.renews_on,
        "days": year.days,
    }


def grace_view(grace: Grace) -> dict[str, Any]:
    return {"first_day": grace.first_day, "last_day": grace.last_day}


def current_overview(command: Command) -> dict[str, Any]:
    """As it is after the command."""
    books = command.books
    # The first start may have moved the organization to another zone, and so to another day.
    return overview(books, command.of_product, books.today(command.now))


def overview(books: Books, product: str, today: date) -> dict[str, Any]:
    """:param books: advanced to the day."""
    position = books.position(product, today)
    known = position.product
    now = running(position)
    stands = standing(position, today)
    held = holding(position.lots, today)
    is_settled = now is not None and now.is_settled
    return {
        "organization_id": books.organization_id,
        "product": known.code,
        "name": known.name,
        "registered_on": known.registered_on,
        "status": stands.status,
        "status_text": STATUS_TEXT[stands.status],
        "reason": stands.reason,
        "changes_on": stands.changes_on,
        "is_settled": is_settled,
        "time_zone": books.time_zone,
        "started_on": known.started_on,
        "year": year_view(now.year) if now else None,
        "grace": grace_view(now.grace) if now else None,
        "needs": [
            {
                "type": kind,
                "need": need,
                "seats": seats,
                "wallet": held.get(kind, 0),
                "shortage": max(0, need - seats),
                "growth_limit": growth_limit(seats),
                "least_to_allocate": least_to_allocate(need, seats, is_settled=is_settled),
            }
            for kind, need in sorted(position.need.items())
            for seats in [position.seats_of(kind)]
        ],
        "wallet": sum(held.values()),
    }


def wallet_view(position: Position, today: date) -> dict[str, Any]:
    lots = usable(position.lots, today)
    return {
        "product": position.product.code,
        "licenses": sum(lot.licenses for lot in lots),
        "lots": [
            {
                "id": lot.id,
                "type": lot.type,
                "licenses": lot.licenses,
                "expires_on": lot.expires_on,
                "source": lot.source,
            }
            for lot in lots
        ],
        "saved_up": [
            {"type": kind, "ticks": ticks, "licenses": in_licenses(ticks)}
            for kind, ticks in sorted(position.pool.items())
            if ticks
        ],
    }
