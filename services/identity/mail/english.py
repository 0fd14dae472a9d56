"""What the mails say in English."""

from __future__ import annotations

from collections.abc import Mapping

from services.identity.mail.texts import Kind, Text

TEXTS: Mapping[Kind, Text] = {
    Kind.VERIFY_EMAIL: Text(
        "Verify your e-mail address for {service}",
        (
            (
                "Somebody registered this address for an account of {service}. If it was you, verify "
                "the address with this link within {hours} hours; you will be asked for the password "
                "that you chose:"
            ),
            "{link}",
            "If it was not you, do nothing: without the link there is no account.",
        ),
    ),
    Kind.ALREADY_REGISTERED: Text(
        "You already have an account of {service}",
        (
            (
                "Somebody tried to register this address for an account of {service}, which it "
                "already has. Nothing was changed."
            ),
            "If it was you, sign in as usual:",
            "{link}",
            "If it was not you, there is nothing to do.",
        ),
    ),
    Kind.SIGN_IN_CODE: Text(
        "Your sign-in code for {service}",
        (
            "Your code for signing in:",
            "{code}",
            "It works once, within {minutes} minutes, and only for the sign-in that asked for it.",
            "If you are not signing in, somebody knows your password: change it at once.",
        ),
    ),
    Kind.AUTHENTICATOR_REGISTERED: Text(
        "An authenticator app was registered for {service}",
        (
            "An authenticator app was registered for your account on {at}.",
            (
                "If it was not you, somebody knows your password: reset it at once, and tell the "
                "operators of this installation."
            ),
        ),
    ),
    Kind.AUTHENTICATOR_REPLACED: Text(
        "Your authenticator app for {service} was replaced",
        (
            (
                "Another authenticator app was registered for your account on {at}. The setup key "
                "before it, and its codes, no longer work."
            ),
            (
                "If it was not you, reset your password at once. Then enter the Manage area with a "
                "recovery code, register your own authenticator app and create new recovery codes. "
                "If you cannot, tell the operators of this installation."
            ),
        ),
    ),
    Kind.AUTHENTICATOR_REMOVED: Text(
        "Your authenticator app for {service} was removed",
        (
            "The authenticator app of your account was removed on {at}. Its codes no longer work.",
            (
                "If you did not do this or ask for it, reset your password at once, register an "
                "authenticator app again in the Manage area, and tell the operators of this "
                "installation."
            ),
        ),
    ),
    Kind.AUTHENTICATOR_DISABLED: Text(
        "Your authenticator app for {service} was disabled",
        (
            (
                "Too many wrong codes in a row were entered for your account. Its authenticator app "
                "was therefore disabled on {at}, and its codes no longer work."
            ),
            (
                "Enter the Manage area with a recovery code and register an authenticator app again. "
                "If you have no recovery code, ask the operators of this installation."
            ),
            ("If the wrong codes were not yours, somebody knows your password: change it at once."),
        ),
    ),
    Kind.SECOND_FACTORS_RESET: Text(
        "Your second factors for {service} were reset",
        (
            (
                "An operator of this installation reset the second factors of your account on {at}. "
                "The authenticator app and the recovery codes no longer work."
            ),
            "Sign in and set them up again in the Manage area.",
            (
                "If you did not ask for it, change your password at once and tell the operators of "
                "this installation."
            ),
        ),
    ),
    Kind.RECOVERY_CODES_ISSUED: Text(
        "New recovery codes were created for {service}",
        (
            (
                "{count} new recovery codes were created for your account on {at}. All earlier ones, "
                "used or not, no longer work."
            ),
            (
                "If it was not you, reset your password at once. Then enter the Manage area with your "
                "authenticator app and create new recovery codes. If you cannot, tell the operators "
                "of this installation."
            ),
        ),
    ),
    Kind.RECOVERY_CODE_USED: Text(
        "A recovery code was used for {service}",
        (
            (
                "A recovery code of your account was used on {at}. Codes left: {left} of {of}. When "
                "only few are left, create new ones in the Manage area."
            ),
            (
                "If it was not you, somebody knows your password and your recovery codes: reset the "
                "password at once, create new recovery codes in the Manage area, and check the "
                "authenticator app there. If you cannot, tell the operators of this installation."
            ),
        ),
    ),
    Kind.RECOVERY_CODES_DISABLED: Text(
        "Your recovery codes for {service} were disabled",
        (
            (
                "Too many wrong recovery codes in a row were entered for your account. All its "
                "recovery codes were therefore disabled on {at}."
            ),
            (
                "Enter the Manage area with your authenticator app and create new ones. If you have "
                "no authenticator app, ask the operators of this installation."
            ),
            ("If the wrong codes were not yours, somebody knows your password: change it at once."),
        ),
    ),
    Kind.PASSWORD_RESET: Text(
        "Reset your password for {service}",
        (
            (
                "Somebody asked to reset the password of your account. If it was you, choose a new "
                "one with this link within {minutes} minutes:"
            ),
            "{link}",
            "The link works once. Your second factors stay as they are.",
            "If it was not you, do nothing: without the link your password stays as it is.",
        ),
    ),
    Kind.PASSWORD_CHANGED: Text(
        "Your password for {service} was changed",
        (
            "The password of your account was changed on {at}.",
            (
                "If it was not you, reset the password at once from the sign-in page, and check your "
                "second factors in the Manage area. If you cannot, tell the operators of this "
                "installation."
            ),
        ),
    ),
    Kind.CONFIRM_EMAIL_CHANGE: Text(
        "Confirm your new e-mail address for {service}",
        (
            (
                "Somebody asked to use this address for an account of {service}. If it was you, "
                "confirm the address with this link within {minutes} minutes:"
            ),
            "{link}",
            "If it was not you, do nothing: without the link nothing changes.",
        ),
    ),
    Kind.EMAIL_CHANGE_ASKED: Text(
        "A change of your e-mail address for {service} was asked for",
        (
            (
                "On {at} somebody signed in to your account asked to change its e-mail address to "
                "{email}. Nothing changes until that address is confirmed."
            ),
            (
                "If it was not you, change your password at once and tell the operators of this "
                "installation."
            ),
        ),
    ),
    Kind.EMAIL_CHANGED: Text(
        "Your e-mail address for {service} was changed",
        (
            (
                "The e-mail address of your account was changed to {email} on {at}. Sign in with "
                "that address from now on."
            ),
            "If it was not you, tell the operators of this installation at once.",
        ),
    ),
    Kind.ADDRESS_TAKEN: Text(
        "Your e-mail address already has an account of {service}",
        (
            (
                "Somebody asked to use this address for another account of {service}. It already has "
                "an account, so nothing was changed."
            ),
            "If it was you, sign in with this address, or choose another one for that account.",
            "If it was not you, there is nothing to do.",
        ),
    ),
    Kind.API_TOKEN_CREATED: Text(
        "An API token was created for {service}",
        (
            (
                "The API token “{name}” was created for your account on {at}. It works until "
                "{expires}."
            ),
            (
                "If it was not you, revoke the token at once, change your password, and tell the "
                "operators of this installation."
            ),
        ),
    ),
    Kind.ACCOUNT_DISABLED: Text(
        "Your account of {service} was disabled",
        (
            (
                "An operator of this installation disabled your account on {at}. Nobody can sign in "
                "with it until it is enabled again."
            ),
            "If you want to know why, ask the operators.",
        ),
    ),
    Kind.ACCOUNT_DELETED: Text(
        "Your account of {service} was deleted",
        (
            "Your account of {service} was deleted on {at}. It cannot be restored.",
            "If it was not you, tell the operators of this installation at once.",
        ),
    ),
    Kind.INVITATION: Text(
        "You are invited to an organization on {service}",
        (
            (
                "You are invited to the organization “{organization}”. In an organization of "
                "{service} a company looks after its network cameras together."
            ),
            "See the invitation, and decide, with this link until {until}:",
            "{link}",
            (
                "Only an account with this e-mail address can accept it. If you have none yet, the "
                "link lets you register one."
            ),
            "If you did not expect the invitation, ignore it: without you nothing happens.",
        ),
    ),
}
