"""The job that begins each organization's day: whenever it runs, the books come out the same (M3)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, delete, event, insert, select, text, update
from sqlalchemy.orm import aliased

from services.licensing.domain.calendar import days_by_zone
from services.licensing.domain.history import GENESIS
from services.licensing.models import (
    AccountRow,
    CalendarRow,
    EntryRow,
    LotRow,
    NoticeRow,
    OrganizationProductRow,
    SettledYearRow,
)
from services.licensing.queries import notices
from services.licensing.queries.standing import calendar_for_update
from services.licensing.service.nightly import OVERDUE
from tests.harness import Suite
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer, Supplier
from tests.service.licensing.station import Station
from tests.service.licensing.test_license_archiving import archived, restored
from tests.service.licensing.test_license_statements import statements

JOB = "look_after_licenses"
# After how many days somebody looks: every day, 40 days, 13 months, 6 years, never.
REGIMES = {"daily": 1, "twice": 40, "late": 40, "later": 396, "once": 2190, "never": None}


def run(suite: Suite) -> None:
    suite.run_job("licensing", JOB)


def begin_day(customer: Customer) -> None:
    """The job's turn, as far as it concerns one organization."""
    customer.suite.instance("licensing").begin_day(customer.id, "UTC")


def calendar(customer: Customer) -> CalendarRow:
    with customer.suite.kits["licensing"].db.reading() as session:
        return session.get_one(CalendarRow, customer.id)


def moved(customer: Customer) -> list[tuple[object, ...]]:
    """The organization's ledger entries; lots by their days, for their ids follow the history."""
    debit, credit = aliased(AccountRow), aliased(AccountRow)
    from_lot, to_lot = aliased(LotRow), aliased(LotRow)
    statement = (
        select(
            *(
                column
                for account, lot in ((debit, from_lot), (credit, to_lot))
                for column in (
                    account.product,
                    account.type,
                    account.kind,
                    account.ref,
                    lot.opened_on,
                    lot.expires_on,
                    lot.source,
                )
            ),
            EntryRow.ticks,
            EntryRow.reason,
            EntryRow.effective_on,
        )
        .join(debit, debit.id == EntryRow.debit_id)
        .join(credit, credit.id == EntryRow.credit_id)
        .outerjoin(from_lot, from_lot.id == debit.lot_id)
        .outerjoin(to_lot, to_lot.id == credit.lot_id)
        .where(debit.organization_id == customer.id)
    )
    with customer.suite.kits["licensing"].db.reading() as session:
        rows = [tuple(row) for row in session.execute(statement)]
    return sorted((_nameless(row) for row in rows), key=str)


def _nameless(row: tuple[Any, ...]) -> tuple[object, ...]:
    kinds = {2: 3, 9: 10}
    lots = {ref for kind, ref in kinds.items() if row[kind] == "wallet"}
    return tuple(None if place in lots else value for place, value in enumerate(row))


def settled(customer: Customer) -> dict[tuple[str, int], date]:
    with customer.suite.kits["licensing"].db.reading() as session:
        rows = session.scalars(
            select(SettledYearRow).where(SettledYearRow.organization_id == customer.id)
        )
        return {(row.product, row.year): row.settled_on for row in rows}


def outcome(customer: Customer) -> tuple[object, ...]:
    overviews = [customer.overview(), customer.overview(product="site-health")]
    return (
        moved(customer),
        settled(customer),
        [{**overview, "organization_id": None} for overview in overviews],
        customer.wallet()["licenses"],
        customer.wallet()["saved_up"],
    )


class Life:
    """A customer with a station that has no connection, and what happens to them."""

    def __init__(self, suite: Suite, supplier: Supplier, folder: Path) -> None:
        self.customer = Customer(suite, supplier)
        self.station = Station(self.customer, folder)

    def begins(self) -> None:
        self.customer.started().manage(12)
        self.customer.buy(70)

    def allocates_late(self) -> None:
        self.station.reports(core=4)
        self.customer.allocate(16)
        self.station.fetch()
        self.customer.register(product="site-health")
        self.customer.start(product="site-health")

    def allocates_ahead(self) -> None:
        self.customer.manage(15)
        self.customer.allocate(19, year=1)
        self.customer.allocate(19, year=2)

    def needs_more_until_its_file_ends(self) -> None:
        self.station.reports(core=1)
        self.customer.manage(18)

    def shrinks(self) -> None:
        self.customer.manage(9)

    def licenses_a_year_that_was_not(self) -> None:
        self.customer.allocate(10)

    def buys_again(self) -> None:
        self.customer.buy(1)


