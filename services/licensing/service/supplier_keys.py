"""`supplier-key`, one of the commands of `services.licensing.operate` (M6)."""

from __future__ import annotations

import argparse
import re
from uuid import UUID, uuid4

from chassis.context import CallContext
from chassis.service import Kit
from services.licensing.domain.supplier import SupplierNotFound
from services.licensing.queries import suppliers
from services.licensing.service import LicensingService
from services.licensing.service.commands import OPERATOR

NAME = "supplier-key"
HELP = "enter the public key that a supplier's vouchers are signed for, in place of the one before"

_NONE = "none"
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("supplier_id", type=UUID)
    command.add_argument(
        "public_key",
        type=_public_key,
        help=f"Ed25519, 64 hexadecimal digits; `{_NONE}`: no voucher of the supplier is believed",
    )


def carry_out(kit: Kit, chosen: argparse.Namespace) -> str:
    """:raises SupplierNotFound:"""
    public_key = None if chosen.public_key == _NONE else chosen.public_key
    enter(kit, chosen.supplier_id, public_key)
    return "entered" if public_key else "taken away"


def enter(kit: Kit, supplier_id: UUID, public_key: str | None) -> None:
    service = LicensingService()
    kit.equip(service, CallContext(request_id=str(uuid4())))
    with service.db() as session:
        supplier = suppliers.supplier_for_update(session, supplier_id)
        if supplier is None:
            raise SupplierNotFound("There is no supplier with this id.")
        supplier.public_key = public_key
        service.audit(
            session,
            "enter_supplier_key",
            "supplier",
            supplier_id,
            acting_as=OPERATOR,
            after={"public_key": public_key},
        )


def _public_key(text: str) -> str:
    key = text.strip().lower()
    if key != _NONE and not _PUBLIC_KEY.fullmatch(key):
        raise argparse.ArgumentTypeError("a public key has 64 hexadecimal digits")
    return key
