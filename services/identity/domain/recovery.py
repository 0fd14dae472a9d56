"""Recovery codes: issued in batches, each good once, in any order (RC).

(none) ──created──▶ pending ──CONFIRM──▶ active; the batch before is gone (RC-4)
                       └──15 minutes, cancelled, or created anew──▶ (none), nothing has changed
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from contracts.errors import Conflict, NotFound
from services.identity.domain.settings import RecoveryCodeFormat
from services.identity.domain.totp import CodeRefused

_FORMS = {
    RecoveryCodeFormat.DIGITS8: re.compile(r"[0-9]{8}"),
    RecoveryCodeFormat.BASE32_13: re.compile(r"[A-Z2-7]{13}"),
}
_WORDS = {
    RecoveryCodeFormat.DIGITS8: "A recovery code has eight digits.",
    RecoveryCodeFormat.BASE32_13: "A recovery code has 13 letters and digits.",
}

# Hyphens as keyboards and word processors write them; the long vowel mark lies on the hyphen's key.
_BETWEEN = re.compile(r"[\s\u2010-\u2015\u2212\u30fc-]")

Kept = TypeVar("Kept")


class RecoveryCodesDisabled(Conflict):
    """Too many wrong ones in a row: none is taken until new ones are created."""

    code = "recovery-codes-disabled"


class RecoveryCodesNotFound(NotFound):
    """No batch is pending under this id in this session, or not any more."""

    code = "recovery-codes-not-found"


def fresh(count: int, form: RecoveryCodeFormat) -> list[str]:
    """Distinct and uniformly random; leading zeros belong to them (RC-7)."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[_one(form)] = None
    return list(codes)


def _one(form: RecoveryCodeFormat) -> str:
    if form is RecoveryCodeFormat.DIGITS8:
        return f"{secrets.randbelow(10**8):08d}"
    # 13 letters of five bits each.
    return base64.b32encode(secrets.token_bytes(10)).decode()[:13]


def typed(text: str, form: RecoveryCodeFormat) -> str:
    """The code a person typed; full-width digits, spaces and hyphens are understood (RC-8).

    :raises CodeRefused: it cannot be a code, so it is not counted as a try either.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    if _FORMS[form].fullmatch(plain) is None:
        raise CodeRefused(_WORDS[form])
    return plain


def matching(digest: str, kept: Iterable[tuple[str, Kept]]) -> Kept | None:
    """The one with this digest; all are compared, so that the time it takes tells nothing."""
    found = None
    for other, one in kept:
        if hmac.compare_digest(digest, other):
            found = one
    return found


def are_few(left: int, few: int) -> bool:
    """Time to warn (RC-9)."""
    return left <= few
