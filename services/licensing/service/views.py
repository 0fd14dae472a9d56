"""What the answers of licensing hold, made of rules' values."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

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


def year_view(year: SubscriptionYear) -> dict[str, Any]:
    return {
        "index": year.index,
        "starts_on": year.starts_on,
        "renews_on": year.renews_on,
        "days": year.days,
    }


def grace_view(grace: Grace) -> dict[str, Any]:
    return {"first_day": grace.first_day, "last_day": grace.last_day}


def overview(
    organization_id: UUID, position: Position, time_zone: str, today: date
) -> dict[str, Any]:
    now = running(position, today)
    stands = standing(position, today)
    held = holding(position.lots, today)
    return {
        "organization_id": organization_id,
        "product": position.product,
        "name": position.name,
        "registered_on": position.registered_on,
        "status": stands.status,
        "status_text": STATUS_TEXT[stands.status],
        "reason": stands.reason,
        "changes_on": stands.changes_on,
        "is_settled": now is not None and now.is_settled,
        "time_zone": time_zone,
        "started_on": position.started_on,
        "year": year_view(now.year) if now else None,
        "grace": grace_view(now.grace) if now else None,
        "needs": [
            {
                "type": kind,
                "need": need,
                "seats": position.seats_of(kind),
                "wallet": held.get(kind, 0),
                "shortage": max(0, need - position.seats_of(kind)),
                "growth_limit": growth_limit(position.seats_of(kind)),
                "least_to_allocate": least_to_allocate(
                    position, kind, is_settled=now is not None and now.is_settled
                ),
            }
            for kind, need in sorted(position.need.items())
        ],
        "wallet": sum(held.values()),
    }


def wallet_view(position: Position, today: date) -> dict[str, Any]:
    lots = usable(position.lots, today)
    return {
        "product": position.product,
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
