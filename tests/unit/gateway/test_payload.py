"""JSON with one meaning for every reader, and nothing in it that cannot be stored."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from gateway.payload import strict_json

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@given(values, st.booleans())
def test_every_storable_value_is_read_as_it_was_written(value: object, escaped: bool) -> None:
    assert strict_json(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=40))
def test_any_other_bytes_are_refused_and_never_break_it(noise: bytes) -> None:
    try:
        strict_json(noise)
    except BadRequest:
        return
    json.loads(noise)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "\\u0062": 2}}',
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"1e999",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b'"\\u0000"',
        b'{"a": ["\\ud800"]}',
        b'{"\\udfff": 1}',
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\x00"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_it_refuses(text: bytes) -> None:
    with pytest.raises(BadRequest):
        strict_json(text)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert strict_json(b'"\\ud83d\\udcf7"') == "\N{CAMERA}"
