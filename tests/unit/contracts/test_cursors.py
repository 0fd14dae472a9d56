"""Cursors that nobody was given are refused, whatever they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.paging import CursorUnreadable, encode_cursor, moment_in, name_in, number_in

ID = str(uuid4())


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_moment_comes_back_as_it_was(moment: datetime, identity: UUID) -> None:
    assert moment_in(encode_cursor((moment.isoformat(), identity))) == (moment, identity)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.uuids())
def test_a_name_comes_back_as_it_was(name: str, identity: UUID) -> None:
    assert name_in(encode_cursor((name, identity))) == (name, identity)


@given(st.integers(0, 2**63 - 1))
def test_a_number_comes_back_as_it_was(number: int) -> None:
    assert number_in(encode_cursor((number,))) == number


def test_no_cursor_is_the_first_page() -> None:
    assert moment_in(None) is None
    assert name_in(None) is None
    assert number_in(None) is None


@pytest.mark.parametrize(
    "parts",
    [
        ("yesterday", ID),
        ("2025-03-01T09:00:00", ID),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))).isoformat(), ID),
        ("2025-03-01T09:00:00+00:00", "me"),
        ("2025-03-01T09:00:00+00:00",),
    ],
)
def test_made_up_moments_are_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(CursorUnreadable):
        moment_in(encode_cursor(parts))


@pytest.mark.parametrize("parts", [("\0", ID), ("\ud800", ID), ("a", "b"), ("a",)])
def test_made_up_names_are_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(CursorUnreadable):
        name_in(encode_cursor(parts))


@pytest.mark.parametrize("number", ["-1", str(2**63), "1_0", "٣", "", "9" * 300])
def test_made_up_numbers_are_refused(number: str) -> None:
    with pytest.raises(CursorUnreadable):
        number_in(encode_cursor((number,)))


@given(st.text(max_size=60))
def test_no_text_is_more_than_refused(text: str) -> None:
    for read in (moment_in, name_in, number_in):
        with pytest.raises(CursorUnreadable):
            read(text)