# Years are settled when their file's seats are free, on their first day, after grace, and never;
# what is left expires on 2030-03-01.
STORY: Mapping[str, Callable[[Life], None]] = {
    "2025-03-01": Life.begins,
    "2025-04-20": Life.allocates_late,
    "2025-11-05": Life.allocates_ahead,
    "2025-12-01": Life.needs_more_until_its_file_ends,
    "2027-01-10": Life.shrinks,
    "2028-05-17": Life.licenses_a_year_that_was_not,
    # What nobody looked after until then is posted by this command.
    "2031-03-10": Life.buys_again,
}


def live(lives: Mapping[str, Life], clock: Any) -> None:
    """The same story for each, while somebody looks as often as its regime says."""
    first, last = (date.fromisoformat(on) for on in (min(STORY), max(STORY)))
    for number in range((last - first).days + 1):
        today = first + timedelta(number)
        clock.advance(datetime(today.year, today.month, today.day, 9, tzinfo=UTC) - clock.now())
        for regime, life in lives.items():
            every = REGIMES[regime]
            is_due = every is not None and number > 0 and number % every == 0
            if is_due:
                begin_day(life.customer)
            if command := STORY.get(str(today)):
                command(life)
            if is_due and regime == "twice":
                begin_day(life.customer)


def test_it_makes_no_difference_to_the_books_when_or_how_often_the_job_runs(
    suite: Suite, tmp_path: Path
) -> None:
    """M3, M4: daily, twice, after 40 days, after 13 months, after 6 years, never."""
    supplier = Supplier(suite)
    lives = {regime: Life(suite, supplier, tmp_path) for regime in REGIMES}
    live(lives, suite.clock)
    customers = {regime: life.customer for regime, life in lives.items()}
    outcomes = {regime: outcome(customer) for regime, customer in customers.items()}
    assert {entry[-2] for entry in moved(customers["never"])} == {
        "redeemed",
        "allocated",
        "compensated",
        "returned",
        "year_ended",
        "lot_expired",
    }
    assert settled(customers["never"]) == {
        (PRODUCT, 0): date(2025, 4, 20),
        (PRODUCT, 1): date(2026, 4, 1),
        (PRODUCT, 2): date(2027, 3, 1),
        (PRODUCT, 3): date(2028, 5, 17),
    }
    for regime, found in outcomes.items():
        assert found == outcomes["never"], regime
    assert all(customer.books_balance() for customer in customers.values())
    assert all(customer.has_intact_history() for customer in customers.values())


def test_it_posts_what_is_due_and_looks_once_a_day(customer: Customer) -> None:
    """M3: the second turn of a day finds nothing to do."""
    customer.started().manage(2)
    customer.buy(5)
    customer.allocate(2)
    customer.on("2030-03-01")
    run(customer.suite)
    assert {entry.reason for entry in customer.entries()} >= {"year_ended", "lot_expired"}
    assert calendar(customer).noticed_on == calendar(customer).swept_on == date(2030, 3, 1)
    before = (len(customer.log()), len(customer.entries()))
    with statements(customer) as sent:
        run(customer.suite)
    assert (len(customer.log()), len(customer.entries())) == before
    assert len(sent) == 1


def test_an_organization_that_a_command_swept_is_looked_after_all_the_same(
    customer: Customer,
) -> None:
    """Else whoever is busy every night would never be told anything."""
    customer.started().manage(2)
    customer.on("2025-04-05").manage(3)
    assert calendar(customer).swept_on == date(2025, 4, 5)
    run(customer.suite)
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.scalars(select(NoticeRow.kind)).all() == ["unlicensed"]


