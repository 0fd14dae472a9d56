"""What organizations asks devices before it deletes folders (FLD-7)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.service.devices.stock import Stock


def test_only_what_is_managed_in_the_folders_of_the_organization_counts(stock: Stock) -> None:
    """FLD-7."""
    site = stock.world.folder(stock.home, "Site")
    stock.devices(site, 3)
    stock.devices(site, state="removed")
    stock.devices(stock.home.root, 2)
    stock.devices(site, organization_id=uuid4())
    stock.systems(site, 2)
    stock.systems(site, state="removed")
    assert stock.ask("count_content", folder_ids=[site]) == {"devices": 3, "systems": 2}
    everything = stock.ask("count_content", folder_ids=[site, stock.home.root])
    assert everything == {"devices": 5, "systems": 2}


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_as_many_folders_as_an_organization_may_have_are_counted(stock: Stock, count: int) -> None:
    """FLD-8."""
    stock.devices(stock.home.root)
    folders = [uuid4() for _ in range(count)]
    assert stock.ask("count_content", folder_ids=folders)["devices"] == 0
    folders.append(stock.home.root)
    assert stock.ask("count_content", folder_ids=folders)["devices"] == 1


def test_it_is_answered_without_a_caller_and_asks_nobody(stock: Stock) -> None:
    """Organizations is away: whoever asked it back would be refused."""
    del stock.suite.kits["organizations"]
    counted = stock.suite.call(
        "devices",
        "count_content",
        {"organization_id": str(stock.home.id), "folder_ids": [str(stock.home.root)]},
    )
    assert counted == {"devices": 0, "systems": 0}
