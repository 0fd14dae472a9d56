"""Pages, events and refusals survive the way over the wire."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.wire import RemoteFailure, from_reply, to_wire
from contracts.errors import FAMILIES, Conflict, Refusal, refusals
from contracts.events import Event
from contracts.paging import CursorUnreadable, decode_cursor, encode_cursor, page


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Painted(Event):
    source: ClassVar[str] = "tests"
    name: ClassVar[str] = "painted"

    fence_id: UUID
    at: datetime
    on: date
    color: Color
    coats: int
    helpers: tuple[UUID, ...]
    note: str | None = None


def painted() -> Painted:
    return Painted(
        uuid4(), datetime(2025, 3, 1, 9, tzinfo=UTC), date(2025, 3, 1), Color.RED, 2, (uuid4(),)
    )


def test_an_event_is_the_same_after_json() -> None:
    event = painted()
    assert Painted.from_json(json.loads(json.dumps(event.to_json()))) == event


def test_an_event_of_a_newer_release_is_read_without_what_is_new() -> None:
    data = painted().to_json() | {"brand": "new"}
    assert Painted.from_json(data).note is None


@pytest.mark.parametrize(
    "change", [{"coats": "two"}, {"fence_id": "7"}, {"color": "blue"}, {"at": "soon"}]
)
def test_an_event_of_the_wrong_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Painted.from_json(painted().to_json() | change)


def test_an_event_that_lacks_a_field_is_refused() -> None:
    data = painted().to_json()
    del data["coats"]
    with pytest.raises(KeyError):
        Painted.from_json(data)


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(storable, min_size=1, max_size=3))
def test_a_cursor_gives_back_its_key(key: list[str]) -> None:
    assert decode_cursor(encode_cursor(key), length=len(key)) == key


@given(st.text(min_size=1))
def test_a_cursor_from_elsewhere_is_refused_and_never_fails(text: str) -> None:
    with contextlib.suppress(CursorUnreadable):
        decode_cursor(text, length=1)


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_put_together_are_the_list(count: int, limit: int) -> None:
    rows, after = list(range(count)), -1
    seen: list[int] = []
    while True:
        rest = [row for row in rows if row > after][: limit + 1]
        found = page(rest, limit=limit, key=lambda row: [row])
        seen.extend(found.items)
        if found.next_cursor is None:
            break
        cursor = decode_cursor(found.next_cursor, length=1)
        assert cursor is not None
        after = int(cursor[0])
    assert seen == rows


class FenceTaken(Conflict):
    code = "fence-taken-in-a-test"


def test_a_refusal_keeps_family_code_words_and_facts_over_the_wire() -> None:
    from nameko.exceptions import serialize

    sent = json.loads(
        json.dumps(serialize(to_wire(FenceTaken("Taken by Tom.", by="Tom", coats=2))))
    )
    with pytest.raises(Conflict, match="Taken by Tom") as refused:
        from_reply({"result": None, "error": sent}, "fences.paint")
    assert refused.value.code == "fence-taken-in-a-test"
    assert refused.value.facts == {"by": "Tom", "coats": "2"}


def test_a_bug_comes_back_as_a_failure_without_its_words() -> None:
    from nameko.exceptions import serialize

    with pytest.raises(RemoteFailure) as failed:
        from_reply({"error": serialize(ValueError("password is hunter2"))}, "fences.paint")
    assert "hunter2" not in str(failed.value)


def test_every_refusal_belongs_to_one_of_seven_families() -> None:
    assert len(FAMILIES) == 7
    for kind in refusals():
        assert issubclass(kind, Refusal)
        assert kind.family in FAMILIES