def test_a_day_begins_in_each_time_zone_by_itself(suite: Suite) -> None:
    """D-1: at noon in UTC it is tomorrow in Kiritimati, and in Honolulu still this morning."""
    supplier = Supplier(suite)
    east, utc, west = zones = ("Pacific/Kiritimati", "UTC", "Pacific/Honolulu")
    customers = {zone: Customer(suite, supplier) for zone in zones}
    for zone, customer in customers.items():
        customer.register()
        customer.start(time_zone=zone)

    def begun(moment: str) -> dict[str, str]:
        """Whose day has begun by then, and which day it is."""
        suite.clock.advance(datetime.fromisoformat(f"2025-03-{moment}:00Z") - suite.clock.now())
        with suite.kits["licensing"].db.reading() as session:
            days = days_by_zone(suite.clock.now())
            due = notices.organizations_due(session, days, after=None, limit=9)
        run(suite)
        return {zone: str(calendar(customers[zone]).noticed_on)[5:] for _id, zone in due}

    assert begun("01T09:00") == {east: "03-01", utc: "03-01", west: "02-28"}
    assert begun("01T09:59") == {}
    assert begun("01T10:00") == {east: "03-02", west: "03-01"}
    assert begun("01T23:59") == {}
    assert begun("02T00:00") == {utc: "03-02"}
    assert begun("02T10:30") == {east: "03-03", west: "03-02"}
    assert begun("09T09:00") == {east: "03-09", utc: "03-09", west: "03-08"}


