"""The chain of an organization's history proves every entry, and that none is missing (I9, R13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.licensing.domain.history import GENESIS, Entry, is_intact

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
Sealed = tuple[Entry, str]
FORGED: dict[str, Sequence[Any]] = {
    "organization_id": [UUID(int=9)],
    "number": [0, 1, 3, 4],
    "idempotency_key": ["key-1", ""],
    "request_hash": ["1" * 64],
    "account_id": [UUID(int=9), None],
    "role": ["admin", None],
    "name": ["start_subscription"],
    "product": ["site-health", None],
    "on_date": [NOW.date() + timedelta(days=1)],
    "recorded_at": [NOW + timedelta(microseconds=1)],
    "arguments": [{"seats": {"core": 200}}, {"seats": {"core": "2"}}, {}],
    "result": [{"ok": False}, {}, None],
    "previous_hash": [GENESIS, "1" * 64],
    "request": [{"year": 1}, {"year": None, "seats": 2}, {}, None],
}


def entry(number: int, previous: str) -> Entry:
    return Entry(
        organization_id=UUID(int=1),
        number=number,
        idempotency_key=f"key-{number}",
        request_hash="0" * 64,
        account_id=UUID(int=2),
        role="owner",
        name="allocate_licenses",
        product="camera-manager",
        on_date=NOW.date(),
        recorded_at=NOW,
        arguments={"seats": {"core": number}},
        result={"ok": True},
        previous_hash=previous,
        request={"year": None},
    )


def chained(*, numbers: Sequence[int] = (1, 2, 3), without_request: bool = False) -> list[Sealed]:
    chain: list[Sealed] = []
    for number in numbers:
        one = entry(number, chain[-1][1] if chain else GENESIS)
        if without_request:
            one = replace(one, request=None)
        chain.append((one, one.sealed()))
    return chain


def has_forged(chain: Sequence[Sealed], forged: Entry) -> bool:
    """Whether the second entry passes for the forged one, with the seal it had or a new one."""
    first, (_, seal), third = chain
    return any(is_intact([first, (forged, anew), third]) for anew in (seal, forged.sealed()))


@pytest.mark.parametrize("without_request", [False, True])
def test_a_history_that_nobody_touched_is_intact(*, without_request: bool) -> None:
    """I9, also from before requests were kept."""
    assert is_intact([])
    assert is_intact(chained(without_request=without_request))


@pytest.mark.parametrize("name", [field.name for field in fields(Entry)])
def test_another_value_in_any_field_of_an_entry_is_found(name: str) -> None:
    """I9."""
    chain = chained()
    before = getattr(chain[1][0], name)
    for value in FORGED[name]:
        assert value != before
        assert not has_forged(chain, replace(chain[1][0], **{name: value}))


def test_a_request_that_was_not_kept_cannot_be_put_in() -> None:
    """I9: nor can one that asked for nothing."""
    chain = chained(without_request=True)
    for request in ({"year": None}, {}):
        assert not has_forged(chain, replace(chain[1][0], request=request))


@pytest.mark.parametrize(
    "places",
    [
        pytest.param((1, 2), id="the first removed"),
        pytest.param((0, 2), id="one between removed"),
        pytest.param((0, 0, 1, 2), id="the first doubled"),
        pytest.param((0, 1, 1, 2), id="one between doubled"),
        pytest.param((0, 1, 2, 2), id="the last doubled"),
        pytest.param((1, 0, 2), id="the first two reordered"),
        pytest.param((0, 2, 1), id="the last two reordered"),
    ],
)
def test_entries_removed_doubled_or_reordered_are_found(places: Sequence[int]) -> None:
    """I9: as they are, and numbered anew."""
    chain = chained()
    moved = [chain[place] for place in places]
    assert not is_intact(moved)
    numbered = [
        (replace(one, number=number), seal) for number, (one, seal) in enumerate(moved, start=1)
    ]
    assert not is_intact(numbered)
    assert not is_intact([(one, one.sealed()) for one, _ in numbered])


@pytest.mark.parametrize("numbers", [(2, 3), (1, 3), (1, 1, 2), (2, 1)])
def test_numbers_that_do_not_count_from_one_are_found_also_where_all_is_sealed_anew(
    numbers: Sequence[int],
) -> None:
    """I9: that the last is missing only the calendar tells, which holds the history's end."""
    assert not is_intact(chained(numbers=numbers))
