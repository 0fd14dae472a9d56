"""Queries on the catalogue, and on how organizations stand with its products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.domain.calendar import Calendar
from services.licensing.domain.history import GENESIS
from services.licensing.domain.ledger import AccountKind
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.standing import Position
from services.licensing.domain.wallet import Lot
from services.licensing.models import (
    AccountRow,
    AllocationRow,
    CalendarRow,
    CountedDeviceRow,
    LicenseTypeRow,
    LotRow,
    OrganizationProductRow,
    ProductRow,
    SettledYearRow,
    SubscriptionRow,
)

DEFAULT_TIME_ZONE = "UTC"


def catalogue(session: Session) -> Sequence[tuple[ProductRow, Sequence[LicenseTypeRow]]]:
    types: dict[str, list[LicenseTypeRow]] = defaultdict(list)
    for row in session.scalars(select(LicenseTypeRow).order_by(LicenseTypeRow.code)):
        types[row.product].append(row)
    products = session.scalars(select(ProductRow).order_by(ProductRow.code))
    return [(product, types[product.code]) for product in products]


def product(session: Session, code: str) -> ProductRow | None:
    return session.get(ProductRow, code)


def license_types(session: Session, code: str) -> Sequence[str]:
    return session.scalars(select(LicenseTypeRow.code).where(LicenseTypeRow.product == code)).all()


def calendar_for_update(session: Session, organization_id: UUID) -> CalendarRow:
    """The organization's own lock; made by its first command."""
    values = {
        "organization_id": organization_id,
        "time_zone": DEFAULT_TIME_ZONE,
        "last_number": 0,
        "last_hash": GENESIS,
    }
    session.connection().execute(insert_or_nothing(session, CalendarRow, values))
    return session.scalars(
        select(CalendarRow)
        .where(CalendarRow.organization_id == organization_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def calendar(session: Session, organization_id: UUID) -> CalendarRow | None:
    return session.get(CalendarRow, organization_id)


def is_registered(session: Session, organization_id: UUID, product: str) -> bool:
    return session.get(OrganizationProductRow, (organization_id, product)) is not None


def products_for_update(session: Session, organization_id: UUID) -> None:
    """Locks the organization's products, always in the same order."""
    session.scalars(
        select(OrganizationProductRow)
        .where(OrganizationProductRow.organization_id == organization_id)
        .order_by(OrganizationProductRow.product)
        .with_for_update()
    ).all()


def positions(
    session: Session, book: CalendarRow, today: date, only: str | None = None
) -> list[Position]:
    """How the organization's registered products are today, by code; or one of them."""
    organization_id = book.organization_id
    registered = (
        select(ProductRow, OrganizationProductRow.registered_on)
        .join(OrganizationProductRow, OrganizationProductRow.product == ProductRow.code)
        .where(OrganizationProductRow.organization_id == organization_id)
        .order_by(ProductRow.code)
    )
    if only is not None:
        registered = registered.where(ProductRow.code == only)
    rows = session.execute(registered).all()
    if not rows:
        return []
    years = Calendar(book.anchor) if book.anchor else None
    year = years.year_of(today).index if years else 0
    started = _started(session, organization_id)
    seats = _seats(session, organization_id, year)
    settled = _settled(session, organization_id)
    lots = _lots(session, organization_id)
    pools = _pools(session, organization_id)
    types = _types(session, [product.code for product, _ in rows])
    devices = _device_count(session, organization_id)
    return [
        Position(
            product=product.code,
            name=product.name,
            counts_devices_as=product.counts_devices_as,
            registered_on=registered_on,
            calendar=years,
            started_on=started.get(product.code),
            need={
                kind: devices if kind == product.counts_devices_as else 0
                for kind in types[product.code]
            },
            seats=seats[product.code],
            settled=frozenset(settled[product.code]),
            lots=tuple(lots[product.code]),
            pool=pools[product.code],
        )
        for product, registered_on in rows
    ]


def _started(session: Session, organization_id: UUID) -> dict[str, date]:
    rows = session.execute(
        select(SubscriptionRow.product, SubscriptionRow.started_on).where(
            SubscriptionRow.organization_id == organization_id
        )
    )
    return {row.product: row.started_on for row in rows}


def _seats(session: Session, organization_id: UUID, year: int) -> dict[str, dict[str, int]]:
    rows = session.execute(
        select(AllocationRow.product, AllocationRow.type, func.sum(AllocationRow.seats))
        .where(AllocationRow.organization_id == organization_id, AllocationRow.year == year)
        .group_by(AllocationRow.product, AllocationRow.type)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, kind, seats in rows:
        found[code][kind] = int(seats)
    return found


def _settled(session: Session, organization_id: UUID) -> dict[str, set[int]]:
    rows = session.execute(
        select(SettledYearRow.product, SettledYearRow.year).where(
            SettledYearRow.organization_id == organization_id
        )
    )
    found: dict[str, set[int]] = defaultdict(set)
    for code, year in rows:
        found[code].add(year)
    return found


def _lots(session: Session, organization_id: UUID) -> dict[str, list[Lot]]:
    accounts = session.execute(
        select(AccountRow.ref, AccountRow.balance).where(
            AccountRow.organization_id == organization_id,
            AccountRow.kind == AccountKind.WALLET,
            AccountRow.balance > 0,
        )
    ).all()
    balances = {UUID(ref): balance for ref, balance in accounts}
    rows = session.scalars(
        select(LotRow).where(
            LotRow.organization_id == organization_id, LotRow.id.in_(list(balances))
        )
    )
    found: dict[str, list[Lot]] = defaultdict(list)
    for row in rows:
        licenses = balances[row.id] // TICKS_PER_LICENSE
        found[row.product].append(
            Lot(row.id, row.type, licenses, row.opened_on, row.expires_on, row.source)
        )
    return found


def _pools(session: Session, organization_id: UUID) -> dict[str, dict[str, int]]:
    rows = session.execute(
        select(AccountRow.product, AccountRow.type, AccountRow.balance).where(
            AccountRow.organization_id == organization_id,
            AccountRow.kind == AccountKind.COMPENSATION,
        )
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, kind, balance in rows:
        found[code][kind] = balance
    return found


def _types(session: Session, products: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(
        select(LicenseTypeRow.product, LicenseTypeRow.code)
        .where(LicenseTypeRow.product.in_(products))
        .order_by(LicenseTypeRow.code)
    )
    for code, kind in rows:
        found[code].append(kind)
    return found


def _device_count(session: Session, organization_id: UUID) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(CountedDeviceRow)
            .where(
                CountedDeviceRow.organization_id == organization_id,
                CountedDeviceRow.is_present.is_(True),
            )
        )
        or 0
    )


def count_device(session: Session, device_id: UUID, organization_id: UUID, present: bool) -> None:
    """A removed device stays removed, in whichever order the news arrive."""
    values = {"device_id": device_id, "organization_id": organization_id, "is_present": present}
    session.connection().execute(insert_or_nothing(session, CountedDeviceRow, values))
    if not present:
        session.execute(
            update(CountedDeviceRow)
            .where(CountedDeviceRow.device_id == device_id)
            .values(is_present=False)
        )
