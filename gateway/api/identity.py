"""Accounts, sign-in, sessions and API tokens over HTTP."""

from __future__ import annotations

from contracts.identity import (
    AccountView,
    ApiTokenCreated,
    ApiTokenList,
    ChangePassword,
    CompleteSignIn,
    ConfirmEmailChange,
    CreateApiToken,
    EnterCredentials,
    NameApiToken,
    NameSession,
    PasswordStrength,
    RatePassword,
    RegisterAccount,
    RequestEmailChange,
    RequestPasswordReset,
    ResetPassword,
    SendSignInCode,
    SessionList,
    SessionsEnded,
    SessionToken,
    SessionView,
    SignIn,
    SignInCodeView,
    SignInView,
    UpdateAccount,
    VerifyEmail,
)
from gateway import rpc
from gateway.conventions import PERSON, SIGNED_IN, Blueprint, Payload, Reply

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

    With the token of the link in the mail, which works once, within 24 hours, and the password of
    this registration again: somebody else may have registered the address. The account exists from
    then on. Who does not know the password sends the token with a new one to
    `/v1/password-resets/completion`.
    """
    return rpc.call("identity", "verify_email", payload)


@blueprint.operation(
    "POST", "/sign-ins", takes=SignIn, gives=SignInView, status=201, public=True, problems=(401,)
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
    problems=(401, 409),
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
    problems=(401, 409),
)
def complete_sign_in(payload: Payload) -> Reply:
    """Complete a sign-in.

    With the code of one of the offered methods. `level` says what the session is worth: `aal1+`
    with a code by mail, `aal2` with an authenticator; `manage` where this installation asks
    everybody for an authenticator and the account has none yet. With `keep_signed_in` the session
    lasts 30 days, 7 of them unused, if this installation keeps anybody signed in; else that is
    refused. A Manage session is never kept.
    """
    return rpc.call("identity", "complete_sign_in", payload)


@blueprint.operation("GET", "/session", needs=SIGNED_IN, gives=SessionView)
def get_session(payload: Payload) -> Reply:
    """Read the session of the token."""
    return rpc.call("identity", "get_session", payload, read=True)


@blueprint.operation("DELETE", "/session", needs=PERSON, status=204)
def sign_out(payload: Payload) -> Reply:
    """Sign out: the token is worth nothing any more."""
    return rpc.call("identity", "sign_out", payload)


@blueprint.operation(
    "POST",
    "/session/step-up",
    needs=PERSON,
    takes=EnterCredentials,
    gives=SessionToken,
    status=201,
    problems=(409,),
)
def step_up(payload: Payload) -> Reply:
    """Enter your credentials again.

    What is answered with `step-up-required` needs credentials that were entered within the last ten
    minutes. Ends this session and answers with the token of a new one.
    """
    return rpc.call("identity", "step_up", payload)


@blueprint.operation("GET", "/sessions", needs=PERSON, gives=SessionList)
def list_sessions(payload: Payload) -> Reply:
    """List the account's live sessions, the last used first."""
    return rpc.call("identity", "list_sessions", payload, read=True)


@blueprint.operation(
    "DELETE",
    "/sessions/<uuid:session_id>",
    needs=PERSON,
    takes=NameSession,
    status=204,
    problems=(404,),
)
def end_session(payload: Payload) -> Reply:
    """End one of the account's sessions; its token is refused from the next request on."""
    return rpc.call("identity", "end_session", payload)


@blueprint.operation("DELETE", "/sessions", needs=PERSON, gives=SessionsEnded)
def end_other_sessions(payload: Payload) -> Reply:
    """End all of the account's sessions but this one."""
    return rpc.call("identity", "end_other_sessions", payload)


@blueprint.operation("GET", "/account", needs=SIGNED_IN, gives=AccountView)
def get_account(payload: Payload) -> Reply:
    """Read the account of the token."""
    return rpc.call("identity", "get_account", payload, read=True)


@blueprint.operation("PATCH", "/account", needs=PERSON, takes=UpdateAccount, gives=AccountView)
def update_account(payload: Payload) -> Reply:
    """Change the language of mails, or the second step to go to directly.

    What is not named stays as it is.
    """
    return rpc.call("identity", "update_account", payload)


