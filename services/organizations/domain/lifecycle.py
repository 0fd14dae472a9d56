"""Lifecycle: how organizations begin, are archived and come back (ORG-2, ARC-2, ARC-4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.access import OrganizationInArchive
from contracts.errors import Conflict, Invalid, TooMany
from services.organizations.domain.throttle import until_a_day_after


class TooManyOrganizations(Conflict):
    """The account has created as many organizations as one account may have."""

    code = "too-many-organizations"


class OrganizationsTooFast(TooMany):
    """The account created as many organizations within 24 hours as one account may."""

    code = "organizations-too-fast"


class ArchivingNotConfirmed(Invalid):
    """The id that confirms the archiving is not the organization's."""

    code = "archiving-not-confirmed"


class OrganizationActive(Conflict):
    """The organization is not archived, so there is nothing to undo."""

    code = "organization-active"


def require_room_for_another(*, created: int, most: int) -> None:
    """:param created: active ones that the account created and is a member of.
    :raises TooManyOrganizations: integrators have many (ORG-2), a runaway program has no end.
    """
    if created >= most:
        raise TooManyOrganizations(
            f"An account may have created {most} organizations. Archive those no longer used.",
            most=most,
        )


def require_pace(*, created: int, first_at: datetime | None, most: int, now: datetime) -> None:
    """Archiving frees a place at once, and each organization may send mails: so this counts, too.

    :param created: within the last 24 hours, archived or not, the first of them at ``first_at``.
    :raises OrganizationsTooFast: says when the first of them no longer counts.
    """
    if created >= most:
        raise OrganizationsTooFast(
            f"An account creates {most} organizations in 24 hours at the most.",
            retry_after=until_a_day_after(first_at or now, now),
        )


def require_confirmed_archiving(organization_id: UUID, confirmation: str) -> None:
    """:raises ArchivingNotConfirmed: it is not exactly the id, as it is shown."""
    if confirmation != str(organization_id):
        raise ArchivingNotConfirmed("Copy the id of the organization exactly to confirm.")


def require_active(*, is_archived: bool) -> None:
    """:raises OrganizationInArchive:"""
    if is_archived:
        raise OrganizationInArchive("The organization is archived. Bring it back first.")


def require_archived(*, is_archived: bool) -> None:
    """:raises OrganizationActive:"""
    if not is_archived:
        raise OrganizationActive("The organization is not archived.")
