"""How often a system may change what is needed: its credential cannot fill the history (D-16)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.errors import Refusal
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import Site


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


def _told_to_wait(site: Site, credential: str, sequence: int, channels: int) -> int:
    with pytest.raises(Refusal) as refusal:
        site.report_at_once(credential, sequence, {"channel": channels}, at=site.suite.clock.now())
    assert refusal.value.code == "too-many-reports"
    return int(refusal.value.facts["retry_after"])


def test_reports_that_alternate_are_written_down_once_a_minute(site: Site) -> None:
    clock, credential = site.suite.clock, site.credential(site.register())
    site.report_at_once(credential, 1, {"channel": 1}, at=clock.now())
    before = len(site.customer.log())
    for sequence in range(2, 42):
        assert _told_to_wait(site, credential, sequence, sequence % 2 + 2) == 60
    clock.advance(timedelta(seconds=59, milliseconds=500))
    assert _told_to_wait(site, credential, 42, 7) == 1
    assert (len(site.customer.log()), site.need()["channel"]) == (before, 1)
    clock.advance(timedelta(milliseconds=500))
    told = site.report_at_once(credential, 42, {"channel": 7}, at=clock.now())
    assert (told["result"], site.need()["channel"]) == ("accepted", 7)


def test_reports_that_change_nothing_come_as_often_as_they_like(site: Site) -> None:
    clock, credential = site.suite.clock, site.credential(site.register())
    for sequence in range(1, 20):
        told = site.report_at_once(credential, sequence, {"channel": 4}, at=clock.now())
        assert told["result"] == "accepted"
    assert [entry.name for entry in site.customer.log()].count("report_usage") == 1
    # They postpone nothing.
    clock.advance(timedelta(minutes=1))
    site.report_at_once(credential, 20, {"channel": 4}, at=clock.now())
    site.report_at_once(credential, 21, {"channel": 5}, at=clock.now())


def test_systems_do_not_wait_for_one_another(site: Site) -> None:
    clock = site.suite.clock
    for name in ("Lobby", "Hall"):
        credential = site.credential(site.register(name))
        site.report_at_once(credential, 1, {"channel": 2}, at=clock.now())
    assert site.need()["channel"] == 4


def test_a_report_that_is_on_record_is_answered_at_once(site: Site) -> None:
    """D-24."""
    clock, credential = site.suite.clock, site.credential(site.register())
    first = site.report_at_once(credential, 1, {"channel": 2}, at=clock.now())
    assert site.report_at_once(credential, 1, {"channel": 2}, at=clock.now()) == first
