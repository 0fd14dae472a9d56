"""Queries on the catalogue, and on how organizations stand with its products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Executable,
    Row,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.idempotency import insert_or_nothing
from services.licensing.domain.books import Account, Books, RegisteredProduct
from services.licensing.domain.history import GENESIS
from services.licensing.domain.ledger import AccountKind, AccountName
from services.licensing.domain.policy import TICKS_PER_LICENSE
from services.licensing.domain.wallet import Lot
from services.licensing.models import (
    AccountRow,
    CalendarRow,
    CountedDeviceRow,
    LicenseTypeRow,
    LotRow,
    OrganizationProductRow,
    ProductRow,
    SettledYearRow,
    SubscriptionRow,
    VoidedYearRow,
)

DEFAULT_TIME_ZONE = "UTC"
# Above every revision: nothing comes after it.
_LAST = 2**62

_ORGANIZATION = bindparam("organization_id", type_=Uuid())
_CALENDAR_FOR_UPDATE = (
    select(
        CalendarRow.time_zone,
        CalendarRow.anchor,
        CalendarRow.last_number,
        CalendarRow.last_hash,
        CalendarRow.is_archived,
        CalendarRow.archive_epoch,
    )
    .where(CalendarRow.organization_id == _ORGANIZATION)
    .with_for_update()
)
_KEEP_CALENDAR = (
    update(CalendarRow)
    .where(CalendarRow.organization_id == bindparam("organization"))
    .values({name: bindparam(name) for name in ("time_zone", "anchor", "last_number", "last_hash")})
)
_DEVICES = (
    select(func.count())
    .select_from(CountedDeviceRow)
    .where(CountedDeviceRow.organization_id == _ORGANIZATION, CountedDeviceRow.is_present.is_(True))
    .scalar_subquery()
)
# One statement, and so one moment; a row for each account of each type of each product.
_BOOKS = (
    select(
        OrganizationProductRow.product,
        OrganizationProductRow.registered_on,
        CalendarRow.time_zone,
        CalendarRow.anchor,
        CalendarRow.is_archived,
        ProductRow.name,
        ProductRow.counts_devices_as,
        LicenseTypeRow.code.label("type"),
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
        case(
            (VoidedYearRow.year.is_(None), SettledYearRow.year),
            (VoidedYearRow.settled_on.is_not(None), VoidedYearRow.year),
        ).label("settled_year"),
        _DEVICES.label("devices"),
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


@dataclass(frozen=True)
class LockedCalendar:
    """The organization's calendar, and the end of its history."""

    time_zone: str
    anchor: date | None
    last_number: int
    last_hash: str
    is_archived: bool = False
    archive_epoch: int = 0


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
        }
        session.connection().execute(insert_or_nothing(session, CalendarRow, values))
        found = session.connection().execute(_CALENDAR_FOR_UPDATE, wanted).one()
    return LockedCalendar(*found)


def keep_calendar(session: Session, organization_id: UUID, calendar: LockedCalendar) -> None:
    """Only of a locked one."""
    values = {
        "organization": organization_id,
        "time_zone": calendar.time_zone,
        "anchor": calendar.anchor,
        "last_number": calendar.last_number,
        "last_hash": calendar.last_hash,
    }
    session.connection().execute(_KEEP_CALENDAR, values)


def is_registered(session: Session, organization_id: UUID, product: str) -> bool:
    return session.get(OrganizationProductRow, (organization_id, product)) is not None


def books(session: Session, organization_id: UUID) -> Books | None:
    """As of one moment; None where no product was ever registered."""
    return _assembled(session, organization_id, _BOOKS)


def books_for_update(session: Session, organization_id: UUID, calendar: LockedCalendar) -> Books:
    """Locks the organization's products, always in the same order, after its calendar."""
    found = _assembled(session, organization_id, _BOOKS_FOR_UPDATE)
    return found or Books(
        organization_id=organization_id,
        time_zone=calendar.time_zone,
        anchor=calendar.anchor,
        is_archived=calendar.is_archived,
        devices=0,
        products={},
        accounts={},
        settled=frozenset(),
    )


