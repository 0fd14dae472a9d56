"""Queries on vouchers that were redeemed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.domain.voucher import VoucherTerms
from services.licensing.models import VoucherRow


def redeem(
    session: Session,
    terms: VoucherTerms,
    *,
    organization_id: UUID,
    account_id: UUID,
    on: date,
    command_id: UUID,
) -> bool:
    """Compare and set: whether this transaction is the one that redeems the voucher."""
    values = {
        "supplier_id": terms.supplier_id,
        "serial": terms.serial,
        "organization_id": organization_id,
        "redeemed_by": account_id,
        "redeemed_on": on,
        "command_id": command_id,
    }
    added = session.connection().execute(insert_or_nothing(session, VoucherRow, values))
    return bool(added.rowcount)


def redeemed_by(
    session: Session, terms: VoucherTerms, *, organization_id: UUID
) -> tuple[UUID, date] | None:
    """Who of the organization redeemed it, and when; None where another one did."""
    row = session.execute(
        select(VoucherRow.redeemed_by, VoucherRow.redeemed_on).where(
            VoucherRow.supplier_id == terms.supplier_id,
            VoucherRow.serial == terms.serial,
            VoucherRow.organization_id == organization_id,
        )
    ).one_or_none()
    return None if row is None or row.redeemed_by is None else (row.redeemed_by, row.redeemed_on)
