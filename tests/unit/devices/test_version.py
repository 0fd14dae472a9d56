"""AXIS OS versions are compared as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.devices.domain.version import (
    Version,
    VersionUnreadable,
    next_long_term,
    track_of,
)

numbers = st.integers(0, 99_999)
versions = st.lists(numbers, min_size=3, max_size=4).map(
    lambda parts: Version.parse(".".join(map(str, parts)))
)


@given(versions, versions)
def test_versions_and_their_sort_keys_are_ordered_alike(one: Version, other: Version) -> None:
    assert (one < other) == (one.sort_key < other.sort_key)
    assert (one == other) == (one.sort_key == other.sort_key)


@given(versions, versions, versions)
def test_the_order_is_total_and_transitive(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (a == b) + (b < a) == 1
    if a <= b <= c:
        assert a <= c


@given(versions)
def test_a_version_is_written_as_it_was_read(version: Version) -> None:
    assert Version.parse(str(version)) == version
    assert str(Version.parse(version.text)) == version.text


def test_nine_eighty_is_newer_than_nine_nine() -> None:
    assert Version.parse("9.80.3.9") > Version.parse("9.9.100")
    assert Version.parse("9.80.3") < Version.parse("9.80.3.1")


@pytest.mark.parametrize(
    "text",
    ["", "11", "11.11", "11.11.", "a.b.c", "1.2.3.4.5", "１.2.3", "1.2.3\n", "-1.2.3", " 1.2.3"],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(VersionUnreadable):
        Version.parse(text)


def test_a_prefix_names_whole_numbers_only() -> None:
    version = Version.parse("11.11.192")
    assert version.begins_with("11")
    assert version.begins_with("11.11")
    assert version.begins_with("11.11.192")
    assert not version.begins_with("1")
    assert not version.begins_with("11.1")


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("11.11.148", "lts-11.11"),
        ("12.9.57", "active"),
        ("12.11.77", "lts-12.11"),
        ("13.0.41", "active"),
    ],
)
def test_a_version_belongs_to_a_long_term_track_or_the_active_one(text: str, track: str) -> None:
    assert track_of(Version.parse(text)) == track


def test_the_next_long_term_branch_is_newer_than_the_own_one() -> None:
    assert next_long_term(Version.parse("9.80.3")) == (10, 12)
    assert next_long_term(Version.parse("9.70.1")) == (9, 80)
    assert next_long_term(Version.parse("13.0.41")) is None
