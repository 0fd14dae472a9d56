"""Passwords that are refused because they are tried first."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from services.identity.domain.password import folded, sha1

# So many lines of a file are looked at to tell whether it is of the right form.
SAMPLES = 100

_HASH_CHARACTERS = 40
_HASH = re.compile(rb"[0-9A-F]{40}")


class Blocklist:
    """The bundled list, and the hashes of a published one where the operator has it.

    :param hashes: a file of upper-case SHA-1 hashes in hex, sorted, one a line; what follows the
        hash on its line is passed over.
    :raises ValueError: there is no such file, or it is not of this form.
    """

    def __init__(self, hashes: Path | None = None) -> None:
        self._bundled = bundled()
        self._hashes = hashes
        if hashes is not None:
            _require_readable(hashes)

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


def _require_readable(hashes: Path) -> None:
    """A list of another form would be searched in vain, and nobody would notice."""
    if not hashes.is_file():
        raise ValueError("identity.password_blocklist_file names no file.")
    with hashes.open("rb") as lines:
        size = lines.seek(0, os.SEEK_END)
        found = [_hash_from(lines, size * part // SAMPLES) for part in range(SAMPLES)]
    sampled = [each for each in found if each]
    if sampled != sorted(sampled) or not all(map(_HASH.fullmatch, sampled)):
        raise ValueError(
            "identity.password_blocklist_file needs upper-case SHA-1 hashes, sorted, one a line."
        )


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