@blueprint.operation("DELETE", "/account", needs=PERSON, status=204, problems=(409,))
def delete_account(payload: Payload) -> Reply:
    """Delete the account for good.

    Needs credentials entered within the last ten minutes. Refused while organizations have no other
    owner: `organization_ids` names them. Ends every membership, session and API token. If it is
    answered with 503, repeat it.
    """
    return rpc.call("identity", "delete_account", payload)


@blueprint.operation(
    "PUT",
    "/account/password",
    needs=PERSON,
    takes=ChangePassword,
    gives=SessionToken,
    status=201,
    problems=(409,),
)
def change_password(payload: Payload) -> Reply:
    """Change the password.

    Where an authenticator is registered, needs credentials entered within the last ten minutes. Ends
    every session and API token of the account and answers with the token of a new session.
    """
    return rpc.call("identity", "change_password", payload)


@blueprint.operation(
    "POST", "/password-resets", takes=RequestPasswordReset, status=202, public=True
)
def request_password_reset(payload: Payload) -> Reply:
    """Have a link mailed that resets the password.

    The answer is the same for an address that nobody registered. The link works once, within 30
    minutes. For an address that was registered and not verified it verifies the address too.
    """
    return rpc.call("identity", "request_password_reset", payload)


@blueprint.operation(
    "POST", "/password-resets/completion", takes=ResetPassword, status=204, public=True
)
def reset_password(payload: Payload) -> Reply:
    """Set a new password, with the token of the link in the mail.

    Ends every session and API token of the account. Second factors stay as they are, and nobody is
    signed in by this. The token of a mail that verifies an address is taken too: the address is
    verified with the new password, and none that it was registered with counts any more.
    """
    return rpc.call("identity", "reset_password", payload)


@blueprint.operation(
    "POST", "/password-strength", takes=RatePassword, gives=PasswordStrength, public=True
)
def rate_password(payload: Payload) -> Reply:
    """Ask how strong a password is.

    For a meter beside the field where one is chosen. Decides nothing: which passwords are refused is
    told by the operation that sets them.
    """
    return rpc.call("identity", "rate_password", payload, read=True)


@blueprint.operation(
    "POST", "/account/email-changes", needs=PERSON, takes=RequestEmailChange, status=202
)
def request_email_change(payload: Payload) -> Reply:
    """Ask for another e-mail address.

    Needs credentials entered within the last ten minutes. A link goes to the new address and a
    notice to the present one; nothing changes until the link is followed, within an hour. The
    answer is the same for an address that has an account already.
    """
    return rpc.call("identity", "request_email_change", payload)


@blueprint.operation(
    "POST", "/email-changes/confirmation", takes=ConfirmEmailChange, status=204, public=True
)
def confirm_email_change(payload: Payload) -> Reply:
    """Take over the new address, with the token of the link in the mail.

    Refused where the address has become another account's meanwhile.
    """
    return rpc.call("identity", "confirm_email_change", payload)


@blueprint.operation(
    "POST",
    "/api-tokens",
    needs=PERSON,
    takes=CreateApiToken,
    gives=ApiTokenCreated,
    status=201,
    problems=(409,),
)
def create_api_token(payload: Payload) -> Reply:
    """Create an API token for a program.

    Needs credentials entered within the last ten minutes. The token may do what its scopes say, in
    as far as its owner may do it at that time, and never changes the account itself.
    """
    return rpc.call("identity", "create_api_token", payload)


@blueprint.operation("GET", "/api-tokens", needs=PERSON, gives=ApiTokenList)
def list_api_tokens(payload: Payload) -> Reply:
    """List the account's API tokens, the newest first."""
    return rpc.call("identity", "list_api_tokens", payload, read=True)


@blueprint.operation(
    "DELETE",
    "/api-tokens/<uuid:api_token_id>",
    needs=PERSON,
    takes=NameApiToken,
    status=204,
    problems=(404,),
)
def revoke_api_token(payload: Payload) -> Reply:
    """Revoke an API token; it is refused from the next request on."""
    return rpc.call("identity", "revoke_api_token", payload)
