"""Grants: opening folders to members, taking that back, and the whole set at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.access import Role
from contracts.errors import Refusal
from contracts.members import FOLDERS_MOST
from tests.service.organizations.inside import entries, granted
from tests.service.organizations.world import Home, World

ROLES = (Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.VIEWER)


def grants(world: World, home: Home, who: UUID, whom: UUID, folder: UUID) -> str:
    return world.outcome(
        "grant_folder", who, organization_id=home.id, account_id=whom, folder_id=folder
    )


def revokes(world: World, home: Home, who: UUID, whom: UUID, folder: UUID) -> str:
    return world.outcome(
        "revoke_folder", who, organization_id=home.id, account_id=whom, folder_id=folder
    )


def sets(world: World, home: Home, whom: UUID, *folders: UUID) -> Any:
    return world.ask(
        "set_grants",
        home.owner,
        organization_id=home.id,
        account_id=whom,
        folder_ids=[str(folder) for folder in folders],
    )


def refuses_set(world: World, home: Home, who: UUID, whom: UUID, *folders: UUID) -> str:
    return world.refused(
        "set_grants",
        who,
        organization_id=home.id,
        account_id=whom,
        folder_ids=[str(folder) for folder in folders],
    )


def listed(world: World, home: Home, whom: UUID, limit: int = 200) -> list[Any]:
    return world.all(
        "list_grants", home.owner, limit=limit, organization_id=home.id, account_id=whom
    )


def visible(world: World, home: Home, who: UUID) -> set[UUID]:
    rows = world.all("list_folders", who, organization_id=home.id)
    return {UUID(row["id"]) for row in rows}


# One folder


def test_a_grant_opens_the_folder_and_everything_below_it(world: World) -> None:
    """ACS-1, ACS-2, ACS-3, FLD-1: what is made in it afterwards, too; from the next request on."""
    home = world.home()
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    roof = world.folder(home, "Roof", site)
    member = world.joins(home, Role.VIEWER)
    assert visible(world, home, member) == set()
    assert grants(world, home, home.owner, member, site) == "done"
    assert visible(world, home, member) == {site, roof}
    later = world.folder(home, "Mast", roof)
    assert visible(world, home, member) == {site, roof, later}
    code = world.refused("get_folder", member, organization_id=home.id, folder_id=other)
    assert code == "folder-not-found"


def test_a_grant_is_answered_with_the_folder_and_the_way_to_it(world: World) -> None:
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    member = world.joins(home, Role.VIEWER)
    shown = world.ask(
        "grant_folder", home.owner, organization_id=home.id, account_id=member, folder_id=roof
    )
    assert shown == {
        "folder_id": str(roof),
        "folder_name": "Roof",
        "path": ["Default folder", "Site"],
        "granted_by": str(home.owner),
        "granted_at": world.suite.clock.now().isoformat(),
    }
    assert listed(world, home, member) == [shown]


def test_granted_again_nothing_changes(world: World) -> None:
    """I14: the first grant stays, with who gave it and when."""
    home = world.home()
    admin, member = world.joins(home, Role.ADMIN), world.joins(home, Role.VIEWER)
    assert grants(world, home, home.owner, member, home.root) == "done"
    (first,) = listed(world, home, member)
    world.suite.clock.advance(timedelta(minutes=5))
    before = world.dump()
    assert grants(world, home, admin, member, home.root) == "done"
    assert world.dump() == before
    assert listed(world, home, member) == [first]


def test_a_grant_taken_back_closes_the_folder(world: World) -> None:
    """ACS-3, I6, I10: what other grants open stays open."""
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    member = world.joins(home, Role.OPERATOR, site, mast)
    assert revokes(world, home, home.owner, member, site) == "done"
    assert visible(world, home, member) == {mast}
    assert revokes(world, home, home.owner, member, mast) == "done"
    assert visible(world, home, member) == set()
    assert grants(world, home, home.owner, member, site) == "done"
    assert visible(world, home, member) == {site, roof, mast}


def test_only_what_is_granted_itself_can_be_taken_back(world: World) -> None:
    """ACS-3, M5.3: no deny rules, neither on folders below a granted one nor above it."""
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    member = world.joins(home, Role.VIEWER, site)
    before = world.dump()
    for folder in (roof, home.root):
        assert revokes(world, home, home.owner, member, folder) == "grant-not-found"
    assert world.dump() == before
    assert revokes(world, home, home.owner, member, site) == "done"
    assert revokes(world, home, home.owner, member, site) == "grant-not-found"


@pytest.mark.parametrize("actor", ROLES)
@pytest.mark.parametrize("held", ROLES)
def test_owners_and_admins_grant_to_whoever_is_a_member(
    world: World, actor: Role, held: Role
) -> None:
    """Chapter 13, USR-8: also to who sees all folders already; it is kept."""
    home = world.home()
    site = world.folder(home, "Site")
    who, member = world.joins(home, actor, home.root), world.joins(home, held, home.root)
    before = world.dump(without=("audit",))
    expected = "done" if actor.sees_all_folders else "not-permitted"
    assert grants(world, home, who, member, site) == expected
    assert revokes(world, home, who, member, home.root) == expected
    whole = world.outcome(
        "set_grants",
        who,
        organization_id=home.id,
        account_id=member,
        folder_ids=[str(home.root)],
    )
    reading = world.outcome("list_grants", who, organization_id=home.id, account_id=member)
    assert (whole, reading) == (expected, expected)
    if actor.sees_all_folders:
        assert granted(world, home, member) == {home.root}
    else:
        assert world.dump(without=("audit",)) == before


def test_grants_stay_within_the_organization(world: World) -> None:
    """ACS-5: ids of another organization, of deleted folders and of nobody are not there."""
    home, other = world.home(), world.home()
    gone = world.folder(home, "Gone")
    world.deletes(gone)
    member, theirs = world.joins(home, Role.VIEWER), world.joins(other, Role.VIEWER)
    before = world.dump()
    for folder in (other.root, gone, uuid4()):
        for ask in (grants, revokes):
            assert ask(world, home, home.owner, member, folder) == "folder-not-found"
        assert refuses_set(world, home, home.owner, member, home.root, folder) == (
            "folder-not-found"
        )
    for account in (theirs, other.owner, uuid4()):
        for ask in (grants, revokes):
            assert ask(world, home, home.owner, account, home.root) == "member-not-found"
        assert refuses_set(world, home, home.owner, account, home.root) == "member-not-found"
        code = world.refused("list_grants", home.owner, organization_id=home.id, account_id=account)
        assert code == "member-not-found"
    assert grants(world, home, other.owner, member, home.root) == "organization-not-found"
    assert world.dump() == before


def test_each_grant_and_each_revocation_is_recorded(world: World) -> None:
    """I14, security 2.10."""
    home = world.home()
    member = world.joins(home, Role.VIEWER)
    for act, before, after in (
        (grants, [], [str(home.root)]),
        (revokes, [str(home.root)], []),
    ):
        epoch, records = world.changes(home.id)
        assert act(world, home, home.owner, member, home.root) == "done"
        assert world.changes(home.id) == (epoch + 1, records + 1)
        last = entries(world, home)[-1]
        assert last.action == "privilege_permissions_changed"
        assert (last.account_id, last.object_type, last.object_id) == (
            home.owner,
            "account",
            member,
        )
        assert (last.before, last.after) == ({"folder_ids": before}, {"folder_ids": after})
        assert world.suite.waiting("organizations")[-1] == (
            "access_changed",
            {"organization_id": str(home.id), "epoch": epoch + 1},
        )


# The whole set


def test_afterwards_exactly_these_are_granted(world: World) -> None:
    """ACS-1, I14: one change; what stays keeps who granted it and when."""
    home = world.home()
    a, b, c = (world.folder(home, name) for name in "abc")
    member, bystander = world.joins(home, Role.VIEWER, a, b), world.joins(home, Role.VIEWER, a)
    (_, kept) = listed(world, home, member)
    world.suite.clock.advance(timedelta(hours=1))
    epoch, records = world.changes(home.id)
    assert sets(world, home, member, b, c) == {"granted": 1, "revoked": 1}
    assert granted(world, home, member) == {b, c}
    assert granted(world, home, bystander) == {a}
    assert kept in listed(world, home, member)
    assert world.changes(home.id) == (epoch + 1, records + 1)
    last = entries(world, home)[-1]
    assert (last.before, last.after) == ({"folder_ids": [str(a)]}, {"folder_ids": [str(c)]})
    before = world.dump()
    assert sets(world, home, member, c, b) == {"granted": 0, "revoked": 0}
    assert world.dump() == before
    assert sets(world, home, member) == {"granted": 0, "revoked": 2}
    assert visible(world, home, member) == set()


def test_the_set_is_refused_as_a_whole(world: World) -> None:
    """ACS-1, I14."""
    home = world.home()
    site = world.folder(home, "Site")
    member = world.joins(home, Role.VIEWER, home.root)
    before = world.dump()
    assert refuses_set(world, home, home.owner, member, site, uuid4()) == "folder-not-found"
    assert refuses_set(world, home, home.owner, member, site, site) == "invalid-request"
    many = [uuid4() for _ in range(FOLDERS_MOST + 1)]
    assert refuses_set(world, home, home.owner, member, *many) == "invalid-request"
    assert world.dump() == before


def test_as_many_folders_as_the_set_may_hold(world: World) -> None:
    home = world.home()
    folders = world.plants(home, [None] * FOLDERS_MOST)
    member = world.joins(home, Role.VIEWER)
    assert sets(world, home, member, *folders) == {"granted": FOLDERS_MOST, "revoked": 0}
    assert visible(world, home, member) == set(folders)


# Listing


def test_grants_are_listed_by_name_page_by_page(world: World) -> None:
    """I5: without gaps or doubles, whatever the size of the pages."""
    home = world.home()
    names = ["delta", "Alpha", "charlie", "Bravo", "echo"]
    folders = {world.folder(home, name): name for name in names}
    twin = world.folder(home, "alpha", next(iter(folders)))
    member = world.joins(home, Role.VIEWER, *folders, twin)
    world.joins(home, Role.VIEWER, *folders)
    everything = listed(world, home, member)
    shown = [each["folder_name"].lower() for each in everything]
    assert shown == ["alpha", "alpha", "bravo", "charlie", "delta", "echo"]
    assert {each["folder_id"] for each in everything} == {str(each) for each in [*folders, twin]}
    for limit in (1, 2, 3, 5, 6):
        assert listed(world, home, member, limit) == everything
    paths = {each["folder_id"]: each["path"] for each in everything}
    assert paths[str(twin)] == ["Default folder", "delta"]


def test_a_grant_on_the_default_folder_has_no_path(world: World) -> None:
    home = world.home()
    member = world.joins(home, Role.VIEWER, home.root)
    (grant,) = listed(world, home, member)
    assert (grant["folder_name"], grant["path"]) == ("Default folder", [])


def test_a_cursor_that_is_none_is_refused(world: World) -> None:
    home = world.home()
    for method, payload in (
        ("list_grants", {"account_id": home.owner}),
        ("list_folder_members", {"folder_id": home.root}),
    ):
        code = world.refused(
            method, home.owner, organization_id=home.id, cursor="not-one", **payload
        )
        assert code == "cursor-unreadable"


# Who may look into a folder


def looking_into(world: World, home: Home, folder: UUID, limit: int = 200) -> dict[UUID, Any]:
    rows = world.all(
        "list_folder_members", home.owner, limit=limit, organization_id=home.id, folder_id=folder
    )
    assert len({row["account_id"] for row in rows}) == len(rows)
    return {UUID(row["account_id"]): row for row in rows}


def test_it_is_told_who_looks_into_a_folder_and_by_which_grant(world: World) -> None:
    """ACS-2, ACS-3, USR-8: by role, by the nearest grant above, or not at all."""
    home, other = world.home(), world.home()
    site, beside = world.folder(home, "Site"), world.folder(home, "Beside")
    roof = world.folder(home, "Roof", site)
    mast = world.folder(home, "Mast", roof)
    admin = world.joins(home, Role.ADMIN, roof)
    by_root = world.joins(home, Role.VIEWER, home.root)
    by_two = world.joins(home, Role.OPERATOR, home.root, roof)
    by_itself = world.joins(home, Role.VIEWER, roof, beside)
    world.joins(home, Role.VIEWER, mast)
    world.joins(home, Role.OPERATOR, beside)
    world.joins(home, Role.VIEWER)
    world.joins(other, Role.ADMIN)
    found = looking_into(world, home, roof)
    opened_by = {account: row["granted_folder_id"] for account, row in found.items()}
    assert opened_by == {
        home.owner: None,
        admin: None,
        by_root: str(home.root),
        by_two: str(roof),
        by_itself: str(roof),
    }
    assert {found[account]["role"] for account in (by_root, by_itself)} == {"viewer"}
    assert set(looking_into(world, home, home.root)) == {home.owner, admin, by_root, by_two}


def test_who_looks_into_a_folder_is_asked_by_who_grants(world: World) -> None:
    home, other = world.home(), world.home()
    gone = world.folder(home, "Gone")
    world.deletes(gone)
    viewer = world.joins(home, Role.VIEWER, home.root)

    def asked(who: UUID, folder: UUID) -> str:
        return world.outcome("list_folder_members", who, organization_id=home.id, folder_id=folder)

    assert asked(viewer, home.root) == "not-permitted"
    assert asked(other.owner, home.root) == "organization-not-found"
    assert asked(home.owner, other.root) == "folder-not-found"
    assert asked(home.owner, gone) == "folder-not-found"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parents=st.lists(st.integers(0, 20), min_size=1, max_size=8),
    holders=st.lists(
        st.tuples(st.sampled_from(ROLES), st.sets(st.integers(0, 8), max_size=3)), max_size=6
    ),
    limit=st.integers(1, 4),
)
def test_who_looks_into_a_folder_is_who_finds_it(
    world: World,
    parents: list[int],
    holders: list[tuple[Role, set[int]]],
    limit: int,
) -> None:
    """I4, I5: the list of members agrees with what each of them sees, page by page."""
    home = world.home()
    made = world.plants(
        home, [None if not place else parent % place for place, parent in enumerate(parents)]
    )
    folders = [home.root, *made]
    accounts = [home.owner]
    for held, chosen in holders:
        targets = {folders[number % len(folders)] for number in chosen}
        accounts.append(world.joins(home, held, *targets))
    for folder in folders:
        found = looking_into(world, home, folder, limit)
        for account in accounts:
            assert (account in found) is (folder in visible(world, home, account))
            opener = found[account]["granted_folder_id"] if account in found else None
            if opener is not None:
                assert UUID(opener) in granted(world, home, account)


# What stays of a removed member


def test_grants_end_with_the_membership(world: World) -> None:
    """ACS-5, USR-6, I10, M5.7."""
    home = world.home()
    site = world.folder(home, "Site")
    member = world.joins(home, Role.VIEWER, site)
    world.ask("remove_member", home.owner, organization_id=home.id, account_id=member)
    assert member not in looking_into(world, home, site)
    with pytest.raises(Refusal) as refused:
        listed(world, home, member)
    assert refused.value.code == "member-not-found"
    world.joins(home, Role.VIEWER, account=member)
    assert listed(world, home, member) == []
