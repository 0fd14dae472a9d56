"""What systems report with a credential of their own, and what they are advised to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from contracts.errors import Refusal
from tests.harness import Suite
from tests.service.licensing import invariants
from tests.service.licensing.customer import Customer
from tests.service.licensing.site import STATION, Site, offer_station

MOMENT = "2025-03-01T09:00:00+00:00"


def refused(code: str, command: Callable[..., Any], *arguments: Any, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        command(*arguments, **values)
    assert refusal.value.code == code
    return refusal.value


@pytest.fixture
def site(customer: Customer) -> Site:
    return Site(customer)


@pytest.fixture
def station(customer: Customer) -> Site:
    offer_station(customer.suite)
    return Site(customer, STATION)


# Credentials


def test_a_credential_ends_the_one_before(site: Site) -> None:
    system = site.register()
    first = site.credential(system)
    site.report(first, 1, {"channel": 1})
    second = site.credential(system)
    assert first != second
    refused("system-credential-invalid", site.report, first, 2, {"channel": 1})
    refused("system-credential-invalid", site.entitlement, first)
    site.report(second, 2, {"channel": 1})
    entry = site.customer.log()[-1]
    assert entry.name == "issue_system_credential"
    assert entry.arguments == {"system_id": system["id"], "name": "Lobby"}
    assert entry.result == {}


def test_a_credential_is_of_one_system(site: Site) -> None:
    lobby, hall = site.register("Lobby"), site.register("Hall")
    answer = site.report(site.credential(lobby), 1, {"channel": 1})
    assert answer["licensed_system_id"] == lobby["id"]
    assert site.get(hall)["sequence"] == 0
    for guess in ("x" * 43, site.customer.supplier.credential):
        refused("system-credential-invalid", site.report, guess, 1, {})
        refused("system-credential-invalid", site.entitlement, guess)


def test_a_removed_system_reports_no_more(site: Site) -> None:
    """D-16."""
    system = site.register()
    credential = site.credential(system)
    site.remove(system)
    refused("system-credential-invalid", site.report, credential, 1, {"channel": 1})
    refused("system-credential-invalid", site.entitlement, credential)


# Reports


def test_a_report_becomes_the_need_and_history_tells_of_it(site: Site) -> None:
    """R20, D-16."""
    system = site.register()
    answer = site.report(site.credential(system), 4, {"channel": 9})
    assert answer == {
        "licensed_system_id": system["id"],
        "sequence": 4,
        "result": "accepted",
        "last_sequence": 4,
    }
    assert site.need()["channel"] == 9
    entry = site.customer.log()[-1]
    assert (entry.name, entry.role, entry.account_id) == ("report_usage", "system", None)
    assert entry.arguments == {
        "system_id": system["id"],
        "sequence": 4,
        "counts": {"channel": 9},
    }
    shown = site.get(system)
    assert (shown["sequence"], shown["reported_at"]) == (4, "2025-03-01T09:00:00+00:00")
    invariants.hold(site.customer)


def test_a_report_that_changes_no_count_is_no_history(site: Site) -> None:
    system = site.register()
    credential = site.credential(system)
    site.report(credential, 1, {"channel": 9, "analytics-channel": 0})
    before = site.customer.log()
    site.customer.on("2025-03-09")
    assert site.report(credential, 2, {"channel": 9})["result"] == "accepted"
    assert site.customer.log() == before
    shown = site.get(system)
    assert (shown["sequence"], shown["reported_at"][:10]) == (2, "2025-03-09")


def test_what_is_not_named_is_counted_as_none(site: Site) -> None:
    """D-16."""
    credential = site.credential(site.register())
    site.report(credential, 1, {"channel": 9, "analytics-channel": 2})
    site.report(credential, 2, {"analytics-channel": 2})
    assert site.need() == {"analytics-channel": 2, "channel": 0}
    site.report(credential, 3, {})
    assert site.need() == {"analytics-channel": 0, "channel": 0}


@pytest.mark.parametrize("counts", [{"channel": 9}, {"channel": 4}])
def test_the_same_report_sent_again_is_answered_alike_and_counts_once(
    site: Site, counts: dict[str, int]
) -> None:
    """D-16: by system and number, whether or not it changed anything."""
    credential = site.credential(site.register())
    site.report(credential, 1, {"channel": 4})
    moment = site.suite.clock.now()
    first = site.report(credential, 2, counts, at=moment)
    before = site.customer.log()
    site.suite.clock.advance(timedelta(hours=1))
    assert site.report(credential, 2, counts, at=moment) == first
    site.report(credential, 3, {"channel": 1})
    late = site.report(credential, 2, counts, at=moment)
    assert late == {**first, "last_sequence": 3}
    assert site.need()["channel"] == 1
    assert len(site.customer.log()) == len(before) + 1


def test_a_lower_number_is_ignored_and_says_where_to_go_on(site: Site) -> None:
    """D-16."""
    system = site.register()
    credential = site.credential(system)
    site.report(credential, 10, {"channel": 9})
    before = site.customer.log()
    answer = site.report(credential, 9, {"channel": 1})
    assert (answer["result"], answer["last_sequence"]) == ("ignored", 10)
    assert site.need()["channel"] == 9
    assert site.customer.log() == before
    # It was not kept: another one under its number is ignored as well.
    assert site.report(credential, 9, {"channel": 2})["result"] == "ignored"


def test_another_report_under_the_same_number_is_refused(site: Site) -> None:
    """D-24."""
    credential = site.credential(site.register())
    moment = site.suite.clock.now()
    site.report(credential, 1, {"channel": 9}, at=moment)
    other = refused("usage-report-mismatch", site.report, credential, 1, {"channel": 8}, at=moment)
    assert other.facts == {"sequence": "1", "last_sequence": "1"}
    later = moment + timedelta(seconds=1)
    refused("usage-report-mismatch", site.report, credential, 1, {"channel": 9}, at=later)
    assert site.need()["channel"] == 9


@pytest.mark.parametrize("kind", ["preloaded-channel", "channel-to-analytics", "core"])
def test_only_what_the_product_needs_is_reported(site: Site, kind: str) -> None:
    """D-16: nothing of the report is kept."""
    system = site.register()
    credential = site.credential(system)
    for count in (0, 1):
        refused("license-type-unknown", site.report, credential, 1, {"channel": 2, kind: count})
    assert (site.need()["channel"], site.get(system)["sequence"]) == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"counts": [{"type": "channel", "count": -1}]},
        {"counts": [{"type": "channel", "count": 1_000_001}]},
        {"counts": [{"type": "channel", "count": 1.5}]},
        {"counts": [{"type": "channel", "count": 1}, {"type": "channel", "count": 2}]},
        {"sequence": 0},
        {"sequence": 9 * 10**15 + 1},
        {"reported_at": "2025-03-01T09:00:00"},
        {"reported_at": "0001-01-01T00:00:00+23:59"},
        {"reported_at": "9999-12-31T23:59:59-23:59"},
    ],
)
def test_a_report_has_to_be_well_formed(site: Site, changes: dict[str, Any]) -> None:
    report = {
        "credential": site.credential(site.register()),
        "sequence": 1,
        "reported_at": "2025-03-01T09:00:00+00:00",
        "counts": [{"type": "channel", "count": 1}],
        **changes,
    }
    refused("invalid-request", site.suite.call, "licensing", "report_usage", report)


def test_a_million_is_counted(site: Site) -> None:
    site.report(site.credential(site.register()), 9 * 10**15, {"channel": 1_000_000})
    assert site.need()["channel"] == 1_000_000


def test_a_report_may_settle_the_subscription_year(station: Site) -> None:
    """D-12: the need was covered on some day of it, and growth is allowed from then on."""
    customer = station.customer
    customer.start(product=STATION)
    credential = station.credential(station.register())
    station.report(credential, 1, {"core": 2})
    station.buy(4, "core")
    customer.allocate(2, product=STATION)
    customer.allocate(2, product=STATION, year=1)
    station.report(credential, 2, {"core": 4})
    assert customer.on("2026-03-05").overview(product=STATION)["status"] == "grace"
    station.report(credential, 3, {"core": 2})
    station.report(credential, 4, {"core": 4})
    assert station.status() == "licensed_growth"
    invariants.hold(customer)


def test_reports_are_only_ever_added(site: Site) -> None:
    site.report(site.credential(site.register()), 1, {"channel": 1})
    for change in ("UPDATE usage_report SET sequence = 7", "DELETE FROM usage_report"):
        with pytest.raises(DBAPIError), site.suite.kits["licensing"].db() as session:
            session.execute(text(change))


def test_an_archived_organization_takes_no_report(site: Site) -> None:
    """D-23: whether or not it would change anything."""
    credential = site.credential(site.register())
    site.report(credential, 1, {"channel": 1})
    site.customer.hear("organization_archived", archived_at=MOMENT, epoch=9)
    for count in (1, 2):
        refused("organization-archived", site.report, credential, 2, {"channel": count})


# Entitlement


def test_a_trial_opens_everything_and_its_end_closes_what_may_be_closed(station: Site) -> None:
    """R43, D-22."""
    credential = station.credential(station.register())
    station.report(credential, 1, {"core": 3})
    assert _advice(station, credential) == ("trial", True, True, True, True)
    station.customer.on("2025-05-30")
    assert _advice(station, credential) == ("trial_expired", True, False, False, False)


def test_advice_follows_the_subscription(station: Site) -> None:
    """D-22: grace is enough; without licenses afterwards only recording goes on."""
    customer = station.customer
    credential = station.credential(station.register())
    station.report(credential, 1, {"core": 3})
    customer.start(product=STATION)
    customer.on("2025-03-30")
    assert _advice(station, credential) == ("grace", True, True, True, True)
    customer.on("2025-03-31")
    assert _advice(station, credential) == ("unlicensed", True, False, False, False)
    station.buy(3, "core")
    customer.allocate(3, product=STATION)
    assert _advice(station, credential) == ("licensed", True, True, True, True)
    station.report(credential, 2, {"core": 6})
    assert _advice(station, credential) == ("licensed_growth", True, True, True, True)


def test_growth_above_its_limit_ends_adding_after_thirty_days(station: Site) -> None:
    """D-22, R31: a notice first, and never more than that."""
    customer = station.customer
    credential = station.credential(station.register())
    customer.start(product=STATION)
    station.report(credential, 1, {"core": 1})
    station.buy(1, "core")
    customer.allocate(1, product=STATION)
    customer.on("2025-04-01")
    station.report(credential, 2, {"core": 3})
    told = station.entitlement(credential)
    assert (told["exceeded_since"], told["adding_ends_on"]) == ("2025-04-01", "2025-05-01")
    customer.on("2025-04-30")
    assert _advice(station, credential) == ("growth_exceeded", True, True, True, True)
    # At nine in the morning the day after is nearer than a whole day.
    assert station.entitlement(credential)["valid_until"] == "2025-05-01T00:00:00+00:00"
    customer.on("2025-05-01")
    assert _advice(station, credential) == ("growth_exceeded", True, True, True, False)
    assert station.entitlement(credential)["valid_until"] == "2025-05-02T09:00:00+00:00"


def test_an_archived_organization_is_told_so_and_may_record(station: Site) -> None:
    """D-23."""
    credential = station.credential(station.register())
    station.customer.hear("organization_archived", archived_at=MOMENT, epoch=9)
    assert _advice(station, credential) == ("archived", True, False, False, False)
    station.customer.hear("organization_restored", epoch=10)
    assert _advice(station, credential) == ("trial", True, True, True, True)


def test_hardware_with_licenses_enough_is_licensed_however_others_stand(station: Site) -> None:
    """R2: valid for the lifetime of the hardware."""
    rich, poor = station.hardware("ST-1", tied=4), station.register("Hall")
    first, second = station.credential(rich), station.credential(poor)
    station.report(first, 1, {"core": 4})
    station.report(second, 1, {"core": 1})
    station.customer.on("2026-01-01")
    assert _advice(station, first)[0] == "licensed"
    assert _advice(station, second)[0] == "trial_expired"
    station.report(first, 2, {"core": 5})
    assert _advice(station, first)[0] == "trial_expired"


def test_each_recorder_is_licensed_by_what_is_on_it(site: Site) -> None:
    """R35."""
    rich, poor = site.hardware("REC-1", tied=8), site.hardware("REC-2", tied=1)
    first, second = site.credential(rich), site.credential(poor)
    site.report(first, 1, {"channel": 8})
    site.report(second, 1, {"channel": 2})
    assert _advice(site, first) == ("licensed", True, True, True, True)
    assert _advice(site, second) == ("unlicensed", True, False, False, False)


def test_advice_holds_until_the_day_changes_where_the_organization_is(
    suite: Suite, station: Site
) -> None:
    """D-1: days are those of its time zone."""
    credential = station.credential(station.register())
    station.customer.start(product=STATION, time_zone="Asia/Tokyo")
    station.customer.on("2025-03-30")
    told = station.entitlement(credential)
    assert (told["status"], told["valid_until"]) == ("grace", "2025-03-30T15:00:00+00:00")
    suite.clock.advance(timedelta(hours=6))
    assert station.entitlement(credential)["status"] == "unlicensed"


def _advice(site: Site, credential: str) -> tuple[str, bool, bool, bool, bool]:
    told = site.entitlement(credential)
    names = ("status", "may_record", "may_view", "may_configure", "may_add_devices")
    status, record, view, configure, add = (told[name] for name in names)
    return status, record, view, configure, add
