"""Suppliers: operators make them, and they issue license keys."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing, request_hash
from chassis.rpc import rpc
from contracts.licensing import (
    CreateSupplier,
    IssueLicenseKeys,
    KeyOrderView,
    KeyStatus,
    ListLicenseKeys,
    NewKeyOrder,
    RevokeLicenseKey,
    SupplierCreated,
    SupplierPage,
    SupplierRequest,
)
from contracts.paging import PageQuery, decode_cursor, page
from services.licensing.domain import license_key
from services.licensing.domain.license_key import KeyAlreadyRedeemed
from services.licensing.domain.product import ProductUnknown
from services.licensing.domain.supplier import (
    QUOTA_WINDOW,
    LicenseKeyNotFound,
    OrderNotFound,
    OrderRefMismatch,
    SupplierCredentialInvalid,
    SupplierNameTaken,
    SupplierNotFound,
    new_credential,
    require_in_keys,
    require_quota,
)
from services.licensing.models import KeyOrderRow, SupplierRow
from services.licensing.queries import standing
from services.licensing.queries import suppliers as queries
from services.licensing.service.commands import Commands
from services.licensing.service.wallets import KEY_DIGEST

CREDENTIAL_DIGEST = "supplier-credential"


class Suppliers(Commands):
    @rpc(takes=CreateSupplier, gives=SupplierCreated)
    def create_supplier(self, name: str, keys_per_day: int | None) -> dict[str, Any]:
        """Its name makes it unique, for the credential must not be kept to be shown again."""
        self.access.require_operator()
        credential = new_credential(secrets.token_urlsafe)
        values = {
            "id": uuid4(),
            "name": name,
            "credential_digest": self.kit.pepper.digest(CREDENTIAL_DIGEST, credential),
            "keys_per_day": keys_per_day or self.own.supplier_keys_per_day,
            "created_at": self.clock.now(),
        }
        with self.db() as session:
            added = session.connection().execute(insert_or_nothing(session, SupplierRow, values))
            if not added.rowcount:
                raise SupplierNameTaken("Another supplier bears this name.")
            supplier = session.get_one(SupplierRow, values["id"])
            self.audit(session, "create_supplier", "supplier", supplier.id, after={"name": name})
            return {**_view(supplier), "credential": credential}

    @rpc(takes=PageQuery, gives=SupplierPage)
    def list_suppliers(self, limit: int, cursor: str | None) -> dict[str, Any]:
        """By name; for operators."""
        self.access.require_operator()
        after = decode_cursor(cursor, length=1)
        with self.db.reading() as session:
            rows = queries.suppliers(session, after=after[0] if after else None, limit=limit)
        found = page(rows, limit=limit, key=lambda row: [row.name])
        return {
            "items": [_view(supplier) for supplier in found.items],
            "next_cursor": found.next_cursor,
        }

    @rpc(takes=SupplierRequest)
    def revoke_supplier(self, supplier_id: UUID) -> None:
        """Its credential ends now; the keys it issued stay what they are."""
        self.access.require_operator()
        with self.db() as session:
            supplier = queries.supplier_for_update(session, supplier_id)
            if supplier is None:
                raise SupplierNotFound("There is no supplier with this id.")
            if supplier.revoked_at is None:
                supplier.revoked_at = self.clock.now()
                self.audit(session, "revoke_supplier", "supplier", supplier.id)

    @rpc(takes=IssueLicenseKeys, gives=NewKeyOrder)
    def issue_license_keys(
        self,
        credential: str,
        order_ref: str,
        product: str,
        lines: list[dict[str, Any]],
        term_years: int,
        redeem_before: date | None,
        count: int,
    ) -> dict[str, Any]:
        """Answers with the keys once; the same order again is answered without them."""
        quantities = {line["type"]: line["quantity"] for line in lines}
        digest = request_hash(
            {
                "product": product,
                "lines": quantities,
                "term_years": term_years,
                "redeem_before": redeem_before,
                "count": count,
            }
        )
        now = self.clock.now()
        with self.db() as session:
            supplier = self.supplier(session, credential, locked=True)
            earlier = queries.order_named(session, supplier.id, order_ref)
            if earlier is not None:
                if earlier.request_hash != digest:
                    raise OrderRefMismatch("This order_ref stands for another order.")
                return _order_view(session, earlier)
            if standing.product(session, product) is None:
                raise ProductUnknown(f"There is no product {product} in the catalogue.")
            require_in_keys(
                queries.kinds_of(session, product), list(quantities), term_years=term_years
            )
            self.require_quota(session, supplier, count)
            keys = [license_key.new_key(secrets.randbelow) for _ in range(count)]
            order = KeyOrderRow(
                id=uuid4(),
                supplier_id=supplier.id,
                order_ref=order_ref,
                request_hash=digest,
                product=product,
                term_years=term_years,
                redeem_before=redeem_before,
                key_count=count,
                issued_at=now,
            )
            queries.add_order(
                session,
                order,
                quantities,
                [(self.kit.pepper.digest(KEY_DIGEST, key), license_key.last5(key)) for key in keys],
            )
            self.audit(
                session,
                "issue_license_keys",
                "key_order",
                order.id,
                acting_as=f"supplier:{supplier.id}",
                after={"product": product, "lines": quantities, "count": count},
            )
            return _order_view(session, order, keys)

    @rpc(takes=ListLicenseKeys, gives=KeyOrderView)
    def list_license_keys(self, credential: str, order_ref: str) -> dict[str, Any]:
        """What became of an order's keys, which themselves are not known here."""
        with self.db.reading() as session:
            supplier = self.supplier(session, credential)
            order = queries.order_named(session, supplier.id, order_ref)
            if order is None:
                raise OrderNotFound("You have no order of this order_ref.")
            return _order_view(session, order)

    @rpc(takes=RevokeLicenseKey)
    def revoke_license_key(self, credential: str, key_id: UUID) -> None:
        """Takes a key back that nobody has redeemed."""
        with self.db() as session:
            supplier = self.supplier(session, credential)
            key = queries.key_of_supplier(session, supplier.id, key_id)
            if key is None:
                raise LicenseKeyNotFound("You issued no key with this id.")
            if queries.revoke_key(session, key.id):
                self.audit(
                    session,
                    "revoke_license_key",
                    "license_key",
                    key.id,
                    acting_as=f"supplier:{supplier.id}",
                )
                return
            session.refresh(key)
            if key.status == KeyStatus.REDEEMED.value:
                raise KeyAlreadyRedeemed("This key was redeemed; its licenses stay where they are.")

    def supplier(self, session: Session, credential: str, *, locked: bool = False) -> SupplierRow:
        digest = self.kit.pepper.digest(CREDENTIAL_DIGEST, credential)
        supplier = queries.supplier_by_credential(session, digest, locked=locked)
        if supplier is None:
            raise SupplierCredentialInvalid("This supplier credential is not known, or revoked.")
        return supplier

    def require_quota(self, session: Session, supplier: SupplierRow, count: int) -> None:
        """Keys and units count together; the supplier is locked."""
        now = self.clock.now()
        issued, oldest = queries.issued_since(session, supplier.id, now - QUOTA_WINDOW)
        require_quota(
            issued=issued, count=count, quota=supplier.keys_per_day, oldest=oldest, now=now
        )


def _view(supplier: SupplierRow) -> dict[str, Any]:
    return {
        "id": supplier.id,
        "name": supplier.name,
        "keys_per_day": supplier.keys_per_day,
        "created_at": supplier.created_at,
        "revoked_at": supplier.revoked_at,
    }


def _order_view(
    session: Session, order: KeyOrderRow, keys: list[str] | None = None
) -> dict[str, Any]:
    return {
        "id": order.id,
        "order_ref": order.order_ref,
        "product": order.product,
        "lines": [
            {"type": kind, "quantity": quantity}
            for kind, quantity in queries.order_lines(session, order.id)
        ],
        "term_years": order.term_years,
        "redeem_before": order.redeem_before,
        "issued_at": order.issued_at,
        "keys": [
            {
                "id": row.id,
                "last5": row.last5,
                "status": KeyStatus(row.status),
                "redeemed_on": row.redeemed_on,
                "key": license_key.shown(keys[row.position - 1]) if keys else None,
            }
            for row in queries.keys_of_order(session, order.id)
        ],
    }
