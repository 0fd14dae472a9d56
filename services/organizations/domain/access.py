"""Access: what a member's role allows; which folders it reaches is the tree's part (M5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.access import (
    AuthenticatorRequired,
    NotPermitted,
    OrganizationNotFound,
    Permission,
    Role,
    may,
)


class Status(StrEnum):
    """Of an organization; an archived one is closed to its members in every way (M5.6)."""

    ACTIVE = "active"
    ARCHIVED = "archived"


# Roles that need no grant (ACS-2).
SEEING_ALL = tuple(role for role in Role if role.sees_all_folders)


@dataclass(frozen=True)
class Member:
    """Somebody's place in an active organization, as the running transaction sees it."""

    organization_id: UUID
    membership_id: UUID
    account_id: UUID
    role: Role
    epoch: int
    needs_authenticator: bool = False
    """What the organization asks of all its members."""


def permitted(member: Member | None, permission: Permission) -> Member:
    """The member, if the role holds the permission.

    :raises OrganizationNotFound: no member of an active organization: it does not exist for them.
    :raises NotPermitted: a member whose role does not hold the permission.
    """
    if member is None:
        raise outsider()
    if not may(member.role, permission):
        raise NotPermitted(
            f"The role {member.role} does not include {permission}.", permission=permission
        )
    return member


def require_strength(*, needed: bool, is_strong: bool) -> None:
    """:raises AuthenticatorRequired: the organization needs more than the caller signed in with."""
    if needed and not is_strong:
        raise AuthenticatorRequired(
            "This organization lets in only who signed in with an authenticator. Register one in "
            "the Manage area, then sign in again."
        )


def outsider() -> OrganizationNotFound:
    """The same answer for an unknown, a foreign and an archived organization."""
    return OrganizationNotFound("There is no such organization, or you are not a member of it.")
