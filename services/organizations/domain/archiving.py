"""Archiving: what closing an organization for good asks for (ARC-2, ARC-4)."""

from __future__ import annotations

from uuid import UUID

from contracts.errors import Conflict, Invalid


class ArchivingNotConfirmed(Invalid):
    """The id that confirms the archiving is not the organization's."""

    code = "archiving-not-confirmed"


class OrganizationActive(Conflict):
    """The organization is not archived, so there is nothing to undo."""

    code = "organization-active"


class OrganizationInArchive(Conflict):
    """The organization is archived: nothing in it is changed."""

    code = "organization-archived"


def require_confirmed_archiving(organization_id: UUID, confirmation: str) -> None:
    """:raises ArchivingNotConfirmed: it is not exactly the id, as it is shown."""
    if confirmation != str(organization_id):
        raise ArchivingNotConfirmed("Copy the id of the organization exactly to confirm.")


def require_archived(*, is_archived: bool) -> None:
    """:raises OrganizationActive:"""
    if not is_archived:
        raise OrganizationActive("The organization is not archived.")
