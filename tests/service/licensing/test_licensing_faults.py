"""The walk of licensing proves something: each of these faults makes it fail (M4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.licensing.domain import allocation
from services.licensing.domain.calendar import grace_of
from services.licensing.domain.compensation import ticks_for
from services.licensing.domain.policy import DAYS_SHORT, TICKS_PER_LICENSE
from services.licensing.domain.wallet import expiry
from tests.service.licensing.machine import Walk
from tests.service.licensing.walk_ground import World

DOMAIN = "services.licensing.domain"
WALKS_MOST, STEPS = 12, 60
_line = allocation._line


def _below_twice(need: Any, seats: Any) -> bool:
    return all(2 * seats.get(kind, 0) > n or n == 0 for kind, n in need.items())


def _from_today(position: Any, kind: str, seats: int, compensated: int, today: date) -> Any:
    line = _line(position, kind, seats, compensated, today)
    return replace(line, returned_expires_on=expiry(today))


def _without_pool(position: Any, *more: Any) -> Any:
    return _line(replace(position, pool={}), *more)


# What is wrong, and everywhere it is.
FAULTS: dict[str, dict[str, Any]] = {
    "parts of licenses are rounded for each allocation": {
        f"{DOMAIN}.allocation.ticks_for": lambda seats, days, year: (
            ticks_for(seats, days, year) // TICKS_PER_LICENSE * TICKS_PER_LICENSE
        )
    },
    "every year has 365 days": {
        f"{DOMAIN}.allocation.ticks_for": lambda seats, days, _year: (
            seats * days * (TICKS_PER_LICENSE // DAYS_SHORT)
        )
    },
    "what comes back lives five years from today": {f"{DOMAIN}.allocation._line": _from_today},
    "an idempotency key takes any payload": {
        "services.licensing.service.commands.request_hash": lambda _request: "0" * 64
    },
    "a past year is open": {
        f"{DOMAIN}.calendar.Calendar.open_year": lambda self, index, today: (
            self.year_of(today) if index is None else self.year(index)
        )
    },
    "grace lasts 31 days": {f"{DOMAIN}.calendar.GRACE_DAYS": 31},
    "what was saved up is lost": {f"{DOMAIN}.allocation._line": _without_pool},
    "a late joiner has no grace of its own": {
        f"{DOMAIN}.{module}.grace_of": lambda _started_on, year: grace_of(year.starts_on, year)
        for module in ("standing", "outlook")
    },
    "growth of 100 % is too much": {
        f"{DOMAIN}.{module}.is_within_growth": _below_twice
        for module in ("standing", "allocation", "books")
    },
    "no year is settled when it begins": {f"{DOMAIN}.books.Books._begun": lambda _self, _today: []},
    "seats in license files are free": {f"{DOMAIN}.books.Usage.on": lambda self, _day: self.net},
    "the longest-lived licenses are used first": {
        f"{DOMAIN}.wallet.usable": lambda lots, today: sorted(
            (lot for lot in lots if lot.licenses and today < lot.expires_on),
            key=lambda lot: lot.expires_on,
            reverse=True,
        )
    },
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, is_charged=False)
    yield made
    made.close()


def walks_until_wrong(world: World) -> bool:
    for number in range(WALKS_MOST):
        walk = Walk(world, f"fault {number}")
        try:
            walk.begin()
            for _ in range(STEPS):
                walk.step()
            walk.end()
        except Exception:
            return True
    return False


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_rule_is_found(world: World, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """M4: the nine faults of the specification, and some of what came later."""
    for place, wrong in FAULTS[fault].items():
        monkeypatch.setattr(place, wrong)
    assert walks_until_wrong(world)
