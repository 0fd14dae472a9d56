"""Identity: accounts, sign-in in two steps, sessions, API tokens, and who vouches for a caller.

What is done in the Manage area has a file of its own: ``contracts.manage``.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate

from contracts.access import TOKEN_SCOPES
from contracts.caller import Level
from contracts.domains import a_labels
from contracts.events import Event
from contracts.fields import Truth, said

# Longer than any password the rules allow, so that the rules say why it is refused.
TEXT_MOST = 1024
# RFC 5321 lets no longer ones through; in octets.
EMAIL_MOST = 254
LOCAL_PART_MOST = 64
API_TOKEN_NAME_MOST = 100


class Language(StrEnum):
    """In which mails are written."""

    ENGLISH = "en"
    JAPANESE = "ja"
    KOREAN = "ko"


class Method(StrEnum):
    """How the second step of a sign-in is taken (ACC-4)."""

    EMAIL = "email"
    TOTP = "totp"


def email_field() -> fields.Email:
    return fields.Email(
        required=True, validate=[validate.Length(max=EMAIL_MOST), _require_one_reading]
    )


def require_printable(text: str) -> None:
    """Refuses what a screen does not show, or shows in another order than it is written."""
    if any(unicodedata.category(each)[0] == "C" for each in text) or not text.strip():
        raise ValidationError("Only characters that can be seen, and at least one.")


def _require_one_reading(address: str) -> None:
    """Refuses what mail programs read as another address, or cannot write into a header at all."""
    is_printable = all(unicodedata.category(each)[0] != "C" for each in address)
    # Some letters become several when they are composed, or compared without regard to case.
    composed = unicodedata.normalize("NFC", address)
    local, _, domain = composed.rpartition("@")
    looked_up = f"{local}@{a_labels(domain)}"
    readings = (composed, composed.casefold(), looked_up, looked_up.casefold())
    is_short = max(len(each.encode()) for each in readings) <= EMAIL_MOST
    is_short = is_short and len(local.encode()) <= LOCAL_PART_MOST
    if not (is_printable and is_short) or "=?" in address or '"' in address:
        raise ValidationError("Not a valid email address.")


def password_field(description: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(min=1, max=TEXT_MOST),
        metadata={**said(description), "format": "password"},
    )


def secret_field(description: str) -> fields.String:
    return fields.String(
        required=True, validate=validate.Length(min=1, max=200), metadata=said(description)
    )


def code_field(description: str, **more: Any) -> fields.String:
    return fields.String(
        validate=validate.Length(min=1, max=64), metadata=said(description), **more
    )


# Registering


class RegisterAccount(Schema):
    email = email_field()
    password = password_field(
        "At least 15 characters, at most 128; known and guessable ones are not."
    )
    language = fields.Enum(
        Language,
        by_value=True,
        load_default=Language.ENGLISH,
        metadata=said("Of the mails to this address."),
    )


class VerifyEmail(Schema):
    token = secret_field("From the link in the mail; it is used up by this.")
    password = password_field("As it was chosen at this registration.")


# Signing in


class SignIn(Schema):
    email = email_field()
    password = password_field("Of the account.")


class ManageMethod(StrEnum):
    """What opens the Manage area (MAN-2)."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"


class SignInView(Schema):
    sign_in = fields.String(
        required=True, metadata=said("Secret; names this sign-in until it is completed.")
    )
    methods = fields.List(
        fields.Enum(Method, by_value=True),
        required=True,
        metadata=said(
            "Choose one for the second step; empty when none is asked for, or none is left but the "
            "Manage area."
        ),
    )
    suggested_method = fields.Enum(
        Method,
        by_value=True,
        required=True,
        allow_none=True,
        metadata=said("The one to go to directly; null: let the person choose."),
    )
    manage_methods = fields.List(
        fields.Enum(ManageMethod, by_value=True),
        required=True,
        metadata=said("Ways into the Manage area with this sign-in; a mailed code is none."),
    )
    expires_at = fields.AwareDateTime(required=True)


class SendSignInCode(Schema):
    sign_in = secret_field("From the first step.")


class SignInCodeView(Schema):
    expires_at = fields.AwareDateTime(required=True)
    resend_at = fields.AwareDateTime(
        required=True, metadata=said("From then on a new code may be asked for.")
    )


