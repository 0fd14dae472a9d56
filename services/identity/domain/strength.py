"""How hard a password is to guess: a meter for people, which decides nothing (security 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zxcvbn import zxcvbn

from contracts.identity import PasswordAdvice
from services.identity.domain.password import normalized

# Longer ones it does not take, and hardly another word would make them better.
LOOKED_AT_MOST = 72
# It tries every reading of these as letters together: twenty of them keep a core busy for seconds.
SIGNS_AS_LETTERS = "4@8({[<369&!1|70$5+%2"
SIGNS_READ_MOST = 3

_ADVICE: Mapping[str, PasswordAdvice] = {
    "Add another word or two. Uncommon words are better.": PasswordAdvice.MORE_WORDS,
    "Use a few words, avoid common phrases.": PasswordAdvice.MORE_WORDS,
    "This is a top-10 common password.": PasswordAdvice.COMMON,
    "This is a top-100 common password.": PasswordAdvice.COMMON,
    "This is a very common password.": PasswordAdvice.COMMON,
    "This is similar to a commonly used password.": PasswordAdvice.COMMON,
    "A word by itself is easy to guess.": PasswordAdvice.SINGLE_WORD,
    "Names and surnames by themselves are easy to guess.": PasswordAdvice.NAMES,
    "Common names and surnames are easy to guess.": PasswordAdvice.NAMES,
    'Repeats like "aaa" are easy to guess.': PasswordAdvice.REPEATS,
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': (
        PasswordAdvice.REPEATS
    ),
    "Avoid repeated words and characters.": PasswordAdvice.REPEATS,
    'Sequences like "abc" or "6543" are easy to guess.': PasswordAdvice.SEQUENCES,
    "Avoid sequences.": PasswordAdvice.SEQUENCES,
    "Straight rows of keys are easy to guess.": PasswordAdvice.KEYBOARD,
    "Short keyboard patterns are easy to guess.": PasswordAdvice.KEYBOARD,
    "Use a longer keyboard pattern with more turns.": PasswordAdvice.KEYBOARD,
    "Recent years are easy to guess.": PasswordAdvice.DATES,
    "Avoid recent years.": PasswordAdvice.DATES,
    "Avoid years that are associated with you.": PasswordAdvice.DATES,
    "Dates are often easy to guess.": PasswordAdvice.DATES,
    "Avoid dates and years that are associated with you.": PasswordAdvice.DATES,
    "Capitalization doesn't help very much.": PasswordAdvice.CAPITALS,
    "All-uppercase is almost as easy to guess as all-lowercase.": PasswordAdvice.CAPITALS,
    "Predictable substitutions like '@' instead of 'a' don't help very much.": (
        PasswordAdvice.SUBSTITUTIONS
    ),
    "Reversed words aren't much harder to guess.": PasswordAdvice.REVERSED,
}


@dataclass(frozen=True)
class Strength:
    """0: guessed at once, to 4: hardly ever guessed; and what would help."""

    score: int
    advice: tuple[PasswordAdvice, ...]


def rated(password: str) -> Strength:
    """Keeps a core busy, for some 20 ms as a rule."""
    looked_at = _readable(normalized(password)[:LOOKED_AT_MOST])
    if not looked_at:
        return Strength(0, (PasswordAdvice.MORE_WORDS,))
    found = zxcvbn(looked_at)
    feedback = found["feedback"]
    texts = [feedback["warning"], *feedback["suggestions"]]
    # Each once, in the order in which it is said.
    advice = dict.fromkeys(_ADVICE[text] for text in texts if text in _ADVICE)
    return Strength(int(found["score"]), tuple(advice))


def _readable(password: str) -> str:
    """With the first few different signs that can stand for letters; others stand for themselves."""
    read = list(dict.fromkeys(each for each in password if each in SIGNS_AS_LETTERS))
    return password.translate({ord(each): "_" for each in read[SIGNS_READ_MOST:]})
