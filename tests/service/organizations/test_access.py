"""Access: the decision against a tree walked naively (M5, M6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.access import Permission, Role
from tests.service.organizations.world import Home, World

# Each example lives in organizations of its own, so that one database serves them all.
examples = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Forest:
    """``parents[n]`` is the folder that folder ``n`` is in; None: the default folder."""

    parents: list[int | None]
    deleted: int | None
    grants: list[int]
    is_root_granted: bool

    def gone(self) -> set[int]:
        return set() if self.deleted is None else self.subtree(self.deleted)

    def subtree(self, top: int) -> set[int]:
        found = {top}
        for number, parent in enumerate(self.parents):
            if parent in found:
                found.add(number)
        return found

    def visible(self) -> set[int]:
        """By ACS-3: the union of the grants' subtrees, without what is deleted."""
        if self.is_root_granted:
            return set(range(len(self.parents))) - self.gone()
        trees = [self.subtree(grant) for grant in self.grants]
        return set().union(*trees) - self.gone()


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    size = draw(st.integers(1, 12))
    parents = [draw(st.sampled_from([None, *range(number)])) for number in range(size)]
    numbers = st.sampled_from(range(size))
    deleted = draw(st.none() | numbers)
    grants = draw(st.lists(numbers, max_size=4, unique=True))
    return Forest(parents, deleted, grants, draw(st.integers(0, 9)) == 0)


roles = st.sampled_from([Role.OPERATOR, Role.VIEWER])


def planted(world: World, forest: Forest) -> tuple[Home, list[UUID]]:
    home = world.home()
    ids = world.plants(home, forest.parents)
    world.deletes(*(ids[number] for number in forest.gone()))
    return home, ids


def joined(world: World, home: Home, forest: Forest, ids: list[UUID], role: Role) -> UUID:
    # Grants on what is deleted stay here, so that the decision must see to it by itself.
    grants = [ids[grant] for grant in forest.grants]
    return world.joins(home, role, *grants, *([home.root] if forest.is_root_granted else []))


def scope(world: World, home: Home, account: UUID, permission: str = "device:read") -> Any:
    return world.ask("resolve_scope", account, organization_id=home.id, permission=permission)


def may_see(world: World, home: Home, account: UUID, folder: UUID) -> bool:
    answer = world.ask(
        "check", account, organization_id=home.id, permission="folder:read", folder_id=folder
    )
    return bool(answer["allowed"])


def listed(world: World, home: Home, account: UUID, limit: int = 200, **where: Any) -> list[str]:
    rows = world.all("list_folders", account, limit=limit, organization_id=home.id, **where)
    return [row["id"] for row in rows]


@examples
@given(forest=forests(), role=roles, limit=st.integers(1, 5))
def test_operators_and_viewers_see_the_subtrees_of_their_grants(
    world: World, forest: Forest, role: Role, limit: int
) -> None:
    """M3, M5.1, I4, I5: scope, check, reading one and every way of listing decide alike."""
    home, ids = planted(world, forest)
    foreign = world.home()
    member = joined(world, home, forest, ids, role)
    # The same person sees everything elsewhere, which must not count here.
    world.joins(foreign, role, foreign.root, account=member)
    expected = {str(ids[number]) for number in forest.visible()}
    if forest.is_root_granted:
        expected.add(str(home.root))

    found = scope(world, home, member)
    assert not found["all_folders"]
    assert set(found["folder_ids"]) == expected
    rows = listed(world, home, member, limit)
    assert len(rows) == len(set(rows))
    assert set(rows) == expected
    for folder in [*ids, home.root, foreign.root, uuid4()]:
        is_seen = str(folder) in expected
        assert may_see(world, home, member, folder) is is_seen
        outcome = world.outcome("get_folder", member, organization_id=home.id, folder_id=folder)
        assert outcome == ("done" if is_seen else "folder-not-found")
        children = world.outcome("list_folders", member, organization_id=home.id, parent_id=folder)
        assert children == outcome


@examples
@given(forest=forests(), role=st.sampled_from([Role.OWNER, Role.ADMIN]), limit=st.integers(1, 5))
def test_owners_and_admins_see_every_folder_that_is_not_deleted(
    world: World, forest: Forest, role: Role, limit: int
) -> None:
    """M5.1, ROLE-admin, I3; grants an admin once had as an operator are ignored (USR-8)."""
    home, ids = planted(world, forest)
    member = joined(world, home, forest, ids, role)
    alive = set(range(len(ids))) - forest.gone()
    expected = {str(home.root), *(str(ids[number]) for number in alive)}
    assert scope(world, home, member)["all_folders"]
    assert scope(world, home, member)["folder_ids"] == []
    assert set(listed(world, home, member, limit)) == expected
    for number, folder in enumerate(ids):
        assert may_see(world, home, member, folder) is (number in alive)


@examples
@given(forest=forests(), limit=st.integers(1, 4))
def test_the_children_of_each_folder_are_listed_by_name(
    world: World, forest: Forest, limit: int
) -> None:
    home, ids = planted(world, forest)
    gone = forest.gone()
    for top in [None, *(number for number in range(len(ids)) if number not in gone)]:
        expected = sorted(
            (f"folder {number}", str(ids[number]))
            for number, parent in enumerate(forest.parents)
            if parent == top and number not in gone
        )
        parent_id = home.root if top is None else ids[top]
        rows = listed(world, home, home.owner, limit, parent_id=parent_id)
        assert rows == [identity for _, identity in expected]