def test_an_organization_that_is_busy_is_passed_over(
    tmp_path: Path,
    postgres_database: Callable[[str], str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever works on it, a command or another replica, has begun its day or is about to."""
    databases = {"licensing": postgres_database("licensing")}
    suite = Suite(tmp_path, services=SERVICES, databases=databases)
    supplier = Supplier(suite)
    busy, other = (Customer(suite, supplier).started() for _ in range(2))
    suite.clock.advance(timedelta(days=1))
    with suite.kits["licensing"].db() as session:
        calendar_for_update(session, busy.id)
        run(suite)
        assert OVERDUE._value.get() == 1
    assert calendar(other).noticed_on == date(2025, 3, 2)
    assert calendar(busy).noticed_on is None
    assert caplog.text == ""
    run(suite)
    assert calendar(busy).noticed_on == date(2025, 3, 2)
    suite.close()


def test_a_time_zone_nobody_knows_any_more_is_not_forgotten(
    customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    """A zone may leave the database of zones; its organizations must not leave silently."""
    customer.started()
    with customer.suite.kits["licensing"].db() as session:
        session.execute(update(CalendarRow).values(time_zone="Atlantis/Capital"))
    run(customer.suite)
    assert f"the day of organization {customer.id} failed" in caplog.text


def test_an_archived_organization_is_left_alone(customer: Customer) -> None:
    """D-23: until it is brought back."""
    customer.started().manage(2)
    archived(customer)
    before = (len(customer.log()), calendar(customer).swept_on)
    customer.on("2026-05-01")
    run(customer.suite)
    assert (len(customer.log()), calendar(customer).swept_on) == before
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.scalars(select(NoticeRow)).all() == []
    restored(customer)
    run(customer.suite)
    assert calendar(customer).swept_on == date(2026, 5, 1)


def test_one_organization_that_fails_does_not_stop_the_others(
    suite: Suite, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, counted as overdue, and tried again in the next turn."""
    supplier = Supplier(suite)
    customers = sorted((Customer(suite, supplier) for _ in range(3)), key=lambda each: each.id)
    for customer in customers:
        customer.started()
    db, broken = suite.kits["licensing"].db, customers[1]
    with db() as session:
        _set_zone(session, broken, "Nowhere/At all")
    suite.clock.advance(timedelta(days=40))
    with caplog.at_level(logging.ERROR):
        run(suite)
    assert f"the day of organization {broken.id} failed" in caplog.text
    days = [calendar(customer).swept_on for customer in customers]
    assert days == [date(2025, 4, 10), date(2025, 3, 1), date(2025, 4, 10)]
    assert OVERDUE._value.get() == 1
    with db() as session:
        _set_zone(session, broken, "UTC")
    run(suite)
    assert calendar(broken).swept_on == date(2025, 4, 10)
    assert OVERDUE._value.get() == 0


def _set_zone(session: Any, customer: Customer, zone: str) -> None:
    session.execute(
        update(CalendarRow).where(CalendarRow.organization_id == customer.id).values(time_zone=zone)
    )


def _calendars(ids: Iterable[UUID], noticed_on: date) -> list[dict[str, object]]:
    return [
        {
            "organization_id": organization_id,
            "time_zone": "UTC",
            "last_number": 0,
            "last_hash": GENESIS,
            "swept_on": noticed_on,
            "noticed_on": noticed_on,
        }
        for organization_id in ids
    ]


def test_among_a_thousand_organizations_only_those_due_are_read(customer: Customer) -> None:
    """A turn with nothing to do is one statement, and one of them due costs what it always costs."""
    suite = customer.suite
    today = suite.clock.now().date()
    ids = [uuid4() for _ in range(1000)]
    with suite.kits["licensing"].db() as session:
        session.execute(delete(CalendarRow))
        session.execute(insert(CalendarRow), _calendars(ids, today))
    with statements(customer) as idle:
        run(suite)
    assert len(idle) == 1
    with suite.kits["licensing"].db() as session:
        session.execute(
            update(CalendarRow)
            .where(CalendarRow.organization_id.in_(ids[:3]))
            .values(noticed_on=today - timedelta(1))
        )
    with statements(customer) as some:
        run(suite)
    # Who is due before and after; and of each: taken up, locked, its books, kept, noted.
    assert len(some) <= 2 + 3 * 5
    with suite.kits["licensing"].db.reading() as session:
        late = select(CalendarRow.organization_id).where(CalendarRow.noticed_on < today)
        assert session.scalars(late).all() == []


def test_the_database_looks_up_who_is_due_instead_of_going_through_all(suite: Suite) -> None:
    """At any hour: at the second of these it is three different days around the world."""
    db = suite.kits["licensing"].db
    with db() as session:
        session.execute(insert(CalendarRow), _calendars((uuid4() for _ in range(5000)), START))
        if db.is_postgresql:
            session.execute(text("ANALYZE org_calendar"))
    how = "EXPLAIN" if db.is_postgresql else "EXPLAIN QUERY PLAN"
    for hours in (0, 1.5, 12):
        days = days_by_zone(suite.clock.now() + timedelta(hours=hours))
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
            asked.append((statement, values))  # noqa: B023

        event.listen(Engine, "before_cursor_execute", note)
        with db.reading() as session:
            notices.organizations_due(session, days, after=None, limit=500)
        event.remove(Engine, "before_cursor_execute", note)
        ((statement, values),) = [one for one in asked if one[0].startswith("SELECT")]
        with db.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{how} {statement}", values).all()
        plan = [str(row[-1]).strip() for row in rows]
        looked_up = [line for line in plan if "org_calendar_noticed" in line]
        assert len(looked_up) == len(days) + 1, plan
        assert not any("Seq Scan" in line or "SCAN org_calendar" in line for line in plan), plan


START = date(2025, 3, 1)


def test_more_than_one_batch_is_gone_through_in_one_turn(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.licensing.service.nightly.AT_ONCE", 3)
    db = suite.kits["licensing"].db
    with db() as session:
        session.execute(insert(CalendarRow), _calendars((uuid4() for _ in range(8)), START))
    suite.clock.advance(timedelta(days=2))
    run(suite)
    with db.reading() as session:
        assert set(session.scalars(select(CalendarRow.noticed_on))) == {date(2025, 3, 3)}


def test_growth_that_is_over_with_its_year_is_cleared_by_the_job(customer: Customer) -> None:
    """D-22: the days it is counted from begin anew in another year."""
    customer.started().manage(2)
    customer.buy(2)
    customer.allocate(2)
    customer.manage(9)
    customer.on("2026-03-01")
    run(customer.suite)
    with customer.suite.kits["licensing"].db.reading() as session:
        assert session.scalar(select(OrganizationProductRow.exceeded_since)) is None
