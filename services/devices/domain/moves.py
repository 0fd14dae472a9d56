"""Moves: what an upgrade does about one thing that was seen; the table of them is `transitions`."""

from __future__ import annotations

from dataclasses import replace

from services.devices.domain.observation import Looked, Observation, Troubled
from services.devices.domain.recommendation import Objection
from services.devices.domain.trouble import Cause
from services.devices.domain.upgrade import Instant, Outcome, Reason, State, Transition, Upgrade

# Before the upload


def preflight(upgrade: Upgrade, at: Instant, seen: Observation) -> Transition:
    assert isinstance(seen, Looked)
    if not seen.is_ready or seen.version is None:
        return _wait(upgrade, at, Cause.BUSY, "The camera is not ready.")
    if seen.version == upgrade.to_version and upgrade.attempt:
        # An upload of ours arrived after all.
        return _verify(upgrade, at)
    if seen.is_on_trial:
        return _end(upgrade, at, State.FAILED, Cause.UNCOMMITTED, "Another upgrade is on trial.")
    if seen.objection is not None:
        return _end(upgrade, at, State.SKIPPED, seen.objection, _OBJECTIONS[seen.objection])
    ready = replace(
        upgrade,
        from_version=seen.version,
        boot_id=seen.boot_id,
        uptime=seen.uptime,
        was_down=False,
        is_accepted=False,
    )
    return Transition(
        ready.moved(State.UPLOADING, at.now), at.now, f"The camera runs {seen.version}."
    )


def setback(upgrade: Upgrade, at: Instant, seen: Observation) -> Transition:
    assert isinstance(seen, Troubled)
    if seen.cause.passes:
        return _wait(upgrade, at, seen.cause, seen.words)
    return _end(upgrade, at, State.FAILED, seen.cause, seen.words)


# The upload


def accepted(upgrade: Upgrade, at: Instant, _seen: Observation) -> Transition:
    moved = replace(upgrade, is_accepted=True, tries=0).moved(State.REBOOTING, at.now)
    return Transition(moved, at.now + at.pace.poll, "The camera accepted the image.")


def answer_lost(upgrade: Upgrade, at: Instant, _seen: Observation) -> Transition:
    moved = upgrade.moved(State.REBOOTING, at.now)
    says = "The whole image was sent and no answer came; the version after the boot decides."
    return Transition(moved, at.now + at.pace.poll, says)


# The boot


def after_boot(upgrade: Upgrade, at: Instant, seen: Observation) -> Transition:
    assert isinstance(seen, Looked)
    waited = at.now - upgrade.since
    if not seen.is_ready or seen.version is None:
        return _keep_watching(replace(upgrade, was_down=True), at, Outcome.NEVER_READY)
    if not seen.is_new_boot(upgrade):
        if not upgrade.is_accepted and waited >= at.pace.linger:
            return _wait(upgrade, at, Cause.NO_ANSWER, "The camera did not take the image.")
        return _keep_watching(upgrade, at, Outcome.NEVER_REBOOTED)
    if seen.version == upgrade.to_version:
        return _verify(upgrade, at)
    if seen.version == upgrade.from_version:
        outcome = Outcome.CAME_BACK_WITH_THE_OLD_VERSION
        return _end(upgrade, at, State.ROLLED_BACK, outcome, f"It runs {seen.version} again.")
    outcome = Outcome.RAN_ANOTHER_VERSION
    return _end(upgrade, at, State.FAILED, outcome, f"The camera runs {seen.version}.")


def away(upgrade: Upgrade, at: Instant, seen: Observation) -> Transition:
    """A camera that starts says all sorts of things; only its long absence means something."""
    assert isinstance(seen, Troubled)
    is_absent = seen.cause is Cause.UNREACHABLE
    down = replace(upgrade, was_down=upgrade.was_down or is_absent)
    late: Reason = Outcome.NEVER_CAME_BACK if seen.cause.passes else seen.cause
    return _keep_watching(down, at, late)


# The trial


def checked(upgrade: Upgrade, at: Instant, seen: Observation) -> Transition:
    """Healthy so far; the worker confirms once `is_healthy` says so."""
    assert isinstance(seen, Looked)
    if seen.version is not None and seen.version != upgrade.to_version:
        return after_boot(replace(upgrade, was_down=True), at, seen)
    return _keep_watching(upgrade, at, Outcome.NEVER_READY)


def is_healthy(upgrade: Upgrade, seen: Looked, at: Instant) -> bool:
    """The right version, ready, and so for long enough: the trial may end."""
    is_right = seen.is_ready and seen.version == upgrade.to_version
    return is_right and at.now - upgrade.since >= at.pace.health


def confirmed(upgrade: Upgrade, at: Instant, _seen: Observation) -> Transition:
    done = replace(upgrade, tries=0).moved(State.SUCCEEDED, at.now)
    return Transition(done, None, f"The camera runs {upgrade.to_version} and keeps it.")


# Moves the rules share


def _verify(upgrade: Upgrade, at: Instant) -> Transition:
    moved = replace(upgrade, tries=0).moved(State.VERIFYING, at.now)
    due_at = at.now + at.pace.health
    return Transition(moved, due_at, f"The camera started with {upgrade.to_version}.")


def _wait(upgrade: Upgrade, at: Instant, cause: Cause, words: str) -> Transition:
    if at.now >= upgrade.created_at + at.pace.patience:
        return _end(upgrade, at, State.FAILED, cause, words)
    tried = replace(upgrade, tries=upgrade.tries + 1)
    due_at = at.now + at.pace.retry(tried.tries, at.jitter)
    return Transition(tried.moved(State.WAITING, at.now, cause), due_at, words)


def _keep_watching(upgrade: Upgrade, at: Instant, late: Reason) -> Transition:
    if at.now >= upgrade.since + at.pace.boot_patience:
        return _end(upgrade, at, State.FAILED, late, "The camera was waited for in vain.")
    return Transition(upgrade, at.now + at.pace.poll)


def _end(upgrade: Upgrade, at: Instant, state: State, reason: Reason, words: str) -> Transition:
    return Transition(upgrade.moved(state, at.now, reason), None, words)


def unmoved(upgrade: Upgrade, at: Instant, _seen: Observation) -> Transition:
    """No step of this state brings this about; a late report changes nothing."""
    return Transition(upgrade, at.now + at.pace.poll)


_OBJECTIONS = {
    Objection.ALREADY_INSTALLED: "The camera runs this version already.",
    Objection.INCOMPATIBLE: "The image is not for this model.",
    Objection.NO_PATH: "The image cannot be installed on the version that the camera runs.",
    Objection.REVOKED: "The release was revoked.",
    Objection.ALREADY_UPGRADING: "Another upgrade of the camera is under way.",
}
