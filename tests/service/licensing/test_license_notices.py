"""Notices are announced with their cause, each occasion once, and listed for who may read (D-21)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from contracts.errors import Refusal
from contracts.license_notices import TOLD, NoticeKind
from services.licensing.domain.throttle import Counter as Counted
from services.licensing.models import NoticeRow
from services.licensing.operate import unlock_redeeming
from services.licensing.queries import history
from tests.harness import Suite
from tests.races import at_once
from tests.service.licensing.conftest import SERVICES
from tests.service.licensing.customer import PRODUCT, Customer, Supplier
from tests.service.licensing.site import Site
from tests.service.licensing.test_license_races import ROUNDS
from tests.service.licensing.test_nightly_job import run
from tests.service.licensing.test_redeeming_keys import invented

Announced = list[dict[str, Any]]


def announced(suite: Suite) -> Announced:
    """The notices in licensing's outbox, oldest first; taken out of it."""
    return [row.data for row in suite._take("licensing") if row.name == "license_notice"]


def brief(found: Announced) -> list[tuple[object, ...]]:
    return [
        (
            each["kind"],
            *(each[name] for name in ("on", "days", "licenses") if each[name] is not None),
        )
        for each in found
    ]


def told_on(customer: Customer, day: str) -> list[tuple[object, ...]]:
    """What the night to that day brings."""
    customer.on(day)
    run(customer.suite)
    return brief(announced(customer.suite))


def licensed(customer: Customer, seats: int = 2) -> Customer:
    customer.started().manage(seats)
    customer.buy(40)
    customer.allocate(seats)
    announced(customer.suite)
    return customer


def test_a_grace_period_is_told_of_until_the_product_is_unlicensed(customer: Customer) -> None:
    """R26."""
    customer.started().manage(2)
    assert told_on(customer, "2025-03-02") == [("grace_started", "2025-03-30")]
    assert told_on(customer, "2025-03-15") == []
    assert told_on(customer, "2025-03-16") == [("grace_ending", "2025-03-30", 14)]
    assert told_on(customer, "2025-03-23") == [("grace_ending", "2025-03-30", 7)]
    assert told_on(customer, "2025-03-29") == [("grace_ending", "2025-03-30", 1)]
    assert told_on(customer, "2025-03-30") == []
    assert told_on(customer, "2025-03-31") == [("unlicensed",)]
    assert told_on(customer, "2025-04-01") == []


def test_a_renewal_is_told_of_unless_the_next_year_is_covered(customer: Customer) -> None:
    licensed(customer)
    assert told_on(customer, "2025-12-01") == [("renewal_near", "2026-03-01", 90)]
    assert told_on(customer, "2025-12-31") == [("renewal_near", "2026-03-01", 60)]
    customer.allocate(2, year=1)
    assert told_on(customer, "2026-01-30") == []
    assert told_on(customer, "2026-02-22") == []
    # The need has grown above what was allocated ahead.
    customer.manage(3)
    assert told_on(customer, "2026-02-23") == [("renewal_near", "2026-03-01", 6)]
    assert told_on(customer, "2026-03-01") == [("grace_started", "2026-03-30")]


def test_growth_is_told_of_before_and_above_its_limit(customer: Customer) -> None:
    """R31: ten seats allow ten more."""
    licensed(customer, 10)
    customer.manage(17)
    assert told_on(customer, "2025-05-01") == []
    customer.manage(18)
    assert told_on(customer, "2025-05-02") == [("growth_near",)]
    customer.manage(21)
    assert told_on(customer, "2025-05-03") == [("growth_exceeded",)]
    customer.allocate(5)
    customer.manage(40)
    # Once in a year, however often it is exceeded.
    assert told_on(customer, "2025-05-04") == []


def test_growth_that_is_back_within_its_limit_by_night_is_not_told_of(customer: Customer) -> None:
    licensed(customer, 10)
    customer.on("2025-05-01").manage(21)
    customer.manage(10)
    assert told_on(customer, "2025-05-02") == []


