"""What operators of the installation do to organizations, from a shell on it."""

from __future__ import annotations

import getpass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.config import Config
from contracts.access import Role
from services.organizations.models import Organization
from services.organizations.operate import carry_out, main
from services.organizations.service import OrganizationsService
from tests.service.organizations.inside import entries, invitation_of, status
from tests.service.organizations.test_archiving import archives
from tests.service.organizations.test_deleting import deletes, visible
from tests.service.organizations.world import Home, World

Spoken = pytest.CaptureFixture[str]
COMMANDS = {
    "appoint-owner": 2,
    "deletions": 1,
    "ownerless": 0,
    "restore-folders": 1,
    "show": 1,
    "unarchive": 1,
}


@pytest.fixture
def home(world: World) -> Home:
    return world.home()


def operates(world: World, command: str, *ids: UUID, reason: str = "ticket 7") -> int:
    return carry_out(world.suite.kits["organizations"], command, *ids, reason=reason)


def test_an_archived_organization_comes_back_as_it_was(
    world: World, home: Home, capsys: Spoken
) -> None:
    """ARC-4: members, folders and grants; invitations stay revoked."""
    site = world.folder(home, "Site")
    viewer = world.joins(home, Role.VIEWER, site)
    waiting = invitation_of(world, home, home.owner)
    archives(world, home)
    assert operates(world, "unarchive", home.id) == 0
    assert capsys.readouterr().out == "done\n"
    assert visible(world, home, viewer) == {"Site"}
    assert visible(world, home, home.owner) == {"Default folder", "Site"}
    assert status(world, waiting) == "revoked"
    with world.database.reading() as session:
        organization = session.get_one(Organization, home.id)
        assert (organization.archived_at, organization.archived_by) == (None, None)


def test_that_it_came_back_is_told_and_recorded(world: World, home: Home) -> None:
    """I14: with the name of the shell's user."""
    archives(world, home)
    operates(world, "unarchive", home.id, reason="x" * 100)
    entry = entries(world, home)[-1]
    assert (entry.action, entry.acting_as, entry.account_id) == ("org_restored", "operator", None)
    assert entry.reason == f"by {getpass.getuser()[:30]}: {'x' * 80}"
    assert world.suite.waiting("organizations")[-2:] == [
        ("organization_restored", {"organization_id": str(home.id), "epoch": 3}),
        ("access_changed", {"organization_id": str(home.id), "epoch": 3}),
    ]


def test_one_without_an_owner_says_what_is_missing(
    world: World, home: Home, capsys: Spoken
) -> None:
    """OWN-4, decision 0010: its owner's account was deleted while it was archived."""
    world.joins(home, Role.VIEWER)
    archives(world, home)
    world.leaves(home, home.owner)
    assert operates(world, "unarchive", home.id) == 0
    assert "appoint" in capsys.readouterr().out
    assert operates(world, "ownerless") == 0
    assert capsys.readouterr().out.split() == [str(home.id)]


def test_folders_are_found_and_restored_by_the_deletion(
    world: World, home: Home, capsys: Spoken
) -> None:
    """FLD-6."""
    site, other = world.folder(home, "Site"), world.folder(home, "Other")
    first = deletes(world, home, site)["deletion_id"]
    world.suite.clock.advance(timedelta(days=1))
    second = deletes(world, home, other)["deletion_id"]
    assert operates(world, "deletions", home.id) == 0
    newest, oldest = capsys.readouterr().out.splitlines()
    assert newest.startswith(second)
    assert oldest.startswith(first)
    for word in ("Site", "1 folders", str(home.owner), "can be undone until 2025-03-31T09:00"):
        assert word in oldest
    assert operates(world, "restore-folders", UUID(first)) == 0
    assert capsys.readouterr().out.splitlines() == ["done", f"folder: {site}", "name: Site"]
    entry = entries(world, home)[-1]
    assert (entry.action, entry.acting_as) == ("folder_restored", "operator")
    operates(world, "deletions", home.id)
    assert "undone 2025-03-02T09:00" in capsys.readouterr().out.splitlines()[1]


def test_show_counts_what_is_there(world: World, home: Home, capsys: Spoken) -> None:
    """Archived ones too; looking changes nothing."""
    site, gone = world.folder(home, "Site"), world.folder(home, "Gone")
    world.joins(home, Role.VIEWER, site)
    world.joins(home, Role.VIEWER)
    world.joins(home, Role.ADMIN)
    invitation_of(world, home, home.owner)
    deletes(world, home, gone)
    before = world.dump()
    assert operates(world, "show", home.id) == 0
    assert world.dump() == before
    assert capsys.readouterr().out.splitlines() == [
        "name: Analytical Engines",
        "status: active",
        "created: 2025-03-01T09:00:00+00:00",
        "members need an authenticator: no",
        "members, owner: 1",
        "members, admin: 1",
        "members, operator: 0",
        "members, viewer: 2",
        "folders: 2",
        "grants: 1",
        "invitations that wait: 1",
        "deletions that can be undone: 1",
        "epoch: 4",
    ]
    archives(world, home)
    operates(world, "show", home.id)
    spoken = capsys.readouterr().out.splitlines()
    assert "status: archived" in spoken
    assert "archived: 2025-03-01T09:00:00+00:00" in spoken


def test_what_cannot_be_done_is_said_and_changes_nothing(
    world: World, home: Home, capsys: Spoken
) -> None:
    before = world.dump()
    refusals = [
        ("unarchive", (home.id,), "not archived"),
        ("unarchive", (uuid4(),), "no such organization"),
        ("show", (uuid4(),), "no such organization"),
        ("deletions", (uuid4(),), "no such organization"),
        ("restore-folders", (uuid4(),), "no such deletion"),
    ]
    for command, ids, why in refusals:
        assert operates(world, command, *ids) == 1
        spoken = capsys.readouterr()
        assert why in spoken.err
        assert spoken.out == ""
    assert world.dump() == before


def test_nobody_undoes_anything_over_the_bus() -> None:
    """FLD-6, ARC-4: the API has no undo."""
    for name in ("restore_folders", "unarchive", "deletions", "overview", "appoint_owner"):
        assert not getattr(getattr(OrganizationsService, name), "nameko_entrypoints", ())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_command_is_told_from_one_that_was_refused(
    world: World, command: str, capsys: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell gets 2; every command there is can be given."""
    kits = world.suite.kits
    monkeypatch.setattr(Config, "load", lambda: world.suite.config)
    monkeypatch.setattr(
        "services.organizations.operate.Kit", lambda *_arguments: kits["organizations"]
    )
    ids = [str(uuid4()) for _ in range(COMMANDS[command])]
    for wrong in ([command, *ids, "more"], [command, "--nothing"], [*ids]):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
    changes = command in ("appoint-owner", "restore-folders", "unarchive")
    if changes:
        with pytest.raises(SystemExit):
            main([command, *ids])
    capsys.readouterr()
    reason = ["--reason", "ticket 7"] if changes else []
    assert main([command, *ids, *reason]) == (0 if command == "ownerless" else 1)
