"""Queries on how organizations stand with the products of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Executable,
    Row,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from contracts.licensing import LicenseKind
from services.licensing.domain.books import Account, Books, Usage
from services.licensing.domain.history import GENESIS
from services.licensing.domain.ledger import AccountKind, AccountName
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.product import Coterm, LicenseType, RegisteredProduct
from services.licensing.domain.reservation import Reservation, usages
from services.licensing.domain.wallet import Lot
from services.licensing.models import (
    AccountRow,
    CalendarRow,
    LicenseTypeRow,
    LotRow,
    OrganizationProductRow,
    ProductRow,
    ReservationRow,
    SettledYearRow,
    SubscriptionRow,
    SystemUsageRow,
    VoidedYearRow,
)
from services.licensing.queries import devices

DEFAULT_TIME_ZONE = "UTC"

_ORGANIZATION = bindparam("organization_id", type_=Uuid())
_CALENDAR_FOR_UPDATE = (
    select(
        CalendarRow.time_zone,
        CalendarRow.anchor,
        CalendarRow.last_number,
        CalendarRow.last_hash,
        CalendarRow.is_archived,
        CalendarRow.archive_epoch,
        CalendarRow.swept_on,
        CalendarRow.devices,
        CalendarRow.devices_logged,
        CalendarRow.has_systems,
    )
    .where(CalendarRow.organization_id == _ORGANIZATION)
    .with_for_update()
)
_LAST_NUMBER = select(CalendarRow.last_number).where(CalendarRow.organization_id == _ORGANIZATION)
_KEPT = (
    "time_zone",
    "anchor",
    "last_number",
    "last_hash",
    "swept_on",
    "devices",
    "devices_logged",
    "has_systems",
)
_KEEP_CALENDAR = (
    update(CalendarRow)
    .where(CalendarRow.organization_id == bindparam("organization"))
    .values({name: bindparam(name) for name in _KEPT})
)
# One statement, and so one moment; a row for each account of each type of each product.
_BOOKS = (
    select(
        OrganizationProductRow.product,
        OrganizationProductRow.registered_on,
        CalendarRow.time_zone,
        CalendarRow.anchor,
        CalendarRow.is_archived,
        CalendarRow.swept_on,
        CalendarRow.devices,
        CalendarRow.has_systems,
        CalendarRow.last_number,
        OrganizationProductRow.trial_started_on,
        OrganizationProductRow.trial_ends_on,
        OrganizationProductRow.exceeded_since,
        ProductRow.name,
        ProductRow.counts_devices_as,
        ProductRow.coterm,
        ProductRow.trial_days,
        LicenseTypeRow.code.label("type"),
        LicenseTypeRow.kind.label("type_kind"),
        LicenseTypeRow.covers,
        LicenseTypeRow.upgrade_from,
        LicenseTypeRow.upgrade_to,
        SubscriptionRow.started_on,
        AccountRow.id.label("account_id"),
        AccountRow.kind,
        AccountRow.ref,
        AccountRow.balance,
        (AccountRow.seats - AccountRow.void_seats).label("seats"),
        AccountRow.lot_id,
        LotRow.opened_on,
        LotRow.expires_on,
        LotRow.source,
        SettledYearRow.year.label("settled_year"),
        case(
            (VoidedYearRow.year.is_(None), SettledYearRow.settled_on),
            else_=VoidedYearRow.settled_on,
        ).label("settled_on"),
    )
    .select_from(OrganizationProductRow)
    .join(CalendarRow, CalendarRow.organization_id == OrganizationProductRow.organization_id)
    .join(ProductRow, ProductRow.code == OrganizationProductRow.product)
    .join(LicenseTypeRow, LicenseTypeRow.product == OrganizationProductRow.product)
    .outerjoin(
        SubscriptionRow,
        and_(
            SubscriptionRow.organization_id == _ORGANIZATION,
            SubscriptionRow.product == OrganizationProductRow.product,
        ),
    )
    .outerjoin(
        AccountRow,
        and_(
            AccountRow.organization_id == _ORGANIZATION,
            AccountRow.product == OrganizationProductRow.product,
            AccountRow.type == LicenseTypeRow.code,
            # In the very words of the index that serves it, and so without parameters.
            or_(
                AccountRow.kind != literal_column("'wallet'"),
                AccountRow.balance > literal_column("0"),
            ),
        ),
    )
    .outerjoin(LotRow, LotRow.id == AccountRow.lot_id)
    .outerjoin(
        SettledYearRow,
        and_(
            SettledYearRow.organization_id == _ORGANIZATION,
            SettledYearRow.product == OrganizationProductRow.product,
            AccountRow.kind == AccountKind.YEAR.value,
            # As text, for references of other kinds of accounts are no numbers.
            cast(SettledYearRow.year, String) == AccountRow.ref,
        ),
    )
    .outerjoin(
        VoidedYearRow,
        and_(
            VoidedYearRow.organization_id == _ORGANIZATION,
            VoidedYearRow.product == SettledYearRow.product,
            VoidedYearRow.year == SettledYearRow.year,
        ),
    )
    .where(OrganizationProductRow.organization_id == _ORGANIZATION)
    .order_by(OrganizationProductRow.product)
)
_BOOKS_FOR_UPDATE = _BOOKS.with_for_update(of=OrganizationProductRow)
_NET = case(
    (SystemUsageRow.counted > SystemUsageRow.held, SystemUsageRow.counted - SystemUsageRow.held),
    else_=0,
)
_HAS_FILES = exists().where(
    ReservationRow.organization_id == SystemUsageRow.organization_id,
    ReservationRow.system_id == SystemUsageRow.system_id,
    ReservationRow.type == SystemUsageRow.type,
)
_REPORTED = (
    select(
        SystemUsageRow.product,
        SystemUsageRow.type,
        case((_HAS_FILES, SystemUsageRow.system_id)).label("system_id"),
        _NET.label("net"),
    )
    .where(SystemUsageRow.organization_id == _ORGANIZATION)
    .subquery()
)
# One row for all systems that need what they report; of the others one each, and their files'.
_USAGE = union_all(
    select(
        _REPORTED.c.product,
        _REPORTED.c.type,
        _REPORTED.c.system_id,
        func.sum(_REPORTED.c.net).label("licenses"),
        cast(null(), Date).label("until"),
    ).group_by(_REPORTED.c.product, _REPORTED.c.type, _REPORTED.c.system_id),
    select(
        ReservationRow.product,
        ReservationRow.type,
        ReservationRow.system_id,
        ReservationRow.seats,
        ReservationRow.until,
    ).where(ReservationRow.organization_id == _ORGANIZATION),
)


@dataclass(frozen=True)
class LockedCalendar:
    """The organization's calendar, what it counts, and the end of its history."""

    time_zone: str
    anchor: date | None
    last_number: int
    last_hash: str
    is_archived: bool = False
    archive_epoch: int = 0
    swept_on: date | None = None
    devices: int = 0
    devices_logged: int = 0
    has_systems: bool = False


