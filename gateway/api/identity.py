"""Accounts, sign-in, authenticators and sessions over HTTP."""

from __future__ import annotations

from contracts.identity import (
    AccountView,
    CompleteSignIn,
    ConfirmAuthenticator,
    EnrolAuthenticator,
    PendingAuthenticator,
    RegisterAccount,
    SendSignInCode,
    SessionToken,
    SessionView,
    SignIn,
    SignInCodeView,
    SignInView,
    VerifyEmail,
)
from gateway import rpc
from gateway.conventions import Blueprint, Payload, Reply

blueprint = Blueprint(
    "identity", description="Who you are: accounts, sign-in in two steps, sessions."
)


@blueprint.operation("POST", "/accounts", takes=RegisterAccount, status=202, public=True)
def register_account(payload: Payload) -> Reply:
    """Register an account.

    A mail with a verification link goes to the address. The answer is the same for an address that
    has an account already: its owner is told so by mail.
    """
    return rpc.call("identity", "register_account", payload)


@blueprint.operation("POST", "/email-verifications", takes=VerifyEmail, status=204, public=True)
def verify_email(payload: Payload) -> Reply:
    """Verify an address.

    With the token of the link in the mail, which works once, within 24 hours. The account exists
    from then on.
    """
    return rpc.call("identity", "verify_email", payload)


@blueprint.operation(
    "POST",
    "/sign-ins",
    takes=SignIn,
    gives=SignInView,
    status=201,
    public=True,
    problems=(401,),
)
def sign_in(payload: Payload) -> Reply:
    """Begin to sign in.

    The password is the first step. An unknown address, a wrong password, an account that has to
    wait and an address that was never verified are answered alike.
    """
    return rpc.call("identity", "sign_in", payload)


@blueprint.operation(
    "POST",
    "/sign-ins/email-codes",
    takes=SendSignInCode,
    gives=SignInCodeView,
    status=202,
    public=True,
    problems=(401,),
)
def send_sign_in_code(payload: Payload) -> Reply:
    """Have a sign-in code mailed.

    Six digits, valid for five minutes, five tries and this sign-in only. A new one may be asked for
    after a minute and replaces the one before.
    """
    return rpc.call("identity", "send_sign_in_code", payload)


@blueprint.operation(
    "POST",
    "/sign-ins/completion",
    takes=CompleteSignIn,
    gives=SessionToken,
    status=201,
    public=True,
    problems=(401,),
)
def complete_sign_in(payload: Payload) -> Reply:
    """Complete a sign-in.

    With the code of one of the offered methods. `level` says what the session is worth: `aal1+`
    with a code by mail, `aal2` with an authenticator.
    """
    return rpc.call("identity", "complete_sign_in", payload)


@blueprint.operation("GET", "/session", gives=SessionView)
def get_session(payload: Payload) -> Reply:
    """Read the session of the token."""
    return rpc.call("identity", "get_session", payload, read=True)


@blueprint.operation("DELETE", "/session", status=204)
def sign_out(payload: Payload) -> Reply:
    """Sign out: the token is worth nothing any more."""
    return rpc.call("identity", "sign_out", payload)


@blueprint.operation("GET", "/account", gives=AccountView)
def get_account(payload: Payload) -> Reply:
    """Read the account of the token."""
    return rpc.call("identity", "get_account", payload, read=True)


@blueprint.operation(
    "POST",
    "/authenticators",
    takes=EnrolAuthenticator,
    gives=PendingAuthenticator,
    status=201,
    problems=(403, 409),
)
def enrol_authenticator(payload: Payload) -> Reply:
    """Enrol an authenticator app.

    Needs the password again, and the current code where an authenticator is active. Shows the setup
    key and its QR code, once. Nothing changes until the confirmation, which has 15 minutes.
    """
    return rpc.call("identity", "enrol_authenticator", payload)


@blueprint.operation(
    "POST",
    "/authenticators/<uuid:authenticator_id>/confirmation",
    takes=ConfirmAuthenticator,
    gives=SessionToken,
    status=201,
    problems=(404,),
)
def confirm_authenticator(payload: Payload) -> Reply:
    """Confirm an authenticator app with its first code.

    From now on its codes count, and those of the one before do not. Ends this session and answers
    with the token of a new one at level `aal2`.
    """
    return rpc.call("identity", "confirm_authenticator", payload)
