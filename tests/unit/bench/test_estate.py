"""The estate that rights are measured in: what its report says of it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from bench.estate import (
    DEVICE,
    DEVICES_PER_ROOM,
    FEW_DEVICES,
    FOLDER,
    Estate,
    Place,
    device_rows,
    estate,
    folder_rows,
    grant_rows,
)


@pytest.fixture(scope="module")
def made() -> Estate:
    return estate()


def below(made: Estate, grants: Iterable[Place]) -> set[Place]:
    open_ = set(grants)
    return {
        place
        for place in made.folders
        if any(place[:levels] in open_ for levels in range(len(place) + 1))
    }


def test_it_is_as_large_as_the_model_says(made: Estate) -> None:
    """M4."""
    assert len(made.folders) == len(set(made.folders.values())) == 104_421
    assert len(list(made.rooms())) * DEVICES_PER_ROOM == 1_000_000
    assert max(map(len, made.folders)) == 4


@pytest.mark.parametrize(
    ("name", "folders", "devices"),
    [("u1", 5_221, 50_000), ("u2", 1_300, 12_500), ("u3", 500, 5_000), ("u4", 1, 10)],
)
def test_each_member_reaches_what_the_model_says(
    made: Estate, name: str, folders: int, devices: int
) -> None:
    """M4."""
    seen = below(made, made.members[name].grants)
    assert len(seen) == folders
    assert sum(len(place) == 4 for place in seen) * DEVICES_PER_ROOM == devices


def test_the_few_devices_fill_pages_of_each_member(made: Estate) -> None:
    rooms = made.few_rooms()
    assert len(set(rooms)) * DEVICES_PER_ROOM == FEW_DEVICES
    for name, furnished in made.furnished.items():
        assert below(made, made.members[name].grants) >= set(furnished)


def test_it_is_the_same_each_time(made: Estate) -> None:
    assert estate() == made
    some = made.few_rooms()
    assert list(device_rows(made, some)) == list(device_rows(made, some))


def test_the_tree_is_one_that_organizations_would_make(made: Estate) -> None:
    """I2, FLD-8."""
    known: set[object] = {None}
    siblings: Counter[object] = Counter()
    for row in folder_rows(made):
        folder = dict(zip(FOLDER, row, strict=True))
        assert folder["parent_id"] in known
        assert folder["is_root"] == (folder["parent_id"] is None)
        known.add(folder["id"])
        siblings[folder["parent_id"], folder["name_key"]] += 1
    assert set(siblings.values()) == {1}


def test_nobody_is_given_a_folder_twice(made: Estate) -> None:
    given = [row[:2] for row in grant_rows(made)]
    assert len(given) == len(set(given))


def test_no_value_of_a_device_would_end_its_line(made: Estate) -> None:
    """COPY reads them as they are."""
    serials = set()
    for row in device_rows(made, made.few_rooms()):
        device = dict(zip(DEVICE, row, strict=True))
        assert not any(sign in str(value) for value in row for sign in "\t\n\\")
        serials.add(device["serial"])
    assert len(serials) == FEW_DEVICES
