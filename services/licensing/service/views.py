"""What the answers of licensing hold, made of rules' values."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.licensing import Status
from services.licensing.domain.allocation import Line
from services.licensing.domain.books import Books
from services.licensing.domain.calendar import DAY, Grace, SubscriptionYear
from services.licensing.domain.compensation import in_licenses
from services.licensing.domain.forecast import Renewal
from services.licensing.domain.outlook import standing
from services.licensing.domain.product import RegisteredProduct
from services.licensing.domain.reasons import STATUS_TEXT
from services.licensing.domain.standing import (
    Position,
    covers,
    growth_limit,
    is_expiring_soon,
    least_to_allocate,
    running,
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


def line_view(line: Line) -> dict[str, Any]:
    return {
        "type": line.type,
        "seats": line.seats,
        "compensated_ticks": line.compensated,
        "returned": line.returned,
    }


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
    is_exceeded = stands.status is Status.GROWTH_EXCEEDED
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
        "expiring_soon": is_expiring_soon(position, today),
        # An answer is made before the end of its command, which is when the day is noted.
        "exceeded_since": (known.exceeded_since or today) if is_exceeded else None,
        "time_zone": books.time_zone,
        "trial": trial_view(known),
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
        "years_ahead": _years_ahead(position),
        "wallet": sum(held.values()),
        "saved_up": saved_up_view(position),
    }


def _years_ahead(position: Position) -> list[dict[str, Any]]:
    now = running(position)
    if now is None or position.calendar is None:
        return []
    return [
        {
            **year_view(position.calendar.year(index)),
            "seats": [
                {"type": kind, "seats": count} for kind, count in sorted(seats.items()) if count
            ],
            "is_covered": covers(position.need, seats),
        }
        for index, seats in sorted(position.seats.items())
        if index > now.year.index and any(seats.values())
    ]


def trial_view(product: RegisteredProduct) -> dict[str, Any] | None:
    """None also of one that the subscription's start ended on its first day (D-18)."""
    first, end = product.trial_started_on, product.trial_ends_on
    if first is None or end is None or end <= first:
        return None
    return {"first_day": first, "last_day": end - DAY}


def saved_up_view(position: Position) -> list[dict[str, Any]]:
    return [
        {"type": kind, "ticks": ticks, "licenses": in_licenses(ticks)}
        for kind, ticks in sorted(position.pool.items())
        if ticks
    ]


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
                "opened_on": lot.opened_on,
                "expires_on": lot.expires_on,
                "source": lot.source,
            }
            for lot in lots
        ],
        "saved_up": saved_up_view(position),
    }


def renewal_view(renewal: Renewal) -> dict[str, Any]:
    return {
        "year": year_view(renewal.year),
        "needs": [
            {
                "type": due.type,
                "needed": due.needed,
                "seats": due.seats,
                "wallet": due.wallet,
                "owned": due.owned,
                "short": due.short,
            }
            for due in renewal.dues
        ],
    }