class CompleteSignIn(Schema):
    sign_in = secret_field("From the first step.")
    method = fields.Enum(
        Method,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata=said("One of the methods of the first step; null when it named none."),
    )
    code = code_field(
        "Six digits from the mail or the authenticator app.", load_default=None, allow_none=True
    )
    keep_signed_in = Truth(
        load_default=False,
        metadata=said("For 30 days instead of 24 hours, where this installation allows it."),
    )


class SignInRuleView(Schema):
    kept_seconds = fields.Integer(
        required=True,
        allow_none=True,
        metadata=said("How long somebody may stay signed in who asks for it; null: nobody may."),
    )


class SessionToken(Schema):
    token = fields.String(
        required=True, metadata=said("Send it as `Authorization: Bearer`; shown this once.")
    )
    session_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    expires_at = fields.AwareDateTime(
        required=True, metadata=said("At the latest; sooner when it is not used.")
    )
    is_kept = fields.Boolean(
        required=True, metadata=said("Whether it was asked to be kept for longer.")
    )


class SessionView(Schema):
    session_id = fields.UUID(required=True, metadata=said("Of an API token: its id."))
    account_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    authenticated_at = fields.AwareDateTime(
        required=True,
        metadata=said(
            "When credentials were last entered for it; some time before where a mailed code stood in "
            "for the authenticator's."
        ),
    )
    fresh_until = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=said(
            "From then on `step-up-required` asks for them again; null: an API token's never are."
        ),
    )
    started_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(
        required=True, metadata=said("To the minute; noted at most once a minute.")
    )
    expires_at = fields.AwareDateTime(required=True)
    scopes = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata=said("What an API token is limited to; null: a session, limited by nothing."),
    )


class AccountView(Schema):
    account_id = fields.UUID(required=True)
    email = fields.String(required=True)
    language = fields.Enum(Language, by_value=True, required=True)
    registered_at = fields.AwareDateTime(required=True)
    is_operator = fields.Boolean(
        required=True, metadata=said("Operates this installation, beside any organization.")
    )
    authenticator_id = fields.UUID(
        required=True, allow_none=True, metadata=said("The active authenticator; null: none.")
    )
    authenticator_registered_at = fields.AwareDateTime(required=True, allow_none=True)
    preferred_method = fields.Enum(Method, by_value=True, required=True, allow_none=True)
    recovery_codes_left = fields.Integer(
        required=True, allow_none=True, metadata=said("Unused ones; null: none were ever issued.")
    )
    are_recovery_codes_few = fields.Boolean(
        required=True, metadata=said("Time to create new ones (RC-9).")
    )


class EnterCredentials(Schema):
    password = password_field("Of the account, entered again.")
    code = code_field(
        "Of the active authenticator; needed if there is one.", load_default=None, allow_none=True
    )


class UpdateAccount(Schema):
    language = fields.Enum(Language, by_value=True, metadata=said("Of the mails to this account."))
    preferred_method = fields.Enum(
        Method,
        by_value=True,
        allow_none=True,
        metadata=said("The second step to go to directly; null: choose each time."),
    )


# Passwords and addresses


class PasswordRuleView(Schema):
    least = fields.Integer(required=True, metadata=said("Characters a password has at least."))
    most = fields.Integer(required=True, metadata=said("Characters a password has at most."))


class PasswordAdvice(StrEnum):
    """What would make a password harder to guess."""

    MORE_WORDS = "more-words"
    COMMON = "common"
    SINGLE_WORD = "single-word"
    NAMES = "names"
    REPEATS = "repeats"
    SEQUENCES = "sequences"
    KEYBOARD = "keyboard"
    DATES = "dates"
    CAPITALS = "capitals"
    SUBSTITUTIONS = "substitutions"
    REVERSED = "reversed"


class RatePassword(Schema):
    password = password_field("One that somebody thinks of choosing; it is not kept.")


class PasswordStrength(Schema):
    score = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=4),
        metadata=said("0: guessed at once, to 4: hardly ever guessed. Only advice."),
    )
    advice = fields.List(
        fields.Enum(PasswordAdvice, by_value=True),
        required=True,
        metadata=said("What weakens it, and what would help; empty from 3 on."),
    )


