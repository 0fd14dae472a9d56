"""Deletion: what deleting a folder asks for, and how long it can be undone (FLD-3 to FLD-7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.errors import Conflict, Invalid, NotFound

# So many folders are in one message: it stays small, whatever the deletion takes.
ANNOUNCED_AT_ONCE = 500
# A question takes a round trip, so fewer of them are asked.
COUNTED_AT_ONCE = 5000


class RiskNotConfirmed(Invalid):
    """The box that says the risk is understood is not ticked."""

    code = "risk-not-confirmed"


class DeletionNotFound(NotFound):
    """No deletion of folders has this id, or its days are over and it is forgotten."""

    code = "deletion-not-found"


class DeletionUndone(Conflict):
    """The folders of the deletion are back already."""

    code = "deletion-undone"


class DeletionOver(Conflict):
    """The days in which the deletion could be undone are over."""

    code = "deletion-over"


class ParentDeleted(Conflict):
    """The folder that the deleted one was in is deleted too; ``deletion_id`` says by which."""

    code = "parent-deleted"


@dataclass(frozen=True)
class Content:
    """What devices counted in folders; None where it could not be asked."""

    devices: int | None
    systems: int | None

    @property
    def is_nothing(self) -> bool:
        return self.devices == 0 and self.systems == 0


UNCOUNTED = Content(devices=None, systems=None)


def parts(folder_ids: Sequence[UUID], *, most: int = ANNOUNCED_AT_ONCE) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(folder_ids), most):
        yield folder_ids[start : start + most]


def require_confirmed_risk(*, confirmed: bool) -> None:
    """:raises RiskNotConfirmed: FLD-3, FLD-7, ARC-2."""
    if not confirmed:
        raise RiskNotConfirmed("Confirm that you understand the risk, then repeat the request.")


def require_restorable(*, forget_at: datetime, restored_at: datetime | None, now: datetime) -> None:
    """:raises DeletionUndone:
    :raises DeletionOver: whatever of it may still be there.
    """
    if restored_at is not None:
        raise DeletionUndone("The folders of this deletion are back already.")
    if now >= forget_at:
        raise DeletionOver("The days in which this deletion could be undone are over.")


def require_live_parent(*, deleted_by: UUID | None) -> None:
    """:raises ParentDeleted: by which deletion, which has to be undone first."""
    if deleted_by is not None:
        raise ParentDeleted(
            f"The folder that it was in is deleted too. Restore the deletion {deleted_by} first.",
            deletion_id=deleted_by,
        )
