"""Invitations over HTTP."""

from __future__ import annotations

from contracts.access import Permission
from contracts.invitations import (
    InvitationPage,
    InvitationRequest,
    InvitationSeen,
    InvitationToken,
    InvitationView,
    Invite,
    ListInvitations,
    RegisterInvited,
    ResendInvitation,
    UpdateInvitation,
)
from contracts.organizations import OrganizationView
from gateway import rpc
from gateway.conventions import PERSON, Blueprint, Payload, Reply

blueprint = Blueprint("invitations", description="How people become members.")

_ALL = "/organizations/<uuid:organization_id>/invitations"
_ONE = f"{_ALL}/<uuid:invitation_id>"


@blueprint.operation(
    "POST",
    _ALL,
    needs=Permission.INVITATION_MANAGE,
    takes=Invite,
    gives=InvitationView,
    status=201,
    location="/organizations/{organization_id}/invitations/{id}",
    idempotent=True,
    problems=(409, "owner-not-invitable"),
)
def invite(payload: Payload) -> Reply:
    """Invite somebody by e-mail.

    Needs `invitation:manage`. The answer is the same whether the address has an account or not. An
    earlier invitation of the address ends. `role` says what acceptance gives; `requested_role` is
    given afterwards, by an owner or admin.
    """
    return rpc.call("organizations", "invite", payload)


@blueprint.operation(
    "GET",
    _ALL,
    needs=Permission.INVITATION_READ,
    takes=ListInvitations,
    gives=InvitationPage,
)
def list_invitations(payload: Payload) -> Reply:
    """List the invitations, the newest first.

    Needs `invitation:read`.
    """
    return rpc.call("organizations", "list_invitations", payload, read=True)


@blueprint.operation(
    "GET",
    _ONE,
    needs=Permission.INVITATION_READ,
    takes=InvitationRequest,
    gives=InvitationView,
)
def get_invitation(payload: Payload) -> Reply:
    """Read an invitation.

    Needs `invitation:read`.
    """
    return rpc.call("organizations", "get_invitation", payload, read=True)


@blueprint.operation(
    "PATCH",
    _ONE,
    needs=Permission.INVITATION_MANAGE,
    takes=UpdateInvitation,
    gives=InvitationView,
    problems=(409, "owner-not-invitable"),
)
def update_invitation(payload: Payload) -> Reply:
    """Change the role or the folders of an invitation that waits.

    Needs `invitation:manage`. The link in the mail stays good.
    """
    return rpc.call("organizations", "update_invitation", payload)


@blueprint.operation(
    "POST",
    f"{_ONE}/resend",
    needs=Permission.INVITATION_MANAGE,
    takes=ResendInvitation,
    gives=InvitationView,
    idempotent=True,
)
def resend_invitation(payload: Payload) -> Reply:
    """Send the mail of an invitation again.

    Needs `invitation:manage`. With a new link; the one sent before is dead, and the days count
    from now.
    """
    return rpc.call("organizations", "resend_invitation", payload)


@blueprint.operation(
    "DELETE",
    _ONE,
    needs=Permission.INVITATION_MANAGE,
    takes=InvitationRequest,
    status=204,
    problems=(409,),
)
def revoke_invitation(payload: Payload) -> Reply:
    """Revoke an invitation that waits.

    Needs `invitation:manage`.
    """
    return rpc.call("organizations", "revoke_invitation", payload)


# What whoever holds the link may do


@blueprint.operation(
    "POST",
    "/invitations/lookup",
    public=True,
    takes=InvitationToken,
    gives=InvitationSeen,
    problems=(404, 409),
)
def look_up_invitation(payload: Payload) -> Reply:
    """Read what an invitation is for.

    The token is in the link of the mail. Nothing is used up.
    """
    return rpc.call("organizations", "look_up_invitation", payload, read=True)


@blueprint.operation(
    "POST",
    "/invitations/registration",
    public=True,
    takes=RegisterInvited,
    status=204,
    problems=(404, 409),
)
def register_invited(payload: Payload) -> Reply:
    """Register the account that an invitation is for.

    Its address is the invited one, and proven by the token; no mail follows. Sign in and accept
    the invitation afterwards.
    """
    return rpc.call("identity", "register_invited", payload)


@blueprint.operation(
    "POST",
    "/invitations/acceptance",
    needs=PERSON,
    takes=InvitationToken,
    gives=OrganizationView,
    problems=(404, 409),
)
def accept_invitation(payload: Payload) -> Reply:
    """Accept an invitation.

    For the account whose verified address was invited. It works once.
    """
    return rpc.call("organizations", "accept_invitation", payload)
