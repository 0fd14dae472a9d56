"""The Manage area over HTTP: second factors and recovery codes."""

from __future__ import annotations

from contracts.manage import (
    AuthenticatorView,
    ConfirmAuthenticator,
    EnterManage,
    ManageSessionToken,
    ManageView,
    NameAuthenticator,
    NameRecoveryCodes,
    OpenManage,
    PendingAuthenticator,
    PendingRecoveryCodes,
    ProvisioningSheet,
    RecoveryCodesState,
)
from gateway import rpc
from gateway.conventions import MANAGE, PERSON, Blueprint, Payload, Reply

blueprint = Blueprint(
    "manage", description="The Manage area: second factors, changed in a session of their own."
)


@blueprint.operation(
    "POST",
    "/sign-ins/manage",
    takes=OpenManage,
    gives=ManageSessionToken,
    status=201,
    public=True,
    problems=(401, 409),
)
def open_manage(payload: Payload) -> Reply:
    """Enter the Manage area from a sign-in.

    With a code of the authenticator app or a recovery code, in place of the sign-in's second step.
    The token opens the Manage area for 15 minutes, and nothing else.
    """
    return rpc.call("identity", "open_manage", payload)


@blueprint.operation(
    "POST",
    "/manage/sessions",
    needs=PERSON,
    takes=EnterManage,
    gives=ManageSessionToken,
    status=201,
    problems=(409,),
)
def enter_manage(payload: Payload) -> Reply:
    """Enter the Manage area from a session.

    With the password again, and a second factor where an authenticator is active. The session stays
    as it is; the token of the answer opens the Manage area, and nothing else.
    """
    return rpc.call("identity", "enter_manage", payload)


@blueprint.operation("GET", "/manage", needs=MANAGE, gives=ManageView)
def get_manage(payload: Payload) -> Reply:
    """See which second factors the account has."""
    return rpc.call("identity", "get_manage", payload, read=True)


@blueprint.operation("DELETE", "/manage/session", needs=MANAGE, status=204)
def leave_manage(payload: Payload) -> Reply:
    """Leave the Manage area: what was shown and not confirmed is worth nothing."""
    return rpc.call("identity", "leave_manage", payload)


@blueprint.operation(
    "POST", "/manage/authenticators", needs=MANAGE, gives=PendingAuthenticator, status=201
)
def register_authenticator(payload: Payload) -> Reply:
    """Register a new authenticator app: the first half.

    Shows the setup key and its QR code. Until the confirmation, which has 15 minutes, the codes of
    the authenticator before work and those of this one do not.
    """
    return rpc.call("identity", "register_authenticator", payload)


@blueprint.operation(
    "GET",
    "/manage/authenticators/<uuid:authenticator_id>",
    needs=MANAGE,
    takes=NameAuthenticator,
    gives=PendingAuthenticator,
    problems=(404,),
)
def show_pending_authenticator(payload: Payload) -> Reply:
    """See the QR code again, in the same Manage session and until its confirmation only."""
    return rpc.call("identity", "show_pending_authenticator", payload, read=True)


@blueprint.operation(
    "POST",
    "/manage/authenticators/<uuid:authenticator_id>/confirmation",
    needs=MANAGE,
    takes=ConfirmAuthenticator,
    gives=AuthenticatorView,
    status=201,
    problems=(404,),
)
def confirm_authenticator(payload: Payload) -> Reply:
    """Register a new authenticator app: the second half, with its first code.

    From now on its codes count, and those of the one before do not. A wrong code changes nothing.
    """
    return rpc.call("identity", "confirm_authenticator", payload)


@blueprint.operation(
    "DELETE",
    "/manage/authenticators/<uuid:authenticator_id>",
    needs=MANAGE,
    takes=NameAuthenticator,
    status=204,
    problems=(404,),
)
def cancel_authenticator(payload: Payload) -> Reply:
    """Give up an authenticator that was not confirmed; the active one stays."""
    return rpc.call("identity", "cancel_authenticator", payload)


@blueprint.operation(
    "DELETE", "/manage/authenticator", needs=MANAGE, status=204, problems=(404, 409)
)
def remove_authenticator(payload: Payload) -> Reply:
    """Remove the active authenticator.

    The second step of a sign-in is a mailed code from then on. Refused where this installation asks
    everybody for an authenticator.
    """
    return rpc.call("identity", "remove_authenticator", payload)


@blueprint.operation(
    "POST", "/manage/recovery-codes", needs=MANAGE, gives=PendingRecoveryCodes, status=201
)
def create_recovery_codes(payload: Payload) -> Reply:
    """Create new recovery codes: the first half.

    Shows them, once. Until the confirmation, which has 15 minutes, the earlier ones work and these
    do not.
    """
    return rpc.call("identity", "create_recovery_codes", payload)


@blueprint.operation(
    "POST",
    "/manage/recovery-codes/<uuid:batch_id>/confirmation",
    needs=MANAGE,
    takes=NameRecoveryCodes,
    gives=RecoveryCodesState,
    status=201,
    problems=(404,),
)
def confirm_recovery_codes(payload: Payload) -> Reply:
    """Create new recovery codes: the second half.

    From now on the shown ones work, each once and in any order, and no earlier one does.
    """
    return rpc.call("identity", "confirm_recovery_codes", payload)


@blueprint.operation(
    "DELETE",
    "/manage/recovery-codes/<uuid:batch_id>",
    needs=MANAGE,
    takes=NameRecoveryCodes,
    status=204,
    problems=(404,),
)
def cancel_recovery_codes(payload: Payload) -> Reply:
    """Give up recovery codes that were not confirmed; the earlier ones stay."""
    return rpc.call("identity", "cancel_recovery_codes", payload)


@blueprint.operation(
    "POST", "/manage/provisioning-sheets", needs=MANAGE, gives=ProvisioningSheet, status=201
)
def issue_provisioning_sheet(payload: Payload) -> Reply:
    """Have a sheet made that hands an account's second factors over on paper.

    A new authenticator and new recovery codes at once, as a page to print, given this once. Both
    are to be confirmed like any other.
    """
    return rpc.call("identity", "issue_provisioning_sheet", payload)