def test_licenses_that_expire_are_told_of_by_their_day(customer: Customer) -> None:
    """D-7."""
    customer.register()
    customer.buy(3)
    customer.buy(4)
    customer.on("2025-03-20").buy(5)
    announced(customer.suite)
    assert told_on(customer, "2029-09-02") == [("licenses_expiring", "2030-03-01", 180, 7)]
    assert told_on(customer, "2029-09-21") == [("licenses_expiring", "2030-03-20", 180, 5)]
    assert told_on(customer, "2029-12-01") == [("licenses_expiring", "2030-03-01", 90, 7)]
    assert told_on(customer, "2030-02-10") == [
        ("licenses_expiring", "2030-03-01", 19, 7),
        ("licenses_expiring", "2030-03-20", 38, 5),
    ]
    assert told_on(customer, "2030-03-01") == [("licenses_expiring", "2030-03-20", 19, 5)]
    assert told_on(customer, "2030-03-20") == []


def test_after_an_outage_only_what_still_holds_is_told(customer: Customer) -> None:
    """Forty days without the job: one part of the countdown, and no grace period that is over."""
    licensed(customer)
    assert told_on(customer, "2025-12-20") == [("renewal_near", "2026-03-01", 71)]
    assert told_on(customer, "2026-01-29") == [("renewal_near", "2026-03-01", 31)]
    assert told_on(customer, "2026-04-10") == [("unlicensed",)]


def test_looking_again_on_the_same_day_tells_nothing_again(customer: Customer) -> None:
    customer.started().manage(2)
    assert told_on(customer, "2025-03-20") == [
        ("grace_started", "2025-03-30"),
        ("grace_ending", "2025-03-30", 10),
    ]
    run(customer.suite)
    customer.suite.instance("licensing").begin_day(customer.id, "UTC")
    assert announced(customer.suite) == []


def test_an_archived_organization_is_told_nothing(customer: Customer) -> None:
    """D-23."""
    licensed(customer)
    customer.hear(
        "organization_archived",
        archived_at=customer.suite.clock.now().isoformat(),
        epoch=7,
    )
    for day in ("2025-12-01", "2026-03-01", "2026-03-31", "2029-12-01"):
        assert told_on(customer, day) == []


def test_licenses_that_came_back_are_told_of_by_the_command_itself(customer: Customer) -> None:
    """R25: each time, and not where nothing came back."""
    customer.started().manage(12)
    customer.buy(40)
    announced(customer.suite)
    customer.allocate(12)
    assert announced(customer.suite) == []
    customer.on("2025-08-31")
    errand = uuid4().hex
    for _ in range(2):
        customer.allocate(12, allow_surplus=True, idempotency_key=errand)
    (first,) = announced(customer.suite)
    assert (first["kind"], first["licenses"], first["year"]) == ("licenses_returned", 6, 0)
    customer.allocate(12, allow_surplus=True)
    assert brief(announced(customer.suite)) == [("licenses_returned", 6)]


def test_a_refused_allocation_tells_nothing(customer: Customer) -> None:
    customer.started().manage(50)
    customer.buy(40)
    announced(customer.suite)
    customer.on("2025-08-31")
    with pytest.raises(Refusal):
        customer.allocate(12)
    assert announced(customer.suite) == []


# When redeeming is locked


def near_the_lock(customer: Customer, failures: int = 99) -> None:
    db, subject = customer.suite.kits["licensing"].db, str(customer.id)
    with db() as session:
        known = history.failures_for_update(session, Counted.ORGANIZATION, subject)
        since = known.since or customer.suite.clock.now()
        history.keep_failures(session, subject, type(known)(Counted.ORGANIZATION, failures, since))


def guess(customer: Customer, **values: Any) -> str:
    """The code of the refusal."""
    customer.suite.clock.advance(timedelta(hours=1))
    with pytest.raises(Refusal) as refused:
        customer.redeem(invented(), **values)
    return refused.value.code