def _assembled(session: Session, organization_id: UUID, statement: Executable) -> Books | None:
    rows = session.connection().execute(statement, {"organization_id": organization_id}).all()
    if not rows:
        return None
    first = rows[0]
    types: dict[str, set[str]] = defaultdict(set)
    accounts: dict[AccountName, Account] = {}
    for row in rows:
        types[row.product].add(row.type)
        if row.account_id is not None:
            name = AccountName(row.product, row.type, AccountKind(row.kind), row.ref)
            accounts[name] = Account(row.account_id, row.balance, row.seats, _lot(row))
    return Books(
        organization_id=organization_id,
        time_zone=first.time_zone,
        anchor=first.anchor,
        is_archived=first.is_archived,
        devices=first.devices,
        products={
            row.product: RegisteredProduct(
                code=row.product,
                name=row.name,
                counts_devices_as=row.counts_devices_as,
                types=tuple(sorted(types[row.product])),
                registered_on=row.registered_on,
                started_on=row.started_on,
            )
            for row in rows
        },
        accounts=accounts,
        settled=frozenset(
            (row.product, row.settled_year) for row in rows if row.settled_year is not None
        ),
    )


def _lot(row: Row[Any]) -> Lot | None:
    if row.lot_id is None:
        return None
    licenses = row.balance // TICKS_PER_LICENSE
    return Lot(row.lot_id, row.type, licenses, row.opened_on, row.expires_on, row.source)


def block(
    session: Session, organization_id: UUID, *, is_archived: bool, epoch: int
) -> LockedCalendar | None:
    """The calendar as it was before; None where newer news changed it already."""
    before = calendar_for_update(session, organization_id)
    if before.archive_epoch >= epoch:
        return None
    session.execute(
        update(CalendarRow)
        .where(CalendarRow.organization_id == organization_id)
        .values(is_archived=is_archived, archive_epoch=epoch)
    )
    return before


def add_device(session: Session, device_id: UUID, organization_id: UUID) -> None:
    """Unless something newer is known of it."""
    values = {"device_id": device_id, "organization_id": organization_id, "is_present": True}
    session.connection().execute(insert_or_nothing(session, CountedDeviceRow, values))


def count_devices(
    session: Session,
    device_ids: Sequence[UUID],
    organization_id: UUID,
    *,
    present: bool,
    revision: int = _LAST,
) -> None:
    """Whether they count from now on; without a revision for good, whatever news arrive later."""
    # In one order, so that two parts of news never wait for one another; and as one parameter, for
    # a statement with hundreds of rows takes longer to write than to execute.
    ids = sorted(device_ids)
    if session.get_bind().dialect.name == "postgresql":
        insert: Any = postgresql.insert
        texts = bindparam(None, f"{{{','.join(map(str, ids))}}}", type_=String, unique=True)
        known = select(func.unnest(cast(texts, postgresql.ARRAY(Uuid))).label("id")).subquery()
        device_id = known.c.id
    else:
        insert = sqlite.insert
        stored = bindparam(None, [one.hex for one in ids], type_=JSON, unique=True)
        device_id = func.json_each(stored).table_valued("value").c.value
    news = select(
        device_id,
        literal(organization_id, Uuid),
        literal(present, Boolean),
        literal(revision, BigInteger),
        # Without a WHERE, SQLite takes ON CONFLICT for a part of the SELECT.
    ).where(literal_column("1") == literal_column("1"))
    new = insert(CountedDeviceRow).from_select(
        ["device_id", "organization_id", "is_present", "revision"], news
    )
    session.connection().execute(
        new.on_conflict_do_update(
            index_elements=[CountedDeviceRow.device_id],
            set_={"is_present": new.excluded.is_present, "revision": new.excluded.revision},
            where=CountedDeviceRow.revision < new.excluded.revision,
        )
    )
