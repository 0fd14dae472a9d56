"""Transitions: the one table of what an upgrade does about what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from services.devices.domain import moves
from services.devices.domain.observation import (
    Accepted,
    AnswerLost,
    Confirmed,
    Looked,
    Observation,
    Troubled,
)
from services.devices.domain.upgrade import Instant, State, Transition, Upgrade

Rule = Callable[[Upgrade, Instant, Observation], Transition]


def after(upgrade: Upgrade, seen: Observation, at: Instant) -> Transition:
    """What becomes of an upgrade; one that has ended stays as it is."""
    if not upgrade.state.is_active:
        return Transition(upgrade, None)
    return TABLE[upgrade.state, type(seen)](upgrade, at, seen)


def claimed(upgrade: Upgrade, now: datetime, *, is_orphaned: bool) -> Upgrade:
    """As a worker takes it up: an upload is counted before its first byte.

    ``is_orphaned``: the worker before was lost in the middle of its step. What arrived of its
    upload is unknown, so nothing is sent before the camera was looked at, as after a lost answer.
    """
    if upgrade.state in (State.SCHEDULED, State.WAITING):
        return upgrade.moved(State.PREFLIGHT, now)
    if upgrade.state is State.UPLOADING and is_orphaned:
        return upgrade.moved(State.REBOOTING, now)
    if upgrade.state is State.UPLOADING:
        return replace(upgrade, attempt=upgrade.attempt + 1, is_accepted=False, was_down=False)
    return upgrade


TABLE: dict[tuple[State, type[Observation]], Rule] = {
    (State.SCHEDULED, Looked): moves.preflight,
    (State.SCHEDULED, Troubled): moves.setback,
    (State.SCHEDULED, Accepted): moves.unmoved,
    (State.SCHEDULED, AnswerLost): moves.unmoved,
    (State.SCHEDULED, Confirmed): moves.unmoved,
    (State.WAITING, Looked): moves.preflight,
    (State.WAITING, Troubled): moves.setback,
    (State.WAITING, Accepted): moves.unmoved,
    (State.WAITING, AnswerLost): moves.unmoved,
    (State.WAITING, Confirmed): moves.unmoved,
    (State.PREFLIGHT, Looked): moves.preflight,
    (State.PREFLIGHT, Troubled): moves.setback,
    (State.PREFLIGHT, Accepted): moves.unmoved,
    (State.PREFLIGHT, AnswerLost): moves.unmoved,
    (State.PREFLIGHT, Confirmed): moves.unmoved,
    (State.UPLOADING, Looked): moves.unmoved,
    (State.UPLOADING, Troubled): moves.setback,
    (State.UPLOADING, Accepted): moves.accepted,
    (State.UPLOADING, AnswerLost): moves.answer_lost,
    (State.UPLOADING, Confirmed): moves.unmoved,
    (State.REBOOTING, Looked): moves.after_boot,
    (State.REBOOTING, Troubled): moves.away,
    (State.REBOOTING, Accepted): moves.unmoved,
    (State.REBOOTING, AnswerLost): moves.unmoved,
    (State.REBOOTING, Confirmed): moves.unmoved,
    (State.VERIFYING, Looked): moves.checked,
    (State.VERIFYING, Troubled): moves.away,
    (State.VERIFYING, Accepted): moves.unmoved,
    (State.VERIFYING, AnswerLost): moves.unmoved,
    (State.VERIFYING, Confirmed): moves.confirmed,
}
