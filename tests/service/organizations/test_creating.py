"""Creating organizations and folders."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from contracts.access import Role
from services.organizations.models import AuditEntry, Folder, FolderGrant, Organization
from tests.service.organizations.world import Home, MakeWorld, World


def epoch(world: World, home: Home) -> int:
    with world.database.reading() as session:
        return session.get_one(Organization, home.id).access_epoch


def test_the_creator_becomes_owner_of_an_organization_with_a_default_folder(world: World) -> None:
    """ORG-4, ORG-5, ORG-8, OWN-1."""
    ada = uuid4()
    made = world.ask(
        "create_organization", ada, name="  Analytical Engines ", idempotency_key="first-try"
    )
    assert made["name"] == "Analytical Engines"
    assert made["role"] == "owner"
    (member,) = world.all("list_members", ada, organization_id=made["id"])
    assert (member["account_id"], member["role"]) == (str(ada), "owner")
    (root,) = world.all("list_folders", ada, organization_id=made["id"])
    assert root["id"] == made["default_folder_id"]
    assert root["is_default"]
    assert (root["depth"], root["parent_id"], root["path"]) == (0, None, [])
    assert world.ask("get_organization", ada, organization_id=made["id"]) == made


def test_an_account_has_any_number_of_organizations_of_any_names(world: World) -> None:
    """ORG-2."""
    ada = uuid4()
    homes = [world.home(ada, "The same") for _ in range(5)]
    listed = world.all("list_organizations", ada, limit=2)
    assert {UUID(each["id"]) for each in listed} == {home.id for home in homes}
    assert world.all("list_organizations", uuid4()) == []


def test_a_folder_is_created_inside_another(world: World) -> None:
    """FLD-2."""
    home = world.home()
    site = world.folder(home, "Site")
    made = world.ask(
        "create_folder",
        home.owner,
        organization_id=home.id,
        parent_id=site,
        name=" Roof ",
        idempotency_key="roof-once",
    )
    assert made["name"] == "Roof"
    assert (made["parent_id"], made["depth"], made["is_default"]) == (str(site), 2, False)
    assert made["path"] == [
        {"id": str(home.root), "name": "Default folder"},
        {"id": str(site), "name": "Site"},
    ]
    assert (
        world.ask("get_folder", home.owner, organization_id=home.id, folder_id=made["id"]) == made
    )


def test_an_admin_creates_folders_too(world: World) -> None:
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    made = world.ask(
        "create_folder",
        admin,
        organization_id=home.id,
        parent_id=home.root,
        name="Site",
        idempotency_key="site-once",
    )
    assert made["path"][0]["id"] == str(home.root)


def test_every_creation_is_announced_raises_the_epoch_and_leaves_one_record(world: World) -> None:
    """I14, M5.9."""
    home = world.home(name="Engines")
    folder = world.folder(home, "Site")
    assert world.suite.waiting("organizations") == [
        (
            "organization_created",
            {
                "organization_id": str(home.id),
                "organization_name": "Engines",
                "owner_account_id": str(home.owner),
                "default_folder_id": str(home.root),
            },
        ),
        ("access_changed", {"organization_id": str(home.id), "epoch": 1}),
        (
            "folder_created",
            {
                "organization_id": str(home.id),
                "folder_id": str(folder),
                "parent_id": str(home.root),
                "folder_name": "Site",
            },
        ),
        ("access_changed", {"organization_id": str(home.id), "epoch": 2}),
    ]
    assert epoch(world, home) == 2
    newest, oldest = world.all("list_audit_entries", home.owner, organization_id=home.id, limit=1)
    assert [newest["action"], oldest["action"]] == ["folder_created", "organization_created"]
    assert newest["object_id"] == str(folder)
    assert newest["account_id"] == str(home.owner)
    assert newest["after"] == {"name": "Site", "parent_id": str(home.root)}
    assert (newest["ip"], newest["user_agent"]) == ("192.0.2.10", "tests")


@pytest.mark.parametrize("name", ["SITE", " site ", "sItE"])
def test_siblings_have_different_names_whatever_their_capitals(world: World, name: str) -> None:
    """FLD-8."""
    home = world.home()
    world.folder(home, "Site")
    before = world.dump()
    assert self_made(world, home, name) == "folder-name-taken"
    assert world.dump() == before


def self_made(world: World, home: Home, name: str, parent: UUID | None = None) -> str:
    return world.outcome(
        "create_folder",
        home.owner,
        organization_id=home.id,
        parent_id=parent or home.root,
        name=name,
        idempotency_key=str(uuid4()),
    )


def test_elsewhere_the_same_name_is_free(world: World) -> None:
    home, other = world.home(), world.home()
    site = world.folder(home, "Site")
    assert self_made(world, home, "Site", parent=site) == "done"
    assert self_made(world, other, "Site") == "done"


def test_the_name_of_a_deleted_folder_is_free_again(world: World) -> None:
    home = world.home()
    world.deletes(world.folder(home, "Site"))
    assert self_made(world, home, "Site") == "done"


def test_a_deleted_folder_takes_no_folders(world: World) -> None:
    home = world.home()
    site = world.folder(home, "Site")
    world.deletes(site)
    assert self_made(world, home, "Roof", parent=site) == "folder-not-found"


def test_limits_are_settings_and_refuse_by_name(make_world: MakeWorld) -> None:
    """FLD-8."""
    world = make_world(folder_depth=2, folders_per_folder=2, folders_per_organization=5)
    home = world.home()
    first = world.folder(home, "1")
    second = world.folder(home, "1.1", first)
    assert self_made(world, home, "1.1.1", second) == "folder-too-deep"
    third = world.folder(home, "2")
    assert self_made(world, home, "3") == "folder-full"
    assert self_made(world, home, "1.2", first) == "done"
    assert self_made(world, world.home(), "elsewhere") == "done"
    assert self_made(world, home, "2.1", third) == "organization-full"


def test_the_deepest_level_of_the_usual_settings_is_ten(world: World) -> None:
    home = world.home()
    parent = home.root
    for level in range(10):
        parent = world.folder(home, f"Level {level}", parent)
    assert self_made(world, home, "one more", parent) == "folder-too-deep"
    found = world.ask("get_folder", home.owner, organization_id=home.id, folder_id=parent)
    assert [step["name"] for step in found["path"]] == [
        "Default folder",
        *(f"Level {level}" for level in range(9)),
    ]


@pytest.mark.parametrize("name", ["", " ", "a" * 65, "a\u2028b", "\u202egpj", "a\0b", "\ud800"])
def test_a_name_nobody_could_read_changes_nothing(world: World, name: str) -> None:
    home = world.home()
    before = world.dump()
    assert self_made(world, home, name) in ("name-refused", "invalid-request")
    assert world.dump() == before


@pytest.mark.parametrize("name", ["", "\n", "a" * 101, "\u200b"])
def test_an_organization_needs_a_readable_name(world: World, name: str) -> None:
    before = world.dump()
    refused = world.refused("create_organization", uuid4(), name=name, idempotency_key="only-once")
    assert refused in ("name-refused", "invalid-request")
    assert world.dump() == before


def test_a_repeated_request_gets_the_first_answer_and_makes_nothing(world: World) -> None:
    """D-24."""
    ada = uuid4()
    request: dict[str, Any] = {"name": "Engines", "idempotency_key": "the-same-key"}
    first = world.ask("create_organization", ada, **request)
    assert world.ask("create_organization", ada, **request) == first
    folder = {
        "organization_id": first["id"],
        "parent_id": first["default_folder_id"],
        "name": "Site",
        "idempotency_key": "the-same-key",
    }
    made = world.ask("create_folder", ada, **folder)
    assert world.ask("create_folder", ada, **folder) == made
    assert world.refused("create_folder", ada, **{**folder, "name": "X"}) == "idempotency-mismatch"
    assert len(world.all("list_folders", ada, organization_id=first["id"])) == 2
    assert len(world.all("list_organizations", ada)) == 1
    assert len(world.suite.waiting("organizations")) == 4


def test_a_key_is_each_accounts_own(world: World) -> None:
    request: dict[str, Any] = {"name": "Engines", "idempotency_key": "the-same-key"}
    ids = {world.ask("create_organization", uuid4(), **request)["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_key_does_not_open_what_its_user_has_lost(world: World) -> None:
    """I10: the earlier answer is not given to somebody who is no longer a member."""
    home = world.home()
    admin = world.joins(home, Role.ADMIN)
    request: dict[str, Any] = {
        "organization_id": home.id,
        "parent_id": home.root,
        "name": "Site",
        "idempotency_key": "the-same-key",
    }
    world.ask("create_folder", admin, **request)
    world.leaves(home, admin)
    assert world.refused("create_folder", admin, **request) == "organization-not-found"


@pytest.mark.parametrize("field", ["id", "role", "is_root", "depth", "organization", "owner"])
def test_fields_nobody_asked_for_are_refused(world: World, field: str) -> None:
    home = world.home()
    for method, request in (
        ("create_organization", {"name": "Mine"}),
        (
            "create_folder",
            {"organization_id": home.id, "parent_id": home.root, "name": "Mine"},
        ),
    ):
        refused = world.refused(
            method, home.owner, **request, idempotency_key="only-once", **{field: "owner"}
        )
        assert refused == "invalid-request"


def test_audit_records_cannot_be_changed_or_deleted(world: World) -> None:
    """Security 2.10."""
    world.home()
    before = world.dump()
    for change in ("UPDATE audit SET action = 'nothing'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError), world.database() as session:
            session.connection().exec_driver_sql(change)
    assert world.dump() == before


def test_the_tables_themselves_keep_organizations_apart(world: World) -> None:
    """M2: foreign keys carry the organization."""
    home, other = world.home(), world.home()
    with world.database.reading() as session:
        mine = session.scalars(select(Folder).where(Folder.organization_id == home.id)).one()
    row = {"name": "x", "name_key": "x", "depth": 1, "organization_id": other.id}
    wrong = [
        Folder(id=uuid4(), parent_id=mine.id, **row),
        Folder(id=uuid4(), parent_id=None, is_root=True, **row),
        Folder(id=uuid4(), parent_id=None, is_root=False, **row),
    ]
    for folder in wrong:
        with pytest.raises(DBAPIError), world.database() as session:
            session.add(folder)
    viewer = world.joins(other, Role.VIEWER)
    with pytest.raises(DBAPIError):
        world.grant(other, viewer, home.root)
    with world.database.reading() as session:
        assert session.scalars(select(FolderGrant)).all() == []
        assert len(session.scalars(select(AuditEntry)).all()) == 2
