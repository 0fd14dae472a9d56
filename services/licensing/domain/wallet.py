"""Wallet: lots of licenses with their last use, the first to expire spent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.errors import Conflict
from services.licensing.domain.calendar import add_years
from services.licensing.domain.policy import STORAGE_YEARS


class InsufficientWallet(Conflict):
    """The wallet holds fewer licenses than the command takes from it."""

    code = "insufficient-wallet"


@dataclass(frozen=True)
class Lot:
    """``licenses`` of one type that came together; usable through the day before ``expires_on``."""

    id: UUID
    type: str
    licenses: int
    opened_on: date
    expires_on: date
    source: str


@dataclass(frozen=True)
class Taken:
    lot: Lot
    licenses: int


def expiry(redeemed_on: date) -> date:
    return add_years(redeemed_on, STORAGE_YEARS)


def credited(quantity: int, term_years: int) -> int:
    """A wallet counts licenses for one year each (D-6)."""
    return quantity * term_years


def usable(lots: Iterable[Lot], today: date) -> list[Lot]:
    """What may still be spent, the first to expire first (D-7)."""
    return sorted(_live(lots, today), key=lambda lot: (lot.expires_on, lot.opened_on, lot.id))


def holding(lots: Iterable[Lot], today: date) -> Mapping[str, int]:
    """How many licenses of each type may still be spent."""
    held: Counter[str] = Counter()
    for lot in _live(lots, today):
        held[lot.type] += lot.licenses
    return held


def _live(lots: Iterable[Lot], today: date) -> Iterator[Lot]:
    return (lot for lot in lots if lot.licenses and today < lot.expires_on)


def taking_back(lots: Iterable[Lot], returned: Lot) -> Lot:
    """The lot that licenses come back to: one of the same day that expires alike, or a new one.

    So it makes no difference whether seats are allocated at once or one by one (D-11).
    """
    alike = (returned.type, returned.source, returned.opened_on, returned.expires_on)
    for lot in lots:
        if (lot.type, lot.source, lot.opened_on, lot.expires_on) == alike:
            return lot
    return returned


def without(lots: Iterable[Lot], taken: Iterable[Taken]) -> Sequence[Lot]:
    """What is left of lots."""
    gone = Counter({part.lot.id: part.licenses for part in taken})
    return [replace(lot, licenses=lot.licenses - gone[lot.id]) for lot in lots]


def spend(lots: Iterable[Lot], license_type: str, licenses: int, today: date) -> Sequence[Taken]:
    """Which lots pay.

    :raises InsufficientWallet: they hold too few of the type together; nothing is taken.
    """
    taken: list[Taken] = []
    missing = licenses
    for lot in usable(lots, today):
        if lot.type == license_type and missing:
            part = min(missing, lot.licenses)
            taken.append(Taken(lot, part))
            missing -= part
    if missing:
        raise InsufficientWallet(
            f"{licenses} licenses of type {license_type} are needed from the wallet, "
            f"which holds {licenses - missing}.",
            type=license_type,
            wanted=licenses,
            held=licenses - missing,
        )
    return taken
