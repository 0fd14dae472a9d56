"""Invitations: who may be invited as what, how long, and what acceptance gives (INV-6 to INV-11).

pending ──accepted──▶ accepted
   ├──an owner or admin, the archiving, the inviter's end──▶ revoked
   ├──another for the same address──▶ superseded
   └──time──▶ expired
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.access import NotPermitted, Permission, Role, may
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from contracts.invitations import InvitationStatus
from services.organizations.domain.limits import InvitationRolePolicy
from services.organizations.domain.throttle import until_a_day_after

# A mail that a replica took and did not hand over is taken by another after this.
LEASE = timedelta(minutes=1)


class InvitationNotFound(NotFound):
    """The organization has none with this id; or no invitation has the token."""

    code = "invitation-not-found"


class InvitationOver(Conflict):
    """It was accepted, revoked, replaced by another one, or its time is over."""

    code = "invitation-over"


class NotInvited(Forbidden):
    """The invitation is for another address than the caller's (INV-10)."""

    code = "not-invited"


class OwnerNotInvitable(Invalid):
    """Only members become owners (OWN-6, INV-9)."""

    code = "owner-not-invitable"


class FoldersRequired(Invalid):
    """Operators and viewers are invited to certain folders (INV-11)."""

    code = "folders-required"


class AlreadyMember(Conflict):
    """The account belongs to the organization."""

    code = "already-member"


class TooManyInvitations(TooMany):
    """The organization, or the account, has had as many mailed as it may within 24 hours."""

    code = "too-many-invitations"


def require_invitable(requested: Role, inviter: Role) -> None:
    """An invitation to this role is within the inviter's own rank (security 2.9).

    :raises OwnerNotInvitable:
    :raises NotPermitted:
    """
    if requested is Role.OWNER:
        raise OwnerNotInvitable("Invite somebody as admin; an owner can make them owner then.")
    if requested.rank > inviter.rank:
        raise NotPermitted(
            f"The role {inviter} cannot invite to the role {requested}.",
            permission=Permission.INVITATION_MANAGE,
        )


def folders_of(requested: Role, folder_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Those that are kept: none for a role that sees all.

    :raises FoldersRequired:
    """
    if requested.sees_all_folders:
        return ()
    if not folder_ids:
        raise FoldersRequired(f"Choose at least one folder for the role {requested}.")
    return tuple(sorted(folder_ids))


def require_mail_left(
    sent: int, first_at: datetime | None, most: int, now: datetime, *, whose: str
) -> None:
    """:param sent: mails within the last 24 hours, the first of them at ``first_at``.

    :raises TooManyInvitations: says when the first of them no longer counts.
    """
    if sent >= most:
        raise TooManyInvitations(
            f"{whose} sends {most} invitations in 24 hours at the most.",
            retry_after=until_a_day_after(first_at or now, now),
        )


def standing(status: InvitationStatus, expires_at: datetime, now: datetime) -> InvitationStatus:
    """An invitation whose time is over waits for nobody, also before that is written down."""
    if status is InvitationStatus.PENDING and expires_at <= now:
        return InvitationStatus.EXPIRED
    return status


def require_pending(status: InvitationStatus, expires_at: datetime, now: datetime) -> None:
    """:raises InvitationOver:"""
    if standing(status, expires_at, now) is not InvitationStatus.PENDING:
        raise over()


def require_inviter(role: Role | None, requested: Role) -> None:
    """Who issued it could still issue it (INV-10).

    :param role: of the inviter now; None: a member no more.
    :raises InvitationOver:
    """
    if role is None or not may(role, Permission.INVITATION_MANAGE) or requested.rank > role.rank:
        raise over()


def over() -> InvitationOver:
    return InvitationOver("This invitation is over. Ask for a new one.")


@dataclass(frozen=True)
class Conferred:
    """What acceptance gives; ``pending`` is what somebody inside is asked to raise it to."""

    role: Role
    pending: Role | None


def conferred(requested: Role, policy: InvitationRolePolicy) -> Conferred:
    """INV-7, INV-8; the inviter's rank was proven before."""
    if policy is InvitationRolePolicy.AS_CHOSEN or requested is Role.VIEWER:
        return Conferred(requested, None)
    return Conferred(Role.VIEWER, requested)
