"""Pages of devices and systems hold what the scope holds, by name, whatever their size is."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest

from contracts.access import Role
from tests.service.devices.stock import Stock

MODELS = ("P3265-V", "Q1656")


@pytest.fixture
def chance() -> random.Random:
    return random.Random(4)


def planted(stock: Stock, chance: random.Random) -> dict[UUID, list[UUID]]:
    """Sites with two rooms each, and in them devices of which several have the same name."""
    rooms: dict[UUID, list[UUID]] = {}
    for number in range(4):
        site = stock.world.folder(stock.home, f"Site {number}")
        rooms[site] = [stock.world.folder(stock.home, f"Room {n}", site) for n in range(2)]
        for folder in (site, *rooms[site]):
            for _ in range(chance.randrange(7)):
                name = f"Camera {chance.randrange(5)}"
                stock.devices(folder, name=name, model=chance.choice(MODELS))
            stock.devices(folder, name="Camera 0", state="removed")
            stock.systems(folder, chance.randrange(1, 3), name=f"Server {chance.randrange(3)}")
    stock.devices(stock.home.root, 3)
    return rooms


def pages(
    stock: Stock, method: str, who: UUID, limit: int, **narrowed: Any
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    cursor = None
    while True:
        page = stock.ask(method, as_=who, limit=limit, cursor=cursor, **narrowed)
        assert len(page["items"]) == limit or page["next_cursor"] is None
        found += [(row["name"], row["id"]) for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("method", ["list_devices", "list_systems"])
def test_pages_of_a_member_with_grants_hold_what_the_owner_sees_there(
    stock: Stock, chance: random.Random, method: str
) -> None:
    """I4, I5: no gaps, no duplicates, any page size; also where grants lie inside one another."""
    rooms = planted(stock, chance)
    sites = list(rooms)
    within = {sites[1], *rooms[sites[1]], rooms[sites[2]][0]}
    member = stock.world.joins(
        stock.home, Role.OPERATOR, sites[1], rooms[sites[1]][0], rooms[sites[2]][0]
    )
    owner = stock.home.owner
    folders = {stock.home.root, *sites, *(each for two in rooms.values() for each in two)}
    held = {
        folder: pages(stock, method, owner, 200, folder_id=folder)
        for folder in sorted(folders, key=str)
    }
    assert pages(stock, method, owner, 4) == sorted(row for rows in held.values() for row in rows)
    expected = sorted(row for folder in within for row in held[folder])
    assert expected
    for limit in (1, 2, 3, 50):
        assert pages(stock, method, member, limit) == expected
    for folder in folders:
        found = pages(stock, method, member, 2, folder_id=folder)
        assert found == (held[folder] if folder in within else [])


def test_a_page_can_be_narrowed_within_what_a_member_may_see(
    stock: Stock, chance: random.Random
) -> None:
    """The folder filter is inside the paged statement, and so is every other."""
    rooms = planted(stock, chance)
    sites = list(rooms)
    member = stock.world.joins(stock.home, Role.OPERATOR, sites[0], sites[3])
    seen = set(pages(stock, "list_devices", member, 200))
    for narrowed in ({"model": "Q1656"}, {"text": "camera 3"}, {"text": "q1656"}):
        expected = seen & set(pages(stock, "list_devices", stock.home.owner, 200, **narrowed))
        assert pages(stock, "list_devices", member, 2, **narrowed) == sorted(expected)


def test_a_member_without_grants_has_one_empty_page(stock: Stock) -> None:
    """ACS-3."""
    stock.devices(stock.home.root, 2)
    stock.systems(stock.home.root, 2)
    member = stock.world.joins(stock.home, Role.OPERATOR)
    assert pages(stock, "list_devices", member, 50) == []
    assert pages(stock, "list_systems", member, 50) == []
