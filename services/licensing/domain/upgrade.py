"""Upgrade: one license becomes one of another type where it is, for one upgrade license (D-18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.errors import Conflict
from contracts.licensing import LicenseKind
from services.licensing.domain.allocation import BelowCurrentNeed
from services.licensing.domain.calendar import SubscriptionNotStarted, SubscriptionYear
from services.licensing.domain.ledger import (
    AccountKind,
    AccountName,
    Posting,
    Reason,
    wallet_of,
)
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import (
    ON_HARDWARE,
    LicenseKindMismatch,
    LicenseType,
    RegisteredProduct,
    require_kind,
    require_types,
)
from services.licensing.domain.standing import Position, running
from services.licensing.domain.wallet import Taken


class UpgradeTypesMustDiffer(Conflict):
    """An upgrade, what it upgrades and what comes of it are three license types."""

    code = "upgrade-types-must-differ"


class TooFewToUpgrade(Conflict):
    """Fewer licenses than that are where they are to be upgraded."""

    code = "too-few-to-upgrade"


@dataclass(frozen=True)
class Place:
    """A subscription year or a system; with neither, the wallet."""

    year: int | None = None
    system_id: UUID | None = None


@dataclass(frozen=True)
class Path:
    """A license of type ``by`` makes one of ``target`` out of one of ``source``."""

    by: str
    source: str
    target: str


def place_of(text: str) -> Place:
    """:param text: `wallet`, `year:` and its index, or `system:` and its id."""
    kind, _, name = text.partition(":")
    if kind == "year":
        return Place(year=int(name))
    return Place(system_id=UUID(name)) if kind == "system" else Place()


def require_upgradable(types: Mapping[str, LicenseType], by: LicenseType) -> Path:
    """What an upgrade does, where its types make it one.

    :raises UpgradeTypesMustDiffer:
    :raises LicenseTypeUnknown:
    :raises LicenseKindMismatch: it would lead from one kind of licenses to another.
    """
    source, target = by.upgrade_from, by.upgrade_to
    if source is None or target is None or len({by.code, source, target}) < 3:
        raise UpgradeTypesMustDiffer(
            f"An upgrade makes licenses of one type out of another; {by.code} does not."
        )
    require_types([source, target], types)
    kind = types[source].kind
    if kind is LicenseKind.UPGRADE or types[target].kind is not kind:
        raise LicenseKindMismatch(
            f"{by.code} leads from one kind of licenses to another.", type=by.code, kind=kind.value
        )
    return Path(by.code, source, target)


def path_of(product: RegisteredProduct, upgrade_type: str, place: Place) -> Path:
    """:raises LicenseKindMismatch: it is no upgrade, or what it upgrades is never there."""
    require_kind(product, [upgrade_type], LicenseKind.UPGRADE)
    types = {known.code: known for known in product.types}
    path = require_upgradable(types, types[upgrade_type])
    if place.year is not None:
        require_kind(product, [path.source], LicenseKind.SUBSCRIPTION)
    elif place.system_id is not None and types[path.source].kind not in ON_HARDWARE:
        require_kind(product, [path.source], LicenseKind.EXTENSION)
    return path


def year_of(position: Position, index: int, today: date) -> SubscriptionYear:
    """:raises SubscriptionNotStarted:
    :raises YearIsPast:
    :raises BeyondPreRenewalHorizon:
    """
    if running(position) is None or position.calendar is None:
        raise SubscriptionNotStarted("Start the product's subscription first.")
    return position.calendar.open_year(index, today)


def require_there(path: Path, held: int, licenses: int) -> None:
    """:raises TooFewToUpgrade: where they are to be upgraded, there are fewer."""
    if held < licenses:
        raise TooFewToUpgrade(
            f"{licenses} licenses of type {path.source} are to be upgraded and {held} are there.",
            type=path.source,
            wanted=licenses,
            held=held,
        )


def require_need(position: Position, path: Path, year: SubscriptionYear, licenses: int) -> None:
    """:raises BelowCurrentNeed: the year would lack more of what is upgraded than it does."""
    left = position.seats_in(year.index)[path.source] - licenses
    need = position.need.get(path.source, 0)
    if left < need:
        raise BelowCurrentNeed(
            f"{left} licenses of type {path.source} would be left in year {year.index}, "
            f"and {need} are needed.",
            type=path.source,
            need=need,
            seats=left,
        )


def spent(product: str, taken: Iterable[Taken], on: date) -> Sequence[Posting]:
    """Upgrade licenses are used up."""
    return [
        Posting(
            wallet_of(product, part.lot.type, part.lot.id),
            AccountName(product, part.lot.type, AccountKind.CONSUMED),
            part.licenses * TICKS_PER_LICENSE,
            Reason.UPGRADED,
            on,
        )
        for part in taken
    ]


def exchanged(
    source: AccountName, target: AccountName, ticks: int, on: date, seats: int = 0
) -> Sequence[Posting]:
    """As much of one type leaves as comes of the other."""
    gone = AccountName(source.product, source.type, AccountKind.UPGRADED_OUT)
    made = AccountName(target.product, target.type, AccountKind.UPGRADE)
    return [
        Posting(source, gone, ticks, Reason.UPGRADED, on, seats),
        Posting(made, target, ticks, Reason.UPGRADED, on, seats),
    ]
