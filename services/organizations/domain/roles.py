"""Roles: who may give and take which, and who may be removed (OWN-5, OWN-6, USR-5, USR-7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from contracts.access import Permission, Role, may
from contracts.errors import Conflict, NotFound

# As many as a caller is told of at once.
_NAMED_MOST = 20


class MemberNotFound(NotFound):
    """The account is no member of the organization."""

    code = "member-not-found"


class GrantNotFound(NotFound):
    """The folder is not granted to the member; one above it may be."""

    code = "grant-not-found"


class AccountNotVerified(Conflict):
    """The account has no verified address, or it is gone, so that it cannot own anything."""

    code = "account-not-verified"


class OwnMembership(Conflict):
    """The caller is among those to be removed: who wants to go leaves."""

    code = "own-membership"


def permission_to_change(present: Role, wanted: Role) -> Permission:
    """What turns one role into the other takes; nobody gives or takes more than they have.

    Admins hold the first of them only, so that the owner role is beyond them both ways (OWN-5).
    """
    touches_owner = Role.OWNER in (present, wanted)
    return Permission.OWNER_CHANGE if touches_owner else Permission.ROLE_CHANGE


def permission_to_remove(roles: Iterable[Role]) -> Permission:
    """What removing members of these roles together takes (USR-5)."""
    return Permission.OWNER_CHANGE if Role.OWNER in roles else Permission.MEMBER_REMOVE


def keeps_invitations(role: Role) -> bool:
    """Whether what somebody of this role has sent out can still be accepted (USR-6)."""
    return may(role, Permission.INVITATION_MANAGE)


def require_members(account_ids: Iterable[UUID], members: Collection[UUID]) -> None:
    """:raises MemberNotFound: names those that are none."""
    unknown = [str(account_id) for account_id in account_ids if account_id not in members]
    if unknown:
        raise MemberNotFound(
            "There is no such member in this organization.",
            account_ids=", ".join(unknown[:_NAMED_MOST]),
        )


def require_verified(*, is_verified: bool) -> None:
    """Only who is known by an address that was verified can own an organization (OWN-6).

    :raises AccountNotVerified:
    """
    if not is_verified:
        raise AccountNotVerified(
            "Only a member whose address is verified can be made an owner. Choose somebody else."
        )


def require_others(account_ids: Collection[UUID], *, own: UUID) -> None:
    """Nobody is put out by their own hand, and no API token takes its owner out.

    :raises OwnMembership:
    """
    if own in account_ids:
        raise OwnMembership("You are one of them. To go yourself, leave the organization.")
