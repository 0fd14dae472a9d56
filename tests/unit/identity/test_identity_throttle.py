"""Counting tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.settings import IdentitySettings
from services.identity.domain.throttle import (
    Limit,
    Run,
    Tally,
    Throttled,
    Waits,
    limits,
)

NOW = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
WAITS = Waits(free=5, first=timedelta(seconds=30), longest=timedelta(minutes=60), most=100)

pauses = st.lists(st.integers(0, 400), max_size=60)


@given(most=st.integers(1, 8), seconds=st.integers(1, 600), pauses=pauses)
def test_no_window_takes_more_than_its_limit(most: int, seconds: int, pauses: list[int]) -> None:
    limit = Limit(most, timedelta(seconds=seconds))
    tally, now = Tally(0, NOW), NOW
    taken: dict[datetime, int] = {}
    for pause in pauses:
        now += timedelta(seconds=pause)
        try:
            tally = tally.one_more(limit, now)
        except Throttled as refusal:
            wait = int(refusal.facts["retry_after"])
            assert tally.one_more(limit, now + timedelta(seconds=wait)).count == 1
        else:
            taken[tally.started_at] = taken.get(tally.started_at, 0) + 1
    assert all(count <= most for count in taken.values())


def test_waits_double_from_half_a_minute_to_an_hour() -> None:
    """Security 2.2."""
    seconds = [WAITS.after(failures).total_seconds() for failures in range(3, 15)]
    assert seconds == [0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@given(failures=st.integers(0, 98))
def test_each_failure_waits_at_least_as_long_as_the_one_before(failures: int) -> None:
    assert WAITS.after(failures) <= WAITS.after(failures + 1) <= WAITS.longest


@given(pauses=st.lists(st.integers(0, 7200), max_size=300))
def test_never_more_than_a_hundred_passwords_in_a_row_are_looked_at(pauses: list[int]) -> None:
    """63B-4 s3.2.2."""
    run, now, looked_at = Run(0, None), NOW, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        try:
            run = run.one_more(WAITS, now)
        except Throttled:
            continue
        looked_at += 1
    assert looked_at <= 100


def test_after_a_hundred_failures_waiting_does_not_help() -> None:
    with pytest.raises(Throttled):
        Run(100, None).one_more(WAITS, NOW + timedelta(days=365))


@given(pauses=st.lists(st.sampled_from([0, 1, 60, 600, 1199, 1200, 1799, 1800, 1801]), max_size=80))
def test_who_uses_up_the_mails_about_a_password_leaves_a_link_that_works(
    pauses: list[int],
) -> None:
    """Security 2.2: whatever strangers ask, the owner's mailbox holds one whenever none is sent."""
    settings = IdentitySettings()
    windows = limits(settings.limit_password_resets_per_email)
    tallies = [Tally(0, NOW)] * len(windows)
    now, sent = NOW, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        try:
            tallies = [
                tally.one_more(window, now) for tally, window in zip(tallies, windows, strict=True)
            ]
        except Throttled:
            assert sent
            assert now < sent[-1] + settings.password_reset_life
        else:
            sent.append(now)
    for number in range(6, len(sent)):
        assert sent[number] - sent[number - 6] >= timedelta(hours=1)


def test_a_limit_reads_as_count_and_seconds() -> None:
    assert limits(("5/300", "20/3600")) == (
        Limit(5, timedelta(minutes=5)),
        Limit(20, timedelta(hours=1)),
    )


@pytest.mark.parametrize(
    "value", ["5", "5/", "/300", "0/300", "5/0", "-5/300", "5 / 300", "five/1"]
)
def test_a_limit_that_cannot_be_read_is_met_when_the_process_starts(value: str) -> None:
    with pytest.raises(ValueError, match="limit_codes_per_ip"):
        IdentitySettings(limit_codes_per_ip=("10/300", value))
