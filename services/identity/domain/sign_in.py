"""Signing in: which second steps there are, and what each is worth.

sign_in ──none is asked for─────────────────────────────▶ session (aal1)
   │
   ├──e-mail code, five tries, five minutes──▶ complete──▶ session (aal1+)
   ├──authenticator's code──────────────────▶ complete──▶ session (aal2)
   └──authenticator's or recovery code──▶ Manage session, for second factors only (MAN-5)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.caller import Level
from contracts.errors import Forbidden, Invalid, Unauthenticated
from contracts.identity import Method
from services.identity.domain.enrolment import AuthenticatorDisabled
from services.identity.domain.settings import STEP_UP_MOST, MfaPolicy


class SignInRefused(Unauthenticated):
    """Says nothing of why: unknown or unverified address, wrong password, locked or disabled."""

    code = "sign-in-refused"


class SignInOver(Unauthenticated):
    """The sign-in is unknown, completed, older than ten minutes, or its password was changed."""

    code = "sign-in-over"


class MethodNotOffered(Invalid):
    """This sign-in, or this account, does not offer the method."""

    code = "method-not-offered"


class CredentialsRefused(Forbidden):
    """The password entered again is not the account's."""

    code = "credentials-refused"


def methods(
    policy: MfaPolicy, *, has_authenticator: bool, is_disabled: bool = False
) -> tuple[Method, ...]:
    """The second steps of an account with a verified address (ACC-5, ACC-7).

    :param has_authenticator: one whose codes count.
    :param is_disabled: there is one, and too many wrong codes disabled it. Whoever did that gets in
        with no less than before.
    """
    if has_authenticator:
        return (Method.TOTP,) if policy is MfaPolicy.TOTP_REQUIRED else (Method.TOTP, Method.EMAIL)
    if is_disabled:
        return () if policy is MfaPolicy.TOTP_REQUIRED else (Method.EMAIL,)
    return () if policy is MfaPolicy.OPTIONAL else (Method.EMAIL,)


def suggested(offered: Sequence[Method], preferred: str | None = None) -> Method | None:
    """The preferred one, or the only one there is; else people choose (ACC-6)."""
    wanted = [method for method in offered if method == preferred]
    if wanted:
        return wanted[0]
    return offered[0] if len(offered) == 1 else None


def require_offered(
    method: Method | None, offered: Sequence[Method], *, is_disabled: bool = False
) -> None:
    """Refuse a second step that there is not, and none at all where one is asked for.

    :param is_disabled: as for `methods`.
    :raises MethodNotOffered:
    :raises AuthenticatorDisabled: nothing is left but the Manage area.
    """
    if is_disabled and not offered:
        raise AuthenticatorDisabled(
            "The authenticator is disabled after too many wrong codes. Use a recovery code."
        )
    if method is None and not offered:
        return
    if method not in offered:
        names = ", ".join(offered) or "none"
        raise MethodNotOffered(f"The second steps of this account are: {names}.")


def level_of(method: Method | None, policy: MfaPolicy, *, has_authenticator: bool) -> Level:
    """What a completed sign-in is worth (security 2.6).

    Where everybody must have an authenticator, who has none may register one and nothing else.

    :param has_authenticator: one that is disabled, too: a mailed code never opens the Manage area
        beside it (MAN-3).
    """
    if method is Method.TOTP:
        return Level.AAL2
    if policy is MfaPolicy.TOTP_REQUIRED and not has_authenticator:
        return Level.MANAGE
    return Level.AAL1_EMAIL if method is Method.EMAIL else Level.AAL1


def authenticated_at(method: Method | None, now: datetime, *, has_authenticator: bool) -> datetime:
    """Since when the credentials of a completed sign-in are fresh (security 2.7).

    Beside an authenticator a mailed code is not all of them: such a session begins with stale ones.
    """
    if has_authenticator and method is not Method.TOTP:
        return stale_at(now)
    return now


def stale_at(now: datetime) -> datetime:
    """Since when credentials are as if entered that are not to count as fresh."""
    return now - STEP_UP_MOST - timedelta(seconds=1)
