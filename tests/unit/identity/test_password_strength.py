"""The meter of passwords (security 2.1): what it says, and what it costs."""

from __future__ import annotations

import inspect
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import feedback

from contracts.identity import PasswordAdvice
from services.identity.domain import strength
from services.identity.domain.strength import LOOKED_AT_MOST, SIGNS_AS_LETTERS, rated


@pytest.mark.parametrize(
    ("password", "score", "advice"),
    [
        ("", 0, {PasswordAdvice.MORE_WORDS}),
        ("passwordpassword", 0, {PasswordAdvice.MORE_WORDS, PasswordAdvice.REPEATS}),
        ("p@ssword", 0, {PasswordAdvice.COMMON, PasswordAdvice.SUBSTITUTIONS}),
        ("abcdefghijklmnop", 0, {PasswordAdvice.SEQUENCES}),
        ("qwertyuiopasdfgh", 1, set()),
        ("twelve quiet cameras on a hill", 4, set()),
    ],
)
def test_the_meter_says(password: str, score: int, advice: set[PasswordAdvice]) -> None:
    found = rated(password)
    assert found.score == score
    assert advice <= set(found.advice)
    assert len(set(found.advice)) == len(found.advice)


@given(st.text(max_size=200))
def test_whatever_is_typed_has_a_strength(password: str) -> None:
    found = rated(password)
    assert 0 <= found.score <= 4
    assert found.score < 3 or not found.advice


def test_longer_ones_are_cut() -> None:
    """Security 2.1: the library refuses what is longer than 72."""
    long = "twelve quiet cameras on a hill " * 33
    assert rated(long) == rated(long[:LOOKED_AT_MOST])


def test_no_password_keeps_a_core_busy_for_long() -> None:
    """Every sign that can stand for letters, as often as they fit: seconds, if all were read."""
    begun = time.process_time()
    rated((SIGNS_AS_LETTERS * 4)[:LOOKED_AT_MOST])
    assert time.process_time() - begun < 1.5


def test_the_library_says_nothing_that_has_no_advice() -> None:
    source = inspect.getsource(feedback)
    joined = re.sub(r"['\"]\s*\\?\s*\n\s*['\"]", "", source)
    said = {text for _, text in re.findall(r"_\(\s*(['\"])(.+?)\1\s*\)", joined, re.DOTALL)}
    assert len(said) >= 20
    assert said - strength._ADVICE.keys() == {"No need for symbols, digits, or uppercase letters."}
