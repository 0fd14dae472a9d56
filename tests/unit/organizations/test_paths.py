"""Paths: ACS-3, ACS-4."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.organizations.domain.tree import Ancestor, path

lines = st.lists(
    st.builds(
        Ancestor,
        id=st.builds(uuid4),
        name=st.text(min_size=1, max_size=5),
        is_granted=st.booleans(),
    ),
    max_size=11,
)


@given(lines)
def test_a_path_tells_every_name_to_everybody(line: list[Ancestor]) -> None:
    for sees_all in (True, False):
        assert [step.name for step in path(line, sees_all=sees_all)] == [a.name for a in line]


@given(lines)
def test_a_grant_opens_its_folder_and_all_below_and_nothing_above(line: list[Ancestor]) -> None:
    grants = [place for place, ancestor in enumerate(line) if ancestor.is_granted]
    first = grants[0] if grants else len(line)
    expected = [None] * first + [ancestor.id for ancestor in line[first:]]
    assert [step.id for step in path(line, sees_all=False)] == expected


@given(lines)
def test_who_sees_all_folders_sees_every_id(line: list[Ancestor]) -> None:
    assert [step.id for step in path(line, sees_all=True)] == [ancestor.id for ancestor in line]
