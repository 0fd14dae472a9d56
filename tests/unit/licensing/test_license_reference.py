"""The reference that licensing is held against is right itself: chapter 7 of its specification."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.service.licensing.reference import Reference
from tests.service.licensing.reference_customers import (
    AS_IS,
    CHARGED,
    POLICIES,
    START,
    bought,
    compensated,
    customer,
    figures,
    refusals,
)
from tests.service.licensing.reference_facts import Policy

# The worked examples


def test_e1_an_allocation_in_grace_counts_from_the_start() -> None:
    reference = customer(12, 12)
    assert reference.status("station") == "grace"
    assert reference.changes_on("station") == date(2025, 3, 31)
    reference.advance_to(date(2025, 3, 21))
    reference.allocate("station", {"core": 12})
    assert {seat.effective_from for seat in reference.seat_list("station", 0)} == {START}
    assert figures(reference) == ("licensed", {}, {})
    assert reference.settled("station")
    assert reference.changes_on("station") == date(2026, 3, 1)


def test_e2_the_last_day_of_grace_and_the_day_after() -> None:
    """The known cliff: day 31 costs 30 of 365 less than day 30."""
    in_time, late = customer(12, 12), customer(12, 12)
    in_time.advance_to(date(2025, 3, 30))
    in_time.allocate("station", {"core": 12})
    assert figures(in_time) == ("licensed", {}, {})

    late.advance_to(date(2025, 3, 30))
    assert late.status("station") == "grace"
    late.advance_to(date(2025, 3, 31))
    assert late.status("station") == "unlicensed"
    late.allocate("station", {"core": 12})
    assert figures(late) == ("licensed", {}, {"core": Fraction(12 * 30, 365)})
    assert late.pool("station")["core"] * 365 * 366 == 131_760
    assert f"{float(late.pool('station')['core']):.4f}" == "0.9863"


def test_e2_charged_for_grace() -> None:
    late = customer(12, 12, policy=CHARGED)
    late.advance_to(date(2025, 3, 31))
    late.allocate("station", {"core": 12})
    assert figures(late) == ("licensed", {}, {})
    (effective,) = {seat.effective_from for seat in late.seat_list("station", 0)}
    assert effective == date(2025, 3, 31)


def test_e3_half_a_year_late() -> None:
    reference = customer(12, 12)
    reference.advance_to(date(2025, 8, 31))
    reference.allocate("station", {"core": 12})
    assert compensated(reference) * 365 * 366 == 803_736
    assert figures(reference)[:2] == ("licensed", {"core": 6})
    assert reference.pool("station")["core"] * 365 * 366 == 2_196
    (lot,) = reference.lots("station")
    assert (lot.licenses, lot.expires_on, lot.source) == (6, date(2030, 3, 1), "compensation")
    assert reference.returned_total("station") == {"core": 6}


def test_e3_charged_for_grace() -> None:
    reference = customer(12, 12, policy=CHARGED)
    reference.advance_to(date(2025, 8, 31))
    reference.allocate("station", {"core": 12})
    assert compensated(reference) == Fraction(12 * 153, 365)
    assert f"{float(compensated(reference)):.4f}" == "5.0301"
    assert reference.wallet("station") == {"core": 5}


@pytest.mark.parametrize("policy", POLICIES)
def test_e4_top_ups_save_up_what_is_less_than_a_license(policy: Policy) -> None:
    """A year that was licensed in its grace was never late, however it is charged."""
    reference = customer(9, 1, policy=policy)
    reference.allocate("station", {"core": 1})
    seen = []
    for day, more in [(date(2025, 6, 9), 2), (date(2025, 9, 17), 3), (date(2025, 12, 26), 3)]:
        reference.advance_to(day)
        reference.add_devices(more)
        before = reference.returned_total("station").get("core", 0)
        reference.allocate("station", {"core": more})
        back = reference.returned_total("station").get("core", 0) - before
        seen.append((back, int(reference.pool("station")["core"] * 365 * 366)))
    assert seen == [(0, 73_200), (2, 25_620), (2, 87_840)]
    assert compensated(reference) == Fraction(2 * 100 + 3 * 200 + 3 * 300, 365)
    assert f"{float(compensated(reference)):.4f}" == "4.6575"


def test_e5_growth_up_to_as_many_again() -> None:
    reference = customer(20, 10)
    reference.allocate("station", {"core": 10})
    seen = []
    for more in (0, 5, 5, 1, 4):
        reference.add_devices(more)
        seen.append(reference.status("station"))
    assert seen == [
        "licensed",
        "licensed_growth",
        "licensed_growth",
        "growth_exceeded",
        "growth_exceeded",
    ]
    assert reference.growth_limit("station") == {"core": 20}
    assert reference.least_to_allocate("station") == {"core": 3}
    assert reference.shortage("station") == {"core": 15}
    for few in (1, 2):
        assert refusals(reference.allocate, "station", {"core": few}) == {"below-current-need"}
    reference.allocate("station", {"core": 3})
    assert reference.status("station") == "licensed_growth"


@pytest.mark.parametrize("policy", POLICIES)
def test_e6_a_later_product_joins_the_year_of_the_organization(policy: Policy) -> None:
    reference = customer(policy=policy)
    reference.advance_to(date(2025, 9, 17))
    reference.register("archive")
    reference.start("archive")
    reference.add_system("archive", "recorder")
    reference.report_usage("recorder", {"terabyte": 50}, 1)
    bought(reference, {"terabyte": 50})
    reference.advance_to(date(2025, 9, 22))
    assert reference.status("archive") == "grace"
    reference.allocate("archive", {"terabyte": 50})
    assert {each.effective_from for each in reference.seat_list("archive", 0)} == {
        date(2025, 9, 17)
    }
    assert reference.compensated_total("archive") == {"terabyte": Fraction(50 * 200, 365)}
    assert reference.wallet("archive") == {"terabyte": 27}
    assert f"{float(reference.pool('archive')['terabyte']):.4f}" == "0.3973"
    assert reference.year_bounds("archive", 0) == (START, date(2026, 3, 1))


def test_e7_years_that_begin_on_a_leap_day() -> None:
    leap = date(2024, 2, 29)
    reference = customer(8, 1, on=leap)
    starts = [reference.year_bounds("station", year)[0] for year in range(6)]
    assert starts == [
        leap,
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
        date(2029, 2, 28),
    ]
    first, renewal = reference.year_bounds("station", 3)
    assert (renewal - first).days == 366
    for year in range(6):
        reference.allocate("station", {"core": 1}, year=year)
    assert refusals(reference.allocate, "station", {"core": 1}, year=6) == {
        "beyond-pre-renewal-horizon"
    }
    assert reference.changes_on("station") == date(2030, 2, 28)


def test_e8_too_few_in_the_wallet() -> None:
    reference = customer(11, 12)
    assert refusals(reference.allocate, "station", {"core": 11}) == {"below-current-need"}
    assert refusals(reference.allocate, "station", {"core": 12}) == {"insufficient-wallet"}
    assert reference.wallet("station") == {"core": 11}


@pytest.mark.parametrize(("policy", "overlap"), [(AS_IS, 45), (CHARGED, 15)])
def test_e9_growth_is_made_good_in_the_next_grace(policy: Policy, overlap: int) -> None:
    reference = customer(25, 10, policy=policy)
    reference.allocate("station", {"core": 10})
    reference.allocate("station", {"core": 10}, year=1)
    reference.advance_to(date(2025, 6, 9))
    reference.add_devices(5)
    assert reference.status("station") == "licensed_growth"
    assert reference.changes_on("station") == date(2026, 3, 1)
    for day in (date(2026, 3, 1), date(2026, 3, 30)):
        reference.advance_to(day)
        assert reference.status("station") == "grace"
        assert reference.shortage("station") == {"core": 5}
        assert reference.changes_on("station") == date(2026, 3, 31)
    reference.advance_to(date(2026, 3, 31))
    assert reference.status("station") == "unlicensed"
    reference.advance_to(date(2026, 4, 15))
    reference.allocate("station", {"core": 5})
    assert figures(reference) == ("licensed", {}, {"core": Fraction(5 * overlap, 365)})
    if policy is AS_IS:
        assert compensated(reference) * 365 * 366 == 82_350


def test_e10_licenses_keep_for_five_years() -> None:
    reference = customer(3, 1)
    reference.allocate("station", {"core": 1})
    reference.advance_to(date(2030, 2, 28))
    assert reference.wallet("station") == {"core": 2}
    assert reference.expired_total("station") == {}
    reference.advance_to(date(2030, 3, 1))
    assert reference.wallet("station") == {}
    assert reference.expired_total("station") == {"core": 2}


# Laws


@st.composite
def customers(draw: st.DrawFn, *, lots: int) -> Reference:
    """With licenses of so many expiries, an uncovered need, and anything saved up."""
    policy = draw(st.sampled_from(POLICIES))
    start = draw(st.dates(date(2023, 1, 1), date(2029, 12, 31)))
    reference = customer(on=start, policy=policy)
    for _ in range(lots):
        bought(reference, {"core": draw(st.integers(15, 25))})
        reference.advance_to(reference.today + timedelta(days=draw(st.integers(0, 20))))
    if draw(st.booleans()):
        reference.add_devices(draw(st.integers(1, 4)))
        reference.allocate("station", {"core": reference.need("station")["core"]})
    if draw(st.booleans()):
        reference.add_devices(draw(st.integers(1, 5)))
    reference.advance_to(reference.today + timedelta(days=draw(st.integers(0, 400))))
    return reference


def copied(reference: Reference) -> Reference:
    copy = Reference(reference.today, reference.policy, *reference.products.values())
    copy.facts = list(reference.facts)
    return copy


def lots_of(reference: Reference) -> list[tuple[int, date]]:
    return [(lot.licenses, lot.expires_on) for lot in reference.lots("station")]


@settings(max_examples=150)
@given(data=st.data(), lots=st.integers(1, 3))
def test_an_allocation_in_parts_is_the_same_as_at_once(data: st.DataObject, lots: int) -> None:
    """M4; with one expiry to the last lot, with several in numbers."""
    at_once = data.draw(customers(lots=lots))
    least = max(1, at_once.least_to_allocate("station").get("core", 0))
    assume(at_once.wallet("station").get("core", 0) > least)
    whole = data.draw(st.integers(least + 1, at_once.wallet("station")["core"]))
    first = data.draw(st.integers(least, whole - 1))
    in_parts = copied(at_once)
    at_once.allocate("station", {"core": whole}, allow_surplus=True)
    for part in (first, whole - first):
        in_parts.allocate("station", {"core": part}, allow_surplus=True)
    assert figures(in_parts) == figures(at_once)
    assert in_parts.returned_total("station") == at_once.returned_total("station")
    if lots == 1:
        assert lots_of(in_parts) == lots_of(at_once)


@settings(max_examples=150)
@given(data=st.data(), later=st.integers(0, 365))
def test_compensation_never_falls_when_allocating_later(data: st.DataObject, later: int) -> None:
    """M4; within a year, for each begins with nothing to give back."""
    early = data.draw(customers(lots=1))
    seats = max(1, early.least_to_allocate("station").get("core", 0))
    assume(early.wallet("station").get("core", 0) >= seats)
    late = copied(early)
    late.advance_to(early.today + timedelta(days=later))
    assume(late.year("station") == early.year("station"))
    for each in (early, late):
        each.allocate("station", {"core": seats}, allow_surplus=True)
    assert compensated(late) >= compensated(early)
    assert 0 <= late.pool("station").get("core", 0) < 1
