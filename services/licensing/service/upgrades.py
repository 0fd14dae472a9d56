"""Upgrading licenses in the wallet, in a subscription year and on a system (R2, D-18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.license_events import LicensesUpgraded
from contracts.license_upgrades import LicenseUpgradeView, UpgradeLicenses
from contracts.systems import SystemNotFound
from services.licensing.domain.hardware import held_by
from services.licensing.domain.ledger import AccountKind, AccountName, Posting, wallet_of
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.seats import by_day, counting, longest_counting
from services.licensing.domain.upgrade import (
    Path,
    exchanged,
    path_of,
    place_of,
    require_need,
    require_there,
    spent,
    year_of,
)
from services.licensing.domain.wallet import Lot, spend, taking_back
from services.licensing.models import SystemRow
from services.licensing.queries import ledger, seats, systems
from services.licensing.service.commands import Command, Commands, recipe
from services.licensing.service.usage import keep_held
from services.licensing.service.views import current_overview, wallet_view


@dataclass(frozen=True)
class _Done:
    """``kept`` is what each part keeps of the licenses it was made of."""

    postings: Sequence[Posting]
    kept: Sequence[Mapping[str, Any]] = ()
    opened: Sequence[Lot] = ()


class Upgrades(Commands):
    @rpc(takes=UpgradeLicenses, gives=LicenseUpgradeView)
    def upgrade_licenses(
        self,
        organization_id: UUID,
        product: str,
        upgrade_type: str,
        licenses: int,
        where: str,
        idempotency_key: str,
    ) -> Dumped:
        """Makes licenses of one type out of another, for an upgrade license each."""
        licensee = self.licensee(organization_id)
        request = {"upgrade_type": upgrade_type, "licenses": licenses, "where": where}
        return self.carry_out("upgrade_licenses", licensee, product, idempotency_key, request)

    @recipe
    def _upgrade_licenses(self, command: Command) -> Dumped:
        asked, position = command.request, command.position()
        place, licenses = place_of(asked["where"]), asked["licenses"]
        path = path_of(position.product, asked["upgrade_type"], place)
        system = None
        if place.year is not None:
            done = _in_year(command, path, licenses, place.year)
        elif place.system_id is not None:
            system = _registered(command, place.system_id)
            done = _on_system(command, path, licenses, system)
        else:
            done = _in_wallet(command, path, licenses)
        taken = spend(position.lots, path.by, licenses, command.today)
        paid = spent(command.of_product, taken, command.today)
        command.post([*paid, *done.postings], done.opened)
        if system is not None:
            keep_held(command, system)
        command.settle_by_need()
        self.announce(
            command.session,
            LicensesUpgraded(
                organization_id=command.organization_id,
                product=command.of_product,
                upgrade_type=path.by,
                licenses=licenses,
                where=asked["where"],
                account_id=command.licensee.member,
            ),
        )
        return self.done(
            command,
            LicenseUpgradeView,
            {
                **asked,
                "from_type": path.source,
                "to_type": path.target,
                "kept": done.kept,
                "overview": current_overview(command),
                "wallet": wallet_view(command.position(), command.today),
            },
            {**asked, "from_type": path.source, "to_type": path.target},
        )


def _in_wallet(command: Command, path: Path, licenses: int) -> _Done:
    """The first to expire first, each keeping its day."""
    held, today, product = command.position().lots, command.today, command.of_product
    opened: list[Lot] = []
    postings: list[Posting] = []
    kept: dict[date, int] = {}
    for part in spend(held, path.source, licenses, today):
        expires_on = part.lot.expires_on
        lot = taking_back(
            (*held, *opened),
            Lot(command.new_id(), path.target, part.licenses, today, expires_on, "upgrade"),
        )
        if lot not in held and lot not in opened:
            opened.append(lot)
        postings += exchanged(
            wallet_of(product, path.source, part.lot.id),
            wallet_of(product, path.target, lot.id),
            part.licenses * TICKS_PER_LICENSE,
            today,
        )
        kept[expires_on] = kept.get(expires_on, 0) + part.licenses
    ledger.add_lots(
        command.session,
        organization_id=command.organization_id,
        product=product,
        command_id=command.id,
        lots=opened,
        source_id=command.id,
    )
    return _Done(
        postings,
        [{"licenses": n, "expires_on": day, "effective_from": None} for day, n in kept.items()],
        opened,
    )


def _in_year(command: Command, path: Path, licenses: int, index: int) -> _Done:
    """Those that count longest, each from the day on from which it counted before."""
    session, organization_id, position = (
        command.session,
        command.organization_id,
        command.position(),
    )
    year = year_of(position, index, command.today)
    require_there(path, position.seats_in(year.index).get(path.source, 0), licenses)
    require_need(position, path, year, licenses)
    source, target = (
        AccountName(command.of_product, kind, AccountKind.YEAR, str(year.index))
        for kind in (path.source, path.target)
    )
    moved = seats.moved(session, organization_id, source)
    ended = seats.ended(session, organization_id, source)
    taken = longest_counting(by_day(counting(moved, ended)), licenses)
    for record, account in ((seats.withdraw, source), (seats.bring, target)):
        record(session, organization_id, account, taken, command_id=command.id, now=command.now)
    postings = [
        posting
        for part in taken
        for posting in exchanged(
            source, target, part.worth_in(year), part.effective_from, part.seats
        )
    ]
    kept = [
        {"licenses": part.seats, "expires_on": None, "effective_from": part.effective_from}
        for part in taken
    ]
    return _Done(postings, kept)


def _registered(command: Command, system_id: UUID) -> SystemRow:
    system = systems.registered(command.session, command.organization_id, system_id)
    if system is None or system.product != command.of_product:
        raise SystemNotFound("There is no such system of this product in this organization.")
    return system


def _on_system(command: Command, path: Path, licenses: int, system: SystemRow) -> _Done:
    """For as long as the system is there (R36)."""
    held = held_by(command.books, command.of_product, system.id)
    require_there(path, held.get(path.source, 0), licenses)
    source, target = (
        AccountName(command.of_product, kind, AccountKind.SYSTEM, str(system.id))
        for kind in (path.source, path.target)
    )
    return _Done(exchanged(source, target, licenses * TICKS_PER_LICENSE, command.today))
