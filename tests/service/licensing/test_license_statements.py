"""What commands and answers cost the database: bounds that a query per row would break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, event, text

from services.licensing.queries import standing
from tests.service.licensing.customer import Customer


@contextmanager
def statements(customer: Customer) -> Iterator[list[str]]:
    """Those sent to licensing's database; one that goes out once per row counts for each."""
    at = customer.suite.databases["licensing"].engine.url
    sent: list[str] = []

    def note(
        connection: Connection, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        if connection.engine.url == at and not statement.startswith("BEGIN"):
            # Rows of one INSERT come as one set of values; a list is sent one by one.
            sent.extend([statement] * (len(values) if many and isinstance(values, list) else 1))

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def sent_by(customer: Customer, errand: Callable[[], Any]) -> int:
    with statements(customer) as sent:
        errand()
    return len(sent)


@pytest.fixture
def licensed(customer: Customer) -> Customer:
    """In the middle of a year, with licenses in the wallet."""
    customer.started().manage(2)
    customer.buy(40)
    customer.allocate(2)
    return customer


def test_an_allocation_takes_twelve_statements_at_most(licensed: Customer) -> None:
    errand = uuid4().hex
    again = {"idempotency_key": errand, "allow_surplus": True}
    assert sent_by(licensed, lambda: licensed.allocate(1, **again)) <= 12
    assert sent_by(licensed, lambda: licensed.allocate(1, **again)) <= 3


def test_an_allocation_that_gives_licenses_back_takes_eighteen_statements_at_most(
    licensed: Customer,
) -> None:
    """R25: a lot and its account are opened, the pool is moved, and owners and admins are told."""
    licensed.on("2025-08-31")
    with statements(licensed) as sent:
        allocated = licensed.allocate(12, allow_surplus=True)
    assert allocated["lines"][0]["returned"] == 6
    assert len(sent) <= 18


def test_an_answer_about_one_moment_is_one_statement(licensed: Customer) -> None:
    """One statement sees one moment, however much is committed meanwhile."""
    assert sent_by(licensed, licensed.overview) == 1
    assert sent_by(licensed, licensed.wallet) == 1
    assert (
        sent_by(
            licensed,
            lambda: licensed.suite.call(
                "licensing",
                "list_organization_products",
                {"organization_id": str(licensed.id)},
                as_=licensed.owner,
            ),
        )
        == 1
    )


def test_what_lies_behind_an_organization_does_not_make_it_slower(licensed: Customer) -> None:
    """Neither used-up lots nor what was recorded are read to tell how things stand."""

    def allocate() -> None:
        licensed.allocate(1, allow_surplus=True)

    licensed.allocate(38, allow_surplus=True)
    licensed.buy(1)
    first = sent_by(licensed, allocate)
    for _ in range(12):
        licensed.buy(2)
        allocate()
        allocate()
    licensed.buy(1)
    assert sent_by(licensed, allocate) == first
    assert sent_by(licensed, licensed.overview) == 1
    with licensed.suite.databases["licensing"].reading() as session:
        books = standing.books(session, licensed.id)
        lots = session.scalar(text("SELECT count(*) FROM lot"))
    assert books is not None
    assert sorted(name.kind for name in books.accounts) == ["external:supplier", "year"]
    assert lots == 15
