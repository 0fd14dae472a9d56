"""Cancelling: which upgrades can still be called off, and why they are."""

from __future__ import annotations

from services.devices.domain.upgrade import Outcome, State

_BEFORE_THE_UPLOAD = frozenset({State.SCHEDULED, State.WAITING, State.PREFLIGHT})

WORDS = {
    Outcome.DEVICE_DELETED: "The device was deleted with its folder.",
    Outcome.ORGANIZATION_ARCHIVED: "The organization was archived.",
}


def is_cancellable(state: State, *, is_held: bool) -> bool:
    """Up to the upload, and in it as long as no worker has taken it up.

    Of an upload that a worker holds, or was lost with, the last byte may have been sent: from there
    on the camera restarts whatever we say, and leaving it alone on its trial would be worse.
    """
    return state in _BEFORE_THE_UPLOAD or (state is State.UPLOADING and not is_held)


def called_off(*, is_managed: bool, is_archived: bool) -> Outcome | None:
    """Why a device shall not be upgraded any more, if so."""
    if not is_managed:
        return Outcome.DEVICE_DELETED
    return Outcome.ORGANIZATION_ARCHIVED if is_archived else None
