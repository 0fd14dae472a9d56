"""API tokens: what programs of an account's owner sign in with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from contracts.errors import Conflict, Invalid, NotFound

# By it people and scanners of repositories know a token that leaked for what it is.
PREFIX = "fhp_"
# The token of a session may begin alike, and is shorter.
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


class ApiTokenNotFound(NotFound):
    """The account has no API token with this id."""

    code = "api-token-not-found"


class ApiTokenNameTaken(Conflict):
    """Another API token of the account bears this name."""

    code = "api-token-name-taken"


class TooManyApiTokens(Conflict):
    """The account has as many API tokens as one may."""

    code = "too-many-api-tokens"


class ApiTokenExpiry(Invalid):
    """An API token ends some day, and not too far ahead."""

    code = "api-token-expiry"


def is_api_token(token: str) -> bool:
    return _FORM.fullmatch(token) is not None


def normalized(name: str) -> str:
    """The spelling that is kept."""
    return unicodedata.normalize("NFC", name).strip()


def key(name: str) -> str:
    """Equal for names that differ in capitals or composition only (Unicode caseless matching)."""
    folded = unicodedata.normalize("NFD", normalized(name)).casefold()
    return unicodedata.normalize("NFC", folded)


def require_expiry(expires_at: datetime, now: datetime, most: timedelta) -> None:
    """:raises ApiTokenExpiry: ``latest`` among the facts."""
    latest = now + most
    if not now < expires_at <= latest:
        raise ApiTokenExpiry(
            f"An API token ends in the future, on {latest:%Y-%m-%d} at the latest.",
            field="expires_at",
            latest=latest.isoformat(),
        )


def require_place(name: str, held: Collection[str], most: int) -> None:
    """Refuses a further token of an account.

    :param held: the keys of the names of those it has.
    :raises ApiTokenNameTaken:
    :raises TooManyApiTokens:
    """
    if key(name) in held:
        raise ApiTokenNameTaken("Another API token has this name. Choose another.")
    if len(held) >= most:
        raise TooManyApiTokens(
            f"There are {most} API tokens already. Revoke one that is not needed.", most=most
        )
