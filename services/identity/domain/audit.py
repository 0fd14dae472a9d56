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
    SESSION_CREATED = "session_created"
    SESSION_REVOKED = "session_revoked"
    PERMISSIONS_CHANGED = "privilege_permissions_changed"


class Result(StrEnum):
    DONE = "done"
    REFUSED = "refused"
