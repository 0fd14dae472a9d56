"""Reservations: what license files hold of a year, by the system that may use it (D-19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.licensing.domain.books import Usage


@dataclass(frozen=True)
class Reservation:
    """``seats`` of the type that nobody else gets, through the day before ``until``."""

    system_id: UUID
    type: str
    seats: int
    until: date


def usages(
    product: str, license_type: str, net: int, reservations: Iterable[Reservation]
) -> list[Usage]:
    """What one system needs, as usages that add up to it on each day.

    It may run any of its files, so the largest that is valid counts: one that ends sooner adds to
    one that lasts longer what that one does not hold.
    """
    found = [Usage(product, license_type, net)]
    level = net
    for longest in sorted(reservations, key=lambda one: one.until, reverse=True):
        if longest.seats <= level:
            continue
        if len(found) == 1 and found[0].reserved_until is None:
            found = [Usage(product, license_type, net, longest.seats, longest.until)]
        else:
            more = longest.seats - level
            found.append(Usage(product, license_type, 0, more, longest.until))
        level = longest.seats
    return found


def reserved_by_others(
    reservations: Iterable[Reservation], system_id: UUID, today: date
) -> Mapping[str, int]:
    """What a system's file must leave to the others, by type.

    That a system was removed makes no difference, for its copy cannot be called back.
    """
    largest: dict[tuple[UUID, str], int] = {}
    for one in reservations:
        if today < one.until and one.system_id != system_id:
            key = (one.system_id, one.type)
            largest[key] = max(largest.get(key, 0), one.seats)
    together: Counter[str] = Counter()
    for (_system_id, license_type), seats in largest.items():
        together[license_type] += seats
    return together
