"""The kinds of mail, and what the text of one is; each language is a module of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    VERIFY_EMAIL = "verify_email"
    ALREADY_REGISTERED = "already_registered"
    SIGN_IN_CODE = "sign_in_code"
    AUTHENTICATOR_REGISTERED = "authenticator_registered"
    AUTHENTICATOR_REPLACED = "authenticator_replaced"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    AUTHENTICATOR_DISABLED = "authenticator_disabled"
    SECOND_FACTORS_RESET = "second_factors_reset"
    RECOVERY_CODES_ISSUED = "recovery_codes_issued"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_DISABLED = "recovery_codes_disabled"
    PASSWORD_RESET = "password_reset"
    PASSWORD_CHANGED = "password_changed"
    CONFIRM_EMAIL_CHANGE = "confirm_email_change"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    ADDRESS_TAKEN = "address_taken"
    API_TOKEN_CREATED = "api_token_created"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_DELETED = "account_deleted"
    INVITATION = "invitation"
    # Notices of licensing, each under the name it has there.
    RENEWAL_NEAR = "renewal_near"
    GRACE_STARTED = "grace_started"
    GRACE_ENDING = "grace_ending"
    UNLICENSED = "unlicensed"
    GROWTH_NEAR = "growth_near"
    GROWTH_EXCEEDED = "growth_exceeded"
    LICENSES_EXPIRING = "licenses_expiring"
    LICENSES_RETURNED = "licenses_returned"
    REDEEMING_LOCKED = "redeeming_locked"


@dataclass(frozen=True)
class Text:
    """``{name}`` stands for a value; a paragraph that is one value alone is set apart."""

    subject: str
    paragraphs: tuple[str, ...]
