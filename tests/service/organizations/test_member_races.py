"""What two connections may do at once to members, grants and the tree (M5.8): 30 of 30 right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.access import Role
from services.organizations.models import FolderGrant
from tests.service.organizations.test_races import Attempt, at_once, overtaken
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
    """FLD-9, M5.8, I2."""
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


def test_nothing_is_moved_into_a_folder_that_is_deleted_meanwhile(
    world: World, homes: Iterator[Home]
) -> None:
    """FLD-4, I2."""
    for home in homes:
        site, pier = world.folder(home, "Site"), world.folder(home, "Pier")
        moved, deleted = at_once(moving(world, home, pier, site), deleting(world, home, site))
        assert deleted == "done"
        assert moved in ("done", "folder-not-found")
        tree = world.tree(home.id)
        assert site not in tree
        assert all(parent is None or parent in tree for parent in tree.values())


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


# What is decided under the lock, and not by what was so when the request came


def attempts(world: World, home: Home, who: UUID) -> dict[str, Attempt]:
    """One of each kind of change, all of them within what an admin may."""
    site, pier = world.folder(home, "Site"), world.folder(home, "Pier")
    mate = world.joins(home, Role.VIEWER, site)
    key = {"idempotency_key": str(uuid4())}
    changes: dict[str, dict[str, Any]] = {
        "create_folder": {"parent_id": home.root, "name": "Quay", **key},
        "rename_folder": {"folder_id": site, "name": "Quay"},
        "move_folder": {"folder_id": site, "parent_id": pier},
        "delete_folder": {"folder_id": site, "confirm_risk": True, **key},
        "grant_folder": {"account_id": mate, "folder_id": pier},
        "set_grants": {"account_id": mate, "folder_ids": [str(pier)]},
        "revoke_folder": {"account_id": mate, "folder_id": site},
        "set_role": {"account_id": mate, "role": "operator"},
        "remove_member": {"account_id": mate},
        "update_organization": {"name": "Looms"},
    }
    return {method: doing(world, home, method, who, **asked) for method, asked in changes.items()}


END = {
    # How the right is lost: the answer, and the table in which that alone has changed.
    "demoted": ("not-permitted", "membership"),
    "removed": ("organization-not-found", "membership"),
    "archived": ("organization-not-found", "organization"),
}


@pytest.mark.parametrize("make_world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("end", END)
def test_who_may_no_longer_does_nothing_more(world: World, homes: Iterator[Home], end: str) -> None:
    """M5.8, USR-3, ARC-4, I9, I10, I14: a role change, a removal and an archive against use."""
    code, table = END[end]
    for number, home in enumerate(homes):
        admin = world.joins(home, Role.ADMIN)

        def lose(session: Session, home: Home = home, admin: UUID = admin) -> None:
            if end == "demoted":
                world.change_role(session, home, admin, Role.VIEWER)
            elif end == "removed":
                world.end_membership(session, home, admin)
            else:
                world.archive(session, home)

        uses = attempts(world, home, admin)
        method, use = list(uses.items())[number % len(uses)]
        before, (epoch, _records) = world.state_of(home.id), world.changes(home.id)
        assert overtaken(world, home, use, lose) == code, method
        after = world.state_of(home.id)
        assert {name for name in after if after[name] != before[name]} == {table}
        assert world.changes(home.id)[0] == epoch