def product(session: Session, code: str) -> ProductRow | None:
    return session.get(ProductRow, code)


def calendar_for_update(session: Session, organization_id: UUID) -> LockedCalendar:
    """The organization's own lock; made by its first command."""
    wanted = {"organization_id": organization_id}
    found = session.connection().execute(_CALENDAR_FOR_UPDATE, wanted).one_or_none()
    if found is None:
        values = {
            "organization_id": organization_id,
            "time_zone": DEFAULT_TIME_ZONE,
            "last_number": 0,
            "last_hash": GENESIS,
            # Devices that were heard of before anything else was.
            "devices": devices.present(session, organization_id),
        }
        session.connection().execute(insert_or_nothing(session, CalendarRow, values))
        found = session.connection().execute(_CALENDAR_FOR_UPDATE, wanted).one()
    return LockedCalendar(**found._asdict())


def keep_calendar(session: Session, organization_id: UUID, calendar: LockedCalendar) -> None:
    """Only of a locked one; whether it is archived is kept by `block`."""
    values = {"organization": organization_id, **{name: getattr(calendar, name) for name in _KEPT}}
    session.connection().execute(_KEEP_CALENDAR, values)


def is_registered(session: Session, organization_id: UUID, product: str) -> bool:
    return session.get(OrganizationProductRow, (organization_id, product)) is not None


def books(session: Session, organization_id: UUID) -> Books | None:
    """As of one moment; None where no product was ever registered.

    What systems need is read after the rest. Both are of one moment if no command came between
    them, and else they are read again.
    """
    while True:
        found = _assembled(session, organization_id, _BOOKS)
        if found is None or not found.usage:
            return found
        if _last_number(session, organization_id) == found.last_number:
            return found


