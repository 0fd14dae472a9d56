"""The table of the upgrade engine (specification, devices chapter 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.devices.domain.moves import is_healthy
from services.devices.domain.observation import (
    Accepted,
    AnswerLost,
    Confirmed,
    Looked,
    Observation,
    Troubled,
)
from services.devices.domain.recommendation import Objection
from services.devices.domain.transitions import TABLE, after, claimed
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import ACTIVE, Instant, Outcome, State, Transition, Upgrade
from services.devices.domain.version import Version
from tests.unit.devices.builders import NEW, NOW, OLD, PACE, upgrade

OTHER = Version.parse("12.1.60")
KINDS = get_args(Observation)

looks = st.builds(
    Looked,
    is_ready=st.booleans(),
    version=st.sampled_from([None, OLD, NEW, OTHER]),
    boot_id=st.sampled_from([None, "first", "second"]),
    uptime=st.none() | st.integers(0, 1000),
    is_committed=st.sampled_from([None, True, False]),
    objection=st.none() | st.sampled_from(Objection),
)
observations = st.one_of(
    looks,
    st.builds(Troubled, st.sampled_from(Cause)),
    st.just(Accepted()),
    st.just(AnswerLost()),
    st.just(Confirmed()),
)
upgrades = st.builds(
    upgrade,
    st.sampled_from(State),
    attempt=st.integers(0, 5),
    tries=st.integers(0, 40),
    boot_id=st.sampled_from([None, "first"]),
    uptime=st.none() | st.integers(0, 1000),
    was_down=st.booleans(),
    is_accepted=st.booleans(),
)
instants = st.builds(
    Instant,
    now=st.timedeltas(timedelta(), timedelta(days=10)).map(lambda passed: NOW + passed),
    pace=st.just(PACE),
    jitter=st.floats(0, 1),
)


def seen(upgrade: Upgrade, observation: Observation, later: float = 0) -> Transition:
    return after(upgrade, observation, Instant(NOW + timedelta(seconds=later), PACE))


def ready(version: Version, boot: str | None = "second", **more: object) -> Looked:
    return Looked(is_ready=True, version=version, boot_id=boot, **more)  # type: ignore[arg-type]


# Laws


def test_every_active_state_answers_every_observation() -> None:
    assert set(TABLE) == {(state, kind) for state in ACTIVE for kind in KINDS}


@given(upgrades, observations, instants)
def test_an_upgrade_is_due_again_exactly_while_it_is_active(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    found = after(before, observation, at)
    assert (found.due_at is not None) == found.upgrade.state.is_active
    if found.due_at is not None:
        assert at.now <= found.due_at <= at.now + PACE.retry_most * 1.25


@given(upgrades.filter(lambda one: not one.state.is_active), observations, instants)
def test_what_has_ended_stays_as_it_is(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    assert after(before, observation, at) == Transition(before, None)


@given(upgrades, observations, instants)
def test_only_a_claim_counts_an_attempt(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    assert after(before, observation, at).upgrade.attempt == before.attempt


@given(upgrades, observations, instants)
def test_an_upload_begins_only_where_the_old_version_was_seen_ready_and_kept(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    found = after(before, observation, at)
    if found.upgrade.state is State.UPLOADING and before.state is not State.UPLOADING:
        assert isinstance(observation, Looked)
        assert observation.is_ready
        assert not observation.is_on_trial
        assert observation.objection is None
        assert found.upgrade.boot_id == observation.boot_id


@given(upgrades, observations, instants)
def test_success_is_only_ever_a_confirmed_trial(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    found = after(before, observation, at)
    if before.state.is_active and found.upgrade.state is State.SUCCEEDED:
        assert before.state is State.VERIFYING
        assert isinstance(observation, Confirmed)


@given(upgrades, observations, instants)
def test_whoever_ends_without_success_says_why(
    before: Upgrade, observation: Observation, at: Instant
) -> None:
    found = after(before, observation, at).upgrade
    if before.state.is_active and found.state in (State.FAILED, State.ROLLED_BACK, State.SKIPPED):
        assert found.reason is not None


@given(upgrades, st.booleans())
def test_an_orphaned_upload_is_looked_at_before_anything_is_sent(
    before: Upgrade, is_orphaned: bool
) -> None:
    found = claimed(before, NOW, is_orphaned=is_orphaned)
    sends = found.state is State.UPLOADING
    assert sends == (before.state is State.UPLOADING and not is_orphaned)
    assert found.attempt == before.attempt + sends


@given(st.integers(0, 200), st.floats(0, 1))
def test_pauses_grow_and_stay_within_their_limit(tries: int, jitter: float) -> None:
    assert PACE.retry(tries, 0) <= PACE.retry(tries + 1, 0) <= PACE.retry_most
    assert PACE.retry(tries, jitter) <= PACE.retry_most * 1.25


# Courses


def test_the_usual_course() -> None:
    one = seen(upgrade(State.PREFLIGHT), ready(OLD, "first")).upgrade
    assert one.state is State.UPLOADING
    one = seen(claimed(one, NOW, is_orphaned=False), Accepted()).upgrade
    assert (one.state, one.attempt) == (State.REBOOTING, 1)
    one = seen(one, ready(OLD, "first"), 2).upgrade
    assert one.state is State.REBOOTING, "it lingers before it goes down"
    one = seen(one, Troubled(Cause.UNREACHABLE), 7).upgrade
    one = seen(one, Looked(is_ready=False, boot_id="second"), 50).upgrade
    one = seen(one, ready(NEW, is_committed=False), 60).upgrade
    assert one.state is State.VERIFYING
    assert seen(one, Confirmed(), 70).upgrade.state is State.SUCCEEDED


def test_an_offline_camera_is_waited_for_with_growing_pauses_and_not_forever() -> None:
    one, later, pauses = upgrade(State.PREFLIGHT), 0.0, []
    while one.state.is_active:
        found = seen(one, Troubled(Cause.UNREACHABLE), later)
        if found.due_at is None:
            one = found.upgrade
            break
        assert found.upgrade.state is State.WAITING
        pauses.append((found.due_at - NOW).total_seconds() - later)
        later = (found.due_at - NOW).total_seconds()
        one = claimed(found.upgrade, found.due_at, is_orphaned=False)
    assert (one.state, one.reason) == (State.FAILED, Cause.UNREACHABLE)
    assert pauses[:4] == [15, 30, 60, 120]
    assert max(pauses) == 1800
    assert later >= 7 * 86400


@pytest.mark.parametrize("cause", [cause for cause in Cause if not cause.passes])
def test_what_does_not_pass_by_itself_waits_for_a_person(cause: Cause) -> None:
    for state in (State.PREFLIGHT, State.UPLOADING):
        found = seen(upgrade(state), Troubled(cause)).upgrade
        assert (found.state, found.reason) == (State.FAILED, cause)


def test_a_lost_answer_is_decided_by_the_version_after_the_boot() -> None:
    lost = seen(upgrade(State.UPLOADING), AnswerLost()).upgrade
    assert lost.state is State.REBOOTING
    assert seen(lost, ready(NEW), 60).upgrade.state is State.VERIFYING
    assert seen(lost, ready(OLD, "second"), 60).upgrade.state is State.ROLLED_BACK
    assert seen(lost, ready(OLD, "first"), 10).upgrade.state is State.REBOOTING
    # Still the same boot long after: the camera never took the image.
    assert seen(lost, ready(OLD, "first"), 40).upgrade.state is State.WAITING


def test_a_camera_that_comes_back_with_the_old_version_was_rolled_back() -> None:
    one = upgrade(State.REBOOTING, is_accepted=True)
    found = seen(one, ready(OLD, "second"), 60).upgrade
    assert (found.state, found.reason) == (
        State.ROLLED_BACK,
        Outcome.CAME_BACK_WITH_THE_OLD_VERSION,
    )


def test_a_camera_that_never_comes_back_is_given_up_only_after_its_own_rollback_was_due() -> None:
    one = upgrade(State.REBOOTING, is_accepted=True)
    assert seen(one, Troubled(Cause.UNREACHABLE), 31 * 60).upgrade.state is State.REBOOTING
    found = seen(one, Troubled(Cause.UNREACHABLE), 46 * 60).upgrade
    assert (found.state, found.reason) == (State.FAILED, Outcome.NEVER_CAME_BACK)


def test_without_boot_ids_an_absence_or_a_smaller_uptime_tells_a_new_boot() -> None:
    one = upgrade(State.REBOOTING, boot_id=None, is_accepted=True)
    assert seen(one, ready(OLD, None), 5).upgrade.state is State.REBOOTING
    down = seen(one, Troubled(Cause.UNREACHABLE), 10).upgrade
    assert seen(down, ready(OLD, None), 60).upgrade.state is State.ROLLED_BACK
    assert seen(one, ready(NEW, None), 60).upgrade.state is State.VERIFYING
    timed = replace(one, uptime=5000)
    assert seen(timed, ready(OLD, None, uptime=30), 60).upgrade.state is State.ROLLED_BACK


def test_a_trial_of_somebody_else_is_left_alone() -> None:
    found = seen(upgrade(State.PREFLIGHT), ready(OLD, is_committed=False)).upgrade
    assert (found.state, found.reason) == (State.FAILED, Cause.UNCOMMITTED)


def test_an_upload_that_arrived_after_all_is_verified_not_repeated() -> None:
    one = upgrade(State.PREFLIGHT, attempt=1)
    look = ready(NEW, is_committed=False, objection=Objection.ALREADY_INSTALLED)
    assert seen(one, look).upgrade.state is State.VERIFYING


def test_a_device_that_has_the_version_is_skipped() -> None:
    look = ready(NEW, objection=Objection.ALREADY_INSTALLED)
    found = seen(upgrade(State.PREFLIGHT), look).upgrade
    assert (found.state, found.reason) == (State.SKIPPED, Objection.ALREADY_INSTALLED)


def test_a_trial_is_confirmed_only_after_it_was_healthy_for_long_enough() -> None:
    one = upgrade(State.VERIFYING)

    def healthy(look: Looked, later: float) -> bool:
        return is_healthy(one, look, Instant(NOW + timedelta(seconds=later), PACE))

    assert not healthy(ready(NEW), 9)
    assert healthy(ready(NEW), 10)
    assert not healthy(ready(OLD), 60)
    assert not healthy(Looked(is_ready=False), 60)


def test_a_trial_that_ends_by_itself_is_a_rollback() -> None:
    found = seen(upgrade(State.VERIFYING), ready(OLD, "third"), 20).upgrade
    assert found.state is State.ROLLED_BACK
