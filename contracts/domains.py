"""Domains of e-mail addresses, as two of them are compared."""

from __future__ import annotations

import unicodedata

import idna


def a_labels(domain: str) -> str:
    """As it is looked up (IDNA 2008): ``faß.de`` and ``fass.de`` are two, in whatever case.

    A domain that nobody can register so stays as it is written, in lower case.
    """
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        return unicodedata.normalize("NFC", domain.lower())
