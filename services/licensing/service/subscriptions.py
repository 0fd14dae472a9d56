"""Registering a product, starting its subscription, allocating licenses to its current year."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.licensing import (
    AllocateLicenses,
    AllocationView,
    LicensesAllocated,
    ProductOverview,
    ProductRegistered,
    RegisterProduct,
    StartSubscription,
    SubscriptionStarted,
)
from services.licensing.domain.allocation import (
    Plan,
    ProductAlreadyRegistered,
    ProductUnknown,
    allocate,
)
from services.licensing.domain.calendar import (
    AlreadyStarted,
    Calendar,
    civil_day,
    grace_of,
    settled_time_zone,
)
from services.licensing.domain.ledger import allocation
from services.licensing.domain.wallet import Lot, taking_back
from services.licensing.models import OrganizationProductRow, SubscriptionRow
from services.licensing.queries import ledger, standing
from services.licensing.service.commands import Command, Commands
from services.licensing.service.views import overview, year_view


class Subscriptions(Commands):
    @rpc(takes=RegisterProduct, gives=ProductOverview)
    def register_product(self, organization_id: UUID, product: str, idempotency_key: str) -> Dumped:
        """A product must be registered before it can be licensed (R3)."""
        licensee = self.licensee(organization_id)
        with self.command("register_product", licensee, product, idempotency_key, {}) as command:
            if standing.product(command.session, product) is None:
                raise ProductUnknown(f"There is no product {product} in the catalogue.")
            if standing.is_registered(command.session, organization_id, product):
                raise ProductAlreadyRegistered("The product is registered already.")
            command.session.add(
                OrganizationProductRow(
                    organization_id=organization_id,
                    product=product,
                    registered_on=command.today,
                    command_id=command.id,
                )
            )
            command.session.flush()
            # What it brings, its types and their need, stands in the catalogue and in devices.
            command.books = standing.books_for_update(
                command.session, organization_id, command.calendar
            )
            self.announce(command.session, ProductRegistered(organization_id, product))
            return self.done(command, ProductOverview, _overview(command), {})

    @rpc(takes=StartSubscription, gives=ProductOverview)
    def start_subscription(
        self, organization_id: UUID, product: str, time_zone: str | None, idempotency_key: str
    ) -> Dumped:
        """Begins the product's subscription and its thirty days of grace (R14 to R17)."""
        licensee = self.licensee(organization_id)
        request = {"time_zone": time_zone}
        with self.command(
            "start_subscription", licensee, product, idempotency_key, request
        ) as command:
            books = command.books
            if command.position().started_on is not None:
                raise AlreadyStarted("The product's subscription has started before.")
            zone = settled_time_zone(books.time_zone, time_zone, is_fixed=books.anchor is not None)
            today = civil_day(command.now, zone)
            anchor = books.anchor or today
            command.session.add(
                SubscriptionRow(
                    organization_id=organization_id,
                    product=product,
                    started_on=today,
                    command_id=command.id,
                )
            )
            command.session.flush()
            command.books = books.with_start(product, today, anchor, zone)
            year = Calendar(anchor).year_of(today)
            grace = grace_of(today, year)
            self.announce(
                command.session,
                SubscriptionStarted(
                    organization_id=organization_id,
                    product=product,
                    started_on=today,
                    grace_last_day=grace.last_day,
                    renews_on=year.renews_on,
                ),
            )
            return self.done(
                command,
                ProductOverview,
                _overview(command),
                {
                    "started_on": str(today),
                    "grace_last_day": str(grace.last_day),
                    "time_zone": zone,
                },
            )

    @rpc(takes=AllocateLicenses, gives=AllocationView)
    def allocate_licenses(
        self,
        organization_id: UUID,
        product: str,
        lines: list[dict[str, Any]],
        year: int | None,
        allow_surplus: bool,
        idempotency_key: str,
    ) -> Dumped:
        """Moves licenses from the wallet to the current subscription year (R19 to R25)."""
        licensee = self.licensee(organization_id)
        wanted = {line["type"]: line["seats"] for line in lines}
        request = {"wanted": wanted, "year": year, "allow_surplus": allow_surplus}
        with self.command(
            "allocate_licenses", licensee, product, idempotency_key, request
        ) as command:
            plan = allocate(
                command.position(),
                wanted,
                year_index=year,
                today=command.today,
                allow_surplus=allow_surplus,
                charge_grace_when_late=self.own.charge_grace_when_late,
            )
            _carry_out(command, plan)
            self.announce(
                command.session,
                LicensesAllocated(
                    organization_id=organization_id,
                    product=product,
                    year=plan.year.index,
                    seats=sum(wanted.values()),
                    effective_from=plan.effective_from,
                    account_id=licensee.caller.account_id,
                ),
            )
            return self.done(
                command,
                AllocationView,
                {
                    "year": year_view(plan.year),
                    "effective_from": plan.effective_from,
                    "lines": [
                        {
                            "type": line.type,
                            "seats": line.seats,
                            "compensated_ticks": line.compensated,
                            "returned": line.returned,
                        }
                        for line in plan.lines
                    ],
                    "overview": _overview(command),
                },
                {
                    "year": plan.year.index,
                    "seats": wanted,
                    "effective_from": str(plan.effective_from),
                    "returned": {line.type: line.returned for line in plan.lines},
                },
            )


def _carry_out(command: Command, plan: Plan) -> None:
    session = command.session
    held = command.position().lots
    returned = [
        taking_back(
            held,
            Lot(
                id=uuid4(),
                type=line.type,
                licenses=line.returned,
                opened_on=command.today,
                expires_on=line.returned_expires_on,
                source="compensation",
            ),
        )
        for line in plan.lines
        if line.returned
    ]
    opened = [lot for lot in returned if lot not in held]
    ledger.add_lots(
        session,
        organization_id=command.organization_id,
        product=command.product,
        command_id=command.id,
        lots=opened,
        source_id=command.id,
    )
    ledger.add_allocations(
        session,
        organization_id=command.organization_id,
        product=command.product,
        command_id=command.id,
        plan=plan,
        now=command.now,
    )
    command.post(allocation(command.product, plan, returned), opened)
    if plan.settles:
        command.books = ledger.settle(
            session,
            command.books,
            product=command.product,
            year=plan.year.index,
            on=command.today,
        )


def _overview(command: Command) -> dict[str, Any]:
    books = command.books
    # The first start may have moved the organization to another zone, and so to another day.
    today = books.today(command.now)
    position = books.position(command.product, today)
    return overview(books.organization_id, position, books.time_zone, today)
