"""Hardware that suppliers send out with licenses on it (R32)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from chassis.idempotency import request_hash
from chassis.rpc import rpc
from contracts.license_suppliers import (
    HardwareOrderView,
    IssueHardware,
    ListHardware,
    NewHardwareOrder,
)
from services.licensing.domain import license_key
from services.licensing.domain.product import ProductUnknown
from services.licensing.domain.supplier import (
    HardwareSerialTaken,
    OrderNotFound,
    OrderRefMismatch,
    require_on_hardware,
)
from services.licensing.models import HardwareOrderRow
from services.licensing.queries import hardware, standing, suppliers
from services.licensing.service.suppliers import Suppliers

PROOF_DIGEST = "ownership-proof"


class Hardware(Suppliers):
    @rpc(takes=IssueHardware, gives=NewHardwareOrder)
    def issue_hardware(
        self,
        credential: str,
        order_ref: str,
        product: str,
        serials: list[str],
        lines: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """Answers with each unit's proof once; the same order again is answered without them."""
        serials = sorted(serial.upper() for serial in serials)
        quantities = {line["type"]: line["quantity"] for line in lines}
        digest = request_hash({"product": product, "serials": serials, "lines": quantities})
        with self.db() as session:
            supplier = self.supplier(session, credential, locked=True)
            earlier = hardware.order_named(session, supplier.id, order_ref)
            if earlier is not None:
                if earlier.request_hash != digest:
                    raise OrderRefMismatch("This order_ref stands for another order.")
                return _order_view(session, earlier)
            if standing.product(session, product) is None:
                raise ProductUnknown(f"There is no product {product} in the catalogue.")
            require_on_hardware(suppliers.kinds_of(session, product), list(quantities))
            self.require_quota(session, supplier, len(serials))
            proofs = {serial: license_key.new_key(secrets.randbelow) for serial in serials}
            order = HardwareOrderRow(
                id=uuid4(),
                supplier_id=supplier.id,
                order_ref=order_ref,
                request_hash=digest,
                product=product,
                unit_count=len(serials),
                issued_at=self.clock.now(),
            )
            taken = hardware.add_order(
                session,
                order,
                quantities,
                {
                    serial: self.kit.pepper.digest(PROOF_DIGEST, proof)
                    for serial, proof in proofs.items()
                },
            )
            if taken:
                raise HardwareSerialTaken(
                    f"There is a unit with the serial number {taken[0]} already.", serial=taken[0]
                )
            self.audit(
                session,
                "issue_hardware",
                "hardware_order",
                order.id,
                acting_as=f"supplier:{supplier.id}",
                after={"product": product, "lines": quantities, "serials": serials},
            )
            return _order_view(session, order, proofs)

    @rpc(takes=ListHardware, gives=HardwareOrderView)
    def list_hardware(self, credential: str, order_ref: str) -> dict[str, Any]:
        """What became of an order's units, whose proofs are not known here."""
        with self.db.reading() as session:
            supplier = self.supplier(session, credential)
            order = hardware.order_named(session, supplier.id, order_ref)
            if order is None:
                raise OrderNotFound("You have no order of this order_ref.")
            return _order_view(session, order)


def _order_view(
    session: Session, order: HardwareOrderRow, proofs: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "id": order.id,
        "order_ref": order.order_ref,
        "product": order.product,
        "lines": [
            {"type": kind, "quantity": quantity}
            for kind, quantity in hardware.order_lines(session, order.id).items()
        ],
        "issued_at": order.issued_at,
        "units": [
            {
                "serial": unit.serial,
                "is_registered": unit.system_id is not None,
                "ownership_proof": license_key.shown(proofs[unit.serial]) if proofs else None,
            }
            for unit in hardware.units_of_order(session, order.id)
        ],
    }
