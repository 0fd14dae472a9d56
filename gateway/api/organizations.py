"""Organizations and their audit over HTTP."""

from __future__ import annotations

from contracts.access import ORGANIZATION_CREATE, Permission
from contracts.organizations import (
    ArchiveOrganization,
    AuditEntryView,
    AuditPage,
    CreateOrganization,
    ExportAuditEntries,
    ListAuditEntries,
    ListOrganizations,
    OrganizationPage,
    OrganizationRequest,
    OrganizationView,
    SetPolicy,
    UpdateOrganization,
)
from gateway import rpc
from gateway.conventions import PERSON, Blueprint, Payload, Reply
from gateway.export import csv_answer

blueprint = Blueprint(
    "organizations",
    description="Where people belong, and what was done there.",
)

_ONE = "/organizations/<uuid:organization_id>"

AUDIT_COLUMNS = tuple(AuditEntryView().fields)


@blueprint.operation(
    "POST",
    "/organizations",
    needs=ORGANIZATION_CREATE,
    takes=CreateOrganization,
    gives=OrganizationView,
    status=201,
    location="/organizations/{id}",
    idempotent=True,
)
def create_organization(payload: Payload) -> Reply:
    """Create an organization.

    The caller becomes its owner. It starts with a default folder, which all others are made in.
    """
    return rpc.call("organizations", "create_organization", payload)


@blueprint.operation(
    "GET",
    "/organizations",
    needs=Permission.ORGANIZATION_READ,
    takes=ListOrganizations,
    gives=OrganizationPage,
)
def list_organizations(payload: Payload) -> Reply:
    """List the caller's organizations.

    In the order in which the caller joined them, each with the caller's role.
    """
    return rpc.call("organizations", "list_organizations", payload, read=True)


@blueprint.operation(
    "GET",
    _ONE,
    needs=Permission.ORGANIZATION_READ,
    takes=OrganizationRequest,
    gives=OrganizationView,
)
def get_organization(payload: Payload) -> Reply:
    """Read an organization."""
    return rpc.call("organizations", "get_organization", payload, read=True)


@blueprint.operation(
    "PATCH",
    _ONE,
    needs=Permission.ORGANIZATION_EDIT,
    takes=UpdateOrganization,
    gives=OrganizationView,
)
def update_organization(payload: Payload) -> Reply:
    """Change the name or the notes of an organization.

    Needs `organization:edit`.
    """
    return rpc.call("organizations", "update_organization", payload)


@blueprint.operation("PUT", f"{_ONE}/policy", needs=PERSON, takes=SetPolicy, gives=OrganizationView)
def set_policy(payload: Payload) -> Reply:
    """Say whether members need an authenticator.

    Owners only, with credentials entered within the last minutes, and signed in with an
    authenticator themselves. Members without one see the organization in their list and nothing
    of it until they register one.
    """
    return rpc.call("organizations", "set_policy", payload)


@blueprint.operation(
    "POST",
    f"{_ONE}/archive",
    needs=PERSON,
    takes=ArchiveOrganization,
    status=204,
    problems=("archiving-not-confirmed", "risk-not-confirmed"),
)
def archive_organization(payload: Payload) -> Reply:
    """Archive an organization.

    Owners only, with credentials entered within the last minutes. The organization is gone for
    all its members at once, its licenses cannot be used and are not refunded, and its invitations
    are revoked. Nobody finds it again without its id: copy it first.
    """
    return rpc.call("organizations", "archive_organization", payload)


@blueprint.operation(
    "GET",
    f"{_ONE}/audit-entries",
    needs=Permission.AUDIT_READ,
    takes=ListAuditEntries,
    gives=AuditPage,
)
def list_audit_entries(payload: Payload) -> Reply:
    """List what was done in the organization, newest first.

    Needs `audit:read`. Also lists what members tried without the right to (`result` is `refused`).
    """
    return rpc.call("organizations", "list_audit_entries", payload, read=True)


@blueprint.operation(
    "GET",
    f"{_ONE}/audit-entries.csv",
    needs=Permission.AUDIT_READ,
    takes=ExportAuditEntries,
    media_type="text/csv",
)
def export_audit_entries(payload: Payload) -> Reply:
    """Export what was done in the organization as CSV, newest first.

    Needs `audit:read`. Takes the filters of the list.
    """
    return csv_answer(
        "audit-entries.csv",
        AUDIT_COLUMNS,
        rpc.pages("organizations", "list_audit_entries", payload),
    )
