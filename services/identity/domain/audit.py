"""What identity records, in the words of the OWASP logging vocabulary (security 2.10)."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    USER_CREATED = "user_created"
    LOGIN_SUCCESS = "authn_login_success"
    LOGIN_FAIL = "authn_login_fail"
    LOGIN_LOCK = "authn_login_lock"
    STEP_UP_FAIL = "authn_step_up_fail"
    TOTP_REGISTERED = "mfa_totp_registered"
    TOTP_REPLACED = "mfa_totp_replaced"
    TOTP_DISABLED = "mfa_totp_disabled"
    MANAGE_ENTERED = "mfa_manage_entered"
    RECOVERY_ISSUED = "mfa_recovery_issued"
    RECOVERY_USED = "mfa_recovery_used"
    RECOVERY_EXHAUSTED = "mfa_recovery_exhausted"
    RECOVERY_DISABLED = "mfa_recovery_disabled"
    FAILURES_FORGOTTEN = "authn_failures_forgotten"
    FACTORS_RESET = "mfa_factors_reset"
    PASSWORD_CHANGED = "authn_password_change"
    PASSWORD_RESET_ASKED = "authn_password_reset"
    TOKEN_REUSE = "authn_token_reuse"
    EMAIL_CHANGE_ASKED = "user_email_change_asked"
    EMAIL_CHANGED = "user_email_changed"
    USER_UPDATED = "user_updated"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    USER_DELETED = "user_deleted"
    USER_SHOWN = "user_shown"
    API_TOKEN_CREATED = "api_token_created"
    API_TOKEN_REVOKED = "api_token_revoked"
    SESSION_CREATED = "session_created"
    SESSION_REVOKED = "session_revoked"
    PERMISSIONS_CHANGED = "privilege_permissions_changed"
    AUTHZ_FAIL = "authz_fail"
    SECRETS_RESEALED = "secrets_resealed"
    OUTDATED_PURGED = "outdated_purged"


class Result(StrEnum):
    DONE = "done"
    REFUSED = "refused"
