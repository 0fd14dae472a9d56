"""What can be read: the catalogue, and how an organization stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.license_catalogue import ListProducts, ProductList
from contracts.license_history import HistoryPage, LicenseHistoryQuery
from contracts.license_planning import Forecast
from contracts.licensing import (
    ListOrganizationProducts,
    ProductOverview,
    ProductOverviewList,
    ProductRequest,
    WalletView,
)
from contracts.paging import number_in, page
from services.licensing.domain.catalogue import where_to_buy
from services.licensing.domain.forecast import forecast
from services.licensing.queries import catalogue, history, standing
from services.licensing.service.commands import Commands
from services.licensing.service.views import overview, renewal_view, wallet_view


class Catalogue(Commands):
    @rpc(takes=ListProducts, gives=ProductList)
    def list_products(self, country: str | None) -> dict[str, Any]:
        """For everybody who has signed in."""
        self.caller.require_scope(Permission.LICENSE_READ)
        with self.db.reading() as session:
            found = catalogue.products(session)
        return {
            "items": [{**vars(product), "types": product.types.values()} for product in found],
            "where_to_buy": where_to_buy(self.own.where_to_buy_url, country),
        }

    @rpc(takes=ListOrganizationProducts, gives=ProductOverviewList)
    def list_organization_products(self, organization_id: UUID) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        with self.db.reading() as session:
            books = standing.books(session, organization_id)
        if books is None:
            return {"items": []}
        today = books.today(self.clock.now())
        books = books.advanced(today)
        return {"items": [overview(books, product, today) for product in books.products]}

    @rpc(takes=ProductRequest, gives=ProductOverview)
    def get_product_overview(self, organization_id: UUID, product: str) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        books, today = self.books_of(organization_id)
        return overview(books, product, today)

    @rpc(takes=ProductRequest, gives=WalletView)
    def get_wallet(self, organization_id: UUID, product: str) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        books, today = self.books_of(organization_id)
        return wallet_view(books.position(product, today), today)

    @rpc(takes=ProductRequest, gives=Forecast)
    def get_forecast(self, organization_id: UUID, product: str) -> dict[str, Any]:
        """What each renewal within five years will need, and what will be there (R42)."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        books, today = self.books_of(organization_id)
        renewals = forecast(
            books.position(product, today),
            today,
            charge_grace_when_late=self.own.charge_grace_when_late,
        )
        return {"product": product, "renewals": [renewal_view(renewal) for renewal in renewals]}

    @rpc(takes=LicenseHistoryQuery, gives=HistoryPage)
    def list_license_history(
        self,
        organization_id: UUID,
        product: str | None,
        by_suite: bool,
        limit: int,
        cursor: str | None,
    ) -> dict[str, Any]:
        """The newest first (R13)."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        before = number_in(cursor)
        with self.db.reading() as session:
            rows = history.history(
                session,
                organization_id,
                product=product,
                by_suite=by_suite,
                before=before,
                limit=limit,
            )
        found = page(rows, limit=limit, key=lambda row: [row.number])
        return {
            "items": [
                {
                    "number": row.number,
                    "name": row.name,
                    "product": row.product,
                    "account_id": row.account_id,
                    "role": row.role,
                    "on": row.on_date,
                    "at": row.recorded_at,
                    "arguments": row.arguments,
                    "hash": row.hash,
                }
                for row in found.items
            ],
            "next_cursor": found.next_cursor,
        }
