"""Registering a product, starting its subscription, allocating licenses to its years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.idempotency import Dumped
from chassis.rpc import rpc
from contracts.license_events import LicensesAllocated, ProductRegistered, SubscriptionStarted
from contracts.licensing import (
    AllocateLicenses,
    AllocationView,
    ProductOverview,
    RegisterProduct,
    StartSubscription,
)
from services.licensing.domain.allocation import Plan, allocate
from services.licensing.domain.calendar import (
    AlreadyStarted,
    civil_day,
    grace_of,
    settled_time_zone,
)
from services.licensing.domain.effect import effect_of
from services.licensing.domain.notices import returned
from services.licensing.domain.product import (
    LicenseKindMismatch,
    ProductAlreadyRegistered,
    ProductUnknown,
)
from services.licensing.models import OrganizationProductRow, SubscriptionRow
from services.licensing.queries import ledger, standing
from services.licensing.service.commands import Command, recipe
from services.licensing.service.notices import Telling
from services.licensing.service.trials import end_trial
from services.licensing.service.views import current_overview, line_view, year_view


class Subscriptions(Telling):
    @rpc(takes=RegisterProduct, gives=ProductOverview)
    def register_product(self, organization_id: UUID, product: str, idempotency_key: str) -> Dumped:
        """A product must be registered before it can be licensed (R3)."""
        licensee = self.licensee(organization_id)
        return self.carry_out("register_product", licensee, product, idempotency_key, {})

    @recipe
    def _register_product(self, command: Command) -> Dumped:
        session, product = command.session, command.of_product
        if standing.product(session, product) is None:
            raise ProductUnknown(f"There is no product {product} in the catalogue.")
        if standing.is_registered(session, command.organization_id, product):
            raise ProductAlreadyRegistered("The product is registered already.")
        session.add(
            OrganizationProductRow(
                organization_id=command.organization_id,
                product=product,
                registered_on=command.today,
                command_id=command.id,
            )
        )
        session.flush()
        # What it brings, its types and their need, stands in the catalogue.
        command.books = replace(
            standing.books_for_update(session, command.organization_id, command.calendar),
            devices=command.calendar.devices,
            swept_on=command.calendar.swept_on,
        )
        self.announce(session, ProductRegistered(command.organization_id, product))
        return self.done(command, ProductOverview, current_overview(command), {})

    @rpc(takes=StartSubscription, gives=ProductOverview)
    def start_subscription(
        self, organization_id: UUID, product: str, time_zone: str | None, idempotency_key: str
    ) -> Dumped:
        """Begins the product's subscription and its thirty days of grace (R14 to R17)."""
        licensee = self.licensee(organization_id)
        request = {"time_zone": time_zone}
        return self.carry_out("start_subscription", licensee, product, idempotency_key, request)

    @recipe
    def _start_subscription(self, command: Command) -> Dumped:
        books, product = command.books, command.of_product
        known = command.position().product
        if known.started_on is not None:
            raise AlreadyStarted("The product's subscription has started before.")
        if not known.is_subscribed_to:
            raise LicenseKindMismatch("This product is licensed with its hardware.")
        zone = settled_time_zone(
            books.time_zone, command.request["time_zone"], is_fixed=books.anchor is not None
        )
        today = civil_day(command.now, zone)
        command.session.add(
            SubscriptionRow(
                organization_id=command.organization_id,
                product=product,
                started_on=today,
                command_id=command.id,
            )
        )
        command.session.flush()
        command.books = books.with_start(product, today, books.anchor or today, zone)
        end_trial(command, today)
        calendar = command.books.calendar_of(command.books.products[product])
        assert calendar is not None
        year = calendar.year_of(today)
        grace = grace_of(today, year)
        self.announce(
            command.session,
            SubscriptionStarted(
                organization_id=command.organization_id,
                product=product,
                started_on=today,
                grace_last_day=grace.last_day,
                renews_on=year.renews_on,
            ),
        )
        return self.done(
            command,
            ProductOverview,
            current_overview(command),
            {"started_on": str(today), "grace_last_day": str(grace.last_day), "time_zone": zone},
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
        """Moves licenses from the wallet to a subscription year (R19 to R28)."""
        licensee = self.licensee(organization_id)
        wanted = {line["type"]: line["seats"] for line in lines}
        request = {
            "wanted": wanted,
            "year": year,
            "allow_surplus": allow_surplus,
            "terms": {"charge_grace_when_late": self.own.charge_grace_when_late},
        }
        return self.carry_out("allocate_licenses", licensee, product, idempotency_key, request)

    @recipe
    def _allocate_licenses(self, command: Command) -> Dumped:
        asked = command.request
        plan = allocate(
            command.position(),
            asked["wanted"],
            year_index=asked["year"],
            today=command.today,
            allow_surplus=asked["allow_surplus"],
            **asked["terms"],
        )
        _carry_out(command, plan)
        self._tell_what_came_back(command, plan)
        self.announce(
            command.session,
            LicensesAllocated(
                organization_id=command.organization_id,
                product=command.of_product,
                year=plan.year.index,
                seats=sum(asked["wanted"].values()),
                effective_from=plan.effective_from,
                account_id=command.licensee.member,
            ),
        )
        return self.done(
            command,
            AllocationView,
            {
                "year": year_view(plan.year),
                "effective_from": plan.effective_from,
                "lines": [line_view(line) for line in plan.lines],
                "overview": current_overview(command),
            },
            {
                "year": plan.year.index,
                "seats": asked["wanted"],
                "effective_from": str(plan.effective_from),
                "returned": {line.type: line.returned for line in plan.lines},
            },
        )

    def _tell_what_came_back(self, command: Command, plan: Plan) -> None:
        licenses = sum(line.returned for line in plan.lines)
        if licenses:
            product = command.books.products[command.of_product]
            notice = returned(product, licenses, year=plan.year.index, number=command.number)
            self.tell(command.session, command.organization_id, [notice])


def _carry_out(command: Command, plan: Plan) -> None:
    effect = effect_of(
        command.books,
        command.of_product,
        plan,
        today=command.today,
        new_id=command.new_id,
    )
    ledger.add_lots(
        command.session,
        organization_id=command.organization_id,
        product=command.of_product,
        command_id=command.id,
        lots=effect.opened,
        source_id=command.id,
    )
    ledger.add_allocations(
        command.session,
        organization_id=command.organization_id,
        product=command.of_product,
        command_id=command.id,
        plan=plan,
        now=command.now,
    )
    command.post(effect.postings, effect.opened)
    command.settle(effect.settled)