def test_an_organization_that_can_no_longer_redeem_is_told_once(customer: Customer) -> None:
    """M6: by the hundredth wrong key in a row, not by those that are refused after it."""
    customer.register()
    customer.register(product="site-health")
    near_the_lock(customer, 98)
    announced(customer.suite)
    assert guess(customer) == "key-unknown"
    assert announced(customer.suite) == []
    assert guess(customer) == "key-unknown"
    assert brief(announced(customer.suite)) == [("redeeming_locked",)]
    assert guess(customer) == "too-many-attempts"
    assert guess(customer, product="site-health") == "too-many-attempts"
    assert announced(customer.suite) == []


def test_wrong_proofs_of_hardware_lock_and_are_told_of_alike(customer: Customer) -> None:
    site = Site(customer)
    near_the_lock(customer)
    announced(customer.suite)
    with pytest.raises(Refusal):
        site.register(serial="REC-1", ownership_proof=invented())
    assert brief(announced(customer.suite)) == [("redeeming_locked",)]


def test_who_is_locked_again_is_told_again(customer: Customer) -> None:
    customer.register()
    near_the_lock(customer)
    guess(customer)
    assert brief(announced(customer.suite)) == [("redeeming_locked",)]
    db = customer.suite.kits["licensing"].db
    unlock_redeeming(db, customer.id, customer.suite.clock.now())
    near_the_lock(customer)
    guess(customer)
    assert brief(announced(customer.suite)) == [("redeeming_locked",)]


def test_a_right_key_at_the_last_moment_locks_nothing(customer: Customer) -> None:
    customer.register()
    near_the_lock(customer)
    customer.buy(1)
    assert guess(customer) == "key-unknown"
    assert [each["kind"] for each in announced(customer.suite)] == []


def test_a_product_that_is_not_registered_is_not_told_of(customer: Customer) -> None:
    customer.register()
    near_the_lock(customer, 100)
    assert guess(customer, product="no-such-product") == "product-not-registered"
    assert announced(customer.suite) == []


# Whatever happens


def test_every_notice_says_what_its_kind_has_to(customer: Customer) -> None:
    """From the rows; the events refuse to be made without."""
    customer.started().manage(2)
    customer.buy(40)
    for day in ("2025-03-02", "2025-03-20", "2025-04-10"):
        told_on(customer, day)
    customer.allocate(20, allow_surplus=True)
    customer.manage(36)
    told_on(customer, "2025-05-01")
    customer.manage(50)
    for day in ("2025-05-02", "2025-12-05", "2029-12-05"):
        told_on(customer, day)
    near_the_lock(customer)
    guess(customer)
    with customer.suite.kits["licensing"].db.reading() as session:
        rows = session.scalars(select(NoticeRow)).all()
    assert {row.kind for row in rows} == set(NoticeKind)
    for row in rows:
        facts = {"on": row.on_date, "days": row.days, "licenses": row.licenses}
        said = {name for name, value in facts.items() if value is not None}
        assert said >= TOLD[NoticeKind(row.kind)]


@pytest.mark.parametrize("seed", range(3))
def test_whenever_the_job_runs_each_occasion_is_announced_once(
    customer: Customer, seed: int
) -> None:
    """Days with and without it, days with two turns, and commands in between."""
    chance = random.Random(seed)
    customer.started().manage(3)
    found: Announced = announced(customer.suite)
    for _ in range(80):
        customer.suite.clock.advance(timedelta(days=chance.choice((0, 1, 1, 3, 8, 20, 45))))
        if chance.random() < 0.4:
            customer.manage(chance.randrange(1, 30))
        least = customer.overview()["needs"][0]["least_to_allocate"]
        if least and chance.random() < 0.12:
            customer.buy(least + chance.randrange(3))
            customer.allocate(least)
        for _ in range(chance.choice((0, 1, 1, 2))):
            run(customer.suite)
        found += announced(customer.suite)
    by_night = [each for each in found if each["kind"] != "licenses_returned"]
    assert len({each["kind"] for each in by_night}) >= 5
    occasions = Counter((each["kind"], each["on"], each["days"], each["year"]) for each in by_night)
    assert set(occasions.values()) == {1}
    with customer.suite.kits["licensing"].db.reading() as session:
        assert len(session.scalars(select(NoticeRow)).all()) == len(found)
    assert customer.books_balance()
    assert customer.has_intact_history()


