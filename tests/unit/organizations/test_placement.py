"""Placement: FLD-8."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Conflict
from services.organizations.domain.limits import Limits
from services.organizations.domain.placement import (
    FolderFull,
    FolderNameTaken,
    FolderTooDeep,
    OrganizationFull,
    Surroundings,
    depth_of_new,
)

LIMITS = Limits()
ROOMY = Surroundings(parent_depth=0, siblings=0, folders=1, name_is_taken=False)

surroundings = st.builds(
    Surroundings,
    parent_depth=st.integers(0, 12),
    siblings=st.integers(0, 302),
    folders=st.integers(1, 100_002),
    name_is_taken=st.booleans(),
)


def test_a_folder_lies_one_level_below_its_parent() -> None:
    assert depth_of_new(replace(ROOMY, parent_depth=9), LIMITS) == 10


@pytest.mark.parametrize(
    ("around", "refusal"),
    [
        (replace(ROOMY, name_is_taken=True), FolderNameTaken),
        (replace(ROOMY, parent_depth=10), FolderTooDeep),
        (replace(ROOMY, siblings=300), FolderFull),
        (replace(ROOMY, folders=100_000), OrganizationFull),
    ],
)
def test_each_limit_refuses_by_its_name(around: Surroundings, refusal: type[Conflict]) -> None:
    with pytest.raises(refusal):
        depth_of_new(around, LIMITS)


@given(surroundings)
def test_a_place_is_given_exactly_where_every_limit_leaves_room(around: Surroundings) -> None:
    has_room = (
        not around.name_is_taken
        and around.parent_depth < 10
        and around.siblings < 300
        and around.folders < 100_000
    )
    try:
        depth = depth_of_new(around, LIMITS)
    except Conflict:
        assert not has_room
    else:
        assert has_room
        assert depth == around.parent_depth + 1


@pytest.mark.parametrize("limit", [{"folder_name_length": 65}, {"folder_depth": 0}])
def test_limits_the_tables_cannot_hold_are_refused_at_the_start(limit: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Limits(**limit)  # type: ignore[arg-type]
