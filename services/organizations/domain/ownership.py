"""Ownership: every active organization has an owner, always (OWN-4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from contracts.access import Role
from contracts.errors import Conflict

# As many as a caller is told of at once.
_NAMED_MOST = 20


class LastOwner(Conflict):
    """The account is an organization's only owner; ``organization_ids`` names each of those."""

    code = "last-owner"


class OwnerPresent(Conflict):
    """The organization has an owner: they appoint others, not the operators."""

    code = "owner-present"


@dataclass(frozen=True)
class Place:
    """A membership, and who else is there, counted under the organization's lock."""

    organization_id: UUID
    membership_id: UUID
    role: Role
    is_active: bool
    other_owners: int
    other_members: int

    @property
    def is_last_owner(self) -> bool:
        """An archived organization needs none: nobody enters it."""
        return self.is_active and self.role is Role.OWNER and not self.other_owners


def require_owners_left(places: Iterable[Place]) -> None:
    """All of these memberships may end.

    :raises LastOwner: names the organizations that would be without an owner.
    """
    owned = [str(place.organization_id) for place in places if place.is_last_owner]
    if owned:
        raise LastOwner(
            "Organizations would be left without an owner. Promote somebody else in each, or "
            "archive it.",
            organization_ids=", ".join(owned[:_NAMED_MOST]),
            organizations=len(owned),
        )


def require_owner_left(organization_id: UUID, *, owners: int) -> None:
    """:param owners: who would be left, counted under the organization's lock.
    :raises LastOwner:
    """
    if not owners:
        raise LastOwner(
            "The organization would be left without an owner. Promote somebody else first, or "
            "archive it.",
            organization_ids=organization_id,
            organizations=1,
        )
