"""Registering an authenticator: shown, then confirmed; until then nothing changes (REG-3, REG-4).

(none) ──Manage area──▶ pending ──its own code──▶ active, the one before is gone
                           └──15 minutes, or registered anew──▶ (none), nothing has changed
"""

from __future__ import annotations

from contracts.errors import Conflict, Invalid, NotFound


class AuthenticatorNotFound(NotFound):
    """Nothing is pending under this id in this Manage session; or there is none to remove."""

    code = "authenticator-not-found"


class CodeRequired(Invalid):
    """An authenticator is registered: a code is needed beside the password (ACC-9)."""

    code = "code-required"


class AuthenticatorDisabled(Conflict):
    """Too many wrong codes in a row: it takes a recovery code, and a new one to be registered."""

    code = "authenticator-disabled"


class AuthenticatorNeeded(Conflict):
    """This installation asks everybody for an authenticator: replace it instead."""

    code = "authenticator-needed"
