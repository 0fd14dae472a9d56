"""Names of organizations and folders: one spelling for each, comparable without regard to case."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

from contracts.errors import Invalid

# Controls and line breaks tear a list apart; halves of surrogate pairs cannot be stored.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Marks that turn the direction of what follows let one name pass for another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_VISIBLE = frozenset("LNPS")
_LAYOUT = frozenset("\n\t")


class NameRefused(Invalid):
    """The name is empty, too long, or holds characters that names cannot have."""

    code = "name-refused"


def normalized(name: str, *, most: int) -> str:
    """The spelling that is kept: composed (NFC), without space around it (FLD-8).

    :raises NameRefused: says what is wrong with it.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if any(unicodedata.category(each) in _REFUSED_CATEGORIES or each in _TURNING for each in kept):
        raise NameRefused("A name has no line breaks, controls or direction marks.", field="name")
    if not any(unicodedata.category(each)[0] in _VISIBLE for each in kept):
        raise NameRefused("A name needs at least one visible character.", field="name")
    if len(kept) > most:
        raise NameRefused(
            f"A name has {most} characters at the most and this one has {len(kept)}.", field="name"
        )
    return kept


def note(text: str) -> str:
    """The spelling that is kept of a text of several lines; it may be empty.

    :raises NameRefused: it holds what cannot be kept or turns the direction of what follows.
    """
    kept = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(
        each in _TURNING
        or (each not in _LAYOUT and unicodedata.category(each) in _REFUSED_CATEGORIES)
        for each in kept
    ):
        raise NameRefused("Notes have no controls or direction marks.", field="notes")
    return kept


def free(name: str, *, most: int, taken: Container[str]) -> str:
    """The name, or one made of it that no key in ``taken`` stands for."""
    found, number = name, 1
    while key(found) in taken:
        number += 1
        ending = f" ({number})"
        found = name[: most - len(ending)].rstrip() + ending
    return found


def key(name: str) -> str:
    """Equal for names that differ in capitals or composition only (Unicode caseless matching)."""
    folded = unicodedata.normalize("NFD", name).casefold()
    return unicodedata.normalize("NFC", folded)