@examples
@given(forest=forests(), role=roles, data=st.data())
def test_a_grant_only_adds_and_taking_it_away_only_removes(
    world: World, forest: Forest, role: Role, data: st.DataObject
) -> None:
    """M5.3, I6."""
    home, ids = planted(world, forest)
    member = joined(world, home, forest, ids, role)
    free = [number for number in range(len(ids)) if number not in forest.grants]
    before = set(listed(world, home, member))
    if free:
        extra = ids[data.draw(st.sampled_from(free))]
        world.grant(home, member, extra)
        assert set(listed(world, home, member)) >= before
        world.revoke(home, member, extra)
    assert set(listed(world, home, member)) == before
    if forest.grants:
        one = ids[data.draw(st.sampled_from(forest.grants))]
        world.revoke(home, member, one)
        assert set(listed(world, home, member)) <= before
        world.grant(home, member, one)
        assert set(listed(world, home, member)) == before


@examples
@given(forest=forests(), role=roles)
def test_of_ancestors_beyond_the_grant_only_names_are_told(
    world: World, forest: Forest, role: Role
) -> None:
    """ACS-4."""
    home, ids = planted(world, forest)
    member = joined(world, home, forest, ids, role)
    numbers = {str(identity): number for number, identity in enumerate(ids)}
    visible = {str(ids[number]) for number in forest.visible()}
    for row in world.all("list_folders", member, organization_id=home.id):
        if row["is_default"]:
            continue
        names, number = [row["name"]], forest.parents[numbers[row["id"]]]
        while number is not None:
            names.insert(0, f"Folder {number}")
            number = forest.parents[number]
        steps = row["path"]
        assert [step["name"] for step in steps] == ["Default folder", *names[:-1]]
        for step in steps:
            is_shown = step["id"] in visible or step["id"] == str(home.root)
            assert step["id"] is None or (is_shown and may_see(world, home, member, step["id"]))
        assert row["parent_id"] == steps[-1]["id"]


def test_every_decision_is_made_anew(world: World) -> None:
    """USR-3, I10: roles, grants and membership hold for the very next request."""
    home = world.home()
    site = world.folder(home, "Site")
    roof = world.folder(home, "Roof", site)
    member = world.joins(home, Role.VIEWER)
    assert listed(world, home, member) == []
    world.grant(home, member, site)
    assert set(listed(world, home, member)) == {str(site), str(roof)}
    later = world.folder(home, "Cellar", site)
    assert may_see(world, home, member, later)
    assert world.refused_scope(home, member, "device:control") == "not-permitted"
    world.sets_role(home, member, Role.OPERATOR)
    assert set(scope(world, home, member, "device:control")["folder_ids"]) == {
        str(site),
        str(roof),
        str(later),
    }
    world.sets_role(home, member, Role.ADMIN)
    assert scope(world, home, member, "device:manage")["all_folders"]
    world.sets_role(home, member, Role.VIEWER)
    world.revoke(home, member, site)
    assert listed(world, home, member) == []
    world.leaves(home, member)
    assert world.refused_scope(home, member, "device:read") == "organization-not-found"


def test_archiving_closes_every_path_at_once(world: World) -> None:
    """M5.6, I9; other organizations of the same people stay."""
    home = world.home()
    kept = world.home(home.owner)
    member = world.joins(home, Role.VIEWER, home.root)
    world.archived(home)
    for account in (home.owner, member):
        for method, request in (
            ("get_organization", {}),
            ("list_folders", {}),
            ("get_folder", {"folder_id": home.root}),
            ("list_members", {}),
            ("list_audit_entries", {}),
            ("resolve_scope", {"permission": "device:read"}),
            ("check", {"permission": "device:read", "folder_id": home.root}),
            (
                "create_folder",
                {"parent_id": home.root, "name": "Late", "idempotency_key": "too-late"},
            ),
        ):
            refused = world.refused(method, account, organization_id=home.id, **request)
            assert refused == "organization-not-found"
    assert [row["id"] for row in world.all("list_organizations", home.owner)] == [str(kept.id)]
    assert world.all("list_organizations", member) == []


def test_the_epoch_comes_with_each_decision(world: World) -> None:
    home = world.home()
    assert scope(world, home, home.owner)["epoch"] == 1
    world.folder(home, "Site")
    assert scope(world, home, home.owner)["epoch"] == 2


def test_a_right_on_the_whole_organization_lists_no_folders(world: World) -> None:
    home = world.home()
    viewer = world.joins(home, Role.VIEWER, home.root)
    answer = scope(world, home, viewer, Permission.MEMBER_READ.value)
    assert (answer["role"], answer["all_folders"], answer["folder_ids"]) == ("viewer", False, [])


def test_a_grant_in_one_organization_opens_nothing_in_another(world: World) -> None:
    home, other = world.home(), world.home()
    both = world.joins(home, Role.VIEWER)
    world.joins(other, Role.VIEWER, other.root, account=both)
    assert listed(world, home, both) == []
    assert not may_see(world, home, both, other.root)
