"""Identity: accounts, sign-in in two steps, authenticators, sessions, and who vouches for a caller."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from contracts.caller import Level
from contracts.events import Event

# Longer than any password the rules allow, so that the rules say why it is refused.
TEXT_MOST = 1024
# RFC 5321 lets no longer one through.
EMAIL_MOST = 254


class Language(StrEnum):
    """In which mails are written."""

    ENGLISH = "en"
    JAPANESE = "ja"
    KOREAN = "ko"


class Method(StrEnum):
    """How the second step of a sign-in is taken (ACC-4)."""

    EMAIL = "email"
    TOTP = "totp"


def _said(description: str) -> dict[str, str]:
    return {"description": description}


def _email() -> fields.Email:
    return fields.Email(
        required=True, validate=[validate.Length(max=EMAIL_MOST), _require_one_reading]
    )


def _require_one_reading(address: str) -> None:
    """Refuses what mail programs read as another address, or cannot write into a header at all."""
    is_printable = all(unicodedata.category(each)[0] != "C" for each in address)
    # Some letters become several when they are composed, or compared without regard to case.
    composed = unicodedata.normalize("NFC", address)
    is_short = max(len(composed), len(composed.casefold())) <= EMAIL_MOST
    if not (is_printable and is_short) or "=?" in address or '"' in address:
        raise ValidationError("Not a valid email address.")


def _password(description: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=TEXT_MOST),
        metadata={**_said(description), "format": "password"},
    )


def _secret(description: str) -> fields.String:
    return fields.String(
        required=True, validate=validate.Length(min=1, max=200), metadata=_said(description)
    )


def _code(description: str, **more: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(min=1, max=64), metadata=_said(description), **more
    )


# Registering


class RegisterAccount(Schema):
    email = _email()
    password = _password("At least 15 characters, at most 128; known and guessable ones are not.")
    language = fields.Enum(
        Language,
        by_value=True,
        load_default=Language.ENGLISH,
        metadata=_said("Of the mails to this address."),
    )


class VerifyEmail(Schema):
    token = _secret("From the link in the mail; it is used up by this.")


# Signing in


class SignIn(Schema):
    email = _email()
    password = _password("Of the account.")


class SignInView(Schema):
    sign_in = fields.String(
        required=True, metadata=_said("Secret; names this sign-in until it is completed.")
    )
    methods = fields.List(
        fields.Enum(Method, by_value=True),
        required=True,
        metadata=_said("Choose one for the second step; empty when none is asked for."),
    )
    suggested_method = fields.Enum(
        Method,
        by_value=True,
        required=True,
        allow_none=True,
        metadata=_said("The one to go to directly; null: let the person choose."),
    )
    expires_at = fields.AwareDateTime(required=True)


class SendSignInCode(Schema):
    sign_in = _secret("From the first step.")


class SignInCodeView(Schema):
    expires_at = fields.AwareDateTime(required=True)
    resend_at = fields.AwareDateTime(
        required=True, metadata=_said("From then on a new code may be asked for.")
    )


class CompleteSignIn(Schema):
    sign_in = _secret("From the first step.")
    method = fields.Enum(
        Method,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata=_said("One of the methods of the first step; null when it named none."),
    )
    code = _code(
        "Six digits from the mail or the authenticator app.", load_default=None, allow_none=True
    )


class SessionToken(Schema):
    token = fields.String(
        required=True, metadata=_said("Send it as `Authorization: Bearer`; shown this once.")
    )
    session_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    expires_at = fields.AwareDateTime(
        required=True, metadata=_said("At the latest; sooner when it is not used.")
    )


class SessionView(Schema):
    session_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    authenticated_at = fields.AwareDateTime(
        required=True, metadata=_said("When credentials were last entered for it.")
    )
    started_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class AccountView(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    language = fields.Enum(Language, by_value=True, required=True)
    registered_at = fields.AwareDateTime(required=True)
    is_operator = fields.Boolean(
        required=True, metadata=_said("Operates this installation, beside any organization.")
    )
    authenticator_id = fields.UUID(
        required=True, allow_none=True, metadata=_said("The active authenticator; null: none.")
    )
    authenticator_registered_at = fields.AwareDateTime(required=True, allow_none=True)


# Authenticators


class EnrolAuthenticator(Schema):
    password = _password("Of the account, entered again.")
    code = _code(
        "Of the authenticator that is active now; needed if there is one.",
        load_default=None,
        allow_none=True,
    )


class PendingAuthenticator(Schema):
    authenticator_id = fields.UUID(required=True)
    setup_key = fields.String(
        required=True, metadata=_said("32 characters to type into an app; shown this once.")
    )
    otpauth_uri = fields.String(required=True, metadata=_said("What the QR code says."))
    qr_svg = fields.String(required=True, metadata=_said("The QR code as an SVG image."))
    expires_at = fields.AwareDateTime(required=True)


class ConfirmAuthenticator(Schema):
    authenticator_id = fields.UUID(required=True)
    code = _code("Six digits from the newly set up app.", required=True)


# Among services


class Introspect(Schema):
    token = _secret("A session's token.")


class Introspection(Schema):
    assertion = fields.String(required=True)
    account_id = fields.UUID(required=True)
    session_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    expires_at = fields.AwareDateTime(required=True, metadata=_said("Of the assertion."))


class PublicKeys(Schema):
    keys = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=_said("Raw Ed25519 public keys in hex, by key id."),
    )


# Events


@dataclass(frozen=True)
class SessionEnded(Event):
    """Whoever keeps an introspection drops it."""

    source: ClassVar[str] = "identity"
    name: ClassVar[str] = "session_ended"

    session_id: UUID
    account_id: UUID
    token_hash: str
