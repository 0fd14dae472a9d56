"""How the next folders of a recursion are found: by an index, whatever the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from contracts.access import Role
from tests.service.organizations.world import World

FOLDERS = 3_000


@pytest.mark.parametrize("make_world", ["sqlite"], indirect=True)
def test_every_step_of_a_recursion_is_looked_up_in_an_index(world: World) -> None:
    """M1, M3: on SQLite ``a = b = 1`` would read all folders for each of them."""
    home = world.home()
    inner = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER, home.root)
    asked: list[tuple[str, Any]] = []
    engine = world.database.engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _k, text, values, *_: asked.append((text, values)),
    )
    world.ask("resolve_scope", viewer, organization_id=home.id, permission="device:read")
    world.ask("check", viewer, organization_id=home.id, permission="device:read", folder_id=inner)
    world.all("list_folders", viewer, organization_id=home.id)
    recursive = [(text, values) for text, values in asked if "RECURSIVE" in text]
    assert len(recursive) >= 3
    with engine.connect() as connection:
        for text, values in recursive:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            steps = [row.detail for row in plan]
            assert not [step for step in steps if step.startswith("SCAN folder")], text


def test_who_may_see_thousands_of_folders_is_answered(world: World) -> None:
    """M4: each folder once, from one grant at the top."""
    home = world.home()
    tree: list[int | None] = [None if number < 60 else number % 60 for number in range(FOLDERS)]
    ids = world.plants(home, tree)
    viewer = world.joins(home, Role.VIEWER, home.root)
    scope = world.ask("resolve_scope", viewer, organization_id=home.id, permission="device:read")
    assert {UUID(folder) for folder in scope["folder_ids"]} == {home.root, *ids}