@pytest.fixture
def postgres(tmp_path: Path, postgres_database: Callable[[str], str]) -> Iterator[Suite]:
    running = Suite(
        tmp_path, services=SERVICES, databases={"licensing": postgres_database("licensing")}
    )
    yield running
    running.close()


def test_two_replicas_at_once_announce_once(postgres: Suite) -> None:
    """Thirty nights of three organizations, each night's work begun by both at the same moment."""
    supplier = Supplier(postgres)
    customers = [Customer(postgres, supplier).started() for _ in range(3)]
    for customer in customers:
        customer.manage(2)
    announced(postgres)
    nights: list[list[str]] = []
    for _ in range(ROUNDS):
        # To another year's grace period each time.
        postgres.clock.advance(timedelta(days=366))
        outcomes = at_once(lambda: run(postgres), lambda: run(postgres))
        assert outcomes == [None, None]
        found = [each for each in announced(postgres) if each["kind"] == "grace_started"]
        nights.append(sorted(each["organization_id"] for each in found))
    everybody = sorted(str(customer.id) for customer in customers)
    assert nights == [everybody] * ROUNDS


def test_a_command_and_the_job_at_once_take_their_turns(postgres: Suite) -> None:
    """The job passes over an organization that is busy; the next turn finds it."""
    customer = Customer(postgres).started()
    customer.manage(1)
    customer.buy(ROUNDS)
    for night in range(1, 6):
        postgres.clock.advance(timedelta(days=1))
        outcomes = at_once(lambda: run(postgres), lambda: customer.allocate(1, allow_surplus=True))
        assert not any(isinstance(outcome, str) for outcome in outcomes)
        run(postgres)
        assert customer.overview()["needs"][0]["seats"] == night
    assert customer.books_balance()
    assert customer.has_intact_history()


# For the console


def listed(customer: Customer, **values: Any) -> Any:
    return customer.suite.call(
        "licensing",
        "list_license_notices",
        {"organization_id": str(customer.id), **values},
        as_=customer.owner,
    )


def test_notices_are_listed_newest_first_in_pages(customer: Customer) -> None:
    customer.started().manage(2)
    for day in ("2025-03-02", "2025-03-20", "2025-03-31"):
        told_on(customer, day)
    first = listed(customer, limit=2)
    rest = listed(customer, limit=2, cursor=first["next_cursor"])
    assert rest["next_cursor"] is None
    items = first["items"] + rest["items"]
    assert [item["kind"] for item in items[:1] + items[-1:]] == ["unlicensed", "grace_started"]
    assert {item["kind"] for item in items[1:-1]} == {"grace_ending"}
    assert len({item["id"] for item in items}) == len(items) == 3
    ending = items[1]
    assert (ending["product"], ending["on"], ending["days"]) == (PRODUCT, "2025-03-30", 10)
    assert ending["announced_at"] == "2025-03-20T09:00:00+00:00"
    assert (ending["licenses"], ending["year"]) == (None, 0)


def test_notices_of_one_moment_are_told_apart_by_the_cursor(customer: Customer) -> None:
    customer.started().manage(2)
    customer.register(product="site-health")
    customer.start(product="site-health")
    told_on(customer, "2025-03-20")
    seen, cursor = [], None
    while True:
        found = listed(customer, limit=1, cursor=cursor)
        seen += [(item["product"], item["kind"]) for item in found["items"]]
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 4


def test_only_who_may_read_licenses_reads_the_notices(customer: Customer) -> None:
    """R7."""
    customer.started()
    other = Customer(customer.suite, customer.supplier)
    with pytest.raises(Refusal):
        customer.suite.call(
            "licensing",
            "list_license_notices",
            {"organization_id": str(customer.id)},
            as_=other.owner,
        )
