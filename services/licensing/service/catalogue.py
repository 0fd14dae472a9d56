"""What can be read: the catalogue, and how an organization stands."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.rpc import rpc
from contracts.access import Permission
from contracts.licensing import (
    HistoryPage,
    LicenseHistoryQuery,
    LicenseKind,
    ListOrganizationProducts,
    ProductList,
    ProductOverview,
    ProductOverviewList,
    ProductRequest,
    WalletView,
)
from contracts.paging import number_in, page
from services.licensing.domain.calendar import civil_day
from services.licensing.domain.standing import Position
from services.licensing.models import CalendarRow
from services.licensing.queries import history, standing
from services.licensing.service.commands import Commands, position_of
from services.licensing.service.views import overview, wallet_view


class Catalogue(Commands):
    @rpc(gives=ProductList)
    def list_products(self) -> dict[str, Any]:
        """For everybody who has signed in."""
        _signed_in = self.caller
        with self.db.reading() as session:
            return {
                "items": [
                    {
                        "code": product.code,
                        "name": product.name,
                        "trial_days": product.trial_days,
                        "counts_devices_as": product.counts_devices_as,
                        "types": [
                            {"code": kind.code, "kind": LicenseKind(kind.kind)} for kind in types
                        ],
                    }
                    for product, types in standing.catalogue(session)
                ]
            }

    @rpc(takes=ListOrganizationProducts, gives=ProductOverviewList)
    def list_organization_products(self, organization_id: UUID) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        with self.db.one_moment() as session:
            book = standing.calendar(session, organization_id)
            if book is None:
                return {"items": []}
            today = self._today(book)
            return {
                "items": [
                    overview(organization_id, position, book.time_zone, today)
                    for position in standing.positions(session, book, today)
                ]
            }

    @rpc(takes=ProductRequest, gives=ProductOverview)
    def get_product_overview(self, organization_id: UUID, product: str) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        with self.db.one_moment() as session:
            position, book, today = self._position(session, organization_id, product)
            return overview(organization_id, position, book.time_zone, today)

    @rpc(takes=ProductRequest, gives=WalletView)
    def get_wallet(self, organization_id: UUID, product: str) -> dict[str, Any]:
        self.access.require(organization_id, Permission.LICENSE_READ)
        with self.db.one_moment() as session:
            position, _book, today = self._position(session, organization_id, product)
            return wallet_view(position, today)

    @rpc(takes=LicenseHistoryQuery, gives=HistoryPage)
    def list_license_history(
        self, organization_id: UUID, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """The newest first (R13)."""
        self.access.require(organization_id, Permission.LICENSE_READ)
        before = number_in(cursor)
        with self.db.reading() as session:
            rows = history.history(session, organization_id, before=before, limit=limit)
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

    def _today(self, book: CalendarRow) -> date:
        return civil_day(self.clock.now(), book.time_zone)

    def _position(
        self, session: Session, organization_id: UUID, product: str
    ) -> tuple[Position, CalendarRow, date]:
        book = standing.calendar(session, organization_id)
        today = self._today(book) if book else self.clock.now().date()
        position = position_of(session, book, today, product)
        assert book is not None
        return position, book, today
