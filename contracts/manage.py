"""The Manage area: second factors and recovery codes, changed in a session of their own (MAN)."""

from __future__ import annotations

from marshmallow import Schema, fields

from contracts.fields import Truth, said
from contracts.identity import ManageMethod, code_field, password_field, secret_field

# Entering


class OpenManage(Schema):
    sign_in = secret_field("From the first step of a sign-in.")
    method = fields.Enum(
        ManageMethod, by_value=True, required=True, metadata=said("One of `manage_methods`.")
    )
    code = code_field("Of the authenticator app, or one of the recovery codes.", required=True)


class EnterManage(Schema):
    password = password_field("Of the account, entered again.")
    method = fields.Enum(
        ManageMethod,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata=said("Needed where an authenticator is active."),
    )
    code = code_field(
        "Of the authenticator app, or one of the recovery codes.",
        load_default=None,
        allow_none=True,
    )


class ManageSessionToken(Schema):
    token = fields.String(
        required=True,
        metadata=said("Opens the Manage area and nothing else; shown this once."),
    )
    session_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    expires_at = fields.AwareDateTime(
        required=True, metadata=said("At the latest; sooner when it is not used.")
    )


class RecoveryCodesState(Schema):
    issued_at = fields.AwareDateTime(required=True, metadata=said("When they were confirmed."))
    left = fields.Integer(required=True)
    of = fields.Integer(required=True)
    are_few = fields.Boolean(required=True, metadata=said("Time to create new ones (RC-9)."))
    is_disabled = fields.Boolean(
        required=True, metadata=said("After too many wrong ones; create new ones.")
    )


class AuthenticatorView(Schema):
    authenticator_id = fields.UUID(required=True)
    registered_at = fields.AwareDateTime(required=True)
    is_disabled = fields.Boolean(
        required=True, metadata=said("After too many wrong codes; register a new one.")
    )


class ManageView(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    authenticator = fields.Nested(
        AuthenticatorView, required=True, allow_none=True, metadata=said("Null: none.")
    )
    pending_authenticator_id = fields.UUID(
        required=True, allow_none=True, metadata=said("Shown in this session, not confirmed yet.")
    )
    recovery_codes = fields.Nested(
        RecoveryCodesState, required=True, allow_none=True, metadata=said("Null: none.")
    )
    pending_recovery_codes_id = fields.UUID(
        required=True, allow_none=True, metadata=said("Shown in this session, not confirmed yet.")
    )
    expires_at = fields.AwareDateTime(required=True, metadata=said("Of this Manage session."))


# Authenticators


class PendingAuthenticator(Schema):
    authenticator_id = fields.UUID(required=True)
    setup_key = fields.String(
        required=True,
        metadata=said("32 characters to type into an app; never shown after its confirmation."),
    )
    otpauth_uri = fields.String(required=True, metadata=said("What the QR code says."))
    qr_svg = fields.String(required=True, metadata=said("The QR code as an SVG image."))
    expires_at = fields.AwareDateTime(required=True)


class NameAuthenticator(Schema):
    authenticator_id = fields.UUID(required=True)


class ConfirmAuthenticator(Schema):
    authenticator_id = fields.UUID(required=True)
    code = code_field("Six digits from the newly set up app.", required=True)
    end_other_sessions = Truth(
        load_default=False, metadata=said("All but this one, with the API tokens.")
    )


# Recovery codes


class PendingRecoveryCodes(Schema):
    batch_id = fields.UUID(required=True)
    codes = fields.List(
        fields.String(), required=True, metadata=said("To print or to save; shown this once.")
    )
    expires_at = fields.AwareDateTime(
        required=True, metadata=said("Unless confirmed until then, they are never valid.")
    )


class NameRecoveryCodes(Schema):
    batch_id = fields.UUID(required=True)


class ProvisioningSheet(Schema):
    authenticator = fields.Nested(PendingAuthenticator, required=True)
    recovery_codes = fields.Nested(PendingRecoveryCodes, required=True)
    html = fields.String(
        required=True, metadata=said("A page to print, complete in itself; given this once.")
    )
