"""Queries on the catalogue: its products now, and as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from contracts.licensing import LicenseKind
from services.licensing.domain.catalogue import Product
from services.licensing.domain.product import Coterm, LicenseType
from services.licensing.models import (
    CatalogueVersionRow,
    HardwareOrderRow,
    KeyOrderRow,
    LicenseTypeRow,
    OrganizationProductRow,
    ProductRow,
)

# Whatever was done before the first change was done on what stood before it.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def products(session: Session) -> Sequence[Product]:
    """By code."""
    return _with_types(session, session.scalars(select(ProductRow).order_by(ProductRow.code)).all())


def products_for_update(session: Session) -> Sequence[Product]:
    """Nobody registers or orders one meanwhile."""
    rows = session.scalars(select(ProductRow).order_by(ProductRow.code).with_for_update()).all()
    return _with_types(session, rows)


def is_in_use(session: Session, code: str) -> bool:
    """Whether an organization has registered it, or licenses of it were issued."""
    return any(
        session.scalar(select(exists().where(table.product == code)))
        for table in (OrganizationProductRow, KeyOrderRow, HardwareOrderRow)
    )


def keep(session: Session, before: Product | None, after: Product) -> None:
    """Types are added and changed, and never taken away."""
    values = {
        "name": after.name,
        "trial_days": after.trial_days,
        "counts_devices_as": after.counts_devices_as,
        "coterm": after.coterm.value,
    }
    if before is None:
        session.execute(insert(ProductRow).values(code=after.code, **values))
    else:
        session.execute(update(ProductRow).where(ProductRow.code == after.code).values(**values))
    for code, known in after.types.items():
        terms = {name: value for name, value in _plain_type(known).items() if name != "code"}
        if before is None or code not in before.types:
            session.execute(insert(LicenseTypeRow).values(product=after.code, code=code, **terms))
        elif known != before.types[code]:
            session.execute(
                update(LicenseTypeRow)
                .where(LicenseTypeRow.product == after.code, LicenseTypeRow.code == code)
                .values(**terms)
            )


def add_version(
    session: Session, before: Sequence[Product], after: Sequence[Product], now: datetime
) -> int:
    """The first one comes with what stood before it."""
    last = session.scalar(select(func.max(CatalogueVersionRow.number)))
    if last is None:
        last = 0
        _add_version(session, last, before, _EVER)
    _add_version(session, last + 1, after, now)
    return last + 1


def versions(session: Session) -> Sequence[CatalogueVersionRow]:
    """From the first on; none where the catalogue never changed."""
    return session.scalars(select(CatalogueVersionRow).order_by(CatalogueVersionRow.number)).all()


def _add_version(session: Session, number: int, held: Sequence[Product], at: datetime) -> None:
    session.add(
        CatalogueVersionRow(
            number=number, recorded_at=at, products=[_plain(product) for product in held]
        )
    )
    session.flush()


def _with_types(session: Session, rows: Sequence[ProductRow]) -> Sequence[Product]:
    types: dict[str, dict[str, LicenseType]] = defaultdict(dict)
    for row in session.scalars(select(LicenseTypeRow).order_by(LicenseTypeRow.code)):
        types[row.product][row.code] = LicenseType(
            code=row.code,
            kind=LicenseKind(row.kind),
            covers=row.covers,
            upgrade_from=row.upgrade_from,
            upgrade_to=row.upgrade_to,
            attributes=row.attributes,
        )
    return [
        Product(
            code=row.code,
            name=row.name,
            trial_days=row.trial_days,
            counts_devices_as=row.counts_devices_as,
            coterm=Coterm(row.coterm),
            types=types[row.code],
        )
        for row in rows
    ]


def _plain(product: Product) -> dict[str, Any]:
    return {
        "code": product.code,
        "name": product.name,
        "trial_days": product.trial_days,
        "counts_devices_as": product.counts_devices_as,
        "coterm": product.coterm.value,
        "types": [_plain_type(known) for known in product.types.values()],
    }


def _plain_type(known: LicenseType) -> dict[str, Any]:
    return {
        "code": known.code,
        "kind": known.kind.value,
        "covers": known.covers,
        "upgrade_from": known.upgrade_from,
        "upgrade_to": known.upgrade_to,
        "attributes": dict(known.attributes),
    }
