"""Licenses that are with a system: what meets its need, and what follows it (R2, D-16, D-17)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.licensed_systems import ReportResult
from contracts.licensing import LicenseKind
from services.licensing.domain.handover import ReplacementImpossible, handover
from services.licensing.domain.hardware import OwnershipProofMalformed, meeting, read_proof
from services.licensing.domain.product import LicenseType, RegisteredProduct
from services.licensing.domain.system import Report, UsageReportMismatch, is_stale, judged

RECORDER = RegisteredProduct(
    code="recorder",
    name="Recorder",
    counts_devices_as=None,
    types=(
        LicenseType("analytics", LicenseKind.EXTENSION),
        LicenseType("channel", LicenseKind.EXTENSION),
        LicenseType("preloaded", LicenseKind.TIED, covers="channel"),
        LicenseType("upgrade", LicenseKind.UPGRADE, upgrade_from="channel", upgrade_to="analytics"),
    ),
    registered_on=date(2025, 3, 1),
)
held = st.dictionaries(
    st.sampled_from(["analytics", "channel", "preloaded"]), st.integers(1, 100), max_size=3
)


def test_licenses_meet_the_need_of_the_type_they_cover() -> None:
    """D-16."""
    licenses = {"channel": 2, "preloaded": 8, "upgrade": 5}
    assert meeting(RECORDER, licenses) == {"analytics": 0, "channel": 10}


@given(old=held, new=held)
def test_a_handover_leaves_nothing_behind_and_doubles_nothing(
    old: dict[str, int], new: dict[str, int]
) -> None:
    """D-17."""
    following = handover(RECORDER, old, new, brought={})
    assert following.ended_there == {}
    for code in old:
        assert following.moved.get(code, 0) + following.ended.get(code, 0) == old[code]
    after = {code: new.get(code, 0) + following.moved.get(code, 0) for code in {*old, *new}}
    for code, n in after.items():
        both = (old.get(code, 0), new.get(code, 0))
        assert n == (max(both) if code == "preloaded" else sum(both))
    assert all(n > 0 for n in (*following.moved.values(), *following.ended.values()))


def test_tied_licenses_go_to_hardware_only() -> None:
    with pytest.raises(ReplacementImpossible):
        handover(RECORDER, {"preloaded": 1}, {}, brought=None)
    assert handover(RECORDER, {"channel": 1}, {}, brought=None).moved == {"channel": 1}


def test_a_proof_is_read_as_people_type_it() -> None:
    """M6."""
    assert read_proof("zzzzz zzzzz\u2013zzzzz-zzzzz-zzz3f") == "Z" * 23 + "3F"
    with pytest.raises(OwnershipProofMalformed):
        read_proof("ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZ3E")


NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
REPORT = Report(5, NOW, {"channel": 4})


def test_a_report_is_news_only_above_all_numbers_before() -> None:
    """D-16."""
    assert judged(REPORT, earlier=None, latest=4) is None
    assert judged(REPORT, earlier=None, latest=5) is ReportResult.IGNORED
    assert judged(REPORT, earlier=REPORT, latest=9) is ReportResult.ACCEPTED


@pytest.mark.parametrize(
    "other",
    [
        Report(5, NOW, {"channel": 3}),
        Report(5, NOW, {"channel": 4, "analytics": 1}),
        Report(5, NOW + timedelta(seconds=1), {"channel": 4}),
    ],
)
def test_a_number_stands_for_one_report(other: Report) -> None:
    with pytest.raises(UsageReportMismatch):
        judged(other, earlier=REPORT, latest=5)


def test_thirty_silent_days_make_a_system_stale() -> None:
    """D-16."""
    assert not is_stale(date(2025, 3, 1), date(2025, 3, 30))
    assert is_stale(date(2025, 3, 1), date(2025, 3, 31))
