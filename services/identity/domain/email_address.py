"""E-mail addresses as account names (ACC-2)."""

from __future__ import annotations

import unicodedata

from contracts.domains import a_labels


def normalized(email: str) -> str:
    """As it is written to."""
    return unicodedata.normalize("NFC", email.strip())


def key(email: str) -> str:
    """As it is compared, without regard to case: one account for each."""
    local, _, domain = normalized(email).rpartition("@")
    return f"{unicodedata.normalize('NFC', local.casefold())}@{a_labels(domain)}"


def local_part(email: str) -> str:
    return normalized(email).rpartition("@")[0]
