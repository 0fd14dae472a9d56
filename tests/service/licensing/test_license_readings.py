"""What is read of licenses belongs to one moment, whatever is written meanwhile."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from tests.harness import Suite
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import STATION, Site, offer_station


def test_a_report_that_comes_between_is_read_with_all_that_it_brought(
    suite: Suite, customer: Customer
) -> None:
    """D-12, D-16: a need that the seats cover is never shown with a year that is not settled."""
    offer_station(suite)
    site = Site(customer, STATION)
    credential = site.credential(site.register())
    customer.start(product=STATION)
    site.report(credential, 1, {"core": 10})
    customer.buy(20, product=STATION)
    for year in (0, 1):
        lines = [{"type": "core", "seats": 10}]
        customer.command("allocate_licenses", product=STATION, lines=lines, year=year)
    site.report(credential, 2, {"core": 20})
    customer.on("2026-03-02").buy(1, product=STATION)
    reader: Any = suite.databases["licensing"]._reader
    came: list[str] = []

    def come_between(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "FROM system_usage" in statement and not came:
            came.append(statement)
            site.report(credential, 3, {"core": 5})

    event.listen(reader, "before_cursor_execute", come_between)
    overview = customer.overview(product=STATION)
    event.remove(reader, "before_cursor_execute", come_between)
    (need,) = overview["needs"]
    assert came
    assert (need["need"], overview["is_settled"], overview["status"]) in [
        (20, False, "grace"),
        (5, True, "licensed"),
    ]
