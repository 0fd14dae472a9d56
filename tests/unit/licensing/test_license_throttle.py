"""Guessing license keys: counted before the look, with growing pauses (M6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.licensing.domain.supplier import SupplierQuotaExhausted, require_quota
from services.licensing.domain.throttle import (
    LONGEST_DELAY,
    Counter,
    Failures,
    TooManyAttempts,
    address_of,
    counted,
    delay,
    succeeded,
)

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def failed(counter: Counter, times: int, limit: int, *, apart: timedelta) -> Failures:
    failures = Failures(counter)
    for turn in range(times):
        failures = counted(failures, limit, NOW + turn * apart)
    return failures


def test_the_eleventh_failure_of_an_account_within_an_hour_is_refused() -> None:
    failures = failed(Counter.ACCOUNT, 10, 10, apart=timedelta(minutes=5))
    with pytest.raises(TooManyAttempts) as refused:
        counted(failures, 10, NOW + timedelta(minutes=55))
    assert refused.value.facts["retry_after"] == "300"
    assert counted(failures, 10, NOW + timedelta(hours=1)).count == 1


def test_failures_of_one_account_make_it_wait_longer_each_time() -> None:
    assert [delay(n).total_seconds() for n in range(1, 8)] == [0, 0, 0, 1, 2, 4, 8]
    assert delay(1_000) == LONGEST_DELAY
    failures = failed(Counter.ACCOUNT, 5, 10, apart=timedelta(seconds=1))
    with pytest.raises(TooManyAttempts):
        counted(failures, 10, NOW + timedelta(seconds=5))
    assert counted(failures, 10, NOW + timedelta(seconds=6)).count == 6


def test_an_organization_is_locked_after_a_hundred_failures_in_a_row() -> None:
    failures = failed(Counter.ORGANIZATION, 100, 100, apart=timedelta(days=1))
    with pytest.raises(TooManyAttempts) as refused:
        counted(failures, 100, NOW + timedelta(days=1_000))
    assert "retry_after" not in refused.value.facts


def test_success_clears_the_account_and_gives_the_address_its_own_attempt_back() -> None:
    """Security 2.2: never the address's other failures."""
    assert succeeded(Failures(Counter.ACCOUNT, 4, NOW, NOW)) == Failures(Counter.ACCOUNT)
    assert succeeded(Failures(Counter.ORGANIZATION, 99, NOW)) == Failures(Counter.ORGANIZATION)
    assert succeeded(Failures(Counter.ADDRESS, 7, NOW)) == Failures(Counter.ADDRESS, 6, NOW)


def test_a_network_of_version_six_counts_as_one_address() -> None:
    assert address_of("2001:db8:1:2::5") == address_of("2001:db8:1:2:ffff::1")
    assert address_of("192.0.2.1") != address_of("192.0.2.2")


def test_a_supplier_may_use_its_quota_to_the_last_key() -> None:
    require_quota(issued=90, count=10, quota=100, oldest=NOW, now=NOW)
    with pytest.raises(SupplierQuotaExhausted) as refused:
        require_quota(issued=90, count=11, quota=100, oldest=NOW, now=NOW + timedelta(hours=23))
    assert refused.value.facts["retry_after"] == "3600"
