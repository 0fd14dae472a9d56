"""What two connections may do at once to members, grants and the tree (M5.8): 30 of 30 right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from contracts.access import Role
from services.organizations.models import FolderGrant
from tests.service.organizations.test_races import Attempt, at_once
from tests.service.organizations.world import Home, World

RUNS = 30


@pytest.fixture
def homes(world: World) -> Iterator[Home]:
    """An organization for each run."""
    return (world.home() for _ in range(RUNS))


def doing(world: World, home: Home, method: str, who: UUID, **payload: Any) -> Attempt:
    return partial(world.outcome, method, who, organization_id=home.id, **payload)


def demoting(world: World, home: Home, who: UUID, whom: UUID, role: Role = Role.ADMIN) -> Attempt:
    return doing(world, home, "set_role", who, account_id=whom, role=role.value)


def deleting(world: World, home: Home, folder: UUID) -> Attempt:
    return doing(
        world,
        home,
        "delete_folder",
        home.owner,
        folder_id=folder,
        confirm_risk=True,
        idempotency_key=str(uuid4()),
    )


def moving(world: World, home: Home, folder: UUID, parent: UUID) -> Attempt:
    return doing(world, home, "move_folder", home.owner, folder_id=folder, parent_id=parent)


def grants_on(world: World, folder: UUID) -> int:
    with world.database.reading() as session:
        return (
            session.scalar(
                select(func.count()).select_from(FolderGrant).where(FolderGrant.folder_id == folder)
            )
            or 0
        )


def test_two_owners_who_demote_each_other_leave_one(world: World, homes: Iterator[Home]) -> None:
    """OWN-4, I1."""
    for home in homes:
        other = world.joins(home, Role.OWNER)
        outcomes = at_once(
            demoting(world, home, home.owner, other), demoting(world, home, other, home.owner)
        )
        assert sorted(outcomes) == ["done", "not-permitted"]
        assert world.owners(home.id) == 1


def test_two_owners_who_demote_themselves_leave_one(world: World, homes: Iterator[Home]) -> None:
    """OWN-4, I1."""
    for home in homes:
        other = world.joins(home, Role.OWNER)
        outcomes = at_once(
            demoting(world, home, home.owner, home.owner), demoting(world, home, other, other)
        )
        assert sorted(outcomes) == ["done", "last-owner"]
        assert world.owners(home.id) == 1


def test_two_owners_who_leave_or_are_removed_leave_one(world: World, homes: Iterator[Home]) -> None:
    """OWN-4, I1: leaving against leaving, and against being removed."""
    for number, home in enumerate(homes):
        other = world.joins(home, Role.OWNER)
        second = (
            doing(world, home, "leave_organization", other)
            if number % 2
            else doing(world, home, "remove_member", other, account_id=home.owner)
        )
        outcomes = at_once(doing(world, home, "leave_organization", home.owner), second)
        assert "done" in outcomes
        # Who was removed before leaving is no member any more.
        assert set(outcomes) <= {
            "done",
            "last-owner",
            "member-not-found",
            "organization-not-found",
        }
        assert world.owners(home.id) == 1


def test_crossing_moves_make_no_ring(world: World, homes: Iterator[Home]) -> None:
    """FLD-9, I2."""
    for home in homes:
        pier, quay = world.folder(home, "Pier"), world.folder(home, "Quay")
        outcomes = at_once(moving(world, home, pier, quay), moving(world, home, quay, pier))
        assert sorted(outcomes) == ["done", "folder-inside-itself"]
        tree = world.tree(home.id)
        assert {tree[pier], tree[quay]} & {home.root}
        assert len(world.all("list_folders", home.owner, organization_id=home.id)) == 3


def test_no_grant_stays_on_a_folder_that_is_deleted_meanwhile(
    world: World, homes: Iterator[Home]
) -> None:
    """FLD-5, I8."""
    for home in homes:
        site = world.folder(home, "Site")
        viewer = world.joins(home, Role.VIEWER)
        granting = doing(world, home, "grant_folder", home.owner, account_id=viewer, folder_id=site)
        granted, deleted = at_once(granting, deleting(world, home, site))
        assert deleted == "done"
        assert granted in ("done", "folder-not-found")
        assert grants_on(world, site) == 0
        assert world.all("list_folders", viewer, organization_id=home.id) == []


def test_nothing_lives_in_a_folder_that_is_deleted_meanwhile(
    world: World, homes: Iterator[Home]
) -> None:
    """FLD-4, I2: neither what is made in it, nor what is moved into it."""
    for number, home in enumerate(homes):
        site, pier = world.folder(home, "Site"), world.folder(home, "Pier")
        entering = (
            moving(world, home, pier, site)
            if number % 2
            else doing(
                world,
                home,
                "create_folder",
                home.owner,
                parent_id=site,
                name="Roof",
                idempotency_key=str(uuid4()),
            )
        )
        entered, deleted = at_once(entering, deleting(world, home, site))
        assert deleted == "done"
        assert entered in ("done", "folder-not-found")
        tree = world.tree(home.id)
        assert site not in tree
        assert all(parent is None or parent in tree for parent in tree.values())


def test_a_demotion_holds_for_whatever_comes_after_it(world: World, homes: Iterator[Home]) -> None:
    """USR-3, I10: a role change against its use."""
    for home in homes:
        admin = world.joins(home, Role.ADMIN)
        using = doing(
            world,
            home,
            "create_folder",
            admin,
            parent_id=home.root,
            name="Site",
            idempotency_key=str(uuid4()),
        )
        used, demoted = at_once(using, demoting(world, home, home.owner, admin, Role.VIEWER))
        assert demoted == "done"
        assert used in ("done", "not-permitted")
        made = len(world.tree(home.id)) - 1
        assert made == (1 if used == "done" else 0)
        assert using() == "not-permitted"


def test_what_is_granted_to_who_is_removed_meanwhile_is_gone(
    world: World, homes: Iterator[Home]
) -> None:
    """USR-6, I10: and who comes back starts with nothing."""
    for home in homes:
        site = world.folder(home, "Site")
        viewer = world.joins(home, Role.VIEWER)
        granted, removed = at_once(
            doing(world, home, "grant_folder", home.owner, account_id=viewer, folder_id=site),
            doing(world, home, "remove_member", home.owner, account_id=viewer),
        )
        assert removed == "done"
        assert granted in ("done", "member-not-found")
        assert grants_on(world, site) == 0
        world.joins(home, Role.VIEWER, account=viewer)
        assert world.all("list_folders", viewer, organization_id=home.id) == []


def test_an_archiving_closes_what_begins_after_it(world: World, homes: Iterator[Home]) -> None:
    """ARC-4, I9."""
    for home in homes:
        admin = world.joins(home, Role.ADMIN)
        making = doing(
            world,
            home,
            "create_folder",
            admin,
            parent_id=home.root,
            name="Site",
            idempotency_key=str(uuid4()),
        )
        archiving = doing(
            world,
            home,
            "archive_organization",
            home.owner,
            confirm_organization_id=str(home.id),
            understand_risk=True,
        )
        made, archived = at_once(making, archiving)
        assert archived == "done"
        assert made in ("done", "organization-not-found")
        assert making() == "organization-not-found"
        assert len(world.tree(home.id)) == (2 if made == "done" else 1)
