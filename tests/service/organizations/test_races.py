"""Races: what two connections may do at once (M5.8)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.models import Organization
from tests import races
from tests.service.organizations.world import Home, MakeWorld, World

Attempt = Callable[[], Any]


def at_once(*attempts: Attempt) -> list[Any]:
    """The results of attempts that start together, each in a thread of its own."""
    start = threading.Barrier(len(attempts))
    results: list[Any] = [None] * len(attempts)

    def run(number: int) -> None:
        start.wait()
        results[number] = attempts[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(attempts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def overtaken(world: World, home: Home, attempt: Attempt, change: Callable[[Session], None]) -> str:
    """The outcome of an attempt that waits for an organization while it changes; on PostgreSQL.

    The lock is taken here and not by the code that is tried.
    """
    row = select(Organization).where(Organization.id == home.id).with_for_update()
    found = races.overtaken(world.database, row, attempt, lambda session, _home: change(session))
    return str(found)


def creating(
    world: World, home: Home, name: str, who: UUID | None = None, key: str | None = None
) -> Attempt:
    return lambda: world.outcome(
        "create_folder",
        who or home.owner,
        organization_id=home.id,
        parent_id=home.root,
        name=name,
        idempotency_key=key or str(uuid4()),
    )


def test_of_two_folders_with_one_name_exactly_one_is_made(world: World) -> None:
    """FLD-8."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    for number in range(20):
        outcomes = at_once(
            creating(world, home, f"Site {number}"),
            creating(world, home, f"SITE {number}", admin),
        )
        assert sorted(outcomes) == ["done", "folder-name-taken"]
    assert len(world.all("list_folders", home.owner, organization_id=home.id)) == 21


def test_a_full_folder_stays_within_its_limit(make_world: MakeWorld) -> None:
    """FLD-8."""
    world = make_world(folders_per_folder=3)
    for _ in range(5):
        home = world.home()
        outcomes = at_once(*(creating(world, home, f"Site {number}") for number in range(6)))
        assert Counter(outcomes) == {"done": 3, "folder-full": 3}


def test_one_key_sent_twice_at_once_acts_once(world: World) -> None:
    """D-24."""
    ada = uuid4()
    for number in range(10):
        key = f"organization-{number}"

        def create(key: str = key) -> Any:
            return world.ask("create_organization", ada, name="Engines", idempotency_key=key)

        first, second = at_once(create, create)
        assert first == second
    assert len(world.all("list_organizations", ada)) == 10
    home = world.home(ada)
    for number in range(10):
        outcomes = at_once(*[creating(world, home, f"Site {number}", key=f"folder-{number}")] * 3)
        assert outcomes == ["done"] * 3
    assert len(world.all("list_folders", ada, organization_id=home.id)) == 11


def test_each_change_raises_the_epoch_by_one_however_many_come_at_once(world: World) -> None:
    """M5.9: the epochs announced are all different and none is left out."""
    home = world.home()
    at_once(*(creating(world, home, f"Site {number}") for number in range(8)))
    epochs = [
        data["epoch"]
        for name, data in world.suite.waiting("organizations")
        if name == "access_changed"
    ]
    assert epochs == list(range(1, 10))