class ChangePassword(Schema):
    current_password = password_field("Of the account.")
    new_password = password_field("As strong as at registration.")


class RequestPasswordReset(Schema):
    email = email_field()


class ResetPassword(Schema):
    token = secret_field(
        "From the link in the mail, also in one that verifies an address; it is used up by this."
    )
    new_password = password_field("As strong as at registration.")


class RequestEmailChange(Schema):
    email = email_field()


class ConfirmEmailChange(Schema):
    token = secret_field("From the link in the mail; it is used up by this.")


# Sessions of an account


class ListedSession(Schema):
    session_id = fields.UUID(required=True)
    level = fields.Enum(Level, by_value=True, required=True)
    started_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(
        required=True, metadata=said("To the minute; noted at most once a minute.")
    )
    expires_at = fields.AwareDateTime(required=True)
    ip = fields.String(required=True, allow_none=True, metadata=said("Where it was opened from."))
    user_agent = fields.String(required=True, allow_none=True)
    is_current = fields.Boolean(required=True, metadata=said("The one that asks."))


class SessionList(Schema):
    items = fields.List(fields.Nested(ListedSession), required=True)


class NameSession(Schema):
    session_id = fields.UUID(required=True)


class SessionsEnded(Schema):
    ended = fields.Integer(required=True, metadata=said("How many others there were."))


# API tokens


def _require_short_name(name: str) -> None:
    """Some letters become several when they are composed, or compared without regard to case."""
    composed = unicodedata.normalize("NFC", name)
    if max(len(composed), len(composed.casefold())) > API_TOKEN_NAME_MOST:
        raise ValidationError(f"Longer than maximum length {API_TOKEN_NAME_MOST}.")


def _scope() -> fields.String:
    return fields.String(validate=validate.OneOf(TOKEN_SCOPES))


class CreateApiToken(Schema):
    name = fields.String(
        required=True,
        validate=[
            validate.Length(min=1, max=API_TOKEN_NAME_MOST),
            require_printable,
            _require_short_name,
        ],
        metadata=said("To know it by; each name once, however it is capitalized."),
    )
    scopes = fields.List(
        _scope(),
        required=True,
        validate=validate.Length(min=1, max=len(TOKEN_SCOPES)),
        metadata=said("What it may do, where its owner may do it too."),
    )
    expires_at = fields.AwareDateTime(
        required=True, metadata=said("When it ends; at most a year and a day from now.")
    )


class ApiTokenView(Schema):
    api_token_id = fields.UUID(required=True)
    name = fields.String(required=True)
    scopes = fields.List(_scope(), required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=said("Noted at most once a minute.")
    )


class ApiTokenCreated(ApiTokenView):
    token = fields.String(
        required=True, metadata=said("Send it as `Authorization: Bearer`; shown this once.")
    )


class ApiTokenList(Schema):
    items = fields.List(fields.Nested(ApiTokenView), required=True)


class NameApiToken(Schema):
    api_token_id = fields.UUID(required=True)


# Among services


class Introspect(Schema):
    token = secret_field("Of a session, or an API token.")


class Introspection(Schema):
    assertion = fields.String(required=True)
    account_id = fields.UUID(required=True)
    session_id = fields.UUID(required=True, metadata=said("Of an API token: its id."))
    level = fields.Enum(Level, by_value=True, required=True)
    expires_at = fields.AwareDateTime(required=True, metadata=said("Of the assertion."))


class PublicKeys(Schema):
    keys = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=said("Raw Ed25519 public keys in hex, by key id."),
    )


# Events


@dataclass(frozen=True)
class SessionEnded(Event):
    """A session or an API token; whoever keeps an introspection drops it."""

    source: ClassVar[str] = "identity"
    name: ClassVar[str] = "session_ended"

    session_id: UUID
    account_id: UUID
    token_hash: str


@dataclass(frozen=True)
class AccountDeleted(Event):
    """The account is gone for good; what others keep of it by its id means nobody any more."""

    source: ClassVar[str] = "identity"
    name: ClassVar[str] = "account_deleted"

    account_id: UUID
