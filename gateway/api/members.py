"""Members, their roles and the folders open to them over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.members import (
    GrantPage,
    GrantRequest,
    GrantsSet,
    GrantView,
    ListGrants,
    ListMembers,
    MemberPage,
    MemberRequest,
    MembersRemoved,
    MemberView,
    RemoveMembers,
    SetGrants,
    SetRole,
)
from contracts.organizations import OrganizationRequest
from gateway import rpc
from gateway.conventions import PERSON, Blueprint, Payload, Reply

blueprint = Blueprint(
    "members", description="Who belongs to an organization, as what, and what is open to them."
)

_ORGANIZATION = "/organizations/<uuid:organization_id>"
_ALL = f"{_ORGANIZATION}/members"
_ONE = f"{_ALL}/<uuid:account_id>"


@blueprint.operation("GET", _ALL, needs=Permission.MEMBER_READ, takes=ListMembers, gives=MemberPage)
def list_members(payload: Payload) -> Reply:
    """List the members and their roles.

    Every member may, in the order of joining.
    """
    return rpc.call("organizations", "list_members", payload, read=True)


@blueprint.operation(
    "GET", _ONE, needs=Permission.MEMBER_READ, takes=MemberRequest, gives=MemberView
)
def get_member(payload: Payload) -> Reply:
    """Read a member."""
    return rpc.call("organizations", "get_member", payload, read=True)


@blueprint.operation(
    "PUT",
    f"{_ONE}/role",
    needs=Permission.ROLE_CHANGE,
    takes=SetRole,
    gives=MemberView,
    problems=(409,),
)
def set_role(payload: Payload) -> Reply:
    """Give a member another role.

    Needs `role:change`. It holds for the member's very next request. Only an owner, who entered
    their credentials within the last minutes, makes an owner or takes that role away; an
    organization always keeps at least one.
    """
    return rpc.call("organizations", "set_role", payload)


@blueprint.operation(
    "DELETE",
    _ONE,
    needs=Permission.MEMBER_REMOVE,
    takes=MemberRequest,
    status=204,
    problems=(409,),
)
def remove_member(payload: Payload) -> Reply:
    """Remove a member.

    Needs `member:remove`; owners are removed by owners, who entered their credentials within the
    last minutes. Nobody removes themselves: who wants to go leaves. The account itself stays.
    """
    return rpc.call("organizations", "remove_member", payload)


@blueprint.operation(
    "POST",
    f"{_ALL}/removal",
    needs=Permission.MEMBER_REMOVE,
    takes=RemoveMembers,
    gives=MembersRemoved,
    problems=(409,),
)
def remove_members(payload: Payload) -> Reply:
    """Remove several members, all of them or none.

    Needs `member:remove`; with an owner among them, only an owner may, who entered their credentials
    within the last minutes. The caller is none of them.
    """
    return rpc.call("organizations", "remove_members", payload)


@blueprint.operation(
    "POST",
    f"{_ORGANIZATION}/leave",
    needs=PERSON,
    takes=OrganizationRequest,
    status=204,
    problems=(409,),
)
def leave_organization(payload: Payload) -> Reply:
    """Leave an organization.

    The last owner cannot; another owner enters their credentials within the last minutes before.
    """
    return rpc.call("organizations", "leave_organization", payload)


@blueprint.operation(
    "GET",
    f"{_ONE}/folders",
    needs=Permission.ACCESS_GRANT,
    takes=ListGrants,
    gives=GrantPage,
)
def list_grants(payload: Payload) -> Reply:
    """List the folders granted to a member.

    Needs `access:grant`. What owners and admins were granted is kept and counts again once they
    are operators or viewers.
    """
    return rpc.call("organizations", "list_grants", payload, read=True)


@blueprint.operation(
    "PUT",
    f"{_ONE}/folders",
    needs=Permission.ACCESS_GRANT,
    takes=SetGrants,
    gives=GrantsSet,
    problems=(404,),
)
def set_grants(payload: Payload) -> Reply:
    """Grant a member exactly these folders, each with everything below it.

    Needs `access:grant`. All of it is done, or nothing.
    """
    return rpc.call("organizations", "set_grants", payload)


@blueprint.operation(
    "PUT",
    f"{_ONE}/folders/<uuid:folder_id>",
    needs=Permission.ACCESS_GRANT,
    takes=GrantRequest,
    gives=GrantView,
)
def grant_folder(payload: Payload) -> Reply:
    """Grant a member a folder with everything below it.

    Needs `access:grant`. Granted again, nothing changes.
    """
    return rpc.call("organizations", "grant_folder", payload)


@blueprint.operation(
    "DELETE",
    f"{_ONE}/folders/<uuid:folder_id>",
    needs=Permission.ACCESS_GRANT,
    takes=GrantRequest,
    status=204,
)
def revoke_folder(payload: Payload) -> Reply:
    """Take back what was granted on a folder.

    Needs `access:grant`. Grants on folders above and below it stay.
    """
    return rpc.call("organizations", "revoke_folder", payload)
