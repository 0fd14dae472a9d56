"""Passwords that are refused because they are tried first."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from services.identity.domain.password import folded, sha1

_HASH_CHARACTERS = 40


class Blocklist:
    """The bundled list, and the hashes of a published one where the operator has it.

    :param hashes: a file of upper-case SHA-1 hashes in hex, sorted, one a line; what follows the
        hash on its line is passed over.
    """

    def __init__(self, hashes: Path | None = None) -> None:
        self._bundled = bundled()
        self._hashes = hashes
        if hashes is not None and not hashes.is_file():
            raise ValueError("identity.password_blocklist_file names no file.")

    def __contains__(self, password: object) -> bool:
        if not isinstance(password, str):
            return False
        return folded(password) in self._bundled or self._is_in_file(sha1(password).encode())

    def _is_in_file(self, wanted: bytes) -> bool:
        """Bisects by bytes: such a file is far larger than memory."""
        if self._hashes is None:
            return False
        with self._hashes.open("rb") as lines:
            low, high = 0, lines.seek(0, os.SEEK_END)
            while low < high:
                middle = (low + high) // 2
                found = _hash_from(lines, middle)
                if found and found < wanted:
                    low = middle + 1
                else:
                    high = middle
            return _hash_from(lines, low) == wanted


def _hash_from(lines: BinaryIO, offset: int) -> bytes:
    """The hash of the first line that begins at the offset or after it; empty past the last."""
    lines.seek(max(offset - 1, 0))
    if offset:
        lines.readline()
    return lines.readline()[:_HASH_CHARACTERS]


@lru_cache
def bundled() -> frozenset[str]:
    text = resources.files("services.identity.domain").joinpath("blocklist.txt").read_text("utf-8")
    return frozenset(folded(line) for line in text.splitlines() if line and line[0] != "#")
