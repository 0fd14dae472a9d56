"""The reference that licensing is held against keeps the rules of its specification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_customers import (
    AS_IS,
    START,
    STATION,
    bought,
    customer,
    refusals,
)
from tests.service.licensing.reference_facts import Key
from tests.service.licensing.reference_figures import add_years

# The calendar


@pytest.mark.parametrize(
    ("anchor", "years", "expected"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 2, 28), 4, date(2028, 2, 28)),
        (date(2023, 2, 28), 1, date(2024, 2, 28)),
        (date(2025, 1, 31), 1, date(2026, 1, 31)),
        (date(2025, 12, 31), 5, date(2030, 12, 31)),
        (date(2096, 2, 29), 4, date(2100, 2, 28)),
    ],
)
def test_years_keep_the_day_of_their_anchor(anchor: date, years: int, expected: date) -> None:
    """D-2."""
    assert add_years(anchor, years) == expected


@pytest.mark.parametrize(
    "anchor", [date(2024, 2, 29), date(2025, 1, 31), date(2025, 12, 31), START]
)
def test_each_day_lies_in_one_year(anchor: date) -> None:
    """D-3."""
    reference, day, year = customer(on=anchor), anchor, 0
    while day < add_years(anchor, 6):
        if day == reference.year_bounds("station", year)[1]:
            year += 1
        assert reference.year("station", day) == year
        day += timedelta(days=1)


def test_grace_ends_with_its_year() -> None:
    """D-5: the next year brings its own."""
    reference = customer()
    reference.advance_to(date(2026, 2, 20))
    reference.register("archive")
    reference.start("archive")
    assert reference.grace("archive", 0) == (date(2026, 2, 20), date(2026, 3, 1))
    assert reference.changes_on("archive") == date(2026, 3, 31)


def test_products_may_have_years_of_their_own() -> None:
    """D-4."""
    reference = customer()
    reference.advance_to(date(2025, 9, 17))
    reference.register("cloud")
    reference.start("cloud")
    assert reference.year_bounds("cloud", 0) == (date(2025, 9, 17), date(2026, 9, 17))
    assert reference.year_bounds("station", 0) == (START, date(2026, 3, 1))


# Wallet and allocation


def test_a_key_counts_for_each_year_of_its_term_and_once() -> None:
    """D-6, D-8."""
    reference = customer()
    key = Key("key", "station", {"core": 2, "universal": 1}, 5)
    reference.redeem("station", key)
    assert reference.wallet("station") == {"core": 10, "universal": 5}
    assert refusals(reference.redeem, "station", key) == {"key-already-redeemed"}
    other = replace(key, name="other", product="archive")
    assert refusals(reference.redeem, "station", other) == {"key-wrong-product"}
    assert reference.redeemed_total("station") == {"core": 10, "universal": 5}


def test_what_expires_first_is_used_first() -> None:
    """D-7, D-11: what comes back lives as long as the longest that was used."""
    reference = customer(1, 3)
    reference.advance_to(date(2025, 5, 1))
    bought(reference, {"core": 4})
    reference.advance_to(date(2025, 8, 31))
    bought(reference, {"core": 1})
    reference.allocate("station", {"core": 3})
    lots = [(lot.licenses, lot.expires_on) for lot in reference.lots("station")]
    assert lots == [(2, date(2030, 5, 1)), (1, date(2030, 5, 1)), (1, date(2030, 8, 31))]
    assert reference.lots("station")[1].source == "compensation"


def test_what_expired_cannot_be_allocated() -> None:
    """D-7: usable through the day before."""
    reference = customer(1, 1)
    reference.advance_to(date(2030, 3, 1))
    assert refusals(reference.allocate, "station", {"core": 1}) == {"insufficient-wallet"}
    bought(reference, {"core": 1})
    reference.allocate("station", {"core": 1})
    assert (reference.wallet("station"), reference.expired_total("station")) == ({}, {"core": 1})
    in_time = customer(1, 1)
    in_time.advance_to(date(2030, 2, 28))
    in_time.allocate("station", {"core": 1})
    assert in_time.status("station") == "licensed"


def test_a_year_may_follow_one_that_was_settled_and_outgrown() -> None:
    """D-14: settled or covered; growth is for the next renewal."""
    reference = customer(3, 1)
    reference.allocate("station", {"core": 1})
    reference.add_devices()
    assert reference.status("station") == "licensed_growth"
    reference.allocate("station", {"core": 2}, year=1)
    assert reference.seats("station", 1) == {"core": 2}


def test_a_year_needs_seats_for_every_type() -> None:
    """D-12, D-13."""
    reference = customer(3, 2)
    reference.add_system("station", "recorder")
    reference.report_usage("recorder", {"universal": 1}, 1)
    assert refusals(reference.allocate, "station", {"core": 2}) == {"below-current-need"}
    bought(reference, {"universal": 1})
    assert refusals(reference.allocate, "station", {"core": 3, "universal": 1}) == {
        "above-current-need"
    }
    reference.allocate("station", {"core": 3, "universal": 1}, allow_surplus=True)
    assert reference.status("station") == "licensed"


def test_a_year_is_settled_by_seats_only() -> None:
    """D-12 and decision 8: nothing needed and nothing allocated settles nothing."""
    reference = customer(1)
    assert not reference.settled("station")
    reference.advance_to(date(2025, 3, 31))
    assert reference.status("station") == "unlicensed"
    reference.allocate("station", {"core": 1}, allow_surplus=True)
    assert reference.status("station") == "licensed"


def test_a_need_that_falls_for_a_moment_settles_a_year() -> None:
    """D-12: S covers N on some day; later growth does not undo it."""
    reference = customer(25, 10)
    reference.allocate("station", {"core": 10})
    reference.allocate("station", {"core": 10}, year=1)
    reference.add_devices(5)
    reference.advance_to(date(2026, 4, 10))
    assert (reference.status("station"), reference.settled_on("station", 1)) == ("unlicensed", None)
    reference.remove_devices(5)
    reference.add_devices(6)
    assert reference.status("station") == "licensed_growth"
    assert reference.settled_on("station", 1) == date(2026, 4, 10)


def test_refusals_that_apply_together_are_all_right_answers() -> None:
    """D-13, D-14."""
    reference = customer(5, 10)
    assert refusals(reference.allocate, "station", {"core": 6}, year=1) == {
        "insufficient-wallet",
        "below-current-need",
        "previous-year-not-licensed",
    }
    assert "beyond-pre-renewal-horizon" in refusals(
        reference.allocate, "station", {"core": 10}, year=10_000
    )
    assert "nothing-to-allocate" in refusals(reference.allocate, "station", {})
    reference.advance_to(date(2026, 3, 1))
    assert refusals(reference.allocate, "station", {"core": 5}, year=0) == {"year-is-past"}


def test_what_is_not_there_takes_no_command() -> None:
    """R3, R14."""
    reference = Reference(START, AS_IS, STATION)
    for command in (reference.start, reference.start_trial):
        assert refusals(command, "station") == {"product-not-registered"}
    assert refusals(reference.redeem, "station", Key("key", "station", {"core": 1})) == {
        "product-not-registered"
    }
    reference.register("station")
    assert refusals(reference.register, "station") == {"product-already-registered"}
    assert refusals(reference.allocate, "station", {"core": 1}) == {"subscription-not-started"}
    reference.start("station")
    assert refusals(reference.start, "station") == {"already-started"}


def test_the_end_is_near_when_the_next_year_is_not_covered() -> None:
    """D-20."""
    reference = customer(2, 1)
    reference.allocate("station", {"core": 1})
    reference.advance_to(date(2025, 11, 30))
    assert not reference.expiring_soon("station")
    reference.advance_to(date(2025, 12, 1))
    assert reference.expiring_soon("station")
    reference.allocate("station", {"core": 1}, year=1)
    assert not reference.expiring_soon("station")
    reference.add_devices()
    assert reference.expiring_soon("station")


# Trial


def test_a_trial_lasts_its_days_once() -> None:
    """D-18, R43."""
    reference = Reference(START, AS_IS, STATION)
    assert reference.status("station") == "not_registered"
    reference.register("station")
    assert reference.status("station") == "not_started"
    reference.start_trial("station")
    assert reference.changes_on("station") == date(2025, 5, 30)
    reference.advance_to(date(2025, 5, 29))
    assert reference.status("station") == "trial"
    reference.advance_to(date(2025, 5, 30))
    assert reference.status("station") == "trial_expired"
    assert "trial-already-used" in refusals(reference.start_trial, "station")
    reference.start("station")
    assert reference.status("station") == "grace"
    assert "already-started" in refusals(reference.start_trial, "station")


# Upgrades


def test_an_upgraded_license_in_the_wallet_keeps_its_expiry() -> None:
    """D-18."""
    reference = customer(1)
    reference.advance_to(date(2025, 5, 1))
    bought(reference, {"core": 1, "to-universal": 2})
    reference.upgrade("station", "to-universal")
    lots = {lot.type: (lot.licenses, lot.expires_on) for lot in reference.lots("station")}
    assert lots == {
        "universal": (1, date(2030, 3, 1)),
        "core": (1, date(2030, 5, 1)),
        "to-universal": (1, date(2030, 5, 1)),
    }
    reference.upgrade("station", "to-universal")
    assert reference.wallet("station") == {"universal": 2}
    assert refusals(reference.upgrade, "station", "to-universal") >= {"insufficient-wallet"}
    assert refusals(reference.upgrade, "station", "to-itself") == {"upgrade-types-must-differ"}


def test_an_upgraded_seat_keeps_its_year_and_its_day() -> None:
    """D-18: the seat that counts for longest goes first."""
    reference = customer(2, 1)
    reference.allocate("station", {"core": 1})
    reference.advance_to(date(2025, 5, 1))
    reference.add_devices()
    reference.allocate("station", {"core": 1})
    bought(reference, {"to-universal": 1})
    assert refusals(reference.upgrade, "station", "to-universal", year=0) == {"below-current-need"}
    reference.remove_devices()
    reference.upgrade("station", "to-universal", year=0)
    assert {(seat.type, seat.effective_from) for seat in reference.seat_list("station", 0)} == {
        ("core", date(2025, 5, 1)),
        ("universal", START),
    }
    assert reference.wallet("station") == {}
    assert "too-few-to-upgrade" in refusals(reference.upgrade, "station", "to-universal", year=1)


def test_an_upgrade_can_settle_a_year() -> None:
    """D-12: whatever makes seats cover the need."""
    reference = customer(2, 1)
    bought(reference, {"to-universal": 1})
    for year in (0, 1):
        reference.allocate("station", {"core": 1}, year=year)
    reference.remove_devices()
    reference.add_system("station", "recorder")
    reference.report_usage("recorder", {"universal": 1}, 1)
    reference.advance_to(date(2026, 4, 10))
    assert reference.status("station") == "unlicensed"
    reference.upgrade("station", "to-universal", year=1)
    assert reference.status("station") == "licensed"


def test_hardware_is_upgraded_in_place() -> None:
    """D-18."""
    reference = customer()
    reference.add_system("station", "recorder")
    bought(reference, {"core-extension": 2, "to-universal-extension": 1})
    reference.extend_system("recorder", {"core-extension": 2})
    reference.upgrade("station", "to-universal-extension", system="recorder")
    assert reference.system_licenses("recorder") == {"core-extension": 1, "universal-extension": 1}


# Hardware


def test_hardware_meets_its_own_demand_first() -> None:
    """D-16, R32 to R35: for each system alone, and never below nothing."""
    reference = customer()
    reference.add_system("station", "recorder", {"core-tied": 4})
    reference.add_system("station", "server")
    reference.report_usage("recorder", {"core": 3}, 5)
    reference.report_usage("server", {"core": 6}, 1)
    assert reference.need("station") == {"core": 6}
    bought(reference, {"core-extension": 2})
    reference.extend_system("server", {"core-extension": 2})
    assert reference.need("station") == {"core": 4}
    assert refusals(reference.report_usage, "recorder", {"core": 9}, 5) == {"usage-report-mismatch"}
    reference.report_usage("recorder", {"core": 9}, 4)
    assert reference.need("station") == {"core": 4}
    reference.report_usage("recorder", {"core": 9}, 6)
    assert reference.need("station") == {"core": 9}
    assert refusals(reference.extend_system, "server", {"core-extension": 1}) == {
        "insufficient-wallet"
    }
    assert refusals(reference.add_system, "station", "server") == {"system-already-registered"}


def test_what_was_paid_for_removed_hardware_waits_for_it() -> None:
    """D-17: suspended, not moved; preloaded licenses come once."""
    reference = customer()
    reference.add_system("station", "recorder", {"core-tied": 1})
    bought(reference, {"core-extension": 2})
    reference.extend_system("recorder", {"core-extension": 2})
    reference.report_usage("recorder", {"core": 5}, 1)
    reference.remove_system("recorder")
    assert (reference.need("station"), reference.system_licenses("recorder")) == ({}, {})
    assert reference.hardware_licenses("recorder") == {"core-tied": 1, "core-extension": 2}
    assert reference.wallet("station") == {}
    assert "system-not-found" in refusals(reference.report_usage, "recorder", {"core": 1}, 2)
    reference.add_system("station", "recorder", {"core-tied": 1})
    assert reference.system_licenses("recorder") == {"core-tied": 1, "core-extension": 2}
    assert reference.need("station") == {"core": 2}


def test_a_replacement_takes_everything_over() -> None:
    """D-17."""
    reference = customer()
    reference.add_system("station", "recorder", {"core-tied": 1})
    bought(reference, {"core-extension": 2})
    reference.extend_system("recorder", {"core-extension": 2})
    reference.add_system("station", "new recorder", {"core-tied": 3})
    reference.replace_system("recorder", "new recorder")
    assert reference.system_licenses("recorder") == {}
    assert reference.hardware_licenses("recorder") == {}
    assert reference.system_licenses("new recorder") == {"core-tied": 3, "core-extension": 2}
    assert "replacement-impossible" in refusals(
        reference.replace_system, "recorder", "new recorder"
    )


# Files


def test_seats_of_a_file_stay_reserved() -> None:
    """D-19: an offline copy cannot be recalled, so its system goes on needing them."""
    reference = customer(8, 3)
    reference.add_system("station", "offline")
    reference.report_usage("offline", {"core": 5}, 1)
    assert "below-current-need" in refusals(reference.issue_file, "offline")
    reference.allocate("station", {"core": 8})
    reference.issue_file("offline")
    reference.report_usage("offline", {"core": 1}, 2)
    assert reference.need("station") == {"core": 8}
    reference.remove_system("offline")
    last = date(2026, 3, 31)
    assert reference.need("station", last) == {"core": 8}
    assert reference.need("station", last + timedelta(days=1)) == {"core": 3}


def test_a_seat_is_in_one_file_only() -> None:
    """D-19: what is reserved for one system is not there for another."""
    reference = customer(8)
    for system in ("one", "other"):
        reference.add_system("station", system)
        reference.report_usage(system, {"core": 4}, 1)
    reference.allocate("station", {"core": 8})
    for system in ("one", "other"):
        reference.report_usage(system, {"core": 6}, 2)
    assert reference.file_seats("one") == {"core": 6}
    reference.issue_file("one")
    assert reference.file_seats("one") == {"core": 6}
    assert reference.file_seats("other") == {"core": 2}
    reference.issue_file("other")
    reference.report_usage("one", {"core": 8}, 3)
    assert reference.file_seats("one") == {"core": 6}


def test_a_reservation_that_ends_can_settle_a_year() -> None:
    """D-12, D-19: need falls on a day on which nobody does anything."""
    reference = customer(11, 3)
    reference.allocate("station", {"core": 8}, allow_surplus=True)
    reference.allocate("station", {"core": 3}, year=1)
    reference.add_system("station", "offline")
    reference.report_usage("offline", {"core": 5}, 1)
    reference.issue_file("offline")
    reference.remove_system("offline")
    reference.advance_to(date(2026, 3, 31))
    assert reference.status("station") == "unlicensed"
    assert reference.changes_on("station") == date(2026, 4, 1)
    reference.advance_to(date(2026, 4, 1))
    assert reference.status("station") == "licensed"


# Archiving


def test_archiving_ends_seats_and_blocks_the_rest() -> None:
    """R37, D-23 and decision 17."""
    reference = customer(13, 5)
    reference.allocate("station", {"core": 5})
    reference.allocate("station", {"core": 5}, year=1)
    reference.advance_to(date(2025, 6, 1))
    reference.archive()
    assert reference.status("station") == "archived"
    assert (reference.seats("station", 0), reference.seats("station", 1)) == ({}, {})
    assert reference.wallet("station") == {"core": 3}
    for refused in (
        refusals(reference.allocate, "station", {"core": 3}),
        refusals(reference.start, "station"),
        refusals(reference.redeem, "station", Key("key", "station", {"core": 1})),
    ):
        assert refused == {"organization-archived"}
    reference.advance_to(date(2025, 6, 2))
    reference.restore()
    assert (reference.status("station"), reference.settled("station")) == ("unlicensed", False)
    assert reference.wallet("station") == {"core": 3}
    bought(reference, {"core": 2})
    reference.allocate("station", {"core": 5})
    assert reference.status("station") == "licensed"


def test_a_restoration_before_the_news_of_archiving_ends_seats_as_well() -> None:
    """Decision 17."""
    reference = customer(1, 1)
    reference.allocate("station", {"core": 1})
    reference.restore()
    assert (reference.status("station"), reference.seats("station", 0)) == ("grace", {})
