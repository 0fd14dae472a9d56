"""License keys: 23 random symbols and two check symbols of Crockford's alphabet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from contracts.errors import Conflict, Invalid, NotFound
from contracts.licensing import KeyStatus

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY = 23
GROUP = 5
LENGTH = BODY + 2
# The largest prime that two symbols hold: every single and every swapped symbol changes the rest.
_MODULUS = 1021
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
# What people type for what they read; U is never guessed.
_READ_AS = str.maketrans(
    {
        "O": "0",
        "I": "1",
        "L": "1",
        **dict.fromkeys(" \t\r\n\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212"),
    }
)


class KeyMalformed(Invalid):
    """Its check symbols do not fit: it was mistyped."""

    code = "key-malformed"


class KeyUnknown(NotFound):
    """No supplier issued such a key."""

    code = "key-unknown"


class KeyAlreadyRedeemed(Conflict):
    """Its licenses are in a wallet already; the facts say whose only to that organization."""

    code = "key-already-redeemed"


class KeyRevoked(Conflict):
    """Its supplier took it back."""

    code = "key-revoked"


class KeyWrongProduct(Conflict):
    """It holds licenses of another product."""

    code = "key-wrong-product"


class KeyExpired(Conflict):
    """It had to be redeemed before a day that has come."""

    code = "key-expired"


def check_symbols(body: str) -> str:
    number = 0
    for symbol in body:
        number = number * len(ALPHABET) + _VALUES[symbol]
    high, low = divmod(number % _MODULUS, len(ALPHABET))
    return ALPHABET[high] + ALPHABET[low]


def new_key(below: Callable[[int], int]) -> str:
    """25 symbols without hyphens; ``below(n)`` draws from 0 to n - 1."""
    body = "".join(ALPHABET[below(len(ALPHABET))] for _ in range(BODY))
    return body + check_symbols(body)


def shown(key: str) -> str:
    return "-".join(key[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def last5(key: str) -> str:
    return key[-GROUP:]


def read(text: str) -> str:
    """The 25 symbols of what somebody typed or pasted.

    :raises KeyMalformed: there are not as many, or they do not fit together.
    """
    key = text.upper().translate(_READ_AS)
    if (
        len(key) != LENGTH
        or any(symbol not in _VALUES for symbol in key)
        or check_symbols(key[:BODY]) != key[BODY:]
    ):
        raise KeyMalformed("This is not a license key: compare it with the one you bought.")
    return key


def require_redeemable(
    *,
    status: KeyStatus,
    key_product: str,
    redeem_before: date | None,
    redeemed_by_own: tuple[UUID, date] | None,
    product: str,
    today: date,
) -> None:
    """Refuses unless the key may be redeemed for the product today (D-8).

    :param redeemed_by_own: who of the same organization redeemed it, and when.
    """
    if status is KeyStatus.REDEEMED:
        if redeemed_by_own is None:
            raise KeyAlreadyRedeemed("This key has been used.")
        account_id, on = redeemed_by_own
        raise KeyAlreadyRedeemed(
            f"Your organization redeemed this key on {on}.", redeemed_by=account_id, redeemed_on=on
        )
    if status is KeyStatus.REVOKED:
        raise KeyRevoked("This key was taken back. Ask where you bought it.")
    if key_product != product:
        raise KeyWrongProduct(
            f"This key holds licenses of the product {key_product}.", product=key_product
        )
    if redeem_before is not None and today >= redeem_before:
        raise KeyExpired(
            f"This key had to be redeemed before {redeem_before}.", redeem_before=redeem_before
        )