def _last_number(session: Session, organization_id: UUID) -> int | None:
    return session.scalar(_LAST_NUMBER, {"organization_id": organization_id})


def books_for_update(session: Session, organization_id: UUID, calendar: LockedCalendar) -> Books:
    """Locks the organization's products, always in the same order, after its calendar."""
    found = _assembled(session, organization_id, _BOOKS_FOR_UPDATE)
    return found or Books(
        organization_id=organization_id,
        time_zone=calendar.time_zone,
        anchor=calendar.anchor,
        is_archived=calendar.is_archived,
        swept_on=calendar.swept_on,
        devices=calendar.devices,
        products={},
        accounts={},
        settled={},
    )


def _assembled(session: Session, organization_id: UUID, statement: Executable) -> Books | None:
    wanted = {"organization_id": organization_id}
    rows = session.connection().execute(statement, wanted).all()
    if not rows:
        return None
    first = rows[0]
    types: dict[str, dict[str, LicenseType]] = defaultdict(dict)
    accounts: dict[AccountName, Account] = {}
    for row in rows:
        if row.type not in types[row.product]:
            types[row.product][row.type] = _license_type(row)
        if row.account_id is not None:
            name = AccountName(row.product, row.type, AccountKind(row.kind), row.ref)
            accounts[name] = Account(row.account_id, row.balance, row.seats, _lot(row))
    return Books(
        organization_id=organization_id,
        time_zone=first.time_zone,
        anchor=first.anchor,
        is_archived=first.is_archived,
        swept_on=first.swept_on,
        devices=first.devices,
        last_number=first.last_number,
        products={row.product: _product(row, types[row.product]) for row in rows},
        accounts=accounts,
        settled={
            (row.product, row.settled_year): row.settled_on
            for row in rows
            if row.settled_on is not None
        },
        usage=usage(session, organization_id) if first.has_systems else (),
    )


def usage(session: Session, organization_id: UUID) -> tuple[Usage, ...]:
    """What the organization's systems need (D-16)."""
    wanted = {"organization_id": organization_id}
    net: dict[tuple[str, str, UUID | None], int] = {}
    reserved: dict[tuple[str, str, UUID | None], list[Reservation]] = defaultdict(list)
    for row in session.connection().execute(_USAGE, wanted):
        of = (row.product, row.type, row.system_id)
        if row.until is None:
            net[of] = int(row.licenses)
        else:
            one = Reservation(row.system_id, row.type, int(row.licenses), row.until)
            reserved[of].append(one)
    return tuple(
        usage
        for of in sorted(net.keys() | reserved.keys(), key=str)
        for usage in usages(of[0], of[1], net.get(of, 0), reserved[of])
    )


def _license_type(row: Row[Any]) -> LicenseType:
    return LicenseType(
        code=row.type,
        kind=LicenseKind(row.type_kind),
        covers=row.covers,
        upgrade_from=row.upgrade_from,
        upgrade_to=row.upgrade_to,
    )


def _product(row: Row[Any], types: Mapping[str, LicenseType]) -> RegisteredProduct:
    return RegisteredProduct(
        code=row.product,
        name=row.name,
        counts_devices_as=row.counts_devices_as,
        types=tuple(types[code] for code in sorted(types)),
        registered_on=row.registered_on,
        started_on=row.started_on,
        coterm=Coterm(row.coterm),
        trial_days=row.trial_days,
        trial_started_on=row.trial_started_on,
        trial_ends_on=row.trial_ends_on,
        exceeded_since=row.exceeded_since,
    )


def _lot(row: Row[Any]) -> Lot | None:
    if row.lot_id is None:
        return None
    licenses = row.balance // TICKS_PER_LICENSE
    return Lot(row.lot_id, row.type, licenses, row.opened_on, row.expires_on, row.source)


def block(session: Session, organization_id: UUID, *, is_archived: bool, epoch: int) -> None:
    """Only of a locked one, and for news newer than the last."""
    session.execute(
        update(CalendarRow)
        .where(CalendarRow.organization_id == organization_id)
        .values(is_archived=is_archived, archive_epoch=epoch)
    )
