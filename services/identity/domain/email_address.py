"""E-mail addresses as account names (ACC-2)."""

from __future__ import annotations

import unicodedata


def normalized(email: str) -> str:
    """As it is written to."""
    return unicodedata.normalize("NFC", email.strip())


def key(email: str) -> str:
    """As it is compared: one account for each."""
    return unicodedata.normalize("NFC", normalized(email).casefold())


def local_part(email: str) -> str:
    return normalized(email).rpartition("@")[0]
