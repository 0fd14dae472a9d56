"""Organizations, their folders, members and audit over HTTP."""

from __future__ import annotations

from contracts.access import ORGANIZATION_CREATE, Permission
from contracts.organizations import (
    AuditPage,
    CreateFolder,
    CreateOrganization,
    FolderPage,
    FolderRequest,
    FolderView,
    ListAuditEntries,
    ListFolders,
    ListMembers,
    ListOrganizations,
    MemberPage,
    OrganizationPage,
    OrganizationRequest,
    OrganizationView,
)
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

blueprint = Blueprint(
    "organizations",
    description="Where people belong, the folders of an organization, and who may do what in them.",
)

_ONE = "/organizations/<uuid:organization_id>"


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
    "POST",
    f"{_ONE}/folders",
    needs=Permission.FOLDER_MANAGE,
    takes=CreateFolder,
    gives=FolderView,
    status=201,
    location="/organizations/{organization_id}/folders/{id}",
    idempotent=True,
    problems=(404, 409),
)
def create_folder(payload: Payload) -> Reply:
    """Create a folder inside another.

    Needs `folder:manage`. The name must differ from those of its siblings in more than capitals.
    """
    return rpc.call("organizations", "create_folder", payload)


@blueprint.operation(
    "GET", f"{_ONE}/folders", needs=Permission.FOLDER_READ, takes=ListFolders, gives=FolderPage
)
def list_folders(payload: Payload) -> Reply:
    """List the folders the caller may see, by name.

    All of them, or with `parent_id` those directly in one folder. Owners and admins see every
    folder, operators and viewers those granted to them with everything below; of the folders above
    them they see the names, in `path`.
    """
    return rpc.call("organizations", "list_folders", payload, read=True)


@blueprint.operation(
    "GET",
    f"{_ONE}/folders/<uuid:folder_id>",
    needs=Permission.FOLDER_READ,
    takes=FolderRequest,
    gives=FolderView,
)
def get_folder(payload: Payload) -> Reply:
    """Read a folder with the path to it."""
    return rpc.call("organizations", "get_folder", payload, read=True)


@blueprint.operation(
    "GET", f"{_ONE}/members", needs=Permission.MEMBER_READ, takes=ListMembers, gives=MemberPage
)
def list_members(payload: Payload) -> Reply:
    """List the members and their roles.

    Every member may, in the order of joining.
    """
    return rpc.call("organizations", "list_members", payload, read=True)


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
