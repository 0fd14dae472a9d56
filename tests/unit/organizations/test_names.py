"""Names: FLD-8."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.organizations.domain.names import NameRefused, free, key, normalized, note

MOST = 64

anything = st.text(max_size=200)


def kept(name: str) -> str | None:
    try:
        return normalized(name, most=MOST)
    except NameRefused:
        return None


@pytest.mark.parametrize(
    "name", ["Lager 3", "倉庫・東京", "창고 1층", "Œuvre", "👩‍🔧 Werkstatt", "a" * 64]
)
def test_names_of_all_languages_are_kept_as_they_are(name: str) -> None:
    assert normalized(name, most=MOST) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b",
        "\u3000\u00a0",
        "a\nb",
        "a\u2028b",
        "a\x00b",
        "\ud800",
        "invoice\u202egpj.exe",
        "a" * 65,
        "\x7f",
    ],
)
def test_names_nobody_could_read_are_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        normalized(name, most=MOST)


def test_length_is_counted_after_composition() -> None:
    decomposed = unicodedata.normalize("NFD", "창" * 64)
    assert len(decomposed) > MOST
    assert normalized(decomposed, most=MOST) == "창" * 64


@given(anything)
def test_what_is_kept_is_composed_and_trimmed_and_fits(name: str) -> None:
    spelling = kept(name)
    if spelling is not None:
        assert 1 <= len(spelling) <= MOST
        assert spelling == spelling.strip()
        assert unicodedata.is_normalized("NFC", spelling)


@given(anything)
def test_normalizing_twice_changes_nothing_more(name: str) -> None:
    spelling = kept(name)
    if spelling is not None:
        assert normalized(spelling, most=MOST) == spelling


@given(anything)
def test_space_around_a_name_and_its_composition_make_no_difference(name: str) -> None:
    assert kept(name) == kept(f"\t {unicodedata.normalize('NFD', name)}\u3000\n")


@given(st.text())
def test_keys_do_not_see_capitals_or_composition(name: str) -> None:
    assert key(name) == key(name.casefold()) == key(unicodedata.normalize("NFD", name))
    assert key(key(name)) == key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Ａ", "ａ"), ("ﬁn", "FIN")],
)
def test_spellings_people_take_for_the_same_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_no_character_makes_a_key_too_long_for_its_column() -> None:
    every = (chr(code) for code in range(sys.maxunicode + 1))
    assert max(len(key(each)) for each in every) * MOST <= 256


@given(st.text(min_size=1, max_size=64), st.sets(st.integers(1, 12)), st.integers(8, 64))
def test_a_free_name_is_found_whatever_is_taken(name: str, numbers: set[int], most: int) -> None:
    """FLD-6: and it stays within the length."""
    name = name[:most]
    shapes = [name, *(f"{name[: most - len(end)].rstrip()}{end}" for end in _endings(numbers))]
    taken = {key(shape) for shape in shapes}
    found = free(name, most=most, taken=taken)
    assert key(found) not in taken
    assert len(found) <= most
    assert free(name, most=most, taken=set()) == name


def _endings(numbers: set[int]) -> list[str]:
    return [f" ({number})" for number in sorted(numbers)]


def test_notes_keep_their_lines_and_nothing_that_hides() -> None:
    """ORG-7."""
    assert note("  One\r\ntwo\rthree\t4 \n") == "One\ntwo\nthree\t4"
    assert note(" \n ") == ""
    assert note("Cafe\u0301") == "Caf\u00e9"
    for text in ("a\0b", "\x1b[0m", "\u202eevil", "\ud800", "a\x0bb", "a\u2028b"):
        with pytest.raises(NameRefused):
            note(text)
