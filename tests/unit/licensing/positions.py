"""Positions of an organization that started on 2025-03-01, for the rules' tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from contracts.licensing import LicenseKind
from services.licensing.domain.calendar import Calendar
from services.licensing.domain.product import LicenseType, RegisteredProduct
from services.licensing.domain.standing import Position
from services.licensing.domain.wallet import Lot

START = date(2025, 3, 1)


def day(text: str) -> date:
    """``03-21`` is a day of 2025."""
    return date.fromisoformat(text if len(text) > 5 else f"2025-{text}")


def lot(licenses: int, *, opened_on: date = START, number: int = 1, kind: str = "core") -> Lot:
    expires_on = opened_on.replace(year=opened_on.year + 5)
    return Lot(UUID(int=number), kind, licenses, opened_on, expires_on, "key")


def position(
    *,
    need: int = 0,
    seats: int = 0,
    wallet: int = 0,
    lots: Sequence[Lot] | None = None,
    pool: int = 0,
    settled: bool | date | None = None,
    anchor: date | None = START,
    started_on: date | None = START,
) -> Position:
    """Its first year is settled when seats are there, unless told otherwise.

    :param settled: a date says on which day.
    """
    is_settled = seats > 0 if settled is None else bool(settled)
    settled_on = settled if isinstance(settled, date) else START
    calendar = Calendar(anchor) if anchor else None
    return Position(
        product=RegisteredProduct(
            code="camera-manager",
            name="Camera Manager",
            counts_devices_as="core",
            types=(LicenseType("core", LicenseKind.SUBSCRIPTION),),
            registered_on=START,
            started_on=started_on,
        ),
        calendar=calendar,
        year=calendar.year(0) if calendar else None,
        need={"core": need},
        seats={0: {"core": seats}} if seats else {},
        settled={0: settled_on} if is_settled else {},
        lots=tuple(lots if lots is not None else [lot(wallet)] if wallet else []),
        pool={"core": pool},
    )


def on(today: date, at: Position) -> Position:
    """The same on another day."""
    return replace(at, year=at.calendar.year_of(today) if at.calendar else None)
