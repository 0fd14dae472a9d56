"""Which passwords are taken: long ones that nobody else thinks of (security 2.1)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from contracts.errors import Invalid

# Shorter words would refuse too much.
SHORTEST_CONTEXT_WORD = 4

_LETTER = re.compile(r"[^\W\d_]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


class PasswordTooShort(Invalid):
    code = "password-too-short"


class PasswordTooLong(Invalid):
    code = "password-too-long"


class PasswordBreached(Invalid):
    """It is on a list of passwords that are tried first."""

    code = "password-breached"


class PasswordGuessable(Invalid):
    """It says nothing but the names of the service, of its owner and of their organizations."""

    code = "password-context"


class PasswordUnchanged(Invalid):
    """The new password is the present one."""

    code = "password-unchanged"


@dataclass(frozen=True)
class PasswordRule:
    shortest: int
    longest: int
    is_listed: Callable[[str], bool]

    def admit(self, password: str, context: Iterable[str]) -> str:
        """The password in the form that is hashed.

        :raises PasswordTooShort:
        :raises PasswordTooLong:
        :raises PasswordBreached:
        :raises PasswordGuessable: nothing is left of it without the names in ``context``, digits and
            signs.
        """
        plain = normalized(password)
        if len(plain) < self.shortest:
            raise PasswordTooShort(
                f"A password has at least {self.shortest} characters.", least=self.shortest
            )
        if len(plain) > self.longest:
            raise PasswordTooLong(
                f"A password has at most {self.longest} characters.", most=self.longest
            )
        if self.is_listed(plain):
            raise PasswordBreached("This password is among those that are tried first.")
        if _says_only(plain, context):
            raise PasswordGuessable("This password is easily guessed from who you are.")
        return plain


def normalized(password: str) -> str:
    """NFC, so that the same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def folded(password: str) -> str:
    """How listed passwords are compared: without regard to case."""
    return normalized(password).casefold()


def sha1(password: str) -> str:
    """The form in which lists of breached passwords are published."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def _says_only(password: str, context: Iterable[str]) -> bool:
    left = folded(password)
    for word in sorted(_variants(context), key=len, reverse=True):
        left = left.replace(word, " ")
    return _LETTER.search(left) is None and left != folded(password)


def _variants(context: Iterable[str]) -> set[str]:
    """Names as they stand, run together, and word by word."""
    found = set()
    for name in map(folded, context):
        words = _BETWEEN_WORDS.split(name)
        found |= {name, "".join(words), *words}
    return {word for word in found if len(word) >= SHORTEST_CONTEXT_WORD}
